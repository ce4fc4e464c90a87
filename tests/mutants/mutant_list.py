"""The mutants of ``mutants.toml``, and how one is applied to a copy of the package."""

from __future__ import annotations

import tomllib
from pathlib import Path

import attrs

LIST = Path(__file__).with_name("mutants.toml")


@attrs.frozen(kw_only=True)
class Mutant:
    """One bug: ``old`` becomes ``new`` in ``file``, and ``tests`` have to notice it.

    ``breaks`` is the promise that is broken then.
    """

    name: str
    breaks: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, source: str) -> str:
        """The text of the file with the bug in it.

        Raises:
            LookupError: the text to replace does not occur in it, or more than once.
        """
        found = source.count(self.old)
        if found != 1:
            raise LookupError(
                f"{self.name}: its text occurs {found} times in {self.file}; it must occur once"
            )
        return source.replace(self.old, self.new)


def read_mutants(file: Path = LIST) -> tuple[Mutant, ...]:
    """All mutants, in their order."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))["mutant"]
    return tuple(Mutant(**{**table, "tests": tuple(table["tests"])}) for table in tables)
