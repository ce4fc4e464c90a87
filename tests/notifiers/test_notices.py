"""Notices: what people are told, and that a lost notice stops nothing."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import BinaryIO, cast

import attrs
import pytest

from procore_spectrum.apply import notices
from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.apply.report import Outcome
from procore_spectrum.errors import ConfigurationError, NotSentError, UnavailableError
from procore_spectrum.notifiers import LogNotifier, SmtpNotifier, WebhookNotifier
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey, Notice
from procore_spectrum.stores import MemoryStore
from procore_spectrum.testing import FakeClock
from procore_spectrum.wire.messages import Request, Response

DOCUMENT = Document(
    ref=Ref("commitment", "7"), feature="commitments", title="Roof", amount=Decimal("10.50")
)
PAUL, ANNA = Person(name="Paul"), Person(name="Anna")


@attrs.define
class Recorder:
    """Keeps what it is told, or fails."""

    seen: list[Notice] = attrs.field(factory=list)
    failing: bool = False

    def notify(self, notice: Notice) -> None:
        """Keep it."""
        if self.failing:
            raise NotSentError("no route")
        self.seen.append(notice)


@pytest.fixture
def recorder() -> Recorder:
    """A notifier that remembers."""
    return Recorder()


@pytest.fixture
def queue(recorder: Recorder) -> Approvals:
    """A queue in which one document waits."""
    store = MemoryStore().for_company(CompanyKey("1", "ABC"))
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    made = Approvals(store, clock, notifier=recorder)
    made.send(DOCUMENT, by=PAUL)
    return made


def test_a_rejection_tells_the_sender_at_once(queue: Approvals, recorder: Recorder) -> None:
    """The sender's name, the document and the reason are in it."""
    queue.reject(DOCUMENT.ref, by=ANNA, why="too dear")
    (notice,) = recorder.seen
    assert (notice.kind, notice.people) == ("rejected", ("Paul",))
    assert "too dear" in " ".join(notice.lines)
    assert "10.50" in notice.lines[0]


def test_a_failure_tells_sender_and_approver(queue: Approvals, recorder: Recorder) -> None:
    """Both are told why it failed, and what they can do."""
    queue.accept(DOCUMENT.ref, by=ANNA)
    queue.begin([DOCUMENT.ref])
    outcome = Outcome(
        op_id="1", ref=Ref("subcontract", "7"), verb="create", state="refused", message="locked"
    )
    queue.finish({DOCUMENT.ref: [outcome]})
    (notice,) = recorder.seen
    assert (notice.kind, notice.people) == ("failed", ("Paul", "Anna"))
    assert "locked" in notice.lines[1]


def test_the_digest_lists_what_waits(queue: Approvals, recorder: Recorder) -> None:
    """One line for each; and nothing is sent when nothing waits."""
    assert queue.send_digest()
    (notice,) = recorder.seen
    assert notice.subject == "ERP Integrations Daily Summary"
    assert len(notice.lines) == 2
    queue.reject(DOCUMENT.ref, by=ANNA)
    assert not queue.send_digest()


def test_a_notice_that_is_lost_stops_nothing(
    queue: Approvals, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    """The rejection stands, and the loss is in the log."""
    recorder.failing = True
    assert queue.reject(DOCUMENT.ref, by=ANNA).state is State.REJECTED
    assert "not delivered" in caplog.text


def test_without_a_notifier_nobody_is_told() -> None:
    """Delivering to nobody is no delivery."""
    assert not notices.deliver(None, Notice(kind="failed", subject="x", lines=()))


@pytest.mark.parametrize(("kind", "level"), [("failed", "ERROR"), ("waiting", "INFO")])
def test_the_log_has_failures_as_errors(
    kind: str, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure is an error of the log, everything else is information."""
    with caplog.at_level(logging.INFO):
        LogNotifier().notify(
            attrs.evolve(Notice(kind="failed", subject="S", lines=("a", "b")), kind=kind)
        )
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == (level, "S: a; b")


# ---------------------------------------------------------------- webhook


class Receiver:
    """A transport that keeps the request and answers."""

    def __init__(self, status: int = 204) -> None:
        self.status = status
        self.requests: list[Request] = []

    def send(self, request: Request) -> Response:
        """Answer."""
        self.requests.append(request)
        return Response(status=self.status)

    def close(self) -> None:
        """Nothing to release."""


def test_a_webhook_posts_json_with_its_secret() -> None:
    """Kind, subject, lines and people; the secret is in a header and not in the repr."""
    receiver = Receiver()
    notifier = WebhookNotifier(
        "https://hooks.example.com/x", transport=receiver, secret="CANARY-SECRET"
    )
    notifier.notify(Notice(kind="failed", subject="S", lines=("a",), people=("Paul",)))
    (request,) = receiver.requests
    assert json.loads(request.content) == {
        "kind": "failed",
        "subject": "S",
        "lines": ["a"],
        "people": ["Paul"],
    }
    assert request.header("authorization") == "Bearer CANARY-SECRET"
    assert "CANARY" not in repr(notifier) + repr(request)


def test_a_webhook_that_refuses_is_unavailable() -> None:
    """Its status is named."""
    notifier = WebhookNotifier("https://hooks.example.com/x", transport=Receiver(500))
    with pytest.raises(UnavailableError, match="500"):
        notifier.notify(Notice(kind="failed", subject="S", lines=()))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "https://",
        "https://localhost/x",
        "https://10.0.0.5/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest",
        "https://intranet/x",
        "https://db.internal/x",
    ],
)
def test_a_webhook_cannot_reach_into_private_networks(url: str) -> None:
    """Plain HTTP and private addresses are refused, unless they are allowed explicitly."""
    with pytest.raises(ConfigurationError):
        WebhookNotifier(url, transport=Receiver())
    WebhookNotifier(url, transport=Receiver(), allow_private=True)


# ---------------------------------------------------------------- mail


class MailServer:
    """A very small SMTP server on loopback that keeps the one message it is given."""

    def __init__(self, *, refuse: bool = False) -> None:
        self.text = ""
        self._refuse = refuse
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, cast("BinaryIO", connection.makefile("rwb")) as stream:
            self._say(stream, b"220 hello")
            in_data = False
            for raw in stream:
                line = raw.rstrip(b"\r\n")
                if in_data and line != b".":
                    self.text += line.decode() + "\n"
                elif in_data:
                    in_data = False
                    self._say(stream, b"250 taken")
                elif line.upper() == b"DATA":
                    in_data = True
                    self._say(stream, b"354 go on")
                elif line.upper() == b"QUIT":
                    self._say(stream, b"221 bye")
                    return
                elif self._refuse and line.upper().startswith(b"RCPT"):
                    self._say(stream, b"550 no such user")
                else:
                    self._say(stream, b"250 ok")

    @staticmethod
    def _say(stream: BinaryIO, line: bytes) -> None:
        stream.write(line + b"\r\n")
        stream.flush()

    def close(self) -> None:
        """Wait for the conversation to end."""
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A server that takes everything."""
    server = MailServer()
    yield server
    server.close()


def test_mail_reaches_recipients_and_the_people_concerned(mail: MailServer) -> None:
    """Each address once; a line break in the subject cannot add headers."""
    SmtpNotifier(
        host="127.0.0.1",
        port=mail.port,
        sender="erp@example.com",
        recipients=("a@example.com",),
        addresses={"Paul": "p@example.com", "Anna": "a@example.com"},
        encrypt=False,
    ).notify(
        Notice(
            kind="failed",
            subject="Roof\nBcc: x@example.com",
            lines=("one", "two"),
            people=("Paul", "Anna", "Nobody"),
        )
    )
    mail.close()
    assert "To: a@example.com, p@example.com" in mail.text
    assert "Subject: Roof Bcc: x@example.com" in mail.text
    assert "one\ntwo" in mail.text


def test_mail_to_nobody_is_not_sent() -> None:
    """Without an address there is no connection either."""
    notifier = SmtpNotifier(host="127.0.0.1", port=1, sender="e@example.com", encrypt=False)
    notifier.notify(Notice(kind="failed", subject="S", lines=()))


def test_mail_that_is_refused_is_ours() -> None:
    """The server's refusal becomes one of our errors, without the password."""
    server = MailServer(refuse=True)
    notifier = SmtpNotifier(
        host="127.0.0.1",
        port=server.port,
        sender="e@example.com",
        recipients=("x@example.com",),
        password="CANARY-SECRET",
        encrypt=False,
    )
    with pytest.raises(NotSentError) as caught:
        notifier.notify(Notice(kind="failed", subject="S", lines=()))
    server.close()
    assert "CANARY" not in f"{caught.value!r} {caught.value} {notifier!r}"


def test_mail_without_encryption_stays_on_this_machine() -> None:
    """Another host needs TLS."""
    with pytest.raises(ConfigurationError):
        SmtpNotifier(host="mail.example.com", sender="e@example.com", encrypt=False)


@pytest.mark.parametrize("port", [465, 587])
def test_mail_with_encryption_needs_a_server_that_has_it(port: int) -> None:
    """Nothing listens there: the failure is ours, whichever way TLS would begin."""
    notifier = SmtpNotifier(
        host="127.0.0.1",
        port=port,
        sender="e@example.com",
        recipients=("x@example.com",),
        timeout=2,
    )
    with pytest.raises(NotSentError):
        notifier.notify(Notice(kind="failed", subject="S", lines=()))
