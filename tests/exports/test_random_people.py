"""Random people around contracts and their changes: Spectrum stays explainable.

More of it: PROCORE_SPECTRUM_RANDOM_PEOPLE=20 pytest tests/exports/test_random_people.py
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from dying import Fate, MortalStore
from exporting_company import CUSTOMER, JOB, PAIRS, ExportingCompany
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from random_office import (
    ANNA,
    DANGERS,
    Acceptance,
    Beginning,
    Call,
    Ids,
    Office,
    ReadsTables,
    beginnings,
    call,
    drawn,
    ids,
    which,
)

from procore_spectrum import Plan, Syncer
from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.mapping import Numbering, join_key
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum.target import SpectrumTarget

NEW_PAIR = ("020200", "M")
ALL_PAIRS = (*PAIRS, NEW_PAIR)

pairs = st.sampled_from(PAIRS)
amounts = st.integers(1, 99999).map(lambda cents: f"{Decimal(cents) / 100:.2f}")

LineKey = tuple[str, str]
"""Phase and cost type."""


class ReadableCompany(ExportingCompany):
    """A company whose Spectrum can be read by SQL at times."""

    readable = False

    @property
    def syncer(self) -> Syncer:
        """A facade that reads what no service reads, if it may."""
        reader = ReadsTables(lambda: self.books, self.clock.now) if self.readable else None
        return Syncer(
            procore=ProcoreTarget(self.procore_client, change_order_family="newer"),
            spectrum=self.spectrum_client,
            erp=SpectrumTarget(self.spectrum_client, reader=reader),
            store=self.store,
            settings=self.settings,
            company=CompanyKey(str(self.procore.company_id), self.spectrum.company_code),
            actor="Robin Clerk",
            clock=self.clock,
        )


class RandomContracts(Office):
    """Two vendors, one job, four phases, and numbers that collide."""

    company: ReadableCompany

    @initialize(readable=st.booleans(), begun=st.booleans(), beginning=beginnings)
    def open_the_office(self, *, readable: bool, begun: bool, beginning: Beginning) -> None:
        """Perhaps with a contract in Spectrum that can be changed; and at once trouble."""
        fate = Fate()
        company = ReadableCompany(store=MortalStore(fate))
        company.readable = readable
        company.commitments_by(numbering=Numbering(policy="last", keep=1))
        company.changes_by(numbering=Numbering(policy="last", keep=1))
        self.open(company, fate)
        if begun:
            self.somebody_signs_a_contract("ACME", set(PAIRS[:2]), "100.25")
            self._accepted(self.refs[0])
            self.run()
        self.begin(beginning)

    # ------------------------------------------------------------ people in Procore

    @rule(vendor=st.sampled_from(["ACME", "BOLT"]), chosen=st.sets(pairs, min_size=1), of=amounts)
    def somebody_signs_a_contract(self, vendor: str, chosen: set[LineKey], of: str) -> None:
        """A new approved commitment."""
        if len(self.contracts()) < 5:
            lines = [(pair, of, f"Part {n}") for n, pair in enumerate(sorted(chosen))]
            number = f"SC-{len(self.refs)}{len(self.refs) % 2}"
            self.refs.append(self.company.commitment(number, lines, vendor=vendor))

    def another(self, one: int) -> Ref:
        """A change of a contract that is in Spectrum, or a contract; with two lines."""
        before = len(self.refs)
        if one % 2:
            self.somebody_changes_a_contract(one, {PAIRS[0], NEW_PAIR}, "55.50")
        if len(self.refs) == before:
            self.somebody_signs_a_contract(("ACME", "BOLT")[one % 2], set(PAIRS[1:3]), "44.40")
        return self.refs[-1] if len(self.refs) > before else self.ref(one)

    @rule(one=which, chosen=st.sets(st.sampled_from(ALL_PAIRS), min_size=1, max_size=2), of=amounts)
    def somebody_changes_a_contract(self, one: int, chosen: set[LineKey], of: str) -> None:
        """A change order, perhaps of new scope, once the contract is in Spectrum."""
        synced = [ref for ref in self.contracts() if self.is_synced(ref)]
        if synced and len(self.refs) - len(self.contracts()) < 3:
            lines = [(pair, of, f"More {n}") for n, pair in enumerate(sorted(chosen))]
            contract = synced[one % len(synced)]
            number = f"CO-{len(self.refs) % 2}"
            self.refs.append(self.company.change_order(contract, lines, number=number))

    def meddle(self, ref: Ref, how: str, n: int) -> None:
        """A line, if possible one that is in doubt, or the title; whatever Procore permits."""
        lines = self._lines(ref)
        doubts = [doubt.ref.key for doubt in self.company.syncer.status().in_doubt]
        lines = [line for line in lines if f"{ref.key}/{line['id']}" in doubts] or lines
        line = lines[n % len(lines)]["id"] if lines else None
        kind = "change_order" if ref.kind == "change_order" else "work_order_contract"
        with suppress(ProcoreSpectrumError):
            if how == "retitle":
                self.company.procore.edit(kind, int(ref.key), title=f"Title {n}")
            elif how == "add" and ref.kind == "commitment":
                self.company.add_line(ref, (PAIRS[n % len(PAIRS)], "7.77", "Extra"))
            elif line is None:
                return
            elif how == "amount":
                self.company.procore.edit(f"{kind}_line_item", line, amount=f"{n + 1}.11")
            elif how == "recode":
                codes = self.company.code_of(PAIRS[n % len(PAIRS)])
                self.company.procore.edit(f"{kind}_line_item", line, **codes)
            elif how == "remove":
                self.company.procore.remove(f"{kind}_line_item", line)

    # ------------------------------------------------------------ accounting

    @rule(broken=st.booleans())
    def accounting_closes_an_account(self, *, broken: bool) -> None:
        """Lines of one cost type are refused for a while."""
        refused = frozenset({"M"}) if broken else frozenset[str]()
        self.company.spectrum_switch(cost_types_without_gl=refused)

    @rule(broken=st.booleans())
    def accounting_changes_a_status(self, *, broken: bool) -> None:
        """Change requests are refused for a while."""
        self.company.spectrum.add_change_status("C", 1 if broken else 3)

    @rule(one=which)
    def accounting_deletes_a_record(self, one: int) -> None:
        """It is deleted in Spectrum, and unlinked as the connector wants it."""
        ref = self.ref(one)
        if not self.is_synced(ref) or (ref.kind == "commitment" and self._has_changes(ref)):
            return
        header = next(header for header in self.headers() if self.owners[header] == ref)
        if ref.kind == "commitment":
            self.company.spectrum.remove_subcontract(header[0].partition("/")[2], header[1])
        else:
            self.company.spectrum.remove_change_request(JOB, CUSTOMER, header[1])
            # A line of zero that it brought along stays, and belongs to the subcontract then.
            self.ours -= Office.wanted(self, self.yes[ref])
        self.company.syncer.unlink(ref, why="deleted in Spectrum", by=ANNA)
        self.yes.pop(ref)

    # ------------------------------------------------------------ what the office says

    def plan(self) -> Plan:
        """The exports."""
        return self.company.exports()

    def settle(self) -> None:
        """Nothing is refused any more."""
        super().settle()
        self.accounting_closes_an_account(broken=False)
        self.accounting_changes_a_status(broken=False)

    def permitted(self, yes: Acceptance) -> set[Call]:
        """Header and lines; or the change's lines, and what has to be there before."""
        if yes.document.ref.kind == "change_order":
            return _change(yes)
        header = {**yes.document.fields, **yes.given}
        key = {"vendor_code": header["vendor_code"], **yes.given}
        key.pop("gl_account")
        lines = (call("UpdateSubcontractPhases", {**key, **line}) for line in yes.document.lines)
        return {call("UpdateSubcontract", header), *lines}

    def wanted(self, yes: Acceptance) -> set[tuple[str, str]]:
        """Of a change, only its own lines: what has to be there before may be there already."""
        found = super().wanted(yes)
        if yes.document.ref.kind == "change_order":
            return {item for item in found if item[0] == "change_request_line"}
        return found

    def state(self) -> Ids:
        """Subcontracts and change requests, with their lines."""
        return ids(self.company.books, "subcontract", "subcontract_line", "change_request_line")

    def headers(self) -> list[tuple[str, str]]:
        """Subcontracts by vendor, change requests by job and customer."""
        books = self.company.books
        return [
            (join_key("subcontract", book["Vendor_Code"]), book["Subcontract_Number"])
            for book in books["subcontracts"]
        ] + [
            (
                join_key("change_request", book["Job_Number"], book["Customer_Code"]),
                book["Change_Request_Number"],
            )
            for book in books["change_requests"]
        ]

    def marked(self) -> list[Ref]:
        """Contracts with an origin id. Changes have no place for one: our links remember them."""
        contracts = {
            str(row["id"]) for row in self.company.table("work_order_contracts") if row["origin_id"]
        }
        changes = {row.ref.key for row in self.company.syncer.links("change_order_mark")}
        there = {"commitment": contracts, "change_order": changes}
        return [ref for ref in self.refs if ref.key in there[ref.kind]]

    # ------------------------------------------------------------ helpers

    def contracts(self) -> list[Ref]:
        """The commitments."""
        return [ref for ref in self.refs if ref.kind == "commitment"]

    def is_synced(self, ref: Ref) -> bool:
        """Whether the queue says that it is in Spectrum."""
        found = self.queued(ref)
        return found is not None and found.state is State.SYNCED

    def _has_changes(self, ref: Ref) -> bool:
        orders = self.company.table("change_orders")
        return any(order["contract_id"] == int(ref.key) for order in orders)

    def _lines(self, ref: Ref) -> list[dict[str, Any]]:
        if ref.kind == "commitment":
            return self.company.lines_in_procore(ref)
        lines = self.company.table("change_order_line_items")
        return [line for line in lines if line["holder_id"] == int(ref.key)]


def _change(yes: Acceptance) -> set[Call]:
    found = set()
    for line in yes.document.lines:
        pair = {"phase_code": line["cr_phase_code"], "cost_type": line["cr_cost_type"]}
        of = {
            "vendor_code": line["subcontractor_code"],
            "subcontract_number": line["subcontract_number"],
        }
        code = str(pair["phase_code"])
        phase = {"job_number": JOB, **pair, "price_method_code": "J"}
        found |= {
            call("ARChangeRequest", {**line, **yes.given}),
            call("UpdateSubcontractPhases", {**of, **pair}),
            call("AddPhase", {**phase, "description": f"Phase {code}"}),
        }
    return found


@pytest.mark.parametrize("beginning", DANGERS, ids=str)
def test_what_is_most_dangerous(beginning: Beginning) -> None:
    """One after the other, in an office of its own."""
    office = RandomContracts()
    office.open_the_office(readable=False, begun=False, beginning=beginning)
    office.check()


TestRandomContracts = RandomContracts.TestCase
TestRandomContracts.settings = drawn(examples=40, steps=10)
