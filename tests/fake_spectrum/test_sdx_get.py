"""The Get services: selection, order, cap, statuses."""

from __future__ import annotations

import fnmatch
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sdx_wire import get

from procore_spectrum.testing.fake_spectrum import FakeSpectrum, Switches
from procore_spectrum.testing.fake_spectrum.super_select import select

KEYS = st.text("0123456789-AB", min_size=1, max_size=10)
NUMBERS = st.lists(KEYS, unique=True, max_size=12)
WARNING = "WARNING - Number of returnable records exceeds maximum number of records allowed."


def with_jobs(numbers: list[str], **elements: str) -> FakeSpectrum:
    """A server with these jobs."""
    fake = FakeSpectrum()
    for number in numbers:
        fake.add_job(Job_Number=number, **elements)
    return fake


def job_numbers(fake: FakeSpectrum, **values: str) -> list[str]:
    """Job numbers of GetJob in the order of the answer."""
    return [row["Job_Number"] for row in get(fake, "GetJob", **values)]


# ---------------------------------------------------------------- SuperSelect


@given(KEYS, st.lists(KEYS, min_size=1))
def test_a_list_selects_its_members(key: str, members: list[str]) -> None:
    """Plain text is exact; a list is any of them; ``#`` is everything but."""
    expression = ",".join(members)
    assert select(expression)(key) == (key in members)
    assert select(f"#{expression}")(key) == (key not in members)


@given(KEYS, KEYS, KEYS)
def test_a_range_of_jobs_follows_the_sort_order(key: str, low: str, high: str) -> None:
    """Ranges compare right-justified keys, so they select what lies between in a listing."""
    expected = low.rjust(10) <= key.rjust(10) <= high.rjust(10)
    assert select(f"{low}/{high}", width=10)(key) == expected


@given(KEYS, st.text("0123456789-AB*?", min_size=1, max_size=6))
def test_wildcards_match_as_file_names_do(key: str, pattern: str) -> None:
    """``*`` is any text and ``?`` one character, dots and brackets are themselves."""
    assert select(pattern)(key) == fnmatch.fnmatchcase(key, pattern)


@pytest.mark.parametrize("expression", ["", "ALL", "*", "1001,ALL", "#nothing"])
def test_all_selects_everything(expression: str) -> None:
    """A blank, ALL and a star."""
    assert select(expression)("24-0101")


def test_lists_may_hold_ranges_and_wildcards() -> None:
    """The forms combine; ``*text*`` is contains."""
    test = select("5,10/12,2?,*X*", width=10)
    assert [k for k in ["5", "6", "10", "11", "13", "20", "200", "AXB"] if test(k)] == [
        "5",
        "10",
        "11",
        "20",
        "AXB",
    ]


def test_get_parameters_take_expressions_but_cost_center_does_not() -> None:
    """Division is an expression, the cost centre is not."""
    fake = FakeSpectrum()
    fake.add_job(Job_Number="1", Division="1", Cost_Center="N")
    fake.add_job(Job_Number="2", Division="22", Cost_Center="S")
    assert job_numbers(fake, pDivision="1/9") == ["1"]
    assert job_numbers(fake, pCost_Center="S") == ["2"]
    assert job_numbers(fake, pCost_Center="*") == []
    assert job_numbers(fake, pDivision="#22,33,44,55,66") == ["1"]


# ---------------------------------------------------------------- jobs


@given(NUMBERS)
def test_jobs_come_by_right_justified_number(numbers: list[str]) -> None:
    """Shorter numbers first, keys trimmed, whatever the order of entry."""
    fake = with_jobs(numbers)
    assert job_numbers(fake) == sorted(numbers, key=lambda number: number.rjust(10))


@pytest.mark.parametrize(
    ("status", "numbers"),
    [("", ["1", "2"]), ("A", ["1"]), ("I", ["2"]), ("C", ["3"])],
)
def test_blank_status_excludes_complete_jobs(status: str, numbers: list[str]) -> None:
    """Blank is active and inactive; complete must be asked for."""
    fake = FakeSpectrum()
    for number, code in (("1", "A"), ("2", "I"), ("3", "C")):
        fake.add_job(Job_Number=number, Status_Code=code)
    assert job_numbers(fake, pStatus_Code=status) == numbers


def test_parameters_are_checked() -> None:
    """A status or sort order that does not exist is answered by code I."""
    for name in ("pStatus_Code", "pSort_By"):
        (row,) = get(FakeSpectrum(), "GetJob", **{name: "X"})
        assert (row["error_code"], row["column"]) == ("I", name)


@pytest.mark.parametrize(
    ("sort_by", "numbers"),
    [
        ("", ["1", "2", "3"]),
        ("D", ["2", "1", "3"]),
        ("P", ["3", "2", "1"]),
        ("S", ["1", "3", "2"]),
        ("E", ["2", "3", "1"]),
        ("C", ["3", "1", "2"]),
    ],
)
def test_jobs_may_be_sorted_by_other_elements(sort_by: str, numbers: list[str]) -> None:
    """Division is right-justified; the job number decides within equals."""
    fake = FakeSpectrum()
    for line in ("1 10 C A C B", "2 9 B C A C", "3 11 A B B A"):
        number, division, manager, superintendent, estimator, customer = line.split()
        fake.add_job(
            Job_Number=number,
            Division=division,
            Project_Manager=manager,
            Superintendent=superintendent,
            Estimator=estimator,
            Customer_Code=customer,
        )
    assert job_numbers(fake, pSort_By=sort_by) == numbers


def test_job_main_names_the_customer_and_fills_numbers() -> None:
    """The name comes from the customer; unset numbers are zero, coordinates have six decimals."""
    fake = FakeSpectrum()
    fake.add_customer(Customer_Code="C1", Name="Elm County")
    fake.add_job(
        Job_Number="1", Customer_Code="C1", Latitude="47.5", Original_Contract=Decimal("0.5")
    )
    fake.add_job(Job_Number="2")
    first, second = get(fake, "GetJobMain")
    assert (first["Customer_Name"], first["Latitude"]) == ("Elm County", "47.500000")
    assert (first["Original_Contract"], second["Original_Contract"]) == (".50", ".00")
    assert second["Customer_Name"] == ""


def test_user_defined_fields_are_returned() -> None:
    """GetJobUDF has twenty of them."""
    fake = with_jobs(["1"], UDF7="blue")
    (row,) = get(fake, "GetJobUDF")
    assert (row["UDF7"], row["UDF20"]) == ("blue", "")


def test_contacts_are_joined_with_their_job() -> None:
    """Absent by default; restored it filters by job data and sorts by contact or name."""
    fake = FakeSpectrum()
    fake.restore_service("GetJobContact")
    fake.add_job(Job_Number="10", Project_Manager="PM1", Cost_Center="N")
    fake.add_job(Job_Number="9", Project_Manager="PM2")
    fake.add_contact(Job_Number="10", Last_Name="Zed")
    fake.add_contact(Job_Number="9", Last_Name="Abel")

    def names(**values: str) -> list[str]:
        return [row["Last_Name"] for row in get(fake, "GetJobContact", **values)]

    assert names() == ["Abel", "Zed"]
    assert names(pSort_By="C") == ["Zed", "Abel"]
    assert names(pSort_By="P") == ["Zed", "Abel"]
    assert names(pSort_By="L") == ["Abel", "Zed"]
    assert names(pProject_Manager="PM2") == ["Abel"]
    assert names(pCost_Center="N") == ["Zed"]
    assert names(pStatus_Code="C") == []
    assert get(fake, "GetJobContact")[0]["Contact_ID"] == "2"


@pytest.mark.parametrize(("status", "codes"), [("", "A"), ("I", "AB"), ("ALL", "ABC")])
def test_customers_by_status(status: str, codes: str) -> None:
    """Blank is active, I adds inactive, ALL adds those not used."""
    fake = FakeSpectrum()
    for code, text in (("B", "Inactive"), ("A", "Active"), ("C", "Not Used")):
        fake.add_customer(Customer_Code=code, Name=f"Customer {code}", Status=text)
    found = get(fake, "GetCustomers", pStatus=status)
    assert [row["Customer_Code"] for row in found] == list(codes)


# ---------------------------------------------------------------- phases and the cap


def with_phases(count: int, job: str = "1") -> FakeSpectrum:
    """One job with so many pairs."""
    fake = with_jobs([job])
    for index in range(count):
        fake.add_phase(Job_Number=job, Phase_Code=f"{index:06}", Cost_Type="L", Description="x")
    return fake


@pytest.mark.parametrize("service", ["GetPhase", "GetPhaseEnhanced"])
def test_500_rows_are_whole_and_501_are_cut(service: str) -> None:
    """The warning row comes instead of the 501st and is blank otherwise."""
    assert len(get(with_phases(500), service)) == 500
    found = get(with_phases(501), service)
    assert len(found) == 501
    assert found[499]["Phase_Code"] == "000499"
    last = found[500]
    assert (last.pop("Error_Code"), last.pop("Error_Description")) == ("W", WARNING)
    assert set(last.values()) == {" "}


@given(NUMBERS, st.integers(0, 12))
def test_cap_cuts_by_sort_order(numbers: list[str], cap: int) -> None:
    """What comes back is the first rows in order, and a warning only if something is missing."""
    fake = with_jobs(numbers)
    fake.switches = Switches(row_cap=cap)
    expected = sorted(numbers, key=lambda number: number.rjust(10))
    extra = [" "] if len(numbers) > cap else []
    assert job_numbers(fake) == expected[:cap] + extra


def test_cap_can_be_lifted_and_reaches_customers() -> None:
    """None is no cap; a layout without error elements gets them for the warning."""
    fake = with_phases(501)
    fake.switches = Switches(row_cap=None)
    assert len(get(fake, "GetPhase")) == 501
    fake.switches = Switches(row_cap=0)
    fake.add_customer(Customer_Code="A")
    assert get(fake, "GetCustomers")[0]["Error_Code"] == "W"


PAIRS = st.sets(st.tuples(KEYS, st.sampled_from(["010100", "020200"]), st.sampled_from("LMS")))


@given(PAIRS)
def test_phases_come_by_job_phase_and_cost_type(pairs: set[tuple[str, str, str]]) -> None:
    """Two orders: by job first, or by cost type first."""
    fake = with_jobs(sorted({job for job, _, _ in pairs}))
    for job, code, cost_type in pairs:
        fake.add_phase(Job_Number=job, Phase_Code=code, Cost_Type=cost_type, Description="x")

    def keys(sort_by: str) -> list[tuple[str, str, str]]:
        found = get(fake, "GetPhase", pSort_By=sort_by)
        return [(row["Job_Number"], row["Phase_Code"], row["Cost_Type"]) for row in found]

    assert keys("") == sorted(pairs, key=lambda p: (p[0].rjust(10), p[1], p[2]))
    assert keys("C") == sorted(pairs, key=lambda p: (p[2], p[0].rjust(10), p[1]))


def test_phases_are_selected_by_job_cost_type_status_and_cost_center() -> None:
    """Each parameter narrows; complete phases must be asked for."""
    fake = with_jobs(["1", "2"])
    for job, cost_type, status, center in (
        ("1", "L", "A", "N"),
        ("1", "M", "C", "N"),
        ("2", "L", "I", "S"),
    ):
        fake.add_phase(
            Job_Number=job,
            Phase_Code="010100",
            Cost_Type=cost_type,
            Description="x",
            Status_Code=status,
            Phase_Cost_Center=center,
        )

    def found(**values: str) -> list[str]:
        return [row["Job_Number"] + row["Cost_Type"] for row in get(fake, "GetPhase", **values)]

    assert found() == ["1L", "2L"]
    assert found(pStatus_Code="C") == ["1M"]
    assert found(pJob_Number="2,3") == ["2L"]
    assert found(pCost_Type="#L", pStatus_Code="C") == ["1M"]
    assert found(pCost_Center="S") == ["2L"]


def test_phase_figures() -> None:
    """Estimate is the current one; projection follows it until there is one of its own."""
    fake = with_jobs(["1"])
    fake.add_phase(
        Job_Number="1",
        Phase_Code="010100",
        Cost_Type="L",
        Description="Footings",
        Current_Est_Cost="1000.10",
        Projected_Hours="7",
        Start_Date="01/02/2026",
    )
    fake.set_cost("1", "010100", "L", dollars=Decimal("-12.5"), hours=Decimal(3))
    fake.set_cost("1", "010100", "L", quantity=Decimal("0.25"))
    (row,) = get(fake, "GetPhaseEnhanced")
    assert (row["JTD_Actual_Dollars"], row["JTD_Hours"], row["JTD_Quantity"]) == (
        "-12.50",
        "3.00",
        ".25",
    )
    assert row["Current_Estimate_Dollars"] == row["Projected_Dollars"] == "1000.10"
    assert (row["Projected_Hours"], row["Estimated_Hours"]) == ("7.00", ".00")
    assert (row["Start_Date"], row["Complete_Date"]) == ("01/02/2026", "")


def test_a_full_page_of_phases_is_quick() -> None:
    """A call for one job among many takes far below a tenth of a second."""
    fake = with_phases(600, job="J")
    for number in range(300):
        fake.add_job(Job_Number=str(number))
    get(fake, "GetPhase", pJob_Number="J")
    started = time.perf_counter()
    get(fake, "GetPhase", pJob_Number="J")
    assert time.perf_counter() - started < 0.5
