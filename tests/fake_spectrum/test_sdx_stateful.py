"""Random sequences of writes against a model: upsert by key, blanks, nothing is deleted."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sdx_wire import get, put

from procore_spectrum.testing.fake_spectrum import FakeSpectrum

CODES = st.sampled_from(["033000", "034000"])
COST_TYPES = st.sampled_from("LM")
TEXTS = st.sampled_from(["", "Footings", "Pads"])
AMOUNTS = st.sampled_from(["", "0", "12.34", "-5"])
VENDORS = st.sampled_from(["A", "B"])


class Writes(RuleBasedStateMachine):
    """AddPhase, AddVendor and UpdateVendor beside plain dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeSpectrum()
        self.fake.add_job(Job_Number="1")
        for code in "LM":
            self.fake.add_cost_type(code)
        self.estimates: dict[tuple[str, str], Decimal] = {}
        self.descriptions: dict[str, str] = {}
        self.vendors: dict[str, dict[str, str]] = {}

    @rule(code=CODES, cost_type=COST_TYPES, description=TEXTS, cost=AMOUNTS)
    def add_phase(self, code: str, cost_type: str, description: str, cost: str) -> None:
        """Adds the pair or changes what is given."""
        found = put(
            self.fake,
            "AddPhase",
            Job_Number="1",
            Phase_Code=code,
            Cost_Type=cost_type,
            Description=description,
            Price_Method_Code="F",
            Original_Est_Cost=cost,
        )
        is_new = (code, cost_type) not in self.estimates
        assert found == ([("M", "Description")] if is_new and not description else [])
        if found:
            return
        if is_new:
            self.descriptions.setdefault(code, description)
        elif description:
            self.descriptions[code] = description
        stored = self.estimates.setdefault((code, cost_type), Decimal(0))
        self.estimates[code, cost_type] = Decimal(cost) if cost else stored

    @rule(code=VENDORS, name=st.sampled_from(["One", "Two"]))
    def add_vendor(self, code: str, name: str) -> None:
        """Adds a vendor once."""
        found = put(
            self.fake,
            "AddVendor",
            Vendor_Code=code,
            Vendor_Name=name,
            Alpha_Sort=code,
            Terms_Code="A",
            Terms_Days="30",
            Terms_Disc_Code="A",
        )
        assert found == ([("I", "Vendor_Code")] if code in self.vendors else [])
        self.vendors.setdefault(code, {"Vendor_Name": name})

    @rule(code=VENDORS, name=st.sampled_from(["", "Three"]), city=st.sampled_from(["", "Reno"]))
    def update_vendor(self, code: str, name: str, city: str) -> None:
        """Changes what is given."""
        found = put(self.fake, "UpdateVendor", Vendor_Code=code, Vendor_Name=name, City=city)
        assert found == ([] if code in self.vendors else [("I", "Vendor_Code")])
        if code in self.vendors:
            given = {"Vendor_Name": name, "City": city}
            self.vendors[code] |= {element: text for element, text in given.items() if text}

    @invariant()
    def agrees_with_the_model(self) -> None:
        """What is read is what was written."""
        rows = get(self.fake, "GetPhase")
        assert {
            (row["Phase_Code"], row["Cost_Type"]): Decimal(row["Current_Estimate_Dollars"])
            for row in rows
        } == self.estimates
        assert all(row["Description"] == self.descriptions[row["Phase_Code"]] for row in rows)
        stored = self.fake.state()["ABC"]["vendors"]
        assert len(stored) == len(self.vendors)
        for record in stored:
            assert self.vendors[record["Vendor_Code"]].items() <= record.items()


Writes.TestCase.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
TestWrites = Writes.TestCase
