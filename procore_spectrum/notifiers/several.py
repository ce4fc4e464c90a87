"""Notices by several ways at once."""

from __future__ import annotations

from collections.abc import Iterable

from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.ports import Notice, Notifier

__all__ = ["SeveralNotifiers"]


class SeveralNotifiers:
    """Tells each of several notifiers; one that fails does not keep a notice from the others."""

    def __init__(self, notifiers: Iterable[Notifier]) -> None:
        self._notifiers = tuple(notifiers)

    def __repr__(self) -> str:
        return f"SeveralNotifiers({list(self._notifiers)!r})"

    def notify(self, notice: Notice) -> None:
        """Deliver it once by each.

        Raises:
            ProcoreSpectrumError: of the first that failed, after all were asked.
        """
        failed: ProcoreSpectrumError | None = None
        for notifier in self._notifiers:
            try:
                notifier.notify(notice)
            except ProcoreSpectrumError as error:
                failed = failed or error
        if failed is not None:
            raise failed
