"""Notices as e-mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage

import attrs

from procore_spectrum.errors import ConfigurationError, NotSentError
from procore_spectrum.ports import Notice

__all__ = ["SmtpNotifier"]


@attrs.frozen(kw_only=True)
class SmtpNotifier:
    """Sends each notice as a plain-text message over SMTP with TLS.

    Args:
        host: the mail server.
        port: 587 for STARTTLS, 465 for TLS from the start.
        sender: the address that messages come from.
        recipients: addresses that get everything.
        addresses: addresses of people by their name in the journal; they get what concerns them.
        user: for servers that ask for a login.
        password: likewise; never shown.
        encrypt: False only for a server on this machine.
        timeout: seconds.
    """

    host: str
    port: int = 587
    sender: str
    recipients: tuple[str, ...] = ()
    addresses: Mapping[str, str] = attrs.field(factory=dict)
    user: str = ""
    password: str = attrs.field(default="", repr=False)
    encrypt: bool = True
    timeout: float = 30.0

    def __attrs_post_init__(self) -> None:
        if not self.encrypt and self.host not in {"localhost", "127.0.0.1", "::1"}:
            raise ConfigurationError(
                "mail without encryption goes to this machine only", path="encrypt"
            )

    def notify(self, notice: Notice) -> None:
        """Send it.

        Raises:
            NotSentError: the server did not take it.
        """
        to = dict.fromkeys(self.recipients)
        to |= dict.fromkeys(
            self.addresses[name] for name in notice.people if name in self.addresses
        )
        if not to:
            return
        message = EmailMessage()
        message["Subject"] = " ".join(notice.subject.split())
        message["From"] = self.sender
        message["To"] = ", ".join(to)
        message.set_content("\n".join(notice.lines) + "\n")
        try:
            self._send(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # smtplib lets out a ValueError over a garbled challenge of the server.
            raise NotSentError(
                f"the mail server did not take the notice: {type(error).__name__}",
                path=self.host,
                hint="check host, port and login of the mail server",
            ) from None

    def _send(self, message: EmailMessage) -> None:
        context = ssl.create_default_context()
        if self.port == 465:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        with server:
            if self.encrypt and self.port != 465:
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)
