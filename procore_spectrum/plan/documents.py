"""Documents: what an approver is shown, and what an acceptance binds to.

A document is one record of Procore that would enter the ERP, with all its lines, in the ERP's
vocabulary. Its digest covers everything that was shown, so that an acceptance of it says
nothing about a record that was changed afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields, Value, canonical, digest, meaning, same

__all__ = ["Document", "Need", "Withdrawal", "check_given"]


@attrs.frozen(kw_only=True)
class Need:
    """A field that only accounting can give, or has to confirm.

    Args:
        name: the field.
        meaning: what it is, in a few words.
        length: most characters; None when unlimited.
        proposal: what is taken when the approver says nothing; None when there is none.
        space: the numbers among which it has to be unique, e.g. ``subcontract/V001``; empty
            when it need not be.
        characters: which characters it may have: ``""`` any, ``"code"`` capital letters and
            digits, ``"number"`` printable ASCII without commas.
        required: whether the export can do without it.
        fixed: whether the ERP may have it already, so that nothing but the proposal will do.
    """

    name: str
    meaning: str = ""
    length: int | None = None
    proposal: Value = None
    space: str = ""
    characters: str = ""
    required: bool = True
    fixed: bool = False


@attrs.frozen(kw_only=True, slots=False)
class Document:
    """One export as it is shown.

    Args:
        ref: names it, by its key in Procore.
        feature: which feature exports it.
        title: what a person calls it.
        fields: the header, in the ERP's vocabulary, without the fields that are needed.
        lines: its lines, likewise.
        amount: what it is worth; None when it has no value of its own.
        needs: fields that only accounting knows.
        violations: what is wrong with it; it cannot be accepted while there is any.
        warnings: what an approver should know; the code ``unread`` tells that the ERP cannot be
            read, so that a record of the same number would be changed.
    """

    ref: Ref
    feature: str
    title: str
    fields: Fields = attrs.field(factory=dict)
    lines: tuple[Fields, ...] = ()
    amount: Decimal | None = None
    needs: tuple[Need, ...] = ()
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()

    @property
    def unread(self) -> bool:
        """Whether the ERP may have a record of that number, and nobody can tell."""
        return any(warning.code == "unread" for warning in self.warnings)

    @cached_property
    def shown(self) -> str:
        """A digest of everything that an approver decides about.

        Proposals are not part of it: they change when other documents take numbers.
        """
        parts: list[object] = [self.ref.kind, self.ref.key, meaning(self.fields)]
        parts += [meaning(line) for line in self.lines]
        parts.append(sorted(need.name for need in self.needs))
        return digest(parts)

    def covers(self, written: Fields) -> bool:
        """Whether what is to be written was shown: in the header, or in the header with one line.

        What accounting gives is not looked at. A text may stand under a name that was not shown,
        such as the description of a phase that is made on the way; a number may not.
        """
        own = {need.name for need in self.needs}
        wanted = [(n, canonical(v)) for n, v in written.items() if n not in own]
        return any(
            all(
                part.get(name) == value
                for name, value in wanted
                if name in part or value.startswith("n:")
            )
            for part in self._parts
        )

    @cached_property
    def _parts(self) -> tuple[Mapping[str, str], ...]:
        header = {name: canonical(value) for name, value in self.fields.items()}
        lines = ({name: canonical(v) for name, v in line.items()} for line in self.lines)
        return (header, *({**header, **line} for line in lines))

    def completed(self, given: Fields) -> dict[str, Value]:
        """The header with the approver's fields, or the proposals where nothing was given."""
        found = dict(self.fields)
        for need in self.needs:
            value = given.get(need.name)
            found[need.name] = need.proposal if same(value, None) else value
        return found


@attrs.frozen
class Withdrawal:
    """A document that waits for accounting and can no longer be exported, with the reason."""

    ref: Ref
    why: str


def check_given(
    document: Document, given: Fields, taken: Mapping[str, frozenset[str]]
) -> tuple[Violation, ...]:
    """What is wrong with the fields that an approver gave; empty when it can be accepted.

    Args:
        document: what is accepted.
        given: fields by name; what is left out is taken from the proposals.
        taken: numbers that belong to other records already, by space.
    """
    known = {need.name for need in document.needs}
    found = [
        Violation(
            code="unknown-field",
            message="accounting is not asked for this field",
            path=name,
            hint=f"asked for: {', '.join(sorted(known)) or 'nothing'}",
        )
        for name in sorted(set(given) - known)
    ]
    completed = document.completed(given)
    for need in document.needs:
        found += _check_need(need, completed[need.name], taken.get(need.space, frozenset()))
    return tuple(found)


def _check_need(need: Need, value: Value, taken: frozenset[str]) -> Sequence[Violation]:
    if same(value, None):
        missing = Violation(
            code="required",
            message=f"{need.meaning or need.name} is missing",
            path=need.name,
            hint="give it when accepting",
        )
        return [missing] if need.required else []
    text = str(value).strip()
    found = []
    if need.length is not None and len(text) > need.length:
        found.append(
            Violation(
                code="too-long",
                message=f"{text!r} has {len(text)} characters; Spectrum takes {need.length}",
                path=need.name,
                hint="shorten it",
            )
        )
    if not _allowed(text, need.characters):
        found.append(
            Violation(
                code="characters",
                message=f"{text!r} holds characters that are not allowed here",
                path=need.name,
                hint=_CHARACTERS[need.characters],
            )
        )
    if need.fixed and not same(value, need.proposal):
        found.append(
            Violation(
                code="fixed",
                message=f"the ERP has it as {need.proposal!r}, or may have",
                path=need.name,
                hint="leave it as it is",
            )
        )
    # Whether Spectrum tells small letters from capitals in numbers is not known.
    if need.space and text.upper() in {one.upper() for one in taken}:
        found.append(
            Violation(
                code="number-taken",
                message=f"{text!r} was given before",
                path=need.name,
                hint="a number is never used twice; choose another",
            )
        )
    return found


_CHARACTERS = {
    "": "use printable characters",
    "code": "use capital letters and digits only",
    "number": "use letters, digits and dashes",
}


def _allowed(text: str, characters: str) -> bool:
    if characters == "code":
        return text.isascii() and text.isalnum() and text == text.upper()
    if characters == "number":
        return text.isascii() and text.isprintable() and "," not in text
    return text.isprintable()
