"""Arranging and inspecting the in-memory Spectrum without the wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from sdx_wire import get, put

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.testing.fake_spectrum import FakeSpectrum

MISTAKES: list[Callable[[FakeSpectrum], None]] = [
    lambda fake: fake.add_vendor(Vendor_Name="no code"),
    lambda fake: fake.add_vendor(Vendor_Code="A", Unheard_Of="x"),
    lambda fake: fake.add_vendor(Vendor_Code="A", pCity="x"),
    lambda fake: fake.add_vendor(Vendor_Code=7),
    lambda fake: fake.add_vendor(Vendor_Code="A", Terms_Days=1.5),
    lambda fake: fake.add_vendor(Vendor_Code="A", Terms_Days=True),
    lambda fake: fake.add_vendor(Vendor_Code="A", Terms_Days="many"),
    lambda fake: fake.add_vendor(Vendor_Code="A", Company_Code="NON"),
    lambda fake: fake.add_job(Job_Number="1", Create_Date="2026-01-05"),
    lambda fake: fake.add_job(Job_Number="1", Create_Date=5),
    lambda fake: fake.add_job(Job_Number="1", Original_Contract=Decimal("NaN")),
    lambda fake: fake.add_contact(Job_Number="none"),
    lambda fake: fake.add_phase(Job_Number="none", Phase_Code="1", Cost_Type="L"),
    lambda fake: fake.add_phase(Phase_Code="1", Cost_Type="L"),
    lambda fake: fake.add_phase(Job_Number="J", Phase_Code="1", Cost_Type="L", Colour="red"),
    lambda fake: fake.add_phase(Job_Number="J", Phase_Code="1", Cost_Type="L", Error_Code="A"),
    lambda fake: fake.set_cost("J", "1", "L", dollars=Decimal(1)),
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_of_a_test_are_named(mistake: Callable[[FakeSpectrum], None]) -> None:
    """Unknown elements, floats and missing keys do not pass silently."""
    fake = FakeSpectrum()
    fake.add_job(Job_Number="J")
    with pytest.raises(InvalidValueError):
        mistake(fake)


def test_values_may_be_given_as_text_or_typed() -> None:
    """Numbers as Decimal, int or text; dates as dates or text; None and blank are unset."""
    fake = FakeSpectrum()
    fake.add_job(Job_Number="1", Create_Date="01/05/2026", Original_Contract=5, Division=None)
    fake.add_job(Job_Number="2", Create_Date=date(2026, 1, 5), Original_Contract="5", Division="")
    fake.add_phase(Job_Number="1", Phase_Code="1", Cost_Type="L", Comment=None)
    first, second = fake.state()["ABC"]["jobs"]
    assert {**first, "Job_Number": "2"} == second


def test_state_is_json_in_a_fixed_order() -> None:
    """The order of arranging does not matter, and JSON can hold it."""
    one, other = FakeSpectrum(), FakeSpectrum()
    for fake, order in ((one, (1, 2, 10)), (other, (10, 2, 1))):
        fake.add_company("XYZ")
        for number in order:
            fake.add_job(Job_Number=str(number))
            fake.add_vendor(Vendor_Code=f"V{number}")
            fake.add_customer(Customer_Code=f"C{number}")
            fake.add_cost_type(str(number), "Labor")
            fake.add_gl_account(str(number))
            fake.add_phase(Job_Number=str(number), Phase_Code="1", Cost_Type="1", Description="x")
    assert json.dumps(one.state()) == json.dumps(other.state())
    assert [job["Job_Number"] for job in one.state()["ABC"]["jobs"]] == ["1", "2", "10"]


def test_replacing_a_job_keeps_its_phases() -> None:
    """Arranging a job again does not lose what hangs on it."""
    fake = FakeSpectrum()
    fake.add_job(Job_Number="1")
    fake.add_phase(Job_Number="1", Phase_Code="1", Cost_Type="L", Description="x")
    fake.add_job(Job_Number="1", Status_Code="I")
    assert len(get(fake, "GetPhase")) == 1


def test_repr_names_the_companies_only() -> None:
    """No Authorization ID and no secret."""
    fake = FakeSpectrum(client_id="me", client_secret="hush")
    assert repr(fake) == "<FakeSpectrum ABC>"


def test_threads_do_not_lose_writes() -> None:
    """Of many equal additions at once exactly one succeeds."""
    fake = FakeSpectrum()

    def add(_: int) -> list[tuple[str, str]]:
        return put(fake, "AddJob", Job_Number="1", Taxable_Flag="N", Price_Method_Code="F")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(add, range(24)))
    assert answers.count([]) == 1
    assert len(fake.calls) == 24


def test_system_clock_is_the_default() -> None:
    """A call without a given clock is stamped with an aware time."""
    fake = FakeSpectrum()
    get(fake, "GetJob")
    assert fake.calls[0].at.utcoffset() is not None
