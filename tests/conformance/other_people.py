"""A minimal adapter as somebody else would write it: source, target and store in memory.

It imports the ports and errors only.
"""

from __future__ import annotations

import copy
import hashlib
from contextlib import contextmanager
from datetime import UTC, datetime

import attrs

from procore_spectrum.errors import ConfigurationError, ConflictError, StoreBusyError, Violation
from procore_spectrum.ports import Capabilities, ItemOutcome, Probe, Reading


@attrs.frozen
class Card:
    """A record of the other system."""

    id: int
    values: dict


class CardBox:
    """A source and target of cards, found by their name."""

    def __init__(self):
        self.cards = {}

    def read(self, query):
        """All cards."""
        if query.kind != "card":
            raise ConfigurationError("there are only cards", path="kind")
        if query.filters:
            raise ConfigurationError("cards cannot be filtered", path="filters")
        items = tuple(Card(number, dict(values)) for number, values in self.cards.items())
        return Reading(items=items, as_of=datetime.now(UTC), requests=1)

    def capabilities(self, kind):
        """Ten at a time, found by name."""
        return Capabilities(batch=10, write="upsert", probe=True)

    def write(self, batch):
        """One outcome for each card."""
        return [self._write(item) for item in batch.items]

    def _write(self, item):
        if not item.full.get("name"):
            violation = Violation(code="required", message="a name is missing", path="name")
            return ItemOutcome(op_id=item.op_id, state="refused", violations=(violation,))
        number = self._find(item) or len(self.cards) + 1
        self.cards[number] = {**self.cards.get(number, {}), **item.fields}
        return ItemOutcome(op_id=item.op_id, state="done", target_id=str(number))

    def _find(self, item):
        if item.target_id:
            return int(item.target_id)
        names = {values["name"]: number for number, values in self.cards.items()}
        return names.get(item.full["name"])

    def probe(self, batch):
        """Looked up by name."""
        found = {item.op_id: self._find(item) for item in batch.items}
        return [
            Probe(op_id=op_id, found=number is not None, target_id=number and str(number))
            for op_id, number in found.items()
        ]


class DictStore:
    """A store of dicts, for one thread. A handle sees the tables of its company."""

    def __init__(self):
        self.companies, self.held, self.data = {}, {}, None

    def for_company(self, company):
        """A handle that shares the data of that company."""
        handle = copy.copy(self)
        handle.key, handle.data = company, self.companies.setdefault(company, Tables())
        return handle

    def read_links(self, query):
        """Rows of one kind, ordered by ref."""
        rows = [self.data.links[ref] for ref in sorted(self.data.links) if ref.kind == query.kind]
        return [row for row in rows if query.scope in {None, row.scope}]

    def read_link(self, ref):
        """One row."""
        return self.data.links.get(ref)

    def read_started(self):
        """Oldest first."""
        return sorted(self.data.started.values(), key=lambda operation: operation.at)

    def read_decisions(self):
        """Ordered by ref."""
        return [self.data.decisions[ref] for ref in sorted(self.data.decisions)]

    def read_approvals(self):
        """Ordered by ref."""
        return [self.data.approvals[ref] for ref in sorted(self.data.approvals)]

    def read_approval(self, ref):
        """One approval."""
        return self.data.approvals.get(ref)

    def read_claims(self, space):
        """In their order."""
        return sorted(claim for claim in self.data.claims.values() if claim.space == space)

    def read_fact(self, name):
        """One value."""
        return self.data.facts.get(name)

    def read_events(self, query):
        """Oldest first."""
        wanted = {k: v for k, v in attrs.asdict(query, recurse=False).items() if v is not None}
        lines = self.data.events
        return [line for line in lines if all(getattr(line, n) == wanted[n] for n in wanted)]

    def commit(self, change):
        """Change a copy, which takes the place of the original when nothing failed."""
        for ref, before in change.expected.items():
            if self.data.approvals.get(ref) != before:
                raise ConflictError("it was moved meanwhile", path=str(ref))
        new = copy.deepcopy(self.data)
        new.facts |= change.facts
        for ref in change.unlinks:
            new.links.pop(ref, None)
        for op_id in change.settled:
            new.started.pop(op_id, None)
        for claim in change.claims:
            if new.claims.setdefault((claim.space, claim.number), claim) != claim:
                raise ConflictError("another record has that number", path=claim.number)
        new.links |= {row.ref: attrs.evolve(row, base=dict(row.base)) for row in change.links}
        new.started |= {operation.op_id: operation for operation in change.started}
        for ref in change.undecided:
            new.decisions.pop(ref, None)
        new.decisions |= {made.ref: made for made in change.decisions}
        new.approvals |= {found.ref: found for found in change.approvals}
        for event in change.events:
            before = new.events[-1].digest if new.events else ""
            digest = hashlib.sha256(f"{before}{event}".encode()).hexdigest()
            number = len(new.events) + 1
            new.events.append(attrs.evolve(event, sequence=number, previous=before, digest=digest))
        for name in attrs.fields_dict(Tables):
            setattr(self.data, name, getattr(new, name))

    @contextmanager
    def lock(self, request):
        """Kept in a dict."""
        name = (self.key, request.name)
        if name in self.held:
            raise StoreBusyError(f"held by {self.held[name]}")
        self.held[name] = request.owner
        try:
            yield
        finally:
            self.held.pop(name, None)

    def verify(self):
        """Nothing is checked."""
        return []

    def close(self):
        """Nothing to release."""


@attrs.define
class Tables:
    """The tables of one company."""

    links: dict = attrs.Factory(dict)
    started: dict = attrs.Factory(dict)
    decisions: dict = attrs.Factory(dict)
    approvals: dict = attrs.Factory(dict)
    claims: dict = attrs.Factory(dict)
    facts: dict = attrs.Factory(dict)
    events: list = attrs.Factory(list)
