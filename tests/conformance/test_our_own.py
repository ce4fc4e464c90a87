"""Our own adapters and fakes keep the contracts that we ask of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from procore_spectrum import MemoryStore, ProcoreClient, SpectrumClient, SqliteStore
from procore_spectrum.ports import ReadQuery
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum.source import SpectrumSource
from procore_spectrum.spectrum.sql import SqlSpectrumReader
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.testing import (
    FakeClock,
    FakeProcore,
    FakeSpectrum,
    FaultPlan,
    FaultRule,
    FaultyTransport,
    conformance,
)
from procore_spectrum.testing.faults import FaultRun, Match, Refuse, ResetAfter
from procore_spectrum.testing.sql_file import SqlFile
from procore_spectrum.wire.httpx_transport import AsyncHttpxTransport, HttpxTransport
from procore_spectrum.wire.messages import Request

SECRET = "CANARY-SECRET"

# ---------------------------------------------------------------- transports


class TestHttpxTransport(conformance.TransportContract):
    """The transport on sockets."""

    @pytest.fixture
    def transport(self) -> Iterator[HttpxTransport]:
        """A fresh one."""
        transport = HttpxTransport(timeout=5)
        yield transport
        transport.close()


class TestAsyncHttpxTransport(conformance.AsyncTransportContract):
    """Its asynchronous twin."""

    @pytest.fixture
    def async_transport(self) -> AsyncHttpxTransport:
        """A fresh one; the contract closes it."""
        return AsyncHttpxTransport(timeout=5)


IN_PROCESS = conformance.TransportCapabilities(network=False, failures=False, timeouts=False)


def scene_of(fake: FakeProcore | FakeSpectrum, **more: Any) -> conformance.Scene:
    """A good and a bad request to a fake."""
    if isinstance(fake, FakeSpectrum):
        good = Request(method="GET", url="https://fake.test/wsdls/GetJob.jws")
        count = [0]
        handle = fake.handle

        def counted(request: Request) -> Any:
            count[0] += 1
            return handle(request)

        fake.handle = counted  # counts what is not a call
        bad = Request(method="GET", url="https://fake.test/no-such-page")
        return conformance.Scene(good=good, bad=bad, count=lambda: count[0], **more)
    form = f"grant_type=client_credentials&client_id={fake.client_id}"
    good = Request(
        method="POST",
        url="https://fake.test/oauth/token",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        content=f"{form}&client_secret={fake.client_secret}".encode(),
    )
    bad = Request(method="GET", url="https://fake.test/rest/v1.0/vendors")
    return conformance.Scene(good=good, bad=bad, count=lambda: len(fake.calls), **more)


class TestFakeProcoreTransport(conformance.TransportContract):
    """The fake in process, which never breaks."""

    declared = IN_PROCESS

    @pytest.fixture
    def fake(self) -> FakeProcore:
        """A fresh company."""
        return FakeProcore()

    @pytest.fixture
    def scene(self, fake: FakeProcore) -> conformance.Scene:
        """What it answers."""
        return scene_of(fake)

    @pytest.fixture
    def transport(self, fake: FakeProcore) -> Any:
        """A transport that ends in the fake."""
        return fake.transport()


class TestAsyncFakeProcoreTransport(conformance.AsyncTransportContract):
    """The asynchronous twin."""

    declared = IN_PROCESS

    @pytest.fixture
    def fake(self) -> FakeProcore:
        """A fresh company."""
        return FakeProcore()

    @pytest.fixture
    def scene(self, fake: FakeProcore) -> conformance.Scene:
        """What it answers."""
        return scene_of(fake)

    @pytest.fixture
    def async_transport(self, fake: FakeProcore) -> Any:
        """A transport that ends in the fake."""
        return fake.async_transport()


class TestFakeSpectrumTransport(conformance.TransportContract):
    """The other fake in process."""

    declared = IN_PROCESS

    @pytest.fixture
    def fake(self) -> FakeSpectrum:
        """A fresh company."""
        return FakeSpectrum()

    @pytest.fixture
    def scene(self, fake: FakeSpectrum) -> conformance.Scene:
        """What it answers."""
        return scene_of(fake)

    @pytest.fixture
    def transport(self, fake: FakeSpectrum) -> Any:
        """A transport that ends in the fake."""
        return fake.transport()


class TestFaultyTransport(conformance.TransportContract):
    """Its faults are the errors of the contract."""

    declared = conformance.TransportCapabilities(network=False)

    @pytest.fixture
    def fake(self) -> FakeProcore:
        """A fresh company."""
        return FakeProcore()

    @pytest.fixture
    def scene(self, fake: FakeProcore, transport: FaultyTransport) -> conformance.Scene:
        """What it answers, and how it breaks."""

        def breaks(fault: Any) -> None:
            transport.run = FaultRun(FaultPlan((FaultRule(fault=fault),)))

        return scene_of(fake, breaks=breaks)

    @pytest.fixture
    def transport(self, fake: FakeProcore) -> FaultyTransport:
        """A transport in which nothing goes wrong yet."""
        return FaultyTransport(fake.transport(), FaultPlan())


# ---------------------------------------------------------------- systems


def spectrum_source(fake: FakeSpectrum, plan: FaultPlan | None = None, **more: Any) -> Any:
    """A source that reads the fake."""
    client = SpectrumClient(
        url="https://spectrum.test:8482",
        company_code=fake.company_code,
        authorization_id=SECRET,
        transport=FaultyTransport(fake.transport(), plan or FaultPlan()),
        clock=FakeClock(),
        **more,
    )
    return SpectrumSource(client)


class TestSpectrumSource(conformance.SourceContract):
    """Vendors of the fake Spectrum."""

    @pytest.fixture
    def fake(self) -> FakeSpectrum:
        """A company with three vendors."""
        fake = FakeSpectrum(authorization_id=SECRET)
        for number in range(3):
            fake.add_vendor(Vendor_Code=f"V{number}", Name=f"Vendor {number}")
        return fake

    @pytest.fixture
    def source(self, fake: FakeSpectrum) -> Any:
        """Reads the fake."""
        return spectrum_source(fake)

    @pytest.fixture
    def query(self) -> ReadQuery:
        """All vendors."""
        return ReadQuery(kind="vendor")

    @pytest.fixture
    def unreachable(self, fake: FakeSpectrum) -> Any:
        """Every connection is refused."""
        plan = FaultPlan((FaultRule(fault=Refuse(), times=None),))
        return spectrum_source(fake, plan), SECRET

    @pytest.fixture
    def cut_off(self, fake: FakeSpectrum) -> Any:
        """The cap is smaller than the listing."""
        return spectrum_source(fake, vendor_row_cap=2)


class TestProcoreTarget(conformance.TargetContract):
    """Companies of the fake Procore."""

    declared = conformance.TargetCapabilities(caps=False)

    @pytest.fixture
    def transport(self) -> FaultyTransport:
        """A transport to a fresh company."""
        return FaultyTransport(FakeProcore().transport(), FaultPlan())

    @pytest.fixture
    def target(self, transport: FaultyTransport) -> ProcoreTarget:
        """A target on it, which has logged in."""
        fake, clock = FakeProcore(), FakeClock()
        client = ProcoreClient(
            base_url="https://api.procore.test",
            login_url="https://api.procore.test",
            company_id=fake.company_id,
            client_id=fake.client_id,
            client_secret=fake.client_secret,
            transport=transport,
            clock=clock,
        )
        target = ProcoreTarget(client, clock=clock)
        target.read(ReadQuery(kind="company"))
        return target

    @pytest.fixture
    def example(self) -> conformance.TargetExample:
        """A vendor with a city."""
        return conformance.TargetExample(
            kind="company",
            fields={"name": "Acme", "origin_id": "spectrum:ABC:vendor:ACME", "city": "Boise"},
            changed={"city": "Nampa"},
            refused={"name": "", "origin_id": "spectrum:ABC:vendor:BAD"},
        )

    @pytest.fixture
    def unreachable(self, target: ProcoreTarget, transport: FaultyTransport) -> Any:
        """Every connection is refused from now on."""
        transport.run = FaultRun(FaultPlan((FaultRule(fault=Refuse(), times=None),)))
        return target, FakeProcore().client_secret

    @pytest.fixture
    def lose_answer(self, transport: FaultyTransport) -> Any:
        """The answer to a write is lost, also to each repetition."""
        return lambda: failing(transport, ResetAfter())

    @pytest.fixture
    def refuse_connection(self, transport: FaultyTransport) -> Any:
        """Writes do not reach the server."""
        return lambda: failing(transport, Refuse())


class TestSpectrumTarget(conformance.TargetContract):
    """Vendors of the fake Spectrum."""

    declared = conformance.TargetCapabilities(caps=False)
    fields: ClassVar[dict[str, Any]] = {
        "vendor_code": "ACME",
        "vendor_name": "Acme",
        "alpha_sort": "ACME",
        "terms_code": "A",
        "terms_days": 30,
        "terms_disc_code": "A",
        "city": "Boise",
    }

    @pytest.fixture
    def transport(self) -> FaultyTransport:
        """A transport to a fresh company."""
        return FaultyTransport(FakeSpectrum(authorization_id=SECRET).transport(), FaultPlan())

    @pytest.fixture
    def target(self, transport: FaultyTransport) -> SpectrumTarget:
        """A target on it that knows all service descriptions it needs."""
        client = SpectrumClient(
            url="https://spectrum.test:8482",
            company_code="ABC",
            authorization_id=SECRET,
            transport=transport,
            clock=FakeClock(),
            vendor_row_cap=None,  # else a listing of vendors is never known to be whole
        )
        return SpectrumTarget(client)

    @pytest.fixture
    def example(self) -> conformance.TargetExample:
        """A vendor with a city."""
        fields = self.fields
        return conformance.TargetExample(
            kind="vendor",
            fields=fields,
            changed={"city": "Nampa"},
            id_of=lambda item: str(item.vendor_code),
            value_of=self._shown,
            refused={**fields, "vendor_code": "BAD", "terms_code": "?"},
        )

    @staticmethod
    def _shown(vendor: Any, name: str) -> Any:
        """What a listing tells under the name of an input; it tells no search key and no terms."""
        if name == "alpha_sort" or name.startswith("terms"):
            return TestSpectrumTarget.fields[name]
        return getattr(vendor, {"vendor_name": "name"}.get(name, name))

    @pytest.fixture
    def unreachable(self, target: SpectrumTarget, transport: FaultyTransport) -> Any:
        """Every connection is refused from now on."""
        transport.run = FaultRun(FaultPlan((FaultRule(fault=Refuse(), times=None),)))
        return target, SECRET

    @pytest.fixture
    def lose_answer(self, transport: FaultyTransport) -> Any:
        """The answer to a write is lost, also to each repetition."""
        return lambda: failing(transport, ResetAfter(), label="Vendor", method="POST")

    @pytest.fixture
    def refuse_connection(self, transport: FaultyTransport) -> Any:
        """Writes do not reach the server."""
        return lambda: failing(transport, Refuse(), label="Vendor", method="POST")

    def test_a_probe_tells_the_truth(self, target: Any, example: conformance.TargetExample) -> None:
        """Before the write it is not sure: vendors may be hidden from the listing."""
        batch = example.batch(example.new())
        (before,) = target.probe(batch)
        target_id = self.create(target, example)
        (after,) = target.probe(batch)
        assert (before.op_id, before.found) == ("op-1", None)
        assert (after.found, after.target_id) == (True, target_id)


class TestSqlSource(conformance.SourceContract):
    """Subcontracts in a database of the fake Spectrum."""

    declared = conformance.SourceCapabilities(caps=False, outages=False)

    @pytest.fixture
    def source(self, tmp_path: Path) -> Iterator[SqlSpectrumReader]:
        """Reads a file."""
        fake = FakeSpectrum()
        fake.add_vendor(Vendor_Code="ACME", Name="Acme")
        fake.add_job(Job_Number="25-0101", Job_Description="City Hall")
        for number in ("SC-1", "SC-2"):
            fake.add_subcontract(
                Vendor_Code="ACME", Subcontract_Number=number, Job_Number="25-0101"
            )
        database = SqlFile(fake, tmp_path / "books.db")
        reader = SqlSpectrumReader(
            database.url, company_code=fake.company_code, queries=database.queries
        )
        yield reader
        reader.close()

    @pytest.fixture
    def query(self) -> ReadQuery:
        """All subcontracts."""
        return ReadQuery(kind="subcontract")


@contextmanager
def failing(
    transport: FaultyTransport, fault: Any, *, method: str = "PATCH", label: str | None = None
) -> Iterator[None]:
    """Within the block every write fails so."""
    rule = FaultRule(fault=fault, match=Match(method=method, label=label), times=None)
    transport.run = FaultRun(FaultPlan((rule,)))
    yield
    transport.run = FaultRun(FaultPlan())


# ---------------------------------------------------------------- queues


class TestApprovalsInMemory(conformance.ApprovalQueueContract):
    """The queue in memory."""

    @pytest.fixture
    def store(self) -> Iterator[MemoryStore]:
        """A fresh store."""
        with MemoryStore() as store:
            yield store


class TestApprovalsInSqlite(conformance.ApprovalQueueContract):
    """The queue in a file."""

    @pytest.fixture
    def store(self, tmp_path: Any) -> Iterator[SqliteStore]:
        """A fresh store."""
        with SqliteStore(tmp_path / "sync.db") as store:
            yield store
