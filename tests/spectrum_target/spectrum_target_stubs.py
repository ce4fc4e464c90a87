"""A client that records calls, sources that list records, and batches."""

from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Batch, BatchItem, Reading
from procore_spectrum.spectrum.calls import Result
from procore_spectrum.spectrum.rows import RowError
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.testing import FakeClock

VENDOR = {
    "vendor_code": "ACME",
    "vendor_name": "Acme Concrete",
    "alpha_sort": "ACME",
    "terms_code": "A",
    "terms_days": 30,
    "terms_disc_code": "A",
}
JOB = {"job_number": "24-0101", "taxable_flag": True, "price_method_code": "F"}
PHASE = {
    "job_number": "24-0101",
    "phase_code": "01-0000",
    "cost_type": "LAB",
    "price_method_code": "F",
    "description": "General",
}
SUBCONTRACT = {
    "vendor_code": "ACME",
    "subcontract_number": "SC/1",
    "job_number": "24-0101",
    "gl_account": "5000",
}
LINE = {
    "vendor_code": "ACME",
    "subcontract_number": "SC/1",
    "phase_code": "01-0000",
    "cost_type": "SUB",
}
CHANGE = {
    "job_number": "24-0101",
    "customer_code": "OWNER",
    "change_request_number": "CR-1",
    "cr_phase_code": "01-0000",
    "cr_cost_type": "SUB",
    "cr_status": "P",
}


class StubClient:
    """A client that gives the scripted answers: notes, or an error to raise."""

    company_code = "ABC"
    max_parallel = 1

    def __init__(self, *answers):
        self.clock = FakeClock()
        self.calls = []
        self.answers = list(answers)

    def send(self, call):
        """Record the call."""
        self.calls.append(call)
        answer = self.answers.pop(0) if self.answers else ()
        if isinstance(answer, Exception):
            raise answer
        return Result(items=(), notes=tuple(answer))

    @property
    def sent(self):
        """The parameters of the only call."""
        (call,) = self.calls
        return dict(call.parameters)


class StubSource:
    """A source that lists these records of every kind."""

    def __init__(self, *items, complete=True):
        self.items = items
        self.complete = complete
        self.queries = []

    def read(self, query):
        """Record the query."""
        self.queries.append(query)
        return Reading(items=self.items, as_of=FakeClock().now(), complete=self.complete)


def note(column, text, code="G"):
    """A row that says something about a record that was taken."""
    return RowError(code=code, text=text, column=column, row=1)


def item(kind, verb, fields, full=None, target_id=None):
    """One record to be written."""
    return BatchItem(
        op_id="op",
        verb=verb,
        ref=Ref(kind, "source-key"),
        fields=fields,
        full=fields if full is None else full,
        target_id=target_id,
    )


def batch(kind, verb, fields, full=None, target_id=None, scope_id=None):
    """A batch of one record."""
    return Batch(kind=kind, scope_id=scope_id, items=(item(kind, verb, fields, full, target_id),))


def write(kind, verb, fields, full=None, target_id=None, *, client=None, **options):
    """Write one record; gives the outcome and the client."""
    client = client or StubClient()
    target = SpectrumTarget(client, **options)
    (outcome,) = target.write(batch(kind, verb, fields, full, target_id))
    return outcome, client


def faults(outcome):
    """Codes and paths of an outcome's violations."""
    return [(violation.code, violation.path) for violation in outcome.violations]
