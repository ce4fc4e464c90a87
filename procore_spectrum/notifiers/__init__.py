"""Telling people: exports that wait, that were rejected, that failed.

A notifier implements :class:`~procore_spectrum.ports.Notifier`. Nothing depends on a notice
arriving: one that cannot be delivered is logged, and the work goes on.
"""

from __future__ import annotations

from procore_spectrum.notifiers.log import LogNotifier
from procore_spectrum.notifiers.several import SeveralNotifiers
from procore_spectrum.notifiers.smtp import SmtpNotifier
from procore_spectrum.notifiers.webhook import WebhookNotifier

__all__ = ["LogNotifier", "SeveralNotifiers", "SmtpNotifier", "WebhookNotifier"]
