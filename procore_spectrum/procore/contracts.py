"""Contracts and change orders, read with their lines.

Contracts cost one request each for their lines, as do change orders of the newer family. A
change order of the older family costs one request for its package, and one for each potential
change order that holds lines of it.

Source: Procore API reference; documentation page ``tutorial-change-orders``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.models import procore
from procore_spectrum.models.about import fields_of
from procore_spectrum.models.ids import (
    CommitmentId,
    PotentialChangeOrderId,
    ProcoreCompanyId,
    ProjectId,
)
from procore_spectrum.procore.batches import whole_number
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.endpoints import change_orders, commitments, prime_contracts

__all__ = ["CONTRACT_FILTERS", "ContractReader"]

T = TypeVar("T")

#: What contracts and change orders can be filtered by.
CONTRACT_FILTERS: Mapping[str, frozenset[str]] = {
    "commitment": frozenset({"status", "origin_id", "id"}),
    "commitment_change_order": frozenset({"status"}),
    "prime_contract": frozenset({"status"}),
    "prime_change_order": frozenset({"status"}),
}

_COMMITMENT_STATUSES: Mapping[procore.CommitmentKind, tuple[str, ...]] = {
    "work_order": procore.WORK_ORDER_STATUSES,
    "purchase_order": procore.PURCHASE_ORDER_STATUSES,
}
_NEWER_STATUSES = (*procore.CHANGE_ORDER_STATUSES, "pending_billable")
_STATUSES: Mapping[str, frozenset[str]] = {
    "commitment": frozenset(s for known in _COMMITMENT_STATUSES.values() for s in known),
    "commitment_change_order": frozenset(_NEWER_STATUSES),
    "prime_contract": frozenset(procore.PRIME_CONTRACT_STATUSES),
    "prime_change_order": frozenset(_NEWER_STATUSES),
}

_PRIME_PACKAGE = "PrimeContractChangeOrder"
_HOLDER = "PotentialChangeOrder"


class ContractReader:
    """One reading of a project's contracts or change orders; counts its requests.

    Args:
        client: sends the calls.
        project_id: the project.
        family: which family of endpoints gives the change orders.
    """

    def __init__(
        self, client: ProcoreClient, project_id: ProjectId, family: procore.ChangeOrderFamily
    ) -> None:
        self._client = client
        self._company = ProcoreCompanyId(client.company_id)
        self._project = project_id
        self._family = family
        self.requests = 0

    def read(self, kind: str, filters: Mapping[str, Any]) -> tuple[Any, ...]:
        """Everything of that kind that passes the filters.

        Raises:
            ConfigurationError: a filter has a value that no record can have.
            ProcoreSpectrumError: as :meth:`ProcoreClient.pages`.
        """
        statuses = _statuses(kind, filters.get("status"))
        match kind:
            case "commitment":
                ids, origin_id = _ids(filters.get("id")), filters.get("origin_id")
                found: Iterator[Any] = self._commitments(statuses, ids, origin_id)
            case "prime_contract":
                found = self._prime_contracts(statuses)
            case "prime_change_order" if self._family == "newer":
                found = self._prime_change_orders(statuses)
            case "prime_change_order":
                found = self._prime_packages(statuses)
            case _ if self._family == "newer":
                found = self._change_orders(statuses)
            case _:
                found = self._packages(statuses)
        return tuple(found)

    def _all(self, call: PagedCall[T]) -> list[T]:
        pages = list(self._client.pages(call))
        self.requests += len(pages)
        return [record for page in pages for record in page]

    def _send(self, call: Call[T]) -> T:
        self.requests += 1
        return self._client.send(call)

    # ------------------------------------------------------------ commitments

    def headers(
        self,
        statuses: frozenset[str] = frozenset(),
        ids: Sequence[CommitmentId] | None = None,
        origin_id: str | None = None,
    ) -> Iterator[procore.Commitment]:
        """Subcontracts, then purchase orders, without their lines."""
        for kind in procore.COMMITMENT_KINDS:
            wanted = statuses & set(_COMMITMENT_STATUSES[kind])
            if statuses and not wanted:
                continue
            listing = commitments.list_commitments(
                kind, self._project, status=_only(wanted), ids=ids, origin_id=origin_id
            )
            yield from _in_state(self._all(listing), wanted)

    def _commitments(
        self,
        statuses: frozenset[str],
        ids: Sequence[CommitmentId] | None,
        origin_id: str | None,
    ) -> Iterator[procore.Commitment]:
        for found in list(self.headers(statuses, ids, origin_id)):
            kind: Any = found.kind
            lines = self._all(commitments.list_commitment_lines(kind, self._project, found.id))
            yield attrs.evolve(found, line_items=tuple(lines))

    def _headers_by_id(self) -> dict[int | None, procore.Commitment]:
        return {found.id: found for found in self.headers()}

    # ------------------------------------------------------------ change orders, newer family

    def _change_orders(self, statuses: frozenset[str]) -> Iterator[procore.CommitmentChangeOrder]:
        listing = change_orders.list_commitment_change_orders(self._project, status=_only(statuses))
        orders = _in_state(self._all(listing), statuses)
        contracts = self._headers_by_id() if orders else {}
        for found in orders:
            lines = change_orders.list_commitment_change_order_lines(
                self._company, self._project, found.id
            )
            yield attrs.evolve(
                found,
                family="newer",
                commitment=contracts.get(found.contract_id),
                line_items=tuple(map(_line, self._all(lines))),
            )

    # ------------------------------------------------------------ change orders, older family

    def _all_packages(self, statuses: frozenset[str]) -> Iterator[procore.ChangeOrderPackage]:
        listing = change_orders.list_change_order_packages(self._project)
        for row in _in_state(self._all(listing), statuses):
            yield self._send(change_orders.get_change_order_package(self._project, row.id))

    def _packages(self, statuses: frozenset[str]) -> Iterator[procore.CommitmentChangeOrder]:
        found = list(self._all_packages(statuses))
        contracts = self._headers_by_id() if found else {}
        for package in found:
            # Packages serve both sides; only the single answer tells whose change order it is.
            if package.type != _PRIME_PACKAGE:
                contract = contracts.get(package.contract_id)
                yield _change_order(package, contract, self._package_lines(package))

    def _prime_packages(self, statuses: frozenset[str]) -> Iterator[procore.PrimeChangeOrder]:
        for package in self._all_packages(statuses):
            if package.type == _PRIME_PACKAGE:
                yield _prime_change_order(package, self._package_lines(package))

    def _package_lines(
        self, package: procore.ChangeOrderPackage
    ) -> tuple[procore.ContractLine, ...]:
        """The package's lines, in the full form that their potential change orders give."""
        holders = {
            line.holder.id: None
            for line in package.line_items
            if line.holder and line.holder.id and line.holder.holder_type == _HOLDER
        }
        full = {
            line.id: line
            for holder in holders
            for line in self._all(
                change_orders.list_potential_change_order_lines(
                    self._project, PotentialChangeOrderId(holder)
                )
            )
        }
        return tuple(full.get(line.id) or _short_line(line) for line in package.line_items)

    # ------------------------------------------------------------ the owner's side

    def _prime_contracts(self, statuses: frozenset[str]) -> Iterator[procore.PrimeContract]:
        listing = prime_contracts.list_prime_contracts(self._project)
        for found in _in_state(self._all(listing), statuses):
            lines = self._all(prime_contracts.list_prime_contract_lines(self._project, found.id))
            yield attrs.evolve(found, line_items=tuple(lines))

    def _prime_change_orders(self, statuses: frozenset[str]) -> Iterator[procore.PrimeChangeOrder]:
        listing = change_orders.list_prime_change_orders(self._project, status=_only(statuses))
        for found in _in_state(self._all(listing), statuses):
            lines = change_orders.list_prime_change_order_lines(
                self._company, self._project, found.id
            )
            found_lines = tuple(map(_line, self._all(lines)))
            yield attrs.evolve(found, family="newer", line_items=found_lines)


# ---------------------------------------------------------------- filters


def _texts(value: Any, path: str) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else value
    if isinstance(texts, Sequence) and texts and all(isinstance(text, str) for text in texts):
        return tuple(texts)
    raise ConfigurationError("a text or several are needed", path=path)


def _statuses(kind: str, value: Any) -> frozenset[str]:
    """The states asked for; none stands for all."""
    if value is None:
        return frozenset()
    statuses = frozenset(_texts(value, "status"))
    if unknown := sorted(statuses - _STATUSES[kind]):
        raise ConfigurationError(
            f"no {kind} is ever {unknown[0]!r}",
            path="status",
            hint="one of " + ", ".join(sorted(_STATUSES[kind])),
        )
    return statuses


def _ids(value: Any) -> tuple[CommitmentId, ...] | None:
    if value is None:
        return None
    return tuple(CommitmentId(whole_number(text, "id")) for text in _texts(value, "id"))


def _only(statuses: frozenset[str]) -> str | None:
    """The state to filter by, as Procore takes a single one."""
    return next(iter(statuses)) if len(statuses) == 1 else None


def _in_state(records: Sequence[T], statuses: frozenset[str]) -> list[T]:
    return [r for r in records if not statuses or getattr(r, "status", None) in statuses]


# ---------------------------------------------------------------- one shape for both families


def _shared(record: Any, model: Any) -> dict[str, Any]:
    """The values of a record that another model has under the same name."""
    own: Any = type(record)
    names = {field.name for field in fields_of(model)}
    return {f.name: getattr(record, f.name) for f in fields_of(own) if f.name in names}


def _line(line: procore.LineItemV2) -> procore.ContractLine:
    position = None if line.position is None else int(line.position)
    wbs_code = line.wbs_code
    if wbs_code is None and line.wbs_code_id is not None:
        wbs_code = procore.WbsCodeRef(id=line.wbs_code_id)
    values = _shared(line, procore.ContractLine) | {"position": position, "wbs_code": wbs_code}
    return procore.ContractLine(**values)


def _short_line(line: procore.ChangeOrderPackageLine) -> procore.ContractLine:
    return procore.ContractLine(**_shared(line, procore.ContractLine))


def _change_order(
    package: procore.ChangeOrderPackage,
    contract: procore.Commitment | None,
    lines: tuple[procore.ContractLine, ...],
) -> procore.CommitmentChangeOrder:
    values = _of_package(package, procore.CommitmentChangeOrder, lines)
    return procore.CommitmentChangeOrder(**values, commitment=contract)


def _prime_change_order(
    package: procore.ChangeOrderPackage, lines: tuple[procore.ContractLine, ...]
) -> procore.PrimeChangeOrder:
    return procore.PrimeChangeOrder(**_of_package(package, procore.PrimeChangeOrder, lines))


def _of_package(
    package: procore.ChangeOrderPackage, model: Any, lines: tuple[procore.ContractLine, ...]
) -> dict[str, Any]:
    return _shared(package, model) | {
        "family": "older",
        "line_items": lines,
        "legacy_package_id": package.id,
        "created_by": package.creator,
        "reviewed_by": package.reviewer,
    }
