"""Who is told on the command line, the daily digest, and who may do what there."""

from __future__ import annotations

import getpass
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result
from outgoing_contractor import Outgoing

from procore_spectrum import SqliteStore
from procore_spectrum.apply.approvals import Approvals, ApprovalSettings, Person
from procore_spectrum.cli import commands, connect, options
from procore_spectrum.cli.config import Config, parse_config
from procore_spectrum.cli.connect import Connection
from procore_spectrum.cli.notify import NotifyConfig, make_notifier
from procore_spectrum.errors import ConfigurationError, NotSentError, StoreBusyError
from procore_spectrum.notifiers import SeveralNotifiers
from procore_spectrum.plan.approvals import Role, State
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey, LockRequest, Notice
from procore_spectrum.stores import MemoryStore
from procore_spectrum.testing import FakeClock

LEAST: dict[str, Any] = {
    "procore": {"company_id": 7},
    "spectrum": {"url": "https://x:8482", "company_code": "ABC"},
    "store": {"url": "memory://"},
}
SECRETS = {
    "PROCORE_CLIENT_ID": "id",
    "PROCORE_CLIENT_SECRET": "CANARY-1",
    "SPECTRUM_AUTHORIZATION_ID": "CANARY-2",
    "NOTIFY_SMTP_PASSWORD": "CANARY-3",
    "NOTIFY_WEBHOOK_SECRET": "CANARY-4",
}


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


class Desk:
    """The command line over a contractor in memory; the person at it, and who is told, change."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.url = str(folder / "sync.db")
        self.pair = Outgoing(store=SqliteStore(self.url))
        self.pair.store.close()
        self.told: Recorder | None = Recorder()
        self.user = "anna"
        monkeypatch.setattr(options, "load_config", lambda _: None)
        monkeypatch.setattr(options, "connect", lambda _: self.connection())

    def connection(self) -> Connection:
        """What a command works with, as :func:`connect` builds it for that user."""
        self.pair.store = SqliteStore(self.url)
        syncer = self.pair.syncer
        chosen = self.pair.settings.approvals
        syncer.person = Person(name=self.user, roles=chosen.roles_of(self.user))
        syncer.actor = self.user
        syncer.approvals = Approvals(syncer._store, self.pair.clock, chosen, self.told)
        return Connection(
            config=parse_config(LEAST),
            procore=self.pair.procore_client,
            spectrum=self.pair.spectrum_client,
            spectrum_transport=self.pair.to_spectrum,
            store=self.pair.store,
            syncer=syncer,
        )

    def __call__(self, *arguments: str, status: int = 0) -> Result:
        """Run a command, which must end with that exit status and without a traceback."""
        result = CliRunner().invoke(commands.cli, arguments)
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        return result

    def state(self, ref: Ref) -> State:
        """Where an export stands."""
        self.pair.store = SqliteStore(self.url)
        found = self.pair.state(ref)
        self.pair.store.close()
        return found


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    """The command line over a contractor with nothing to export yet."""
    return Desk(monkeypatch, tmp_path)


# ---------------------------------------------------------------- the digest


def test_the_digest_is_sent_once_a_day(desk: Desk) -> None:
    """Whoever runs it; tomorrow again; with --again at any time."""
    assert desk("digest").output == "Nothing waits.\n"
    desk.pair.company()
    desk("apply", status=3)
    assert desk.told is not None
    assert desk("digest").output == "The digest was sent.\n"
    assert desk("digest").output == "It was sent today already.\n"
    assert len(desk.told.seen) == 1
    assert desk("digest", "--again").output == "The digest was sent.\n"
    desk.pair.clock.advance(timedelta(days=1).total_seconds())
    assert desk("digest").output == "The digest was sent.\n"
    assert [notice.kind for notice in desk.told.seen] == ["waiting"] * 3


def test_a_digest_that_was_not_delivered_is_sent_by_the_next_call(desk: Desk) -> None:
    """It fails with 1, and is not taken for sent."""
    desk.pair.company()
    desk("apply", status=3)
    assert desk.told is not None
    desk.told.failing = True
    assert "could not be delivered" in desk("digest", status=1).output
    desk.told.failing = False
    assert desk("digest").output == "The digest was sent.\n"


def test_a_digest_for_nobody(desk: Desk) -> None:
    """Without a way to tell anybody, it says so."""
    desk.told = None
    assert "configure [notify]" in desk("digest", status=1).stderr


def test_one_digest_at_a_time() -> None:
    """Two machines at the same minute: one sends, the other is told to come later."""
    handle = MemoryStore().for_company(CompanyKey("1", "ABC"))
    queue = Approvals(handle, FakeClock(), notifier=Recorder())
    held = handle.lock(LockRequest(name="digest-sent-on", owner="the other"))
    with held, pytest.raises(StoreBusyError, match="the other"):
        queue.send_digest()


def test_rejections_are_told_at_once(desk: Desk) -> None:
    """On the command line too."""
    ref = desk.pair.company()
    desk("apply", status=3)
    desk("approvals", "reject", f"company_export:{ref.key}", "--why", "a duplicate")
    assert desk.told is not None
    (notice,) = desk.told.seen
    assert (notice.kind, notice.people) == ("rejected", ("anna",))
    assert "a duplicate" in notice.lines[1]


# ---------------------------------------------------------------- what the configuration says


def test_nobody_is_told_unless_configured() -> None:
    """The section may be left out."""
    config = parse_config(LEAST)
    assert make_notifier(config.notify, secret=SECRETS.get, transport=None) is None


def test_every_way_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Log, mail and webhook together; secrets come from the environment and are never shown."""
    data = {
        **LEAST,
        "notify": {
            "log": True,
            "smtp": {
                "host": "mail.example.com",
                "port": 465,
                "sender": "erp@example.com",
                "recipients": ["accounting@example.com"],
                "addresses": {"anna (command line)": "anna@example.com"},
                "user": "erp",
                "encrypt": True,
            },
            "webhook": {"url": "https://hooks.example.com/x"},
        },
        "approvals": {"senders": ["sam"]},
    }
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    made = connect.connect(parse_config(data), SECRETS)
    try:
        assert made.syncer.approvals.has_notifier
        text = repr(made.syncer.approvals._notifier)
        assert "mail.example.com" in text
        assert "<WebhookNotifier hooks.example.com>" in text
        assert "CANARY" not in text
        assert made.person == Person(name="anna (command line)", roles=frozenset({Role.APPROVER}))
        assert made.notices is not None
    finally:
        made.close()


@pytest.mark.parametrize(
    ("notify", "path"),
    [
        ({"smtp": {"host": "mail.example.com"}}, "notify.smtp.sender"),
        (
            {"smtp": {"host": "mail.example.com", "sender": "a@b.c", "user": "erp"}},
            "NOTIFY_SMTP_PASSWORD",
        ),
        (
            {"smtp": {"host": "mail.example.com", "sender": "a@b.c", "encrypt": False}},
            "encrypt",
        ),
        ({"webhook": {"url": "http://hooks.example.com/x"}}, "notify.webhook.url"),
    ],
)
def test_what_cannot_be_used_is_named(notify: dict[str, Any], path: str) -> None:
    """Before anything is sent; no connection stays open."""
    config = parse_config({**LEAST, "notify": notify})
    environ = {k: v for k, v in SECRETS.items() if k != "NOTIFY_SMTP_PASSWORD"}
    with pytest.raises(ConfigurationError) as caught:
        connect.connect(config, environ)
    assert caught.value.path == path


def test_private_receivers_are_refused() -> None:
    """A webhook into the own network is no option of the configuration."""
    config: Config = parse_config({**LEAST, "notify": {"webhook": {"url": "https://127.0.0.1/x"}}})
    with pytest.raises(ConfigurationError):
        connect.connect(config, SECRETS)


def test_the_log_goes_to_standard_error(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Once for each notice, however often the command line was set up in this process."""
    for _ in range(2):
        notifier = make_notifier(NotifyConfig(log=True), secret=SECRETS.get, transport=None)
    assert notifier is not None
    notifier.notify(Notice(kind="waiting", subject="Summary", lines=("1 waits",)))
    assert capsys.readouterr().err == "Summary: 1 waits\n"


def test_one_way_that_fails_keeps_nothing_from_the_others() -> None:
    """All are asked; then the first failure is told."""
    first, second = Recorder(failing=True), Recorder()
    several = SeveralNotifiers([first, second])
    notice = Notice(kind="failed", subject="x", lines=())
    with pytest.raises(NotSentError):
        several.notify(notice)
    assert second.seen == [notice]
    SeveralNotifiers([second]).notify(notice)
    assert len(second.seen) == 2


# ---------------------------------------------------------------- who may do what


def test_roles_by_name() -> None:
    """Lists name those who may; an empty list means everybody."""
    chosen = ApprovalSettings(senders=("sam", "bo"), approvers=("anna", "bo"))
    assert chosen.roles_of("sam") == {Role.SENDER}
    assert chosen.roles_of("anna") == {Role.APPROVER}
    assert chosen.roles_of("bo") == {Role.SENDER, Role.APPROVER}
    assert chosen.roles_of("eve") == frozenset()
    assert ApprovalSettings().roles_of("eve") == {Role.SENDER, Role.APPROVER}


def test_only_approvers_answer(desk: Desk) -> None:
    """A sender who accepts is refused, and told whom to ask."""
    desk.pair.approvals_by(senders=("sam",), approvers=("anna",))
    ref = desk.pair.company()
    document = f"company_export:{ref.key}"
    desk.user = "sam"
    desk("apply", status=3)
    given = ("--set", "vendor_code=ZENITH")
    error = desk("approvals", "accept", document, *given, status=1).stderr
    assert "sam may not accept" in error
    assert "approver" in error
    desk.user = "anna"
    desk("approvals", "accept", document, *given)
    assert desk.state(ref) is State.ACCEPTED


def test_only_senders_send(desk: Desk) -> None:
    """An approver who runs apply writes what is accepted, and sends nothing new."""
    desk.pair.approvals_by(senders=("sam",), approvers=("anna",))
    desk.pair.company()
    desk.user = "anna"
    assert "it was not sent to accounting yet" in desk("apply", status=3).output
    assert desk("approvals", "list").output == "Nothing waits.\n"
    desk.user = "sam"
    desk("apply", status=3)
    assert "[ready to export]" in desk("approvals", "list", status=3).output


def test_four_eyes_on_the_command_line(desk: Desk) -> None:
    """Who ran the apply that sent it may not accept it; somebody else may."""
    desk.pair.approvals_by(four_eyes=True)
    ref = desk.pair.company()
    document = f"company_export:{ref.key}"
    desk("apply", status=3)
    given = ("--set", "vendor_code=ZENITH")
    assert "ask another approver" in desk("approvals", "accept", document, *given, status=1).stderr
    desk.user = "bo"
    desk("approvals", "accept", document, *given)
    assert desk.state(ref) is State.ACCEPTED
