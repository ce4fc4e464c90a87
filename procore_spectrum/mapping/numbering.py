"""Numbers of records in the ERP: short, unique, and never left for the server to choose.

Spectrum takes 10 characters for a subcontract, unique per vendor, and 8 for a change request,
unique per job and customer (its help pages "Add Subcontract" and "Add AR Change Request").
Procore's numbers are longer and repeat, so a policy makes one from the other. A policy only
proposes; every proposal is checked against the numbers that were ever given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal

import attrs

from procore_spectrum.errors import ConfigurationError, Violation
from procore_spectrum.mapping.text import clean

__all__ = ["Numbering", "Proposal", "check_number", "propose_number"]

Policy = Literal["as_is", "last", "prefix", "template", "by_hand"]
_MOST_TRIES = 100_000


@attrs.frozen(kw_only=True)
class Numbering:
    """How numbers are made.

    Args:
        policy: ``as_is`` takes Procore's number; ``last`` its last characters; ``prefix`` puts
            ``text`` in front of it; ``template`` fills ``text`` with the next free number of a
            sequence, e.g. ``"SC-####"``; ``by_hand`` leaves it to the approver.
        text: the prefix or the template.
        keep: how many characters ``last`` keeps; all that fit if 0.
    """

    policy: Policy = "as_is"
    text: str = ""
    keep: int = 0

    def __attrs_post_init__(self) -> None:
        if self.policy == "template" and self.text.count("#") < 1:
            raise ConfigurationError(
                f"the template {self.text!r} has no place for the sequence",
                path="text",
                hint="mark its digits with #, for example SC-####",
            )
        if self.policy == "template" and "#" in self.text[self.text.index("#") :].lstrip("#"):
            raise ConfigurationError(
                f"the template {self.text!r} has two sequences",
                path="text",
                hint="keep the # together",
            )
        if self.policy == "prefix" and not self.text:
            raise ConfigurationError("a prefix is missing", path="text")
        if self.keep < 0:
            raise ConfigurationError("keep cannot be negative", path="keep")


@attrs.frozen(kw_only=True)
class Proposal:
    """A number, or the reasons why there is none; ``number`` is None when a person must say."""

    number: str | None
    violations: tuple[Violation, ...] = ()


def propose_number(
    source: str | None, *, numbering: Numbering, limit: int, taken: Collection[str], path: str
) -> Proposal:
    """The number that the policy makes of Procore's.

    Args:
        source: Procore's number.
        numbering: the policy.
        limit: how many characters Spectrum takes.
        taken: numbers that were given before, in the same space; they are never used again, nor
            are they with other capitals, because Spectrum may not tell them apart.
        path: the field that the violations name.
    """
    if numbering.policy == "by_hand":
        return Proposal(number=None)
    if numbering.policy == "template":
        return _from_sequence(numbering.text, limit=limit, taken=taken, path=path)
    number = _MAKERS[numbering.policy](clean(source), numbering, limit)
    violations = check_number(number, limit=limit, taken=taken, path=path)
    return Proposal(number=number or None, violations=violations)


def _last(source: str, numbering: Numbering, limit: int) -> str:
    kept = min(numbering.keep or limit, limit)
    return source[-kept:].strip()


_MAKERS: dict[str, Callable[[str, Numbering, int], str]] = {
    "as_is": lambda source, _numbering, _limit: source,
    "last": _last,
    "prefix": lambda source, numbering, _limit: f"{numbering.text}{source}" if source else "",
}


def _from_sequence(template: str, *, limit: int, taken: Collection[str], path: str) -> Proposal:
    width = template.count("#")
    first = template.index("#")
    head, tail = template[:first], template[first:].lstrip("#")
    most = min(10**width - 1, _MOST_TRIES)
    used = {one.upper() for one in taken}
    for number in range(1, most + 1):
        found = f"{head}{number:0{width}}{tail}"
        if found.upper() not in used:
            return Proposal(
                number=found, violations=check_number(found, limit=limit, taken=(), path=path)
            )
    exhausted = Violation(
        code="numbers-exhausted",
        message=f"the sequence {template!r} has no free number left",
        path=path,
        hint="use a template with more places",
    )
    return Proposal(number=None, violations=(exhausted,))


def check_number(
    number: str, *, limit: int, taken: Collection[str], path: str
) -> tuple[Violation, ...]:
    """What is wrong with a number, given by a policy or by a person; empty when it may be used."""
    if not number:
        return (
            Violation(
                code="number-missing",
                message="there is no number, and Spectrum must not choose one",
                path=path,
                hint="number the record in Procore, or choose another numbering policy",
            ),
        )
    found = []
    if len(number) > limit:
        found.append(
            Violation(
                code="number-too-long",
                message=f"{number!r} has {len(number)} characters; Spectrum takes {limit}",
                path=path,
                hint="choose a numbering policy that shortens it, or give a number by hand",
            )
        )
    if not number.isprintable() or not number.isascii() or "," in number:
        found.append(
            Violation(
                code="number-characters",
                message=f"{number!r} holds characters that a number cannot have",
                path=path,
                hint="use letters, digits and dashes",
            )
        )
    if number.upper() in {one.upper() for one in taken}:
        found.append(
            Violation(
                code="number-taken",
                message=f"the number {number!r} was given before",
                path=path,
                hint="a number is never used twice; choose another",
            )
        )
    return tuple(found)
