"""A record that SQL finds has the name under which it was written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.models import spectrum
from procore_spectrum.models.about import fields_of
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Batch, BatchItem, Reading, ReadQuery
from procore_spectrum.spectrum.kinds import KINDS
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.testing import FakeClock

MODELS = {
    "subcontract": spectrum.SubcontractRow,
    "subcontract_line": spectrum.SubcontractLineRow,
    "change_request_line": spectrum.ChangeRequestLineRow,
    "phase": spectrum.Phase,
}
KEYS = st.text(st.characters(codec="latin-1", exclude_categories=["Z", "C"]), max_size=10)


def built(model: Any, texts: dict[str, str]) -> Any:
    """A record with these texts, and zero in every number."""
    needed = {field.name for field in attrs.fields(model) if field.default is attrs.NOTHING}
    values: dict[str, Any] = {
        field.name: Decimal(0) if field.type is Decimal else ""
        for field in fields_of(model)
        if field.name in needed
    }
    known = {field.name for field in fields_of(model)}
    return model(**{**values, **{name: text for name, text in texts.items() if name in known}})


@pytest.mark.parametrize("kind", sorted(MODELS))
@given(data=st.data())
def test_target_ids_are_spelled_as_the_target_spells_them(kind: str, data: st.DataObject) -> None:
    """Whatever is in a key: slashes, percent signs, dashes in phases, blanks."""
    texts = {part.name: data.draw(KEYS, part.name) for part in KINDS[kind].key}
    assert built(MODELS[kind], texts).target_id == KINDS[kind].id_of(texts)


@attrs.frozen
class Shelf:
    """A source that has these records, and no other kinds."""

    kind: str
    items: tuple[Any, ...]
    asked: list[ReadQuery] = attrs.field(factory=list)

    def read(self, query: ReadQuery) -> Reading[Any]:
        """What is on it."""
        self.asked.append(query)
        items = self.items if query.kind == self.kind else ()
        return Reading(items=items, as_of=FakeClock().now(), complete=query.kind == self.kind)


class Nobody:
    """A client that sends nothing."""

    company_code = "ABC"
    clock = FakeClock()


@pytest.mark.parametrize("kind", ["subcontract", "subcontract_line", "change_request_line"])
def test_the_target_finds_what_the_reader_lists(kind: str) -> None:
    """A probe says present and absent, with the record's own name, and reads only once."""
    texts = {part.name: f"X{number}" for number, part in enumerate(KINDS[kind].key)}
    record = built(MODELS[kind], texts)
    shelf = Shelf(kind, (record,))
    target = SpectrumTarget(Nobody(), reader=shelf)  # sends nothing
    other = {**texts, "subcontract_number": "OTHER"}
    items = tuple(
        BatchItem(op_id=name, verb="create", ref=Ref(kind, name), fields=fields, full=fields)
        for name, fields in (("here", texts), ("not here", other))
    )
    found = target.probe(Batch(kind=kind, scope_id=None, items=items))
    assert [(probe.found, probe.target_id) for probe in found] == [
        (True, record.target_id),
        (False, None),
    ]
    assert len(shelf.asked) == 1
