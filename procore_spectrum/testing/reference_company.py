"""A coherent contractor in four sizes, the same for the same seed, for tests and benchmarks.

======  =====  =======  ==========================
size     jobs  vendors  pairs of phase and cost type
======  =====  =======  ==========================
``XS``      2        4  some 10
``S``       6       40  some 150
``M``     100    2,000  about 45,000
``L``     500   10,000  about 250,000
======  =====  =======  ==========================

``XS`` is for what is repeated very often; it has new jobs only. About one job in ten of M and L
has more pairs than Spectrum answers at once (500). All vendors are active, so a complete listing
has as many rows as the table says.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import attrs

from procore_spectrum.testing import reference_words as words

if TYPE_CHECKING:
    from procore_spectrum.testing.fake_spectrum import FakeSpectrum

__all__ = [
    "ReferenceCompany",
    "ReferenceCostType",
    "ReferenceCustomer",
    "ReferenceJob",
    "ReferencePhase",
    "ReferenceVendor",
    "reference_company",
]


@attrs.frozen(kw_only=True)
class ReferenceVendor:
    """A vendor. Texts fit Spectrum's lengths; ``phone`` is ten digits; ``vendor_type`` may be
    empty, as may ``email``, ``contact_name`` and ``address_2``.
    """

    code: str
    name: str
    alpha_sort: str
    vendor_type: str
    address_1: str
    address_2: str
    city: str
    state: str
    zip_code: str
    phone: str
    email: str
    contact_name: str
    account_reference: str
    terms_days: int


@attrs.frozen(kw_only=True)
class ReferenceCustomer:
    """A customer, the owner of a building."""

    code: str
    name: str
    address_1: str
    city: str
    state: str
    zip_code: str


@attrs.frozen(kw_only=True)
class ReferenceCostType:
    """A cost type. ``base_type`` is the kind of cost that its name suggests, in Procore's words."""

    code: str
    name: str
    base_type: str


@attrs.frozen(kw_only=True)
class ReferenceJob:
    """A job. ``status`` is A, I or C; ``master_job`` is the number of its master, or empty.

    ``in_progress`` tells that it had job-to-date cost before the two systems were connected.
    """

    number: str
    description: str
    status: str
    customer_code: str
    project_manager: str
    superintendent: str
    estimator: str
    division: str
    address_1: str
    city: str
    state: str
    zip_code: str
    original_contract: Decimal
    create_date: date
    est_start_date: date
    est_complete_date: date
    start_date: date | None
    complete_date: date | None
    master_job: str
    in_progress: bool


@attrs.frozen(kw_only=True)
class ReferencePhase:
    """A pair of phase and cost type of a job. Money in dollars and cents; quantities and hours
    with two decimals. The ``jtd_`` figures are zero where the job has no cost.
    """

    job_number: str
    phase_code: str
    description: str
    cost_type: str
    unit: str
    original_quantity: Decimal
    original_hours: Decimal
    original_cost: Decimal
    current_cost: Decimal
    jtd_quantity: Decimal
    jtd_hours: Decimal
    jtd_cost: Decimal


@attrs.frozen(kw_only=True)
class ReferenceCompany:
    """Everything the contractor has in Spectrum, and what it already has in Procore.

    ``connected_on`` is the day on which the two systems were connected. Both ``existing_procore_``
    attributes hold plain mappings in the field names of Procore's vendors and projects; the
    companies are the first vendors under slightly different names, in the same order, and the
    project has the number of the first job.
    """

    size: str
    seed: int
    connected_on: date
    vendors: tuple[ReferenceVendor, ...] = attrs.field(repr=False)
    customers: tuple[ReferenceCustomer, ...] = attrs.field(repr=False)
    cost_types: tuple[ReferenceCostType, ...] = attrs.field(repr=False)
    jobs: tuple[ReferenceJob, ...] = attrs.field(repr=False)
    phases: tuple[ReferencePhase, ...] = attrs.field(repr=False)
    existing_procore_companies: tuple[dict[str, Any], ...] = attrs.field(repr=False)
    existing_procore_projects: tuple[dict[str, Any], ...] = attrs.field(repr=False)

    def load_into(self, fake_spectrum: FakeSpectrum) -> None:
        """Enter everything into the first company of a fake Spectrum."""
        for vendor in self.vendors:
            fake_spectrum.add_vendor(**_vendor_elements(vendor))
        for customer in self.customers:
            fake_spectrum.add_customer(**_customer_elements(customer))
        for cost_type in self.cost_types:
            fake_spectrum.add_cost_type(cost_type.code, cost_type.name)
        for job in self.jobs:
            fake_spectrum.add_job(**_job_elements(job))
        for phase in self.phases:
            fake_spectrum.add_phase(**_phase_elements(phase))


def reference_company(size: Literal["XS", "S", "M", "L"] = "S", seed: int = 0) -> ReferenceCompany:
    """Build the contractor.

    Args:
        size: ``"XS"``, ``"S"``, ``"M"`` or ``"L"``, see the module's table.
        seed: another number gives another contractor of the same size.
    """
    rng = random.Random(seed)  # noqa: S311 - made-up test data, not a secret
    scale = _SCALES[size]
    customers = _customers(rng, scale.customers)
    vendors = _vendors(rng, scale.vendors)
    jobs = _jobs(rng, scale, customers)
    return ReferenceCompany(
        size=size,
        seed=seed,
        connected_on=_CONNECTED_ON,
        vendors=vendors,
        customers=customers,
        cost_types=_COST_TYPES,
        jobs=jobs,
        phases=tuple(_phases(rng, scale, jobs)),
        existing_procore_companies=_procore_companies(vendors[: scale.known_companies]),
        existing_procore_projects=(_procore_project(jobs[0]),),
    )


@attrs.frozen(kw_only=True)
class _Scale:
    """How much of everything; ``pairs`` of an ordinary job and of a ``large`` one, every tenth."""

    jobs: int
    vendors: int
    customers: int
    known_companies: int
    pairs: tuple[int, int]
    large: tuple[int, int]


_SCALES = {
    "XS": _Scale(jobs=2, vendors=4, customers=1, known_companies=1, pairs=(4, 6), large=(4, 6)),
    "S": _Scale(jobs=6, vendors=40, customers=3, known_companies=4, pairs=(15, 35), large=(15, 35)),
    "M": _Scale(
        jobs=100,
        vendors=2_000,
        customers=30,
        known_companies=12,
        pairs=(320, 480),
        large=(650, 1150),
    ),
    "L": _Scale(
        jobs=500,
        vendors=10_000,
        customers=90,
        known_companies=12,
        pairs=(430, 498),
        large=(600, 1050),
    ),
}

_CONNECTED_ON = date(2024, 1, 1)
_LAST_DAY = date(2025, 12, 31)
_ZERO = Decimal("0.00")

_COST_TYPES = tuple(
    ReferenceCostType(code=code, name=name, base_type=base_type)
    for code, name, base_type in (
        ("L", "Labor", "labor"),
        ("M", "Material", "materials"),
        ("S", "Subcontract", "commitment"),
        ("E", "Equipment", "equipment"),
        ("O", "Other", "other"),
    )
)

# ---------------------------------------------------------------- vendors and customers


def _cents(rng: random.Random, low: int, high: int) -> Decimal:
    """An amount with cents, between two whole amounts."""
    return Decimal(rng.randrange(low * 100, high * 100)).scaleb(-2)


def _place(rng: random.Random) -> dict[str, str]:
    city, state, prefix = rng.choice(words.CITIES)
    return {
        "address_1": f"{rng.randrange(10, 9999)} {rng.choice(words.STREETS)} St",
        "city": city,
        "state": state,
        "zip_code": f"{prefix}{rng.randrange(100):02}",
    }


def _vendors(rng: random.Random, count: int) -> tuple[ReferenceVendor, ...]:
    vendors: list[ReferenceVendor] = []
    for index in range(count):
        # Every twentieth vendor is the one before it under a slightly different name.
        twin = vendors[-1].name if index % 20 == 19 else ""
        name = _near_duplicate(twin) if twin else _firm(rng)
        vendors.append(_vendor(rng, index, name))
    return tuple(vendors)


def _firm(rng: random.Random) -> str:
    family, trade, form = (
        rng.choice(words.FAMILIES),
        rng.choice(words.TRADES),
        rng.choice(words.FORMS),
    )
    if rng.random() < 0.15:
        return f"{family} & {rng.choice(words.FAMILIES)} {form}".removesuffix("& Sons").strip()[:30]
    return f"{family} {trade} {form}".strip()[:30]


def _near_duplicate(name: str) -> str:
    """The same firm as somebody else would type it."""
    if " & " in name:
        return name.replace(" & ", " and ")[:30]
    for form in ("Inc", "LLC", "Co", "Ltd", "Corp", "Group"):
        if name.endswith(f" {form}"):
            return name.removesuffix(f" {form}")
    return f"{name} Inc"[:30]


def _ascii(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isalnum())


def _vendor(rng: random.Random, index: int, name: str) -> ReferenceVendor:
    stem = _ascii(name)
    contact = f"{rng.choice(words.GIVEN)} {rng.choice(words.FAMILIES)}"
    has_email = rng.random() < 0.8
    return ReferenceVendor(
        code=f"{stem[:5].upper()}{index:05}",
        name=name,
        alpha_sort=stem[:6].upper(),
        vendor_type=rng.choice(words.TYPES),
        address_2=f"Suite {rng.randrange(1, 400)}" if rng.random() < 0.3 else "",
        phone=f"{rng.randrange(200, 999)}555{rng.randrange(10_000):04}",
        email=f"office@{stem.lower()}{index}.example" if has_email else "",
        contact_name=contact[:20] if has_email else "",
        account_reference=f"ACCT-{index:05}",
        terms_days=rng.choice((10, 15, 30, 30, 45)),
        **_place(rng),
    )


def _customers(rng: random.Random, count: int) -> tuple[ReferenceCustomer, ...]:
    return tuple(
        ReferenceCustomer(
            code=f"CUST{index:04}",
            name=f"{rng.choice(words.PLACES)} {rng.choice(words.OWNERS)}",
            **_place(rng),
        )
        for index in range(1, count + 1)
    )


# ---------------------------------------------------------------- jobs and phases


def _jobs(
    rng: random.Random, scale: _Scale, customers: tuple[ReferenceCustomer, ...]
) -> tuple[ReferenceJob, ...]:
    jobs: list[ReferenceJob] = []
    for index in range(scale.jobs):
        jobs.append(_job(rng, index, rng.choice(customers), jobs))
    return tuple(jobs)


def _job(
    rng: random.Random, index: int, customer: ReferenceCustomer, earlier: list[ReferenceJob]
) -> ReferenceJob:
    """One job. Its place in the row decides its kind, so that every size has all kinds.

    Of six: two new, one in progress, one inactive, one complete, one sub job.
    """
    kind = index % 6
    old = kind in {2, 4}
    created = _created(rng, old=old)
    if index == 0:
        created = date(2024, 1, 15)
    start = created + timedelta(days=rng.randrange(10, 60))
    end = start + timedelta(days=rng.randrange(120, 700))
    # Masters are new jobs without a suffix; a sub job belongs to the last of them.
    master = earlier[index - 5] if kind == 5 else None
    number = f"{created:%y}-{101 + index:04}"
    if kind == 1:
        number = f"{index // 6 + 1}-{101 + index % 900}"
    if master is not None:
        number = f"{master.number}A1"
    return ReferenceJob(
        number=number,
        description=f"{rng.choice(words.PLACES)} {rng.choice(words.BUILDINGS)} {index + 1}",
        status={3: "I", 4: "C"}.get(kind, "A"),
        customer_code=master.customer_code if master else customer.code,
        project_manager=f"{rng.choice(words.GIVEN)[0]}{rng.choice(words.FAMILIES)}"[:15],
        superintendent=f"{rng.choice(words.GIVEN)[0]}{rng.choice(words.FAMILIES)}"[:15],
        estimator=f"{rng.choice(words.GIVEN)[0]}{rng.choice(words.FAMILIES)}"[:15],
        division=str(rng.randrange(1, 5)),
        original_contract=_cents(rng, 200_000, 40_000_000),
        create_date=created,
        est_start_date=start,
        est_complete_date=end,
        start_date=start if old else None,
        complete_date=end if kind == 4 else None,
        master_job=master.number if master else "",
        in_progress=kind == 2,
        **_place(rng),
    )


def _created(rng: random.Random, *, old: bool) -> date:
    if old:
        return _CONNECTED_ON - timedelta(days=rng.randrange(30, 900))
    return _CONNECTED_ON + timedelta(days=rng.randrange(1, (_LAST_DAY - _CONNECTED_ON).days))


def _phases(
    rng: random.Random, scale: _Scale, jobs: tuple[ReferenceJob, ...]
) -> Iterator[ReferencePhase]:
    for index, job in enumerate(jobs):
        low, high = scale.large if index % 10 == 9 else scale.pairs
        pairs = _pairs(rng, rng.randint(low, high))
        has_cost = job.create_date < _CONNECTED_ON
        for code, description, cost_type in pairs:
            yield _phase(rng, job.number, (code, description, cost_type), has_cost=has_cost)


def _pairs(rng: random.Random, count: int) -> list[tuple[str, str, str]]:
    """So many pairs, by phase and cost type; a phase has three to five cost types."""
    pairs: list[tuple[str, str, str]] = []
    codes = [cost_type.code for cost_type in _COST_TYPES]
    for code, description in rng.sample(words.CATALOGUE, len(words.CATALOGUE)):
        chosen = rng.sample(codes, rng.randint(3, len(codes)))
        pairs.extend((code, description, cost_type) for cost_type in chosen)
        if len(pairs) >= count:
            break
    return sorted(pairs[:count])


def _phase(
    rng: random.Random, job: str, pair: tuple[str, str, str], *, has_cost: bool
) -> ReferencePhase:
    code, description, cost_type = pair
    cost = _cents(rng, 250, 60_000)
    # One estimate in eight was revised after the original budget.
    current = cost + _cents(rng, 1, 900) if rng.random() < 0.125 else cost
    is_labor, is_counted = cost_type == "L", cost_type in {"M", "S"}
    hours = _cents(rng, 4, 700) if is_labor else _ZERO
    quantity = _cents(rng, 1, 2_500) if is_counted else _ZERO
    spent = has_cost and rng.random() < 0.7
    return ReferencePhase(
        job_number=job,
        phase_code=code,
        description=description,
        cost_type=cost_type,
        unit=rng.choice(words.UNITS) if is_counted else "",
        original_quantity=quantity,
        original_hours=hours,
        original_cost=cost,
        current_cost=current,
        jtd_quantity=_half(quantity) if spent else _ZERO,
        jtd_hours=_half(hours) if spent else _ZERO,
        jtd_cost=_half(cost) if spent else _ZERO,
    )


def _half(amount: Decimal) -> Decimal:
    return (amount / 2).quantize(_ZERO)


# ---------------------------------------------------------------- what Procore has already


def _procore_companies(vendors: tuple[ReferenceVendor, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "name": _near_duplicate(vendor.name),
            "address": vendor.address_1,
            "city": vendor.city,
            "state_code": vendor.state,
            "zip": vendor.zip_code,
            "country_code": "US",
            "business_phone": vendor.phone,
            "email_address": vendor.email,
            "is_active": True,
        }
        for vendor in vendors
    )


def _procore_project(job: ReferenceJob) -> dict[str, Any]:
    return {
        "name": f"{job.description} (field)",
        "project_number": job.number,
        "address": job.address_1,
        "city": job.city,
        "state_code": job.state,
        "zip": job.zip_code,
        "country_code": "US",
        "active": True,
    }


# ---------------------------------------------------------------- as Spectrum's elements


def _vendor_elements(vendor: ReferenceVendor) -> dict[str, object]:
    return {
        "Vendor_Code": vendor.code,
        "Vendor_Name": vendor.name,
        "Alpha_Sort": vendor.alpha_sort,
        "Type": vendor.vendor_type,
        "Address_1": vendor.address_1,
        "Address_2": vendor.address_2,
        "City": vendor.city,
        "State": vendor.state,
        "Zip_Code": vendor.zip_code,
        "Phone": vendor.phone,
        "Contact_Phone": vendor.phone if vendor.contact_name else "",
        "Contact_Name": vendor.contact_name,
        "Vendor_Email": vendor.email,
        "Our_Account_Number": vendor.account_reference,
        "Terms_Days": vendor.terms_days,
        "Terms_Disc_Code": "A",
    }


def _customer_elements(customer: ReferenceCustomer) -> dict[str, object]:
    return {
        "Customer_Code": customer.code,
        "Name": customer.name,
        "Address_1": customer.address_1,
        "City": customer.city,
        "State": customer.state,
        "Zip_Code": customer.zip_code,
    }


def _job_elements(job: ReferenceJob) -> dict[str, object]:
    return {
        "Job_Number": job.number,
        "Job_Description": job.description,
        "Status_Code": job.status,
        "Customer_Code": job.customer_code,
        "Contract_Number": job.number,
        "Project_Manager": job.project_manager,
        "Superintendent": job.superintendent,
        "Estimator": job.estimator,
        "Division": job.division,
        "Address_1": job.address_1,
        "City": job.city,
        "State": job.state,
        "Zip_Code": job.zip_code,
        "Original_Contract": job.original_contract,
        "Create_Date": job.create_date,
        "Est_Start_Date": job.est_start_date,
        "Est_Complete_Date": job.est_complete_date,
        "Start_Date": job.start_date,
        "Complete_Date": job.complete_date,
        "Master_Job": job.master_job,
    }


def _phase_elements(phase: ReferencePhase) -> dict[str, object]:
    return {
        "Job_Number": phase.job_number,
        "Phase_Code": phase.phase_code,
        "Description": phase.description,
        "Cost_Type": phase.cost_type,
        "Unit_of_Measure": phase.unit,
        "Price_Method_Code": "F",
        "Original_Est_Quantity": phase.original_quantity,
        "Original_Est_Hours": phase.original_hours,
        "Original_Est_Cost": phase.original_cost,
        "Current_Est_Quantity": phase.original_quantity,
        "Current_Est_Hours": phase.original_hours,
        "Current_Est_Cost": phase.current_cost,
        "JTD_Quantity": phase.jtd_quantity,
        "JTD_Hours": phase.jtd_hours,
        "JTD_Actual_Dollars": phase.jtd_cost,
    }
