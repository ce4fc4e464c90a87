"""Notices of the command line, as the configuration wants them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs
import click

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.notifiers import (
    LogNotifier,
    SeveralNotifiers,
    SmtpNotifier,
    WebhookNotifier,
)

if TYPE_CHECKING:
    from procore_spectrum.ports import Notifier
    from procore_spectrum.wire.transport import Transport

__all__ = ["NotifyConfig", "SmtpConfig", "WebhookConfig", "make_notifier"]


@attrs.frozen(kw_only=True)
class SmtpConfig:
    """Notices by mail; ``NOTIFY_SMTP_PASSWORD`` is a secret.

    Args:
        host: the mail server; empty: no mail.
        port: 587 for STARTTLS, 465 for TLS from the start.
        sender: the address that messages come from.
        recipients: addresses that get everything.
        addresses: addresses of people by their name in the journal; they get what concerns them.
        user: for servers that ask for a login; the password is a secret.
        encrypt: false only for a server on this machine.
    """

    host: str = ""
    port: int = 587
    sender: str = ""
    recipients: tuple[str, ...] = ()
    addresses: Mapping[str, str] = attrs.field(factory=dict)
    user: str = ""
    encrypt: bool = True


@attrs.frozen(kw_only=True)
class WebhookConfig:
    """Notices by an HTTPS request; ``NOTIFY_WEBHOOK_SECRET`` is a secret.

    Args:
        url: where they are posted, with https; empty: nowhere.
    """

    url: str = ""


@attrs.frozen(kw_only=True)
class NotifyConfig:
    """Who is told of rejections, failures and what waits.

    Args:
        log: whether notices are written to the log, on standard error.
        smtp: by mail.
        webhook: by an HTTPS request.
    """

    log: bool = False
    smtp: SmtpConfig = attrs.field(factory=SmtpConfig)
    webhook: WebhookConfig = attrs.field(factory=WebhookConfig)


def make_notifier(
    config: NotifyConfig,
    *,
    secret: Callable[[str], str | None],
    transport: Transport | None,
) -> Notifier | None:
    """What the configuration asks for; None when it asks for nothing.

    Args:
        config: the section.
        secret: gives a secret by its name.
        transport: sends webhooks.

    Raises:
        ConfigurationError: a sender or a password is missing, or an address cannot be used.
    """
    found: list[Notifier] = [LogNotifier(_log())] if config.log else []
    smtp = config.smtp
    if smtp.host:
        if not smtp.sender:
            raise ConfigurationError(
                "mail needs a sender", path="notify.smtp.sender", hint="give its address"
            )
        password = secret("NOTIFY_SMTP_PASSWORD") if smtp.user else None
        if smtp.user and not password:
            raise ConfigurationError(
                "NOTIFY_SMTP_PASSWORD is not set",
                path="NOTIFY_SMTP_PASSWORD",
                hint="set the variable, or put it into the keyring",
            )
        settings = attrs.asdict(smtp, recurse=False)
        found.append(SmtpNotifier(**settings, password=password or ""))
    if config.webhook.url and transport is not None:
        if not config.webhook.url.startswith("https://"):
            raise ConfigurationError("notices go by https only", path="notify.webhook.url")
        found.append(
            WebhookNotifier(
                config.webhook.url,
                transport=transport,
                secret=secret("NOTIFY_WEBHOOK_SECRET") or "",
            )
        )
    return SeveralNotifiers(found) if found else None


class _Echo(logging.Handler):
    """Writes to standard error, which scripts may redirect at any time."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        click.echo(self.format(record), err=True)


def _log() -> logging.Logger:
    """The logger of notices; nobody else has set one up on the command line."""
    logger = logging.getLogger("procore_spectrum.notices")
    if not any(isinstance(handler, _Echo) for handler in logger.handlers):
        logger.addHandler(_Echo())
    logger.setLevel(logging.INFO)
    return logger
