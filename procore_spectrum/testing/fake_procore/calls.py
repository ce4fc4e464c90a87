"""One call on its way through the fake: query, body, caller, and the checks handlers share."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import attrs

from procore_spectrum.testing.fake_procore.answers import (
    RefusalError,
    bad_request,
    forbidden,
    not_connected,
    not_found,
)
from procore_spectrum.testing.fake_procore.world import Account, Row, World

__all__ = ["Call", "Query", "invisible"]


class Query:
    """The parameters behind the question mark."""

    def __init__(self, text: str) -> None:
        self.pairs: list[tuple[str, str]] = parse_qsl(text, keep_blank_values=True)

    def get(self, name: str) -> str | None:
        """The value of that name; a blank one counts as absent."""
        return next((value for key, value in self.pairs if key == name and value), None)

    def several(self, name: str) -> list[str]:
        """Values given as ``name[]=a&name[]=b`` or as ``name=a,b``: both forms are in use."""
        single = [value for key, value in self.pairs if key == name]
        listed = [value for key, value in self.pairs if key == f"{name}[]"]
        return [part for value in single for part in value.split(",") if part] + listed


@attrs.define(kw_only=True)
class Call:
    """A request that was let in: its caller is known and its body was read."""

    world: World
    account: Account
    url: str
    query: Query
    params: dict[str, int]
    body: Any

    @property
    def company_id(self) -> int:
        """The company of the call."""
        return self.world.company_id

    def query_id(self, name: str) -> int | None:
        """An id in the query, or None."""
        text = self.query.get(name)
        return None if text is None else _whole(name, text)

    def query_ids(self, name: str) -> list[int]:
        """Several ids in the query."""
        return [_whole(name, text) for text in self.query.several(name)]

    def field(self, name: str) -> Any:
        """A key of the body; absent and null are the same."""
        return self.body.get(name) if isinstance(self.body, dict) else None

    def body_id(self, name: str) -> int | None:
        """An id in the body, or None."""
        value = self.field(name)
        return None if value is None else _whole(name, str(value))

    def object(self, name: str) -> Row:
        """An object in the body that must be there."""
        value = self.field(name)
        if not isinstance(value, dict) or not value:
            raise bad_request(name, f"param is missing or the value is empty: {name}")
        return value

    def array(self, name: str) -> list[Any]:
        """A list in the body that must be there."""
        value = self.field(name)
        if not isinstance(value, list):
            raise bad_request(name, f"param is missing or the value is empty: {name}")
        return value

    def check_company(self, number: int | None) -> None:
        """The company that the call must name, in query or body.

        Raises:
            RefusalError: 400 if it is missing, 403 if the app is not connected to it.
        """
        if number is None:
            raise bad_request("company_id", "param is missing or the value is empty: company_id")
        if number != self.world.company_id:
            raise not_connected()

    def project(self, number: int | None, tool: str | None = None) -> Row:
        """A project the caller may work in.

        Raises:
            RefusalError: 400 without an id; 404 (or 403, by switch) if it is absent or invisible;
                403 if the tool is switched off in it.
        """
        if number is None:
            raise bad_request("project_id", "param is missing or the value is empty: project_id")
        row = self.world.projects.get(number)
        if row is None:
            raise not_found("Project")
        if not self.may_see(row):
            raise invisible(self.world)
        if tool and (number, tool) in self.world.disabled_tools:
            raise forbidden()
        return row

    def may_see(self, project: Row) -> bool:
        """Company admins see every project, others those they were given (2.3)."""
        return self.account.company_admin or project["id"] in self.account.projects


def invisible(world: World) -> RefusalError:
    """What a caller hears about a project that is none of theirs."""
    return forbidden() if world.switches.invisible_project_status == 403 else not_found("Project")


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise bad_request(name, "is not a number")
    return int(text)
