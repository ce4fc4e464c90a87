"""What is left to do for one export, and the one reason why nothing may be done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import Violation
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft, ExportMark, ExportRecord, diff_export
from procore_spectrum.plan.operations import Create, Held, Link, Operation
from procore_spectrum.plan.plan import GuardSettings, check_guards
from procore_spectrum.plan.records import CrosswalkRow, Ref

DOCUMENT = Document(ref=Ref("commitment", "77"), feature="commitments", title="SC-1 Concrete")
HEADER = ExportRecord(
    ref=Ref("subcontract", "77"),
    title="subcontract SC-1",
    fields={"number": "SC-1", "vendor": "ACME", "account": None, "comment": "Concrete", "x": None},
    natural_key="ACME/SC-1",
    key=("vendor", "number"),
    settled=frozenset({"number", "account"}),
)
LINES = tuple(
    ExportRecord(
        ref=Ref("subcontract_line", f"77/{n}"),
        title=f"line {n}",
        fields={"number": "SC-1", "phase": f"0{n}", "amount": Decimal(n)},
        natural_key=f"ACME/SC-1/0{n}",
        key=("number", "phase"),
        parent=HEADER.ref,
        settled=frozenset({"number"}),
    )
    for n in (1, 2)
)
RECORDS = (HEADER, *LINES)
MARK = ExportMark(ref=Ref("commitment_mark", "77"), target_id="77", fields={"origin_id": "o:1"})
LINE_MARK = ExportMark(
    ref=Ref("commitment_line_mark", "77/1"),
    target_id="1",
    fields={"origin_id": "o:1:1"},
    parent=MARK.ref,
)


def draft(**changes: Any) -> ExportDraft:
    """An export of which nothing is done yet."""
    made = ExportDraft(
        document=DOCUMENT,
        records=RECORDS,
        marks=(MARK, LINE_MARK),
        scope=Ref("project", "24-1"),
        partition="24-1",
    )
    return attrs.evolve(made, **changes)


def rows(*items: ExportRecord | ExportMark, **changes: Any) -> dict[Ref, CrosswalkRow]:
    """Links as they are after writing."""
    return {
        item.ref: CrosswalkRow(
            ref=item.ref, target_id=f"id {item.ref}", base={**item.fields, **changes}
        )
        for item in items
    }


DONE = rows(*RECORDS, MARK, LINE_MARK)


def held(found: ExportDraft) -> Held:
    """The one reason."""
    (op,) = diff_export(found)
    assert isinstance(op, Held)
    assert (op.ref, op.document, op.shown) == (DOCUMENT.ref, DOCUMENT.ref, DOCUMENT.shown)
    assert op.hint
    return op


def refs(found: ExportDraft) -> list[Ref]:
    """What would be done, in order."""
    return [op.ref for op in diff_export(found)]


# ---------------------------------------------------------------- what is to be done


def test_records_come_before_marks() -> None:
    """Header, lines, marks; each names the document, and marks name all records before them."""
    found = diff_export(draft())
    assert [op.ref for op in found] == [r.ref for r in RECORDS] + [MARK.ref, LINE_MARK.ref]
    assert [type(op) for op in found] == [Create] * 3 + [Link] * 2
    assert all((op.document, op.shown) == (DOCUMENT.ref, DOCUMENT.shown) for op in found)
    assert {op.target for op in found[:3]} == {"spectrum"}
    assert {(op.target, op.after) for op in found[3:]} == {
        ("procore", tuple(r.ref for r in RECORDS))
    }
    assert [op.parent for op in found] == [None, HEADER.ref, HEADER.ref, None, MARK.ref]


@given(st.sets(st.sampled_from(range(len(RECORDS)))))
def test_what_is_done_is_not_done_again(done: set[int]) -> None:
    """After any part of an export, exactly the rest is left."""
    rest = [record.ref for number, record in enumerate(RECORDS) if number not in done]
    found = draft(rows=rows(*(RECORDS[number] for number in done)))
    assert refs(found) == [*rest, MARK.ref, LINE_MARK.ref]


def test_one_mark_of_several_may_be_missing() -> None:
    """A mark that was refused is set alone."""
    assert refs(draft(rows=rows(*RECORDS, MARK))) == [LINE_MARK.ref]


def test_everything_done_leaves_nothing() -> None:
    """A finished export is quiet."""
    assert diff_export(draft(rows=DONE)) == ()
    assert draft(rows=DONE).complete


def test_blanks_are_not_sent_but_those_of_accounting_are_remembered() -> None:
    """A blank that accounting may fill stays in the operation, other blanks do not."""
    op = diff_export(draft())[0]
    assert dict(op.desired) == {
        "number": "SC-1",
        "vendor": "ACME",
        "account": None,
        "comment": "Concrete",
    }
    assert [change.path for change in op.changes] == ["number", "vendor", "comment"]


@pytest.mark.parametrize(
    ("seen", "words"), [(None, "cannot be read"), ({}, "exported after acceptance")]
)
def test_the_plan_says_whether_the_erp_was_read(seen: Any, words: str) -> None:
    """Without a way to read the ERP, the reason says so."""
    op = diff_export(draft(seen=seen))[0]
    assert op.reason.endswith(words)


def test_marks_are_repeated_until_the_queue_knows() -> None:
    """A run that died between the last mark and its note is closed by marking again."""
    assert refs(draft(rows=DONE, closing=True)) == [MARK.ref, LINE_MARK.ref]
    assert refs(draft(closing=True, rows=rows(HEADER))) == [
        *(line.ref for line in LINES),
        MARK.ref,
        LINE_MARK.ref,
    ]


def test_without_marks_the_records_tell_completeness() -> None:
    """An export that marks nothing is complete with its records; an empty one never is."""
    assert draft(marks=(), rows=rows(*RECORDS)).complete
    assert not draft(marks=(), rows=rows(HEADER)).complete
    assert not draft(marks=(), records=()).complete


def test_what_the_queue_calls_exported_is_complete() -> None:
    """A line and a mark more than were exported make it no less complete."""
    assert draft(rows=rows(HEADER), exported=True).complete


# ---------------------------------------------------------------- what is in the way


def test_faults_hold_the_document() -> None:
    """One broken rule or several, all of them are shown."""
    fault = Violation(code="no-lines", message="there are no lines")
    one = held(draft(document=attrs.evolve(DOCUMENT, violations=(fault,))))
    two = held(draft(document=attrs.evolve(DOCUMENT, violations=(fault, fault))))
    assert (one.code, one.message) == ("preflight", "1 rule broken")
    assert (two.message, two.violations) == ("2 rules broken", (fault, fault))


@pytest.mark.parametrize("done", [(HEADER,), (*RECORDS, MARK, LINE_MARK)])
def test_an_edit_is_shown_with_both_values(done: tuple[Any, ...]) -> None:
    """A field that was exported and is different now holds the rest, also in the middle."""
    op = held(draft(rows=rows(*done) | rows(HEADER, comment="Steel")))
    assert op.code == "edited-after-export"
    (change,) = op.changes
    assert (change.path, change.base, change.source, change.target) == (
        "77: comment",
        "Steel",
        "Concrete",
        "Steel",
    )


def test_what_accounting_settled_is_no_edit() -> None:
    """A number or account that differs from today's proposal is what accounting gave."""
    found = DONE | rows(HEADER, number="SC-9", account="500100")
    assert diff_export(draft(rows=found)) == ()


def test_a_field_that_was_exported_and_is_gone_is_an_edit() -> None:
    """A value that Procore has no longer is shown."""
    op = held(draft(rows=DONE | rows(LINES[0], note="was here")))
    assert [(c.path, c.base, c.source) for c in op.changes] == [("77/1: note", "was here", None)]


def test_a_line_that_was_added_is_shown() -> None:
    """After a whole export a new line needs a change order; before, it is exported."""
    found = {ref: row for ref, row in DONE.items() if ref != LINES[1].ref}
    op = held(draft(rows=found))
    assert [(c.path, c.source) for c in op.changes] == [("77/2: added", "line 2")]
    assert LINES[1].ref in refs(draft(rows=rows(HEADER)))
    new_mark = draft(exported=True, rows=rows(*RECORDS[:2], MARK))
    assert [c.path for c in held(new_mark).changes] == ["77/2: added"]


def test_a_line_that_was_removed_is_shown() -> None:
    """A link whose record is gone from Procore is shown with its key in the ERP."""
    op = held(draft(records=RECORDS[:2], rows=DONE))
    assert [(c.path, c.base) for c in op.changes] == [("77/2: removed", "id subcontract_line 77/2")]


def test_extendable_exports_grow() -> None:
    """Where records may be added later, additions are written and removals are left alone."""
    grown = draft(rows=rows(*RECORDS[:2], MARK, LINE_MARK), extendable=True)
    assert refs(grown) == [LINES[1].ref]
    assert refs(draft(records=RECORDS[:1], rows=DONE, extendable=True)) == []


def test_what_the_erp_lost_is_told() -> None:
    """Where the ERP can be read, a record that vanished there is held; unread says nothing."""
    seen = {record.natural_key: {} for record in RECORDS[:2]}
    op = held(draft(rows=DONE, seen=seen))
    assert (op.code, op.message) == ("gone", "the ERP no longer has ACME/SC-1/02")
    assert diff_export(draft(rows=DONE, seen=None)) == ()
    assert diff_export(draft(rows=DONE, seen={r.natural_key: {} for r in RECORDS})) == ()


def test_a_stranger_is_a_collision() -> None:
    """A record that the ERP has, and not from here, is never overwritten."""
    op = held(draft(seen={"ACME/SC-1": {}}))
    assert op.code == "collision"
    assert "ACME/SC-1" in op.message
    assert len(refs(draft(rows=rows(HEADER), seen={"ACME/SC-1": {}}))) == 4


# ---------------------------------------------------------------- writes without an answer


def test_a_doubt_about_the_same_record_is_written_again() -> None:
    """As long as the key is the same, other values may differ: the write is repeated."""
    doubts = {LINES[0].ref: {**LINES[0].fields, "amount": Decimal(99)}}
    assert refs(draft(rows=rows(HEADER), doubts=doubts))[0] == LINES[0].ref


def test_a_doubt_under_another_key_holds_everything() -> None:
    """Otherwise the ERP might keep a line that nobody knows of."""
    doubts = {LINES[0].ref: {**LINES[0].fields, "phase": "09"}}
    op = held(draft(rows=rows(HEADER), doubts=doubts))
    assert op.code == "in-doubt"
    assert [(c.path, c.base, c.source) for c in op.changes] == [("77/1: phase", "09", "01")]


def test_a_doubt_about_a_removed_record_holds_everything() -> None:
    """A line that may be in the ERP cannot just disappear from Procore."""
    doubts = {Ref("subcontract_line", "77/3"): {"phase": "03"}}
    op = held(draft(rows=rows(HEADER), doubts=doubts))
    assert [c.path for c in op.changes] == ["77/3: removed"]


def test_a_doubt_about_a_linked_record_is_settled() -> None:
    """What is linked meanwhile is in no doubt."""
    doubts = {LINES[0].ref: {**LINES[0].fields, "phase": "09"}}
    assert diff_export(draft(rows=DONE, doubts=doubts)) == ()


# ---------------------------------------------------------------- guards


def test_the_marks_of_a_long_contract_pass_the_guards() -> None:
    """Accepted exports are no runaway change, however many lines they have."""
    ops: list[Operation] = []
    for n in range(50):
        mark = attrs.evolve(LINE_MARK, ref=Ref("commitment_line_mark", f"77/{n}"))
        ops += [op for op in diff_export(draft(marks=(mark,))) if isinstance(op, Link)]
    assert len(ops) == 50
    assert check_guards(ops, {}, GuardSettings()) == ()
    strangers = [attrs.evolve(op, document=None) for op in ops]
    assert [v.code for v in check_guards(strangers, {}, GuardSettings())] == ["guard-share"]
