"""Documents for tests of the queue, and strategies for any document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from procore_spectrum.errors import Violation
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.records import Ref

REF = Ref("commitment", "77")
OTHER = Ref("commitment", "78")
NUMBER = Need(
    name="subcontract_number",
    meaning="subcontract number",
    length=10,
    proposal="SC-1",
    space="subcontract/ACME",
    characters="number",
)
ACCOUNT = Need(name="gl_account", meaning="G/L account", length=12, characters="code")
FAULT = Violation(code="no-lines", message="there are no lines", path="lines", hint="add one")


def document(ref: Ref = REF, **changes: Any) -> Document:
    """A commitment with two lines, whose account is not known."""
    made = Document(
        ref=ref,
        feature="commitments",
        title="SC-1 Concrete",
        fields={"vendor_code": "ACME", "retention_percent": Decimal("7.5"), "comment": None},
        lines=({"phase_code": "010100", "amount": Decimal("100.50")}, {"phase_code": "020200"}),
        amount=Decimal("100.50"),
        needs=(NUMBER, ACCOUNT),
    )
    return attrs.evolve(made, **changes)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
names = st.sampled_from(["vendor_code", "comment", "amount", "issued", "é"])
values = (
    st.none()
    | texts
    | st.booleans()
    | st.decimals(-(10**9), 10**9, allow_nan=False, places=2)
    | st.dates(date(1900, 1, 1))
)
fields = st.dictionaries(names, values, max_size=4)
needs = st.builds(
    Need,
    name=names,
    meaning=texts,
    length=st.none() | st.integers(0, 50),
    proposal=values,
    space=texts,
    characters=st.sampled_from(["", "code", "number"]),
    required=st.booleans(),
    fixed=st.booleans(),
)
violations = st.builds(Violation, code=texts, message=texts, path=texts, hint=texts)
documents = st.builds(
    Document,
    ref=st.builds(Ref, st.sampled_from(["commitment", "change_order"]), texts),
    feature=texts,
    title=texts,
    fields=fields,
    lines=st.lists(fields, max_size=3).map(tuple),
    amount=st.none() | st.decimals(-(10**9), 10**9, allow_nan=False, places=2),
    needs=st.lists(needs, max_size=2).map(tuple),
    violations=st.lists(violations, max_size=2).map(tuple),
)
