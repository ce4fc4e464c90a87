"""Contracts of Spectrum with owners become prime contracts of Procore, one for each project.

A contract is made of what the job tells: its customer and its original amount. Its lines come from
a schedule of values that the user keeps, from SQL, or, where only the amount is known, it is a
single line. A contract that Procore has already is put to a person for linking, and once an
approved change order hangs on it, nothing of it is changed from here without a decision.

Change orders go the other way: :mod:`.prime_change_orders`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from procore_spectrum.errors import (
    ConfigurationError,
    InvalidValueError,
    NotFoundError,
    NotPermittedError,
    ProcoreSpectrumError,
    Violation,
)
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.keys import key_of_origin, ref
from procore_spectrum.features.prime_change_orders import (
    PRIME_CHANGE_ORDER_MARK,
    PRIME_CHANGE_REQUEST_LINE,
    exports,
    missing,
)
from procore_spectrum.features.world import World
from procore_spectrum.files.schedules import read_schedule
from procore_spectrum.mapping import (
    contract_to_prime_contract,
    schedule_line_to_prime_contract_line,
)
from procore_spectrum.models import procore, spectrum
from procore_spectrum.models.schedules import ScheduleLine
from procore_spectrum.plan.diff import Draft, FieldRule, KindRules, Owner, diff
from procore_spectrum.plan.operations import Create, Update
from procore_spectrum.plan.records import Candidate, Desired, Observed, Ref
from procore_spectrum.plan.values import Value, same

__all__ = ["PRIME_CONTRACT", "PRIME_CONTRACTS", "PRIME_CONTRACT_LINE"]

PRIME_CONTRACT = KindRules(
    kind="prime_contract",
    fields=(
        FieldRule("title", Owner.TARGET, "job number and “Prime Contract”"),
        FieldRule("vendor_id", Owner.SOURCE, "company that the customer is linked to"),
        FieldRule("status", Owner.TARGET, "state, from the settings"),
        FieldRule("accounting_method", Owner.TARGET, "by units on unit-price jobs, else amounts"),
        FieldRule("origin_data", Owner.TARGET, "a remark on unit-price contracts"),
        FieldRule("origin_id", Owner.KEY, "our key"),
    ),
)

PRIME_CONTRACT_LINE = KindRules(
    kind="prime_contract_line",
    fields=(
        FieldRule("description", Owner.SOURCE, "description of the billing item"),
        FieldRule("amount", Owner.SOURCE, "original contract of the billing item"),
        FieldRule("quantity", Owner.SOURCE, "original quantity, on unit-price contracts"),
        FieldRule("uom", Owner.SOURCE, "unit of measure, on unit-price contracts"),
        FieldRule("unit_cost", Owner.SOURCE, "unit price, on unit-price contracts"),
        FieldRule("cost_code", Owner.TARGET, "phase of the schedule, else of the settings"),
        FieldRule("line_item_type", Owner.TARGET, "cost type, likewise"),
        FieldRule("origin_id", Owner.KEY, "our key"),
    ),
)

_FEATURE = "prime_contracts"
_WHOLE = "*"
"""Stands for the item of a contract of which only the amount is known."""
_MOST_CANDIDATES = 10
_Contracts = tuple[procore.PrimeContract, ...]


def drafts(world: World) -> Iterator[Draft]:
    """Each job's contract, then its lines."""
    found: list[_Contract] = []
    for job in world.jobs().items:
        if not (job.customer_code and world.wants_job(job.job_number)):
            continue
        ready, project_id = world.project_of(job.job_number)
        if not ready:
            continue
        try:
            contracts = world.prime_contracts(project_id).items if project_id else ()
        except (NotPermittedError, NotFoundError) as error:
            yield _unreadable(job.job_number, error)
            continue
        found.append(_Contract(world, job, project_id, contracts))
    places: dict[str, list[int]] = {}
    for one in found:
        for key, number in one.keyed:
            places.setdefault(key, []).append(number)
    for one in found:
        yield one.header(places)
        yield one.lines()


def _unreadable(job: str, error: ProcoreSpectrumError) -> Draft:
    """One project whose contracts may not be read stops no other."""
    wish = Desired(
        ref=ref(PRIME_CONTRACT.kind, job),
        title=f"{job} Prime Contract",
        fields={},
        hold=Violation(
            code="not-readable", message=error.message, path=error.path, hint=error.hint
        ),
    )
    return Draft(feature=_FEATURE, rules=PRIME_CONTRACT, desired=(wish,))


class _Contract:
    """The contract of one job, and what its project has."""

    def __init__(
        self, world: World, job: spectrum.Job, project_id: str | None, contracts: _Contracts
    ) -> None:
        self._world = world
        self._job = job
        self._number = job.job_number
        self._project_id = project_id
        self._company = world.company.spectrum_company_code
        self._settings = world.settings.prime_contracts
        self._scope = ref("project", job.job_number)
        self._ref = ref(PRIME_CONTRACT.kind, job.job_number)
        self._contracts = contracts
        decision = world.decisions.get(self._ref)
        self._choice = decision.choice if decision else ""
        self._decided = decision.target_id if decision and decision.choice == "link" else None

    @property
    def keyed(self) -> Iterator[tuple[str, int]]:
        """The keys of ours on the project's contracts."""
        for contract in self._contracts:
            if key := self._key(contract):
                yield key, int(contract.id)

    def _key(self, contract: procore.PrimeContract) -> str | None:
        return key_of_origin(contract.origin_id, "prime_contract", self._company)

    # ------------------------------------------------------------ the contract

    def header(self, places: Mapping[str, list[int]]) -> Draft:
        """The contract; ``places`` tells which contracts of all projects bear which key."""
        mapped = contract_to_prime_contract(
            self._job,
            company_code=self._company,
            owner_id=self._owner(),
            settings=self._settings.mapping,
        )
        self._world.remark(_FEATURE, self._ref, mapped.notes)
        rows = self._world.rows(PRIME_CONTRACT.kind, self._scope)
        is_known = bool(rows) or self._ref.key in dict(self.keyed)
        wish = Desired(
            ref=self._ref,
            title=str(mapped.fields["title"] or ""),
            fields=mapped.fields,
            scope=self._scope,
            partition=self._scope.key,
            target_id=self._decided,
            violations=mapped.violations,
            hold=self._twice(places.get(self._ref.key, [])),
            candidates=() if is_known or self._decided else self._candidates(),
        )
        draft = Draft(
            feature=_FEATURE,
            rules=PRIME_CONTRACT,
            desired=() if self._world.ignores(self._ref) else (wish,),
            observed=tuple(map(self._observed, self._contracts)),
            rows=rows,
            source_complete=False,
        )
        return self._latched(draft)

    def _owner(self) -> str | None:
        decision = self._world.decisions.get(ref("customer", self._job.customer_code or ""))
        return decision.target_id if decision and decision.choice == "link" else None

    def _observed(self, contract: procore.PrimeContract) -> Observed:
        owner = contract.vendor
        return Observed(
            kind=PRIME_CONTRACT.kind,
            target_id=str(contract.id),
            title=contract.title or "",
            fields={
                "title": contract.title,
                "vendor_id": str(owner.id) if owner else None,
                "status": contract.status,
                "accounting_method": contract.accounting_method,
                "origin_data": contract.origin_data,
                "origin_id": contract.origin_id,
            },
            key=self._key(contract),
            scope_id=self._project_id,
        )

    def _candidates(self) -> tuple[Candidate, ...]:
        """Every contract of the project: it has one, and a second would be a duplicate."""
        return tuple(
            Candidate(
                target_id=str(contract.id),
                title=f"{contract.number or ''} {contract.title or ''}".strip(),
                score=100 if contract.grand_total == self._job.original_contract else 50,
                evidence=(f"its total is {contract.grand_total}",),
            )
            for contract in self._contracts
        )

    def _twice(self, places: list[int]) -> Violation | None:
        if len(places) < 2:
            return None
        return Violation(
            code="imported-twice",
            message=f"the contracts {', '.join(map(str, sorted(places)))} of Procore all bear the"
            " key of this job",
            path="origin_id",
            hint="keep one of them, and clear the origin id of the others",
        )

    # ------------------------------------------------------------ its lines

    def lines(self) -> Draft:
        """The billing items, against the lines of the contract."""
        rows = self._world.rows(PRIME_CONTRACT_LINE.kind, self._scope)
        linked = {row.ref for row in rows}
        source = self._schedule(linked)
        contract = self._in_procore()
        observed = tuple(map(self._observed_line, contract.line_items if contract else ()))
        held = {row.target_id for row in rows}
        free = [seen for seen in observed if seen.key is None and seen.target_id not in held]
        wishes = [self._wish(line, linked) for line in source.lines]
        wishes = _matched(wishes, free, linked, self._world)
        if source.fault is not None:
            wishes.append(self._broken(source.fault))
        draft = Draft(
            feature=_FEATURE,
            rules=PRIME_CONTRACT_LINE,
            desired=tuple(wish for wish in wishes if not self._leaves_out(wish.ref)),
            observed=observed,
            rows=tuple(row for row in rows if not self._leaves_out(row.ref)),
            source_complete=source.complete,
        )
        differs = self._difference(wishes)
        return self._latched(draft if differs is None else _where_changed(draft, differs))

    def _leaves_out(self, line: Ref) -> bool:
        return self._world.ignores(self._ref) or self._world.ignores(line)

    def _in_procore(self) -> procore.PrimeContract | None:
        """The contract that is linked, or about to be."""
        row = self._world.row(self._ref)
        wanted = row.target_id if row else self._decided
        for contract in self._contracts:
            if str(contract.id) == wanted or (not wanted and self._key(contract) == self._ref.key):
                return contract
        return None

    def _schedule(self, linked: set[Ref]) -> _Schedule:
        """The billing items as far as they are known."""
        path = self._settings.schedules.get(self._number)
        if path is not None:
            try:
                return _Schedule(read_schedule(path), complete=True)
            except (InvalidValueError, ConfigurationError) as error:
                return _Schedule((), fault=error)
        rows = self._world.prime_contract_lines(self._number)
        if rows.complete and rows.items:
            lines = (
                ScheduleLine(item=row.item, description=row.description, amount=row.amount)
                for row in rows.items
            )
            return _Schedule(tuple(lines), complete=True)
        amount = self._job.original_contract
        item = self._settings.mapping.single_item
        if not amount or linked - {self._line_ref(item)}:
            return _Schedule(())
        whole = ScheduleLine(item=item, description="Original contract", amount=amount)
        return _Schedule((whole,))

    def _line_ref(self, item: str) -> Ref:
        return ref(PRIME_CONTRACT_LINE.kind, self._number, item.strip() or _WHOLE)

    def _wish(self, line: ScheduleLine, linked: set[Ref]) -> Desired:
        mask = self._world.settings.cost_codes.phase_mask
        mapped = schedule_line_to_prime_contract_line(
            line,
            mask,
            job_number=self._number,
            company_code=self._company,
            by_units=self._job.price_method_code == "U",
            settings=self._settings.mapping,
        )
        name = self._line_ref(line.item)
        path, cost_type = mapped.fields["cost_code"], mapped.fields["line_item_type"]
        faults, hold = mapped.violations, None
        if isinstance(path, tuple) and path and name not in linked:
            code = ref("wbs_code", self._number, mask.show(path), str(cost_type))
            if self._world.is_held(code):
                hold = Violation(
                    code="waits",
                    message=f"{str(code).replace('_', ' ')} is held",
                    hint="it follows once that is settled",
                )
            elif not self._world.will_have(code):
                faults = (*faults, _no_code(code))
        whole = self._line_ref("")
        if name != whole and name not in linked and whole in linked:
            hold = _single_line_first(whole)
        return Desired(
            ref=name,
            title=str(mapped.fields["description"] or name.key),
            fields=mapped.fields,
            scope=self._scope,
            parent=self._ref,
            partition=self._scope.key,
            violations=faults,
            hold=hold,
        )

    def _broken(self, error: ProcoreSpectrumError) -> Desired:
        """All that is wrong with the file, in one place."""
        own = Violation(
            code="schedule-unreadable", message=error.message, path=error.path, hint=error.hint
        )
        return Desired(
            ref=self._line_ref(""),
            title=f"schedule of values of {self._number}",
            fields={},
            scope=self._scope,
            parent=self._ref,
            partition=self._scope.key,
            violations=(own, *error.violations),
        )

    def _difference(self, wishes: list[Desired]) -> Violation | None:
        """Lines that do not add up to the contract, unless that is only to be noted."""
        expected = self._job.original_contract
        amounts = [wish.fields.get("amount") for wish in wishes]
        total = sum((found for found in amounts if isinstance(found, Decimal)), Decimal(0))
        if not wishes or not expected or total == expected:
            return None
        differs = Violation(
            code="schedule-total",
            message=f"the lines add up to {total}, the original contract is {expected}",
            path="amount",
            hint="correct the schedule or the job, or set total to note",
        )
        if self._settings.mapping.total == "note":
            self._world.remark(_FEATURE, self._ref, (differs,))
            return None
        return differs

    def _observed_line(self, line: procore.ContractLine) -> Observed:
        return Observed(
            kind=PRIME_CONTRACT_LINE.kind,
            target_id=str(line.id),
            title=line.description or "",
            fields={
                "description": line.description,
                "amount": line.amount,
                "quantity": line.quantity,
                "uom": line.uom,
                "unit_cost": line.unit_cost,
                "origin_id": line.origin_id,
            },
            key=key_of_origin(line.origin_id, "prime_contract_line", self._company),
            scope_id=self._project_id,
        )

    # ------------------------------------------------------------ the latch

    def _latched(self, draft: Draft) -> Draft:
        """Hold what would be changed once an approved change order hangs on the contract."""
        hold = Violation(
            code="approved-change-order",
            message="an approved change order hangs on the contract",
            path="status",
            hint="decide to import it again, with a reason (reopen-contract)",
        )
        latched = _where_changed(draft, hold)
        if latched is draft or self._choice == "take_on" or not self._has_approved_change():
            return draft
        return latched

    def _has_approved_change(self) -> bool:
        contract = self._in_procore()
        if contract is None or self._project_id is None:
            return False
        try:
            changes = self._world.prime_change_orders(self._project_id).items
        except (NotPermittedError, NotFoundError):
            # Their sum is told by the contract itself; the exports note what cannot be read.
            return bool(contract.approved_change_orders)
        return any(
            change.status == "approved" and change.contract_id == contract.id for change in changes
        )


def _where_changed(draft: Draft, hold: Violation) -> Draft:
    """The draft with everything held that would be created or changed."""
    changed = {op.ref for op in diff(draft) if isinstance(op, Create | Update)}
    if not changed:
        return draft
    desired = (
        attrs.evolve(wish, hold=wish.hold or hold) if wish.ref in changed else wish
        for wish in draft.desired
    )
    return attrs.evolve(draft, desired=tuple(desired))


@attrs.frozen
class _Schedule:
    """The billing items of one contract; ``complete`` when an item that is missing is gone."""

    lines: tuple[ScheduleLine, ...]
    complete: bool = False
    fault: ProcoreSpectrumError | None = None


def _matched(
    wishes: list[Desired], free: list[Observed], linked: set[Ref], world: World
) -> list[Desired]:
    """Put lines that people made in Procore to the billing items that they may be.

    A line that has the same description and amount, and is the only one, is taken for it.
    """
    found = []
    for wish in wishes:
        decision = world.decisions.get(wish.ref)
        choice = decision.choice if decision else ""
        if wish.ref in linked or choice == "create" or not free:
            found.append(wish)
            continue
        alike = [seen for seen in free if _is_alike(seen, wish)]
        rivals = [other for other in wishes if alike and _is_alike(alike[0], other)]
        if decision is not None and choice == "link":
            found.append(attrs.evolve(wish, target_id=decision.target_id))
        elif len(alike) == 1 and len(rivals) == 1:
            found.append(attrs.evolve(wish, target_id=alike[0].target_id))
        else:
            found.append(attrs.evolve(wish, candidates=_line_candidates(free)))
    return found


def _is_alike(seen: Observed, wish: Desired) -> bool:
    names = ("description", "amount")
    values: list[tuple[Value, Value]] = [(seen.fields[n], wish.fields.get(n)) for n in names]
    return all(same(one, other) for one, other in values)


def _line_candidates(free: list[Observed]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            target_id=seen.target_id,
            title=seen.title,
            score=50,
            evidence=(f"its amount is {seen.fields['amount']}",),
        )
        for seen in free[:_MOST_CANDIDATES]
    )


def _no_code(code: Ref) -> Violation:
    return Violation(
        code="line-code-unknown",
        message=f"the project has no {str(code).replace('_', ' ')}",
        path="cost_code",
        hint="add the pair to the job, and synchronise the cost codes",
    )


def _single_line_first(whole: Ref) -> Violation:
    return Violation(
        code="single-line-first",
        message="the contract was imported as one line before its schedule was known",
        hint=f"delete that line in Procore, and forget the link of {whole}",
    )


PRIME_CONTRACTS = Feature(
    name=_FEATURE,
    title="contracts with owners, and their change orders",
    kinds=(
        PRIME_CONTRACT,
        PRIME_CONTRACT_LINE,
        PRIME_CHANGE_REQUEST_LINE,
        PRIME_CHANGE_ORDER_MARK,
    ),
    drafts=drafts,
    exports=exports,
    missing=missing,
    services=("GetJob", "GetJobMain", "GetJobDates", "GetPhase"),
    writing_services=("AddPhase", "ARChangeRequest"),
)
