"""A project with budget codes, for raw requests about contracts and money."""

from __future__ import annotations

from typing import Any

from procore_wire import Wire

from procore_spectrum.wire.messages import Response


class Site:
    """One project with three cost codes, two types and a vendor."""

    def __init__(self, **settings: Any) -> None:
        self.wire = Wire(**settings)
        self.fake = self.wire.fake
        self.id: int = self.fake.add_project(name="Site")["id"]
        codes = [("01", "Concrete"), ("02", "Steel"), ("03", "Paint")]
        self.codes: list[int] = [
            self.fake.add_cost_code(project_id=self.id, code=code, name=name)["id"]
            for code, name in codes
        ]
        types = [("L", "Labor"), ("M", "Material")]
        self.types: list[int] = [
            self.fake.add_line_item_type(code=code, name=name)["id"] for code, name in types
        ]
        self.vendor: int = self.fake.add_vendor(name="Acme")["id"]

    def wbs(self, code: int = 0, kind: int = 0) -> int:
        """The id of a budget code."""
        made = self.fake.add_wbs_code(
            project_id=self.id,
            cost_code_id=self.codes[code],
            line_item_type_id=self.types[kind],
        )
        return int(made["id"])

    def line(self, amount: Any = "100.00", code: int = 0, **fields: Any) -> dict[str, Any]:
        """The request of a line."""
        return {"wbs_code_id": self.wbs(code), "amount": amount, **fields}

    def get(self, path: str, **query: Any) -> Any:
        """The body of a reading that succeeds."""
        answer = self.wire.get(path, project_id=self.id, **query)
        assert answer.status == 200, answer.content
        return answer.json()

    def send(self, method: str, path: str, **body: Any) -> Response:
        """A write that names the project in its body."""
        return self.wire.send(method, path, {"project_id": self.id, **body})

    def query(self, method: str, path: str, **body: Any) -> Response:
        """A write that names the project in its query."""
        return self.wire.send(method, f"{path}?project_id={self.id}", body or None)

    def v2(self, path: str) -> str:
        """A path of version 2 in this project."""
        return f"/rest/v2.0/companies/{self.wire.company}/projects/{self.id}/{path}"

    def rows(self, table: str) -> list[Any]:
        """What the fake holds in a table."""
        return list(self.fake.state()[table])


def errors(answer: Response) -> Any:
    """The problems of a 422 by field."""
    assert answer.status == 422, answer.content
    return answer.json()["errors"]
