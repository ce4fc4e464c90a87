"""The people of the demo: they write contracts in Procore, as they would in their browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from procore_spectrum.mapping import split_key
from procore_spectrum.plan.records import CrosswalkRow
from procore_spectrum.procore.calls import Call
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.syncer import Syncer

__all__ = ["Line", "ProjectTeam"]

_CONTRACTS = "/rest/v1.0/work_order_contracts"


@attrs.frozen
class Line:
    """A line of a contract: what it is for, and what it costs."""

    description: str
    amount: str


class ProjectTeam:
    """Writes contracts and change orders for one linked project."""

    def __init__(self, client: ProcoreClient, syncer: Syncer, company_id: int) -> None:
        self._client = client
        self._company_id = company_id
        projects = [row for row in syncer.links("project") if row.active]
        row = max(projects, key=lambda row: len(_pairs(syncer, row)))
        self.job = split_key(row.ref.key)[0]
        self._project_id = int(row.target_id)
        self._codes = [int(pair.target_id) for pair in _pairs(syncer, row)]
        self._vendor_id = int(syncer.links("company")[0].target_id)

    def write_contract(self, number: str, title: str, lines: Sequence[Line], **fields: Any) -> int:
        """An approved subcontract, each line on another budget code. Returns its id."""
        query = (("project_id", str(self._project_id)),)
        contract = {"number": number, "title": title, "vendor_id": self._vendor_id, **fields}
        made = self._write(
            "POST",
            _CONTRACTS,
            {"project_id": self._project_id, "work_order_contract": contract},
        )
        path = f"{_CONTRACTS}/{made['id']}"
        for code, line in zip(self._codes, lines, strict=False):
            item = {
                "wbs_code_id": code,
                "description": line.description,
                "amount": line.amount,
            }
            body = {"project_id": self._project_id, "line_item": item}
            self._write("POST", f"{path}/line_items", body, query)
        approved = {"status": "Approved"}
        body = {"project_id": self._project_id, "work_order_contract": approved}
        self._write("PATCH", path, body)
        return int(made["id"])

    def write_change_order(self, contract_id: int, number: str, title: str, line: Line) -> int:
        """An approved change order with one line, on the first budget code. Returns its id."""
        path = f"/rest/v1.0/projects/{self._project_id}/commitment_change_orders"
        change = {"contract_id": contract_id, "number": number, "title": title, "status": "draft"}
        made = self._write("POST", path, {"change_order": change})
        item = {
            "wbs_code_id": str(self._codes[0]),
            "description": line.description,
            "amount": line.amount,
        }
        lines = path.replace("/rest/v1.0/", f"/rest/v2.0/companies/{self._company_id}/")
        self._write("POST", f"{lines}/{made['id']}/line_items", item)
        approved = {"change_order": {"contract_id": contract_id, "status": "approved"}}
        self._write("PATCH", f"{path}/{made['id']}", approved)
        return int(made["id"])

    def correct_contract(self, contract_id: int, lines: Sequence[str] = (), **fields: Any) -> None:
        """Put a subcontract right: back to draft, new values and descriptions, approved again."""
        path = f"{_CONTRACTS}/{contract_id}"
        query = (("project_id", str(self._project_id)),)
        own = {"project_id": self._project_id}
        self._write("PATCH", path, {**own, "work_order_contract": {"status": "Draft", **fields}})
        found = self._write("GET", f"{path}/line_items", None, query)
        for item, description in zip(found, lines, strict=False):
            body = {**own, "line_item": {"description": description}}
            self._write("PATCH", f"{path}/line_items/{item['id']}", body)
        self._write("PATCH", path, {**own, "work_order_contract": {"status": "Approved"}})

    def write_owner_change(self, number: str, title: str, line: Line) -> int:
        """An approved change order of the owner, on the first line of the prime contract."""
        query = (("project_id", str(self._project_id)),)
        (contract,) = self._write("GET", "/rest/v1.0/prime_contracts", None, query)
        path = f"/rest/v1.0/projects/{self._project_id}/prime_change_orders"
        change = {
            "contract_id": contract["id"],
            "number": number,
            "title": title,
            "status": "draft",
        }
        made = self._write("POST", path, {"change_order": change})
        found = self._write(
            "GET", f"/rest/v1.0/prime_contracts/{contract['id']}/line_items", None, query
        )
        item = {
            "wbs_code_id": str(self._codes[0]),
            "description": line.description,
            "amount": line.amount,
        }
        lines = path.replace("/rest/v1.0/", f"/rest/v2.0/companies/{self._company_id}/")
        written = self._write("POST", f"{lines}/{made['id']}/line_items", item)
        belongs = {"prime_line_item_id": str(found[0]["id"])}
        self._write("PATCH", f"{lines}/{made['id']}/line_items/{written['data']['id']}", belongs)
        approved = {"change_order": {"contract_id": contract["id"], "status": "approved"}}
        self._write("PATCH", f"{path}/{made['id']}", approved)
        return int(made["id"])

    def _write(
        self, method: Any, path: str, body: Any, query: tuple[tuple[str, str], ...] = ()
    ) -> Any:
        call = Call[Any](
            name=f"demo {method} {path}",
            method=method,
            path=path,
            query=query,
            body=body,
            parse=lambda value, _: value,
        )
        return self._client.send(call)


def _pairs(syncer: Syncer, project: CrosswalkRow) -> list[CrosswalkRow]:
    return [row for row in syncer.links("wbs_code") if row.scope == project.ref]
