"""Choices for prime contracts and their change orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

import attrs

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.mapping.choices import one_of, within
from procore_spectrum.mapping.numbering import Numbering
from procore_spectrum.models.procore import PRIME_CONTRACT_STATUSES

__all__ = ["PrimeChangeMapping", "PrimeContractMapping"]

_DATES = (
    "reviewed_at",
    "signed_change_order_received_date",
    "invoiced_date",
    "paid_date",
    "due_date",
)


@attrs.frozen(kw_only=True)
class PrimeContractMapping:
    """How prime contracts are made.

    Args:
        status: the state of a new prime contract in Procore.
        phase_code: the phase of lines that name none, without dashes. Procore wants a budget
            code on each line; Spectrum's billing items have none.
        cost_type: the cost type of lines that name none.
        single_item: the billing item of the one line that stands for a contract whose amount
            alone is known; without it, change orders of that contract cannot be exported.
        total: what happens when the lines do not add up to the original contract of the job:
            ``"hold"`` the lines, or ``"note"`` it in the plan.
    """

    status: str = attrs.field(default="Draft", validator=one_of(PRIME_CONTRACT_STATUSES))
    phase_code: str = ""
    cost_type: str = ""
    single_item: str = ""
    total: Literal["hold", "note"] = attrs.field(default="hold", validator=one_of(("hold", "note")))


@attrs.frozen(kw_only=True)
class PrimeChangeMapping:
    """Choices for change orders of prime contracts.

    Args:
        statuses: Procore's states that are exported.
        numbering: how change request numbers are made; they share their numbers with the change
            requests of commitments.
        status_code: Spectrum's code that change requests get. Codes are the installation's own,
            so there is no default.
        status_actions: what each code does, 1 to 5, as set up in Spectrum. A change of revenue
            and cost needs a code whose action is 1 or 2.
        method: ``"contract_and_estimate"`` sends amounts to both sides, ``"contract_only"`` sends
            the estimate as zero.
        methods: the method of single jobs, by job number.
        dated_by: which of Procore's days is the day of approval; a change order without it is
            held.
        hours_from_utc: what is added to UTC to tell the day of a review, as Procore tells a
            moment: -8 in California in winter. A day too late may lie in the next period.
        approved_date: whether that day is sent; Spectrum refuses one outside an open period.
        open_from: the first day of the open period, which no service tells.
        open_until: the last day of the open period.
        associate: ``"named"``: each line has to name its line of the prime contract;
            ``"same_code"``: one that names none belongs to the contract line on the same budget
            code, if there is one only.
        markups_of: whose markups count: those of the change order if it has any, else those of
            the contract (``"nearest"``), or only those of the one or the other
            (``"change_order"``, ``"contract"``), or none (``"none"``).
        vertical_on_horizontal: whether vertical markups are taken on the lines with their
            horizontal markups.
        total: what Procore's total of a change order holds: ``"with_markups"``,
            ``"without_markups"``, or ``"either"``. One that is neither is held.
        same_pair: what happens to lines on one phase and cost type: ``"hold"`` the change
            order, or ``"merge"`` them.
        long_text: what happens to a description that is too long: ``"hold"`` or ``"shorten"``.
    """

    statuses: tuple[str, ...] = ("approved",)
    numbering: Numbering = attrs.field(factory=Numbering)
    status_code: str = ""
    status_actions: Mapping[str, int] = attrs.field(factory=lambda: MappingProxyType({}))
    method: Literal["contract_and_estimate", "contract_only"] = attrs.field(
        default="contract_and_estimate",
        validator=one_of(("contract_and_estimate", "contract_only")),
    )
    methods: Mapping[str, str] = attrs.field(factory=lambda: MappingProxyType({}))
    dated_by: str = attrs.field(default="reviewed_at", validator=one_of(_DATES))
    hours_from_utc: int = attrs.field(default=0, validator=within(-12, 14))
    approved_date: bool = True
    open_from: date | None = None
    open_until: date | None = None
    associate: Literal["named", "same_code"] = attrs.field(
        default="named", validator=one_of(("named", "same_code"))
    )
    markups_of: Literal["nearest", "change_order", "contract", "none"] = attrs.field(
        default="nearest", validator=one_of(("nearest", "change_order", "contract", "none"))
    )
    vertical_on_horizontal: bool = True
    total: Literal["either", "with_markups", "without_markups"] = attrs.field(
        default="either", validator=one_of(("either", "with_markups", "without_markups"))
    )
    same_pair: Literal["hold", "merge"] = attrs.field(
        default="hold", validator=one_of(("hold", "merge"))
    )
    long_text: Literal["hold", "shorten"] = attrs.field(
        default="hold", validator=one_of(("hold", "shorten"))
    )

    def __attrs_post_init__(self) -> None:
        for job, method in self.methods.items():
            if method not in {"contract_and_estimate", "contract_only"}:
                raise ConfigurationError(
                    f"{method!r} is no method",
                    path=f"methods.{job}",
                    hint="choose from contract_and_estimate, contract_only",
                )
        if self.open_from and self.open_until and self.open_from > self.open_until:
            raise ConfigurationError("the open period ends before it begins", path="open_until")

    def is_contract_only(self, job_number: str) -> bool:
        """Whether the estimates of that job get zero."""
        return self.methods.get(job_number, self.method) == "contract_only"
