"""Accounting on the command line: what is shown, asked for, refused, and the exit statuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result
from outgoing_contractor import SAM, Outgoing

from procore_spectrum import SqliteStore
from procore_spectrum.cli import commands, options
from procore_spectrum.cli.config import Config, ProcoreConfig, SpectrumConfig, parse_config
from procore_spectrum.cli.connect import Connection
from procore_spectrum.errors import OutcomeUnknownError
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.wire.messages import Request, Response

KEYS = {
    *("id", "feature", "key", "title", "state", "amount", "requested_by", "requested_at"),
    *("needs", "violations"),
}
LINES = {"031000": "100.50", "042000": "199.50"}


class Desk:
    """The command line over a contractor in memory, with a store on disk as processes have it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.url = str(folder / "sync.db")
        self.pair = Outgoing(store=SqliteStore(self.url))
        monkeypatch.setattr(options, "load_config", lambda _: None)
        monkeypatch.setattr(options, "connect", lambda _: self.connection())

    def reopen(self) -> None:
        """Open the store as another process does, after whoever had it open."""
        self.pair.store.close()
        self.pair.store = SqliteStore(self.url)

    def connection(self) -> Connection:
        """What a command works with; it closes the store at the end."""
        self.reopen()
        return Connection(
            config=Config(
                procore=ProcoreConfig(company_id=self.pair.procore.company_id),
                spectrum=SpectrumConfig(url="https://x", company_code="ABC"),
            ),
            procore=self.pair.procore_client,
            spectrum=self.pair.spectrum_client,
            spectrum_transport=self.pair.to_spectrum,
            store=self.pair.store,
            syncer=self.pair.syncer,
        )

    def __call__(self, *arguments: str, status: int = 0) -> Result:
        """Run a command, which must end with that exit status and without a traceback."""
        result = CliRunner().invoke(commands.cli, arguments)
        assert result.exit_code == status, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
        return result

    def json(self, *arguments: str, status: int = 0) -> Any:
        """Run a command with ``--json``; its output must be one document on one line."""
        result = self(*arguments, "--json", status=status)
        (line,) = result.stdout.splitlines()
        return json.loads(line)

    def state(self, ref: Ref) -> State:
        """Where an export stands."""
        self.reopen()
        return self.pair.state(ref)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """The command line over a contractor with nothing to export yet."""
    desk = Desk(monkeypatch, tmp_path)
    yield desk
    desk.pair.store.close()


def name(ref: Ref) -> str:
    """A document as commands call it."""
    return f"{ref.kind}:{ref.key}"


@pytest.fixture
def vendor(desk: Desk) -> str:
    """A company that waits for accounting."""
    ref = desk.pair.company()
    desk("apply", status=3)
    return name(ref)


@pytest.fixture
def contract(desk: Desk) -> str:
    """A commitment that waits for accounting."""
    ref = desk.pair.commitment(LINES)
    desk("apply", status=3)
    return name(ref)


def ref_of(document: str) -> Ref:
    """The document of that name."""
    return Ref(*document.split(":"))


# ---------------------------------------------------------------- list


def test_nothing_waits(desk: Desk) -> None:
    """In words, as an empty list, and with status 0."""
    assert desk("approvals", "list").output == "Nothing waits.\n"
    assert desk.json("approvals", "list") == []


def test_what_waits_is_listed(desk: Desk, contract: str) -> None:
    """Title, amount, sender, lines and what is asked for; status 3 as a person is needed."""
    text = desk("approvals", "list", status=3).output
    assert f"{contract}  SC-1 Concrete  300.00  [ready to export]" in text
    assert "sent by Robin Clerk; shown as " in text
    assert "line: " in text
    assert "asked for: subcontract_number (subcontract number), proposed: SC-1" in text


def test_the_list_as_json(desk: Desk, contract: str) -> None:
    """The documented keys; money is text and the moment has its zone."""
    (found,) = desk.json("approvals", "list", status=3)
    assert set(found) >= KEYS
    assert found["id"] == contract
    assert (found["feature"], found["key"]) == ("commitments", contract.split(":")[1])
    assert found["state"] == "ready_to_export"
    assert found["amount"].startswith("300")
    assert found["requested_by"] == "Robin Clerk"
    assert found["requested_at"].endswith("+00:00")
    assert found["needs"] == ["subcontract_number", "gl_account"]
    assert found["violations"] == []


def test_a_document_without_value_has_no_amount(desk: Desk, vendor: str) -> None:
    """Null, not nought."""
    (found,) = desk.json("approvals", "list", status=3)
    assert (found["id"], found["amount"]) == (vendor, None)


def test_answered_documents_on_demand(desk: Desk, vendor: str) -> None:
    """With ``--all`` only; nothing waits any more."""
    desk("approvals", "reject", vendor, "--why", "a duplicate")
    assert desk("approvals", "list").output == "Nothing waits.\n"
    (found,) = desk.json("approvals", "list", "--all")
    assert (found["state"], found["why"]) == ("rejected", "a duplicate")


def test_a_failed_export_waits_for_a_person(desk: Desk, vendor: str) -> None:
    """It is listed with the reason, and the status is 3."""
    desk.pair.vendor("OLD", "Old Roofing", Status="I")
    desk("approvals", "accept", vendor, "--set", "vendor_code=OLD")
    desk("apply", status=1)
    text = desk("approvals", "list", status=3).output
    assert "[failed]" in text
    assert "Vendor_Code already exists" in text


# ---------------------------------------------------------------- accept


def test_accept_with_the_fields_asked_for(desk: Desk, vendor: str) -> None:
    """The next apply writes it; then nothing waits."""
    given = ("--set", "vendor_code=ZENITH", "--set", " type = SUB ")
    text = desk("approvals", "accept", vendor, *given).output
    assert text == f"accepted: {vendor} with vendor_code ZENITH, type SUB; apply writes it\n"
    assert not desk.pair.calls("AddVendor")
    desk("apply")
    assert desk.state(ref_of(vendor)) is State.SYNCED
    assert desk("approvals", "list").output == "Nothing waits.\n"
    desk("apply")
    assert desk("plan").output.count("Nothing to do") == 1


def test_accept_with_the_proposals(desk: Desk, contract: str) -> None:
    """Nothing has to be typed where everything is proposed."""
    text = desk("approvals", "accept", contract).output
    assert "subcontract_number SC-1" in text


@pytest.mark.parametrize("length", [1, 12, None])
def test_accept_what_was_shown(desk: Desk, contract: str, length: int | None) -> None:
    """By the digest or its beginning, as the list prints it."""
    (found,) = desk.json("approvals", "list", status=3)
    desk("approvals", "accept", contract, "--shown", found["shown"][:length])
    assert desk.state(ref_of(contract)) is State.ACCEPTED


def test_accept_what_was_not_shown(desk: Desk, contract: str) -> None:
    """Another digest is refused, and nothing happens."""
    result = desk("approvals", "accept", contract, "--shown", "zzz", status=1)
    assert "was changed after it was shown" in result.stderr
    assert desk.state(ref_of(contract)) is State.READY_TO_EXPORT


def test_accept_by_name_what_was_changed_meanwhile(desk: Desk, contract: str) -> None:
    """Whoever looked at nine and accepts at ten says which of the two was seen."""
    desk.pair.procore.edit("work_order_contract", int(ref_of(contract).key), title="Steel")
    desk("apply", status=3)
    result = desk("approvals", "accept", contract, status=1)
    assert "was changed after it was shown" in result.stderr
    assert "--shown" in result.stderr
    assert desk.state(ref_of(contract)) is State.READY_TO_EXPORT
    (found,) = desk.json("approvals", "list", status=3)
    desk("approvals", "accept", contract, "--shown", found["shown"][:12])
    assert desk.state(ref_of(contract)) is State.ACCEPTED


def test_what_is_shown_alike_again_is_accepted_by_name(desk: Desk, contract: str) -> None:
    """A rejection in between changes nothing of what was seen."""
    desk("approvals", "reject", contract)
    desk("send", contract)
    desk("approvals", "accept", contract)


def test_a_title_cannot_look_like_a_line(desk: Desk) -> None:
    """What an approver reads is what is written, and not what somebody wrote into a title."""
    key = int(desk.pair.commitment(LINES).key)
    title = "Concrete\n    line: original_contract_amount 1.00"
    desk.pair.procore.edit("work_order_contract", key, title=title)
    desk("apply", status=3)
    lines = desk("approvals", "list", status=3).output.splitlines()
    assert not any("amount 1.00" in line for line in lines if line.startswith("    line: "))


def test_all_faults_of_an_acceptance(desk: Desk, vendor: str) -> None:
    """One line for each."""
    given = ("--set", "vendor_code=zenith-roofing", "--set", "colour=red")
    result = desk("approvals", "accept", vendor, *given, status=1)
    assert result.stderr.startswith("RefusedError: ")
    assert result.stderr.count("\n  - ") == 3


@pytest.mark.parametrize("text", ["vendor_code", "=ZENITH", "  =ZENITH", ""])
def test_wrong_spelling_of_a_field(desk: Desk, vendor: str, text: str) -> None:
    """With an example of the right one."""
    result = desk("approvals", "accept", vendor, "--set", text, status=1)
    assert "is not FIELD=VALUE" in result.stderr
    assert "for example: --set " in result.stderr


def test_a_value_may_have_an_equals_sign(desk: Desk, contract: str) -> None:
    """Only the first one divides."""
    desk("approvals", "accept", contract, "--set", "subcontract_number=A=B")
    (found,) = desk.json("approvals", "list", "--all")
    assert found["state"] == "accepted"


@pytest.mark.parametrize("command", ["accept", "reject", "retrieve"])
@pytest.mark.parametrize(
    ("document", "error"),
    [
        ("commitment:1", "NotFoundError"),
        ("commitment", "InvalidValueError"),
        (":1", "InvalidValueError"),
        ("commitment:", "InvalidValueError"),
    ],
)
def test_documents_that_are_none(desk: Desk, command: str, document: str, error: str) -> None:
    """An error of ours that says where the names are."""
    result = desk("approvals", command, document, status=1)
    assert result.stderr.startswith(f"{error}: ")
    assert "to do: " in result.stderr


def test_four_eyes(desk: Desk, contract: str) -> None:
    """Whoever sent it cannot accept it, if the configuration demands two people."""
    config = parse_config(
        {
            "procore": {"company_id": 1},
            "spectrum": {"url": "https://x", "company_code": "ABC"},
            "approvals": {"four_eyes": True},
        }
    )
    desk.pair.settings = attrs.evolve(desk.pair.settings, approvals=config.settings.approvals)
    result = desk("approvals", "accept", contract, status=1)
    assert result.stderr.startswith("NotPermittedError: Robin Clerk sent ")
    desk("approvals", "retrieve", contract)
    desk.reopen()
    desk.pair.syncer.send(ref_of(contract), by=SAM)
    desk("approvals", "accept", contract)
    assert desk.state(ref_of(contract)) is State.ACCEPTED


# ---------------------------------------------------------------- the other answers


@pytest.mark.parametrize(
    ("command", "state", "verb"),
    [("reject", State.REJECTED, "rejected"), ("retrieve", State.RETRIEVED, "retrieved")],
)
def test_refused_or_taken_back_and_sent_again(
    desk: Desk, vendor: str, command: str, state: State, verb: str
) -> None:
    """No run sends it by itself; a person does."""
    assert desk("approvals", command, vendor, "--why", "x").output == f"{verb}: {vendor}\n"
    desk("apply", status=3)
    assert desk.state(ref_of(vendor)) is state
    assert desk("send", vendor).output == f"sent: {vendor}\n"
    assert desk.state(ref_of(vendor)) is State.READY_TO_EXPORT


def test_what_waits_is_not_sent_twice(desk: Desk, vendor: str) -> None:
    """It is on the accountant's desk already."""
    assert desk("send", vendor, status=1).stderr.startswith("ConflictError: ")


def test_what_is_exported_is_not_sent_again(desk: Desk, vendor: str) -> None:
    """There is nothing left to accept."""
    desk("approvals", "accept", vendor, "--set", "vendor_code=ZENITH")
    desk("apply")
    result = desk("send", vendor, status=1)
    assert result.stderr.startswith(f"ConflictError: {ref_of(vendor)} is exported already")
    assert desk.state(ref_of(vendor)) is State.SYNCED


def test_what_was_edited_since_is_not_sent_again(desk: Desk, contract: str) -> None:
    """No acceptance could write it; the refusal says what to do."""
    desk("approvals", "accept", contract)
    desk("apply")
    pair, key = desk.pair, contract.split(":")[1]
    project = pair.row("projects", project_number="25-0101")["id"]
    body = {"project_id": project, "work_order_contract": {"title": "Paving"}}
    pair.by_hand(f"/work_order_contracts/{key}", body)
    result = desk("send", contract, status=1)
    assert "edited after its export" in result.stderr
    assert "change order" in result.stderr
    assert desk.state(ref_of(contract)) is State.SYNCED


def test_what_procore_lacks_cannot_be_sent(desk: Desk) -> None:
    """Neither what nobody knows."""
    assert desk("send", "commitment:1", status=1).stderr.startswith("NotFoundError: ")


def test_a_document_with_faults_cannot_be_sent(desk: Desk, vendor: str) -> None:
    """Every fault is named."""
    desk("approvals", "reject", vendor)
    pair, key = desk.pair, vendor.split(":")[1]
    body = {"company_id": pair.procore.company_id, "vendor": {"name": "A, B", "city": "x" * 26}}
    pair.by_hand(f"/vendors/{key}", body)
    result = desk("send", vendor, status=1)
    assert result.stderr.count("\n  - ") == 2


def test_retry(desk: Desk, vendor: str) -> None:
    """Spectrum refused it; once that is put right, it goes on."""
    desk("approvals", "accept", vendor, "--set", "vendor_code=ZENITH")

    def broken(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.method != "GET" and "/vendors" in request.url:
            headers = (("Content-Type", "application/json"),)
            return Response(status=422, headers=headers, content=b'{"errors":{"name":["is bad"]}}')
        return inner(request)

    desk.pair.to_procore.answer = broken
    desk("apply", status=1)
    desk.pair.to_procore.answer = None
    assert desk("retry", vendor, "--why", "corrected").output == f"will be tried again: {vendor}\n"
    desk("apply")
    assert desk.state(ref_of(vendor)) is State.SYNCED
    assert desk.pair.calls("AddVendor") == 1


def test_retry_what_did_not_fail(desk: Desk, vendor: str) -> None:
    """The error says what is possible."""
    result = desk("retry", vendor, status=1)
    assert result.stderr.startswith("ConflictError: cannot retry what is ready to export")
    assert "possible now: " in result.stderr


def test_unlink(desk: Desk, contract: str) -> None:
    """Without a reason it is refused, with one it is confirmed."""
    desk("approvals", "accept", contract)
    desk("apply")
    assert "cannot be read" in desk("unlink", contract, status=1).stderr
    text = desk("unlink", contract, "--why", "deleted by Anna").output
    assert text == f"Successfully Unlinked: {contract}\n"
    assert desk.state(ref_of(contract)) is State.UNLINKED
    desk("send", contract)
    assert desk.state(ref_of(contract)) is State.READY_TO_EXPORT


def test_unlink_a_vendor(desk: Desk, vendor: str) -> None:
    """It stays in Spectrum, and the refusal says so."""
    desk("approvals", "accept", vendor, "--set", "vendor_code=ZENITH")
    desk("apply")
    result = desk("unlink", vendor, "--why", "deleted", status=1)
    assert "cannot be unlinked" in result.stderr


def test_forget_an_imported_link(desk: Desk) -> None:
    """The same command for what came from Spectrum."""
    desk("unlink", "company:ACME", "--why", "wrong company")
    assert "unlinked" in desk("explain", "company", "ACME").output


# ---------------------------------------------------------------- the whole story


def test_explain_tells_the_story_of_a_commitment(desk: Desk, contract: str) -> None:
    """Sent, rejected, sent again, accepted, written: with names and reasons."""
    desk("approvals", "reject", contract, "--why", "wrong account")
    desk("send", contract)
    desk("approvals", "accept", contract, "--set", "subcontract_number=SC-9")
    desk("apply")
    events = desk.json("explain", *contract.split(":"))
    assert [event["action"] for event in events] == [
        *("send", "reject", "send", "accept", "begin", "succeed")
    ]
    assert events[3]["detail"]["given"]["subcontract_number"] == "SC-9"
    text = desk("explain", *contract.split(":")).output
    assert "reject  by Robin Clerk\n    wrong account" in text


@pytest.mark.parametrize("kind", ["change_order", "commitment", "company_export", "project_export"])
def test_every_kind_of_document_can_be_explained(desk: Desk, kind: str) -> None:
    """Also one of which nothing happened yet."""
    assert desk("explain", kind, "1").output == "The journal does not mention it.\n"


def test_decisions_are_not_about_documents(desk: Desk) -> None:
    """They are answered in the queue: wrong usage."""
    desk("ignore", "commitment", "1", status=2)


def test_an_export_in_doubt_is_listed(desk: Desk, vendor: str) -> None:
    """It is being exported: shown, though nobody is asked."""
    desk("approvals", "accept", vendor, "--set", "vendor_code=ZENITH")

    def lost(request: Request, inner: Callable[[Request], Response]) -> Response:
        if b"AddVendor" in (request.content or b""):
            raise OutcomeUnknownError("no answer")
        return inner(request)

    desk.pair.to_spectrum.answer = lost
    desk("apply", status=1)
    assert "[exporting]" in desk("approvals", "list").output


def test_a_person_settles_what_is_in_doubt(desk: Desk, vendor: str) -> None:
    """With what was seen and why; the next run goes on. One of both has to be said."""
    desk("approvals", "accept", vendor, "--set", "vendor_code=ZENITH")

    def lost(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.url.endswith("/ws/AddVendor"):
            raise OutcomeUnknownError("no answer")
        return inner(request)

    desk.pair.to_spectrum.answer = lost
    desk("apply", status=1)
    desk.pair.to_spectrum.answer = None
    record = vendor.replace("company_export", "vendor")
    assert f"in doubt: create {record}, begun" in desk("status", status=3).output
    desk("resolve", vendor, status=2)
    assert "a reason is needed" in desk("resolve", vendor, "--not-there", status=1).stderr
    text = desk("resolve", record, "--not-there", "--why", "no such vendor").output
    assert text == f"settled: {record} is to be sent again\n"
    assert "no such vendor" in desk("explain", *vendor.split(":")).output
    desk("apply")
    assert desk.state(ref_of(vendor)) is State.SYNCED


def test_what_is_there_is_linked(desk: Desk, vendor: str) -> None:
    """Sent, taken, and no longer listed: the command links it."""
    desk("approvals", "accept", vendor, "--set", "vendor_code=ZENITH")

    def lost(request: Request, inner: Callable[[Request], Response]) -> Response:
        answer = inner(request)
        if request.url.endswith("/ws/AddVendor"):
            raise OutcomeUnknownError("no answer")
        return answer

    desk.pair.to_spectrum.answer = lost
    desk("apply", status=1)
    desk.pair.to_spectrum.answer = None
    desk.pair.vendor("ZENITH", "Zenith Roofing", Status="I")
    text = desk("resolve", vendor, "--there", "--why", "it is inactive").output
    assert text == f"settled: {vendor.replace('company_export', 'vendor')} is linked\n"
