"""What all contracts share: declared capabilities, and the report of what was not met."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any, ClassVar

import attrs
import pytest

__all__ = ["Contract", "matrix"]


@attrs.define
class _Row:
    """What is known of one adapter under one contract."""

    declared: dict[str, bool]
    tests: int = 0
    skipped: Counter[str] = attrs.field(factory=Counter)


_ROWS: dict[tuple[str, str], _Row] = {}
_REPORTING: set[int] = set()


class Contract:
    """Base of all contracts.

    ``declared`` is a frozen object of flags: what the adapter can do. It is a statement of its
    author; everything declared is tested.
    """

    declared: ClassVar[Any] = None

    @pytest.fixture(autouse=True)
    def _report(self, request: pytest.FixtureRequest) -> None:
        """Count the test, and have the matrix printed when pytest ends."""
        self._row().tests += 1
        if id(request.config) not in _REPORTING:
            _REPORTING.add(id(request.config))
            request.config.add_cleanup(lambda: print_matrix(request.config))

    def need(self, capability: str) -> None:
        """Skip the test, and say so, unless the capability is declared."""
        if not getattr(self.declared, capability):
            self._row().skipped[capability] += 1
            pytest.skip(f"{type(self).__name__} does not declare {capability!r}")

    def _row(self) -> _Row:
        name, contract = type(self).__name__, _contract_of(type(self))
        flags = attrs.asdict(self.declared, recurse=False) if self.declared is not None else {}
        shown = {flag: value for flag, value in flags.items() if isinstance(value, bool)}
        return _ROWS.setdefault((contract, name), _Row(shown))


def _contract_of(kind: type) -> str:
    """The nearest class of this package: the contract that is inherited."""
    package = __name__.rpartition(".")[0]
    return next(base.__name__ for base in kind.__mro__ if base.__module__.startswith(package))


def matrix() -> str:
    """What the adapters that were tested so far declare, and how many tests that skipped."""
    lines = []
    for contract in sorted({contract for contract, _ in _ROWS}):
        lines.append(contract)
        for (of, name), row in sorted(_ROWS.items()):
            if of == contract:
                met = [flag for flag, value in row.declared.items() if value]
                unmet = [
                    f"{flag} ({row.skipped[flag]} skipped)"
                    for flag, value in row.declared.items()
                    if not value
                ]
                text = f"  {name}: {row.tests} tests"
                text += f"; met: {', '.join(met)}" if met else ""
                text += f"; not met: {', '.join(unmet)}" if unmet else ""
                lines.append(text)
    return "\n".join(lines)


def print_matrix(config: pytest.Config) -> None:
    """Print the matrix; silent in a worker of pytest-xdist, whose output nobody sees."""
    if _ROWS and not hasattr(config, "workerinput"):
        sys.stdout.write(f"\nConformance\n{matrix()}\n")
