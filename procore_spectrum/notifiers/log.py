"""Notices in the program's log."""

from __future__ import annotations

import logging

from procore_spectrum.ports import Notice

__all__ = ["LogNotifier"]


class LogNotifier:
    """Writes each notice as one line of the logger ``procore_spectrum.notices``."""

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("procore_spectrum.notices")

    def notify(self, notice: Notice) -> None:
        """Log it: failures as errors, the rest as information."""
        level = logging.ERROR if notice.kind == "failed" else logging.INFO
        text = "; ".join(notice.lines)
        self._logger.log(level, "%s: %s", notice.subject, text)
