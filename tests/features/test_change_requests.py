"""Numbers of change requests, whoever asks for them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.features.change_requests import request_number, request_warnings
from procore_spectrum.features.exporting import Begun
from procore_spectrum.mapping import Numbering, join_key
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Reading

JOB, CUSTOMER = "25-0101", "CITY"
NUMBERS = [f"C-{number}" for number in range(1, 10)]
CHANGE = Ref("prime_change_order", "5")

taken = st.frozensets(
    st.tuples(
        st.sampled_from([JOB, "25-0102"]),
        st.sampled_from([CUSTOMER, "TOWN"]),
        st.sampled_from(NUMBERS),
    )
)


class Known:
    """As much of a world as numbers need: what Spectrum lists; None where nothing reads it."""

    def __init__(self, keys: frozenset[tuple[str, str, str]] | None) -> None:
        self.proposed: dict[str, set[str]] = {}
        self._keys = keys

    def erp_ids(self, kind: str) -> frozenset[str] | None:
        """Whether costs of change requests can be read."""
        assert kind == "change_request_line"
        return None if self._keys is None else frozenset()

    def erp_records(self, kind: str) -> Reading[Any]:
        """Every other key as one that has costs, the rest without."""
        names = ("job_number", "customer_code", "change_request_number")
        chosen = sorted(self._keys or ())[kind == "change_request_line" :: 2]
        rows = tuple(SimpleNamespace(**dict(zip(names, key, strict=True))) for key in chosen)
        return Reading(items=rows, as_of=datetime.now(UTC))

    def claims(self, space: str) -> tuple[Any, ...]:
        """Nothing was given before."""
        assert space == join_key("change_request", JOB, CUSTOMER)
        return ()


def proposal(world: Any, begun: Begun | None = None) -> Any:
    """What accounting would be proposed."""
    need = request_number(
        world,
        CHANGE,
        job=JOB,
        customer=CUSTOMER,
        source="1",
        numbering=Numbering(policy="template", text="C-#"),
        begun=begun or Begun(),
    )
    return need.proposal


@given(taken)
def test_the_first_number_that_spectrum_lacks_is_proposed(
    keys: frozenset[tuple[str, str, str]],
) -> None:
    """Numbers of other jobs and customers are free; where none is left, it will collide."""
    there = {number for *contract, number in keys if contract == [JOB, CUSTOMER]}
    free = [number for number in NUMBERS if number not in there] or NUMBERS
    assert proposal(Known(keys)) == free[0]


@given(taken)
def test_a_number_that_was_written_is_kept(keys: frozenset[tuple[str, str, str]]) -> None:
    """Spectrum has it from here: nothing else will do."""
    begun = Begun(doubts={Ref("change_request_line", "5"): {"change_request_number": "C-7"}})
    assert proposal(Known(keys), begun) == "C-7"


def test_what_nobody_can_read_is_warned_of_until_it_is_written() -> None:
    """One warning, with a remedy."""
    unread: Any = Known(None)
    (warning,) = request_warnings(unread, Begun())
    assert (warning.code, bool(warning.hint)) == ("unread", True)
    begun = Begun(doubts={CHANGE: {}})
    assert request_warnings(unread, begun) == ()
    readable: Any = Known(frozenset())
    assert request_warnings(readable, Begun()) == ()
