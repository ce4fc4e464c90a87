"""Phase masks: how Spectrum's phase codes, which are stored without dashes, fall into segments.

Written down as Spectrum shows a code, one character per place: ``#`` is a digit, ``A`` a
letter, ``X`` either; anything that is neither letter nor digit separates two segments.
``"##-####"`` reads ``031000`` as ``03`` and ``1000``. These three signs are ours: which signs
Spectrum's own installation screen uses is not published, and neither is its fill option.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate

import attrs

from procore_spectrum.errors import ConfigurationError, InvalidValueError, Violation
from procore_spectrum.mapping.text import clean

__all__ = ["PhaseMask", "Segment", "find_collisions"]

_MOST_CHARACTERS = 20

_ACCEPTS: Mapping[str, Callable[[str], bool]] = {
    "#": lambda char: char.isascii() and char.isdigit(),
    "A": lambda char: char.isascii() and char.isalpha(),
    "X": lambda char: char.isascii() and char.isalnum(),
}
_CALLED = {"#": "a digit", "A": "a letter", "X": "a letter or digit"}


@attrs.frozen
class Segment:
    """One segment of a mask: its places (``"####"``) and what people call it."""

    pattern: str
    name: str


@attrs.frozen(kw_only=True)
class PhaseMask:
    """A parsed mask; make one with :meth:`parse`.

    Args:
        text: the mask as it was written.
        segments: from the top of the tree down.
        delimiters: what stands between them, one fewer than segments.
        allow_short: whether the last segment may be shorter than its places. Whether Spectrum
            lets codes end early is unknown, so by default they may not.
    """

    text: str
    segments: tuple[Segment, ...]
    delimiters: tuple[str, ...]
    allow_short: bool = False

    @classmethod
    def parse(cls, text: str, *, names: Sequence[str] = (), allow_short: bool = False) -> PhaseMask:
        """Read a mask such as ``"##-####"``.

        Args:
            text: 1 to 20 places, as described at the top of this module.
            names: what the segments are called, from the top down. Without names the first is
                "Division", the last "Cost code" and those between "Level 2", "Level 3" …
            allow_short: whether the last segment of a code may be shorter.

        Raises:
            ConfigurationError: the mask is not readable, or has not as many segments as names.
            InvalidValueError: the mask is not text.
        """
        written = clean(text)
        patterns, delimiters = _taken_apart(written)
        names = tuple(names) or _usual_names(len(patterns))
        if len(names) != len(patterns):
            raise ConfigurationError(
                f"the phase mask {written!r} has {len(patterns)} segments, not {len(names)}",
                hint="name every segment, or none",
            )
        segments = tuple(map(Segment, patterns, names))
        return cls(text=written, segments=segments, delimiters=delimiters, allow_short=allow_short)

    @property
    def length(self) -> int:
        """The number of characters of a full code, delimiters not counted."""
        return sum(len(segment.pattern) for segment in self.segments)

    def check(self, code: str | None, path: str = "phase_code") -> tuple[Violation, ...]:
        """What is wrong with a phase code, white space around it apart; empty when it fits.

        Raises:
            InvalidValueError: the code is neither text nor None.
        """
        bare = _bare(code)
        hint = f"phase codes look like {self.text} here, stored without the dashes"
        faults = [("phase-characters", message) for message in self._misplaced(bare)]
        least = self.length - (len(self.segments[-1].pattern) - 1 if self.allow_short else 0)
        if "-" in bare:
            faults = [("phase-dashes", f"the phase code {bare!r} holds dashes")]
        elif not least <= len(bare) <= self.length:
            wanted = f"{least} to {self.length}" if least < self.length else str(least)
            message = f"the phase code {bare!r} has {len(bare)} characters, not {wanted}"
            faults.append(("phase-length", message))
        return tuple(
            Violation(code=kind, message=message, path=path, hint=hint) for kind, message in faults
        )

    def split(self, code: str | None) -> tuple[str, ...]:
        """The segments of a phase code; two codes never have the same.

        Raises:
            InvalidValueError: the code does not fit the mask.
        """
        violations = self.check(code)
        if violations:
            raise InvalidValueError(
                "the phase code does not fit the mask", path="phase_code", violations=violations
            )
        bare = _bare(code)
        ends = accumulate(len(segment.pattern) for segment in self.segments)
        return tuple(
            bare[end - len(segment.pattern) : end]
            for segment, end in zip(self.segments, ends, strict=True)
        )

    def join(self, segments: Sequence[str]) -> str:
        """The phase code of these segments, without dashes; the inverse of :meth:`split`.

        Raises:
            InvalidValueError: these are not all segments of a code, each of its full length.
        """
        code = "".join(map(_bare, segments))
        if self.split(code) != tuple(segments):
            raise InvalidValueError(
                f"{tuple(segments)!r} are not the segments of a phase code",
                path="phase_code",
                hint=f"one text for each segment of {self.text}",
            )
        return code

    def show(self, segments: Sequence[str]) -> str:
        """Segments, or the first few, as people write them: ``("03", "1000")`` as ``03-1000``."""
        shown = list(segments[:1])
        for delimiter, segment in zip(self.delimiters, segments[1:], strict=False):
            shown += [delimiter, segment]
        return "".join(shown)

    def _misplaced(self, code: str) -> list[str]:
        signs = "".join(segment.pattern for segment in self.segments)
        return [
            f"character {place} of the phase code {code!r} is not {_CALLED[sign]}"
            for place, (sign, char) in enumerate(zip(signs, code, strict=False), start=1)
            if not _ACCEPTS[sign](char)
        ]


def find_collisions(codes: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of different spellings that another system may take for one code.

    Spellings are compared without regard to case and white space around them. Groups, and the
    spellings in them, come sorted; a code given several times is no collision with itself.

    Raises:
        InvalidValueError: a code is not text.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    for code in codes:
        groups[_bare(code).casefold()].add(code)
    return tuple(sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1))


def _bare(code: str | None) -> str:
    if code is not None and not isinstance(code, str):
        raise InvalidValueError(f"a code is text, not {type(code).__name__}")
    return (code or "").strip()


def _taken_apart(mask: str) -> tuple[list[str], tuple[str, ...]]:
    patterns, delimiters = [""], []
    for sign in mask:
        if sign in _ACCEPTS:
            patterns[-1] += sign
        elif not sign.isalnum():
            patterns.append("")
            delimiters.append(sign)
        else:
            raise ConfigurationError(
                f"the phase mask {mask!r} holds {sign!r}",
                hint="use # for a digit, A for a letter, X for either, and dashes between",
            )
    if not all(patterns) or len("".join(patterns)) > _MOST_CHARACTERS:
        raise ConfigurationError(
            f"the phase mask {mask!r} has an empty segment or more than 20 places",
            hint="write it as a phase code is shown, for example ##-####",
        )
    return patterns, tuple(delimiters)


def _usual_names(count: int) -> tuple[str, ...]:
    upper = ["Division", *(f"Level {number}" for number in range(2, count))]
    return (*upper[: count - 1], "Cost code")
