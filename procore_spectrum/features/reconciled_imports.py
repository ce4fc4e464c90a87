"""The money of imports on both sides, and why a record of Procore differs from Spectrum.

What the present plan would do with a record is the best reason there is: it is held, or it will
be written. Otherwise the values that were last written tell which side was edited since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from procore_spectrum.features.world import World
from procore_spectrum.plan.operations import Held, Operation
from procore_spectrum.plan.reconciliation import Cause, Posting, Reason, Spot, show_amount
from procore_spectrum.plan.records import Ref

__all__ = ["Imported", "import_posting"]


@attrs.frozen(kw_only=True)
class Imported:
    """One record that flows from Spectrum to Procore.

    Args:
        spot: where it belongs.
        feature: that writes it.
        title: what a person calls it.
        procore, spectrum: the amounts now.
        base: what was last written; None when it is not linked.
        ref: its name in the plan.
        whole: names of records that hold it back if they are held, such as its contract.
    """

    spot: Spot
    feature: str
    title: str
    procore: Decimal
    spectrum: Decimal
    base: Decimal | None
    ref: Ref
    whole: tuple[Ref, ...] = ()


def import_posting(world: World, planned: Mapping[Ref, Operation], item: Imported) -> Posting:
    """The amounts with the reasons for their difference."""
    return Posting(
        spot=item.spot,
        title=item.title,
        procore=item.procore,
        spectrum=item.spectrum,
        reasons=tuple(_reasons(world, planned, item)) if item.procore != item.spectrum else (),
    )


def _reasons(world: World, planned: Mapping[Ref, Operation], item: Imported) -> Iterator[Reason]:
    def reason(cause: Cause, amount: Decimal, text: str) -> Reason:
        return Reason(cause=cause, amount=amount, text=f"{item.title}: {text}")

    difference = item.procore - item.spectrum
    own = planned.get(item.ref)
    # What is planned for the record itself tells more than that something around it is held.
    names = (item.ref, *(() if own is not None else item.whole))
    held = next((op for name in names if isinstance(op := planned.get(name), Held)), None)
    if held is not None:
        yield reason(Cause.HELD, difference, f"held, because {held.message}")
        return
    if item.base is not None:
        yield reason(
            Cause.DRIFT,
            item.procore - item.base,
            f"edited or kept in Procore; {show_amount(item.base)} was last agreed on",
        )
        yield reason(*_source_changed(world, own, item, item.base))
        return
    if own is not None and own.writes:
        yield reason(*_not_written(world, item, difference))
    elif own is not None:
        yield reason(Cause.OUT_OF_SCOPE, difference, "it is there, and the settings keep it")
    elif item.spectrum and not item.procore and item.feature not in world.settings.features:
        yield reason(Cause.OUT_OF_SCOPE, difference, f"the settings leave out {item.feature}")
    elif item.procore and not item.spectrum:
        yield reason(Cause.ONE_SIDED, difference, "made in Procore, and not exported")


def _not_written(world: World, item: Imported, amount: Decimal) -> tuple[Cause, Decimal, str]:
    if item.feature not in world.settings.features:
        return Cause.OUT_OF_SCOPE, amount, f"the settings leave out {item.feature}"
    return Cause.NOT_SYNCED, amount, "the next apply writes it"


def _source_changed(
    world: World, own: Operation | None, item: Imported, base: Decimal
) -> tuple[Cause, Decimal, str]:
    """What became of a change in Spectrum since the last writing."""
    amount = base - item.spectrum
    if own is not None and own.writes:
        return _not_written(world, item, amount)
    text = f"changed in Spectrum since {show_amount(base)} was agreed on, and kept in Procore"
    return Cause.DRIFT, amount, text
