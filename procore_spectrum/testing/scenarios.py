"""Every feature that reads or writes, as scenarios of a run that is killed.

Each treats few records, so that a run has few points to be killed at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import attrs

from procore_spectrum.features import Settings
from procore_spectrum.mapping import GlAccounts, JobExportMapping, Numbering
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.testing.scenario import Scenario, Site, code_of_new_pair, site_of
from procore_spectrum.testing.scenarios_money import MONEY

__all__ = ["SCENARIOS"]

_AS_IS = Numbering(policy="as_is")


# ---------------------------------------------------------------- imports


def _change_vendors(sandbox: Sandbox) -> None:
    """One has another address, and one is new."""
    spectrum = sandbox.spectrum
    first, *_ = spectrum.state()[spectrum.company_code]["vendors"]
    spectrum.add_vendor(**{**_given(first), "Address_1": "1 New Street"})
    spectrum.add_vendor(Vendor_Code="NEWCOMER", Vendor_Name="Newcomer Paving")


def _change_jobs(sandbox: Sandbox) -> None:
    """One has another name, one is inactive, one is new."""
    spectrum = sandbox.spectrum
    first, second = spectrum.state()[spectrum.company_code]["jobs"]
    spectrum.add_job(**{**_given(first), "Job_Description": "Renamed"})
    spectrum.add_job(**{**_given(second), "Status_Code": "I"})
    number = {"Job_Number": "26-0001", "Customer_Code": first["Customer_Code"]}
    spectrum.add_job(**number, Job_Description="New Library", Create_Date=date(2025, 3, 14))


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the fake shows of a record, as it is entered: without blanks, and with real days."""
    shown = {name: value for name, value in row.items() if value not in (None, "")}
    return {
        name: date.fromisoformat(value) if name.endswith("_Date") else value
        for name, value in shown.items()
    }


def _change_phases(sandbox: Sandbox) -> None:
    """One has another name, and one is new with two cost types."""
    site = site_of(sandbox)
    phase, cost_type = site.pairs[0]
    for code, kind, text in ((phase, cost_type, "Renamed"), *_NEW_PAIRS):
        sandbox.spectrum.add_phase(
            Job_Number=site.job, Phase_Code=code, Cost_Type=kind, Description=text
        )


_NEW_PAIRS = (("990100", "L", "Late works"), ("990100", "M", "Late works"))


# ---------------------------------------------------------------- new vendors and jobs


def _enter_companies(sandbox: Sandbox) -> None:
    for name in ("Zenith Roofing", "Yonder Glass"):
        sandbox.procore.add_vendor(name=name)


def _vendors_chosen(usual: Settings, _: Site) -> Settings:
    return attrs.evolve(usual, vendors=attrs.evolve(usual.vendors, export=True))


def _move_companies(sandbox: Sandbox) -> None:
    linked = [row["id"] for row in sandbox.procore.state()["vendors"] if row["origin_code"]]
    for number in linked[:2]:
        sandbox.procore.edit("vendor", number, city="Springfield", zip="12345")


def _vendors_owned(usual: Settings, _: Site) -> Settings:
    owned = attrs.evolve(usual.vendors, procore_owns=("city", "zip"))
    return attrs.evolve(usual, vendors=owned)


def _enter_project(sandbox: Sandbox) -> None:
    procore = sandbox.procore
    project_id = procore.add_project(name="New Tower", project_number="N-1")["id"]
    above = procore.add_cost_code(project_id=project_id, code="03", name="Concrete")["id"]
    category = next(row for row in procore.state()["line_item_types"] if row["code"] == "L")
    for code in ("1000", "2000"):
        leaf = procore.add_cost_code(
            project_id=project_id, code=code, name=f"Part {code}", parent_id=above
        )
        procore.add_wbs_code(
            project_id=project_id, cost_code_id=leaf["id"], line_item_type_id=category["id"]
        )


def _jobs_chosen(usual: Settings, site: Site) -> Settings:
    mapping = JobExportMapping(template_job=site.job, taxable="N")
    return attrs.evolve(usual, jobs=attrs.evolve(usual.jobs, export=True, export_mapping=mapping))


# ---------------------------------------------------------------- contracts


def _lines(codes: Iterable[int]) -> list[dict[str, Any]]:
    return [
        {"wbs_code_id": code, "amount": f"{n}00.25", "description": f"Part {n}"}
        for n, code in enumerate(codes, start=1)
    ]


def _sign_contracts(sandbox: Sandbox, count: int = 2) -> None:
    state = sandbox.procore.state()
    vendor_id = min(row["id"] for row in state["vendors"] if row["origin_code"])
    for number in range(1, count + 1):
        sandbox.procore.add_commitment(
            site_of(sandbox).project_id,
            number=f"SC-{number}",
            lines=_lines(site_of(sandbox).codes[:2]),
            kind="work_order" if number % 2 else "purchase_order",
            status="Approved",
            title=f"Contract {number}",
            vendor_id=vendor_id,
        )


def _sign_one(sandbox: Sandbox) -> None:
    _sign_contracts(sandbox, 1)


def _change_contract(sandbox: Sandbox) -> None:
    """Two changes: of lines that are there, and of those that subcontract and job lack."""
    (contract,) = sandbox.procore.state()["work_order_contracts"]
    codes = site_of(sandbox).codes
    changed = (codes[:2], (codes[2], code_of_new_pair(sandbox)))
    for number, lines in enumerate(changed, start=1):
        sandbox.procore.add_commitment_change_order(
            site_of(sandbox).project_id,
            contract["id"],
            number=f"CO-{number}",
            title=f"Change {number}",
            status="approved",
            lines=_lines(lines),
        )


def _contracts_chosen(usual: Settings, _: Site) -> Settings:
    return attrs.evolve(
        usual,
        commitments=attrs.evolve(
            usual.commitments, numbering=_AS_IS, gl_accounts=GlAccounts(default="500100")
        ),
        change_orders=attrs.evolve(
            usual.change_orders, numbering=_AS_IS, status_code="C", status_actions={"C": 3}
        ),
    )


_ALL = (
    Scenario(name="changed vendors", features=("vendors",), arrange=_change_vendors, one_job=False),
    Scenario(
        name="new vendors",
        features=("vendors",),
        arrange=_enter_companies,
        choose=_vendors_chosen,
        one_job=False,
    ),
    Scenario(
        name="vendor updates",
        features=("vendors",),
        arrange=_move_companies,
        choose=_vendors_owned,
        one_job=False,
    ),
    Scenario(name="changed jobs", features=("jobs",), arrange=_change_jobs, one_job=False),
    Scenario(
        name="new jobs",
        features=("jobs",),
        arrange=_enter_project,
        choose=_jobs_chosen,
        one_job=False,
    ),
    Scenario(name="changed cost_codes", features=("cost_codes",), arrange=_change_phases),
    Scenario(
        name="commitments",
        features=("commitments",),
        arrange=_sign_contracts,
        choose=_contracts_chosen,
    ),
    Scenario(
        name="change_orders",
        features=("commitments", "change_orders"),
        arrange=_change_contract,
        before=_sign_one,
        choose=_contracts_chosen,
    ),
    *MONEY,
)

# What Spectrum may not be sent twice, and does not list: only a person can find out about it.
_ASKED = ("new vendors", "change_orders", "budget changes", "prime change orders")
_BLIND = tuple(
    attrs.evolve(found, name=f"{found.name}, no SQL", sql=False)
    for found in _ALL
    if found.name in _ASKED
)

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {found.name: found for found in (*_ALL, *_BLIND)}
)
"""Every scenario, by its name. Another feature is another entry."""
