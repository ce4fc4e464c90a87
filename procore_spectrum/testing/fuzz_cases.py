"""What a reader of foreign bytes is to the fuzzer, and a conversation to overhear some of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial

import attrs

from procore_spectrum.features import CostCodeSettings, JobSettings, Settings
from procore_spectrum.mapping import CostTypeEntry, CostTypeTable
from procore_spectrum.plan.plan import Plan
from procore_spectrum.ports import CompanyKey, StateStore
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.spectrum.source import SpectrumSource
from procore_spectrum.spectrum.wsdl import MemoryWsdlCache
from procore_spectrum.syncer import Syncer
from procore_spectrum.testing.clock import FakeClock
from procore_spectrum.testing.fake_procore import FakeProcore
from procore_spectrum.testing.fake_spectrum import FakeSpectrum
from procore_spectrum.wire.messages import Request, Response

__all__ = ["PROCORE", "SPECTRUM", "Case", "Conversation", "One", "Reader", "Tap", "damaged"]

PROCORE, SPECTRUM = "https://api.procore.test", "https://spectrum.test:8482"


@attrs.frozen
class Case:
    """Valid bytes, and what reads them."""

    content: bytes = attrs.field(repr=False)
    read: Callable[[bytes], object] = attrs.field(repr=False)


@attrs.frozen
class Reader:
    """Something that reads bytes of others, with valid examples.

    ``turns`` is how often its turn comes in one round of all readers.
    """

    name: str
    cases: tuple[Case, ...] = attrs.field(repr=False)
    turns: int = 1


# ---------------------------------------------------------------- a conversation with the fakes


class Tap:
    """A transport that writes down what is said, and can repeat it with one answer changed."""

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle
        self.heard: list[tuple[Request, Response]] = []
        self._recorded: dict[tuple[str, str], Response] | None = None
        self._changed: tuple[Request, Response] | None = None

    def send(self, request: Request) -> Response:
        """Ask for real and write it down, or repeat what was written."""
        if self._changed is None:
            answer = self._handle(request)
            self.heard.append((request, answer))
            return answer
        if _key(request) == _key(self._changed[0]):
            return self._changed[1]
        if self._recorded is None:
            self._recorded = {_key(said): answer for said, answer in self.heard}
        return self._recorded.get(_key(request), Response(status=404))

    def close(self) -> None:
        """Nothing to release."""

    def during(self, work: Callable[[], object]) -> list[tuple[Request, Response]]:
        """What is said during the work."""
        before = len(self.heard)
        work()
        return self.heard[before:]

    def repeat(
        self, request: Request, answer: Response, again: Callable[[], object], content: bytes
    ) -> object:
        """Do it again. Everything is answered as before, only that answer is another."""
        self._changed = (request, attrs.evolve(answer, content=content))
        return again()


def _key(request: Request) -> tuple[str, str]:
    return request.method, request.url


class One:
    """A transport with one answer to everything."""

    def __init__(self, answer: Response) -> None:
        self._answer = answer

    def send(self, request: Request) -> Response:  # noqa: ARG002 - it is the same answer
        """That answer."""
        return self._answer

    def close(self) -> None:
        """Nothing to release."""


class Conversation:
    """Both fakes with a little in them, and clients that have spoken with them."""

    def __init__(self) -> None:
        clock = FakeClock()
        self.procore = FakeProcore(clock=clock, hourly_limit=10**9)
        self.spectrum = FakeSpectrum(clock=clock)
        self.to_procore = Tap(self.procore.handle)
        self.to_spectrum = Tap(self.spectrum.handle)
        self.clock = clock
        self._arrange()
        self.client = ProcoreClient(
            base_url=PROCORE,
            login_url=PROCORE,
            company_id=self.procore.company_id,
            client_id=self.procore.client_id,
            client_secret=self.procore.client_secret,
            transport=self.to_procore,
            clock=clock,
        )
        self.target = ProcoreTarget(self.client, clock=clock)
        self.spectrum_client = SpectrumClient(
            url=SPECTRUM,
            company_code=self.spectrum.company_code,
            authorization_id=self.spectrum.authorization_id,
            transport=self.to_spectrum,
            clock=clock,
            wsdl_cache=MemoryWsdlCache(),
            max_parallel=1,
        )
        self.source = SpectrumSource(self.spectrum_client)

    def _arrange(self) -> None:
        day = date(2026, 1, 2)
        self.spectrum.add_vendor(Vendor_Code="ACME", Name="Acme Concrete é")
        self.spectrum.add_job(Job_Number="26-0101", Job_Description="Library", Create_Date=day)
        for phase in ("031000", "032000"):
            self.spectrum.add_phase(
                Job_Number="26-0101", Phase_Code=phase, Cost_Type="L", Description="Slab"
            )

    @property
    def company(self) -> CompanyKey:
        """The pair of companies."""
        return CompanyKey(str(self.procore.company_id), self.spectrum.company_code)

    def sync(self, store: StateStore) -> tuple[Plan, Plan]:
        """Import everything; the plan before and another one after."""
        types = (CostTypeEntry(code="L", name="Labor", base_type="labor"),)
        syncer = Syncer(
            procore=self.client,
            spectrum=self.spectrum_client,
            store=store,
            settings=Settings(
                jobs=JobSettings(connected_on=date(2026, 1, 1)),
                cost_codes=CostCodeSettings(cost_types=CostTypeTable(entries=types)),
            ),
            clock=self.clock,
        )
        plan = syncer.plan()
        syncer.apply(plan)
        self.spectrum.add_vendor(Vendor_Code="ACME", Name="Acme Concrete & Son")
        self.spectrum.add_vendor(Vendor_Code="LATE", Name="Acme Concrete é")
        return plan, syncer.plan()


def damaged(
    tap: Tap, said: Iterable[tuple[Request, Response]], again: Callable[[], object]
) -> Iterator[Case]:
    """A case for each answer with a body."""
    for request, answer in said:
        if answer.content:
            yield Case(answer.content, partial(tap.repeat, request, answer, again))
