"""The kinds of record that can be written to Spectrum: their models, services and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal

import attrs

from procore_spectrum.errors import ConfigurationError, InvalidValueError, Violation
from procore_spectrum.mapping import join_key, split_key
from procore_spectrum.models import spectrum
from procore_spectrum.models.ids import PhaseCode
from procore_spectrum.plan.values import Fields, Value
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.calls import SoapCall

__all__ = ["KINDS", "Key", "Kind", "kind_of"]


@attrs.frozen
class Key:
    """A part of a natural key: the attribute that holds it.

    ``optional`` parts may be blank. ``PhaseCode`` parts have no dashes, as Spectrum stores them.
    """

    name: str
    optional: bool = False
    type: Any = str

    def text(self, value: object) -> str:
        """The part as it stands in a joined key."""
        if isinstance(value, date):
            return value.isoformat()
        text = value.strip() if isinstance(value, str) else ""
        return text.replace("-", "") if self.type is PhaseCode else text

    def value(self, text: str) -> Value:
        """The value of a part of a joined key."""
        if self.type is not date:
            return text
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise InvalidValueError(f"{text[:20]!r} is not a day", path=self.name) from None


@attrs.frozen(kw_only=True)
class Kind:
    """How one kind of record is written.

    Args:
        name: of the kind.
        key: the parts of its natural key.
        create: the model of a new record, and the service that takes it.
        update: the model of a changed record, and the service that takes it.
        write: whether a write may be sent twice, see :class:`~procore_spectrum.ports.Capabilities`.
        always: attributes that every write of the record repeats.
        beside: attributes that go along with another one that is sent.
        off: what deactivates it; None when it cannot be.
        implied: values that a new record has without saying so.
        unless: key parts that do not count where another one is given.
        listed_as: the kind under which a reader lists its records, if not its own name.
        listed_by: a key part without which a record is not listed, while others of the same
            document may be; none when blank.
    """

    name: str
    key: tuple[Key, ...]
    create: tuple[Any, Callable[[Any], SoapCall[None]]]
    update: tuple[Any, Callable[[Any], SoapCall[None]]]
    write: Literal["upsert", "create"] = "upsert"
    always: tuple[str, ...] = ()
    beside: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    off: Mapping[str, str] | None = None
    implied: Fields = attrs.field(factory=dict)
    unless: Mapping[str, str] = attrs.field(factory=dict)
    listed_as: str = ""
    listed_by: str = ""

    def _counting(self, fields: Fields) -> dict[str, Value]:
        """The key parts among the values, blank where another part makes them so."""
        found = {part.name: fields.get(part.name) for part in self.key}
        given = {part.name for part in self.key if part.text(found[part.name])}
        return {name: None if self.unless.get(name) in given else v for name, v in found.items()}

    def key_in(self, fields: Fields) -> Fields:
        """The key parts among a record's values.

        Raises:
            InvalidValueError: with every part that is blank.
        """
        blank = [
            part for part in self.key if not part.optional and not part.text(fields.get(part.name))
        ]
        if blank:
            raise InvalidValueError(
                f"a {self.name} without its key",
                violations=[
                    Violation(
                        code="required",
                        message="part of the key is blank",
                        path=part.name,
                        hint="Spectrum would choose a number by itself; give one",
                    )
                    for part in blank
                ],
            )
        found = self._counting(fields)
        return {part.name: part.value(part.text(found[part.name])) for part in self.key}

    def id_of(self, fields: Fields) -> str:
        """The target id: the key, joined."""
        found = self._counting(fields)
        return join_key(*(part.text(found[part.name]) for part in self.key))

    def key_from(self, target_id: str) -> Fields:
        """The key that a target id was made of.

        Raises:
            InvalidValueError: it is none of this kind.
        """
        parts = split_key(target_id)
        if len(parts) != len(self.key):
            raise InvalidValueError(
                f"{target_id[:60]!r} is not the key of a {self.name}", path="target_id"
            )
        found = zip(self.key, parts, strict=True)
        return self.key_in({part.name: part.value(text) for part, text in found})


_JOB = Key("job_number")
_PHASE = (Key("phase_code", type=PhaseCode), Key("cost_type"))
_SUBCONTRACT = (Key("vendor_code"), Key("subcontract_number"))
_INACTIVE = {"status_code": "I"}
_PHASE_CALL = (spectrum.PhaseUpsert, services.upsert_phase)
_ESTIMATE_CALL = (spectrum.EstimateUpdate, services.update_estimate)
_SUBCONTRACT_CALL = (spectrum.SubcontractUpsert, services.upsert_subcontract)
_LINE_CALL = (spectrum.SubcontractLineUpsert, services.upsert_subcontract_line)
_CHANGE_CALL = (spectrum.ChangeRequestLine, services.add_change_request_line)
_PROJECTION_CALL = (spectrum.JobCostProjection, services.add_job_cost_projection)

_CHANGE_HEADER = (
    "cr_description",
    "cr_status",
    "cost_reimbursable_flag",
    "origination_date",
    "approved_date",
    "fee_percent",
    "fee_amount",
)

_ALL = (
    Kind(
        name="vendor",
        key=(Key("vendor_code"),),
        create=(spectrum.VendorCreate, services.create_vendor),
        update=(spectrum.VendorUpdate, services.update_vendor),
        write="create",
        beside={
            "gl_distribution_accounts": ("gl_distribution_percents",),
            "gl_distribution_percents": ("gl_distribution_accounts",),
        },
        off={"status": "I"},
        implied={"status": "A"},
    ),
    Kind(
        name="job",
        key=(_JOB,),
        create=(spectrum.JobCreate, services.create_job),
        update=(spectrum.JobUpdate, services.update_job),
        write="create",
        off=_INACTIVE,
    ),
    Kind(
        name="phase",
        key=(_JOB, *_PHASE),
        create=_PHASE_CALL,
        update=_PHASE_CALL,
        always=("price_method_code",),
        off=_INACTIVE,
    ),
    *(
        Kind(
            name=name,
            key=(_JOB, *_PHASE),
            create=_ESTIMATE_CALL,
            update=_ESTIMATE_CALL,
            always=("price_method_code",),
        )
        for name in ("original_estimate", "current_estimate")
    ),
    Kind(
        name="subcontract",
        key=_SUBCONTRACT,
        create=_SUBCONTRACT_CALL,
        update=_SUBCONTRACT_CALL,
        beside={
            **dict.fromkeys(("pay_terms", "pay_days", "pay_when_paid"), ("pay_override",)),
            **dict.fromkeys(("disc_terms", "disc_days", "disc_perc"), ("disc_override",)),
        },
        off=_INACTIVE,
    ),
    Kind(
        name="subcontract_line",
        key=(*_SUBCONTRACT, *_PHASE, Key("bid_item_number", optional=True)),
        create=_LINE_CALL,
        update=_LINE_CALL,
    ),
    Kind(
        name="change_request_line",
        key=(
            _JOB,
            Key("customer_code"),
            Key("change_request_number"),
            Key("cr_phase_code", optional=True, type=PhaseCode),
            *(
                Key(name, optional=True)
                for name in (
                    "cr_cost_type",
                    "subcontractor_code",
                    "subcontract_number",
                    "sub_bid_group_item_code",
                    "sub_bid_item_code",
                    "cr_billing_group_code",
                    "cr_billing_item_code",
                )
            ),
        ),
        create=_CHANGE_CALL,
        update=_CHANGE_CALL,
        write="create",
        always=(*_CHANGE_HEADER, "sub_status", "sub_change_order_number"),
    ),
    Kind(
        name="prime_change_request_line",
        key=(
            _JOB,
            Key("customer_code"),
            Key("change_request_number"),
            Key("cr_phase_code", optional=True, type=PhaseCode),
            Key("cr_cost_type", optional=True),
            Key("cr_billing_group_code", optional=True),
            Key("cr_billing_item_code", optional=True),
        ),
        create=_CHANGE_CALL,
        update=_CHANGE_CALL,
        write="create",
        always=_CHANGE_HEADER,
        # Costs are known by phase and cost type; only what has no cost is known by its item.
        unless=dict.fromkeys(("cr_billing_group_code", "cr_billing_item_code"), "cr_phase_code"),
        listed_as="change_request_line",
        listed_by="cr_phase_code",
    ),
    Kind(
        name="job_cost_projection",
        key=(_JOB, *_PHASE, Key("transaction_date", type=date)),
        create=_PROJECTION_CALL,
        update=_PROJECTION_CALL,
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""Every kind, by its name."""


def kind_of(name: str, kinds: Mapping[str, Kind] = KINDS) -> Kind:
    """The kind of that name.

    Raises:
        ConfigurationError: there is none.
    """
    if name not in kinds:
        raise ConfigurationError(
            "Spectrum takes no such kind", path=name, hint="one of " + _listed(kinds)
        )
    return kinds[name]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
