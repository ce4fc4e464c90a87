"""The accountant's queue on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import click

from procore_spectrum.cli.options import as_json_option, connection_of, why_option
from procore_spectrum.cli.output import Exit, as_command, say, say_json
from procore_spectrum.errors import ConfigurationError, InvalidValueError, RefusedError
from procore_spectrum.plan.approvals import Event as Happening
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.reconciliation import show_amount
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.render import one_line
from procore_spectrum.plan.values import plain, show
from procore_spectrum.ports import Approval, Event

__all__ = ["approvals", "digest", "resolve", "retry", "send", "unlink"]


@click.group()
def approvals() -> None:
    """What waits for accounting, and its answers."""


@approvals.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what is answered or synced.")
@as_json_option
@click.pass_context
@as_command
def list_approvals(context: click.Context, *, everything: bool, as_json: bool) -> Exit:
    """Show what waits: number, amount, who sent it, and which fields are asked for."""
    open_states = None if everything else _OPEN
    with connection_of(context) as connection:
        found = connection.syncer.approvals.list_approvals(states=open_states)
    if as_json:
        say_json([_as_json(item) for item in found])
    for item in [] if as_json else found:
        # A title from Procore must not look like a line of ours.
        say("\n".join(map(one_line, _lines(item))))
    if not found and not as_json:
        say("Nothing waits.")
    return Exit.WAITING if any(map(_needs_a_person, found)) else Exit.DONE


def _needs_a_person(item: Approval) -> bool:
    return item.state.waits_for_approver or item.state is State.FAILED


_OPEN = frozenset({State.READY_TO_EXPORT, State.READY_TO_UPDATE, State.FAILED, State.EXPORTING})


def _as_json(item: Approval) -> dict[str, Any]:
    document = item.document
    return {
        "id": _id(item.ref),
        "feature": document.feature,
        "key": item.ref.key,
        "title": document.title,
        "state": item.state.value,
        "amount": None if document.amount is None else _money(document.amount),
        "requested_by": item.requested_by,
        "requested_at": item.requested_at.isoformat() if item.requested_at else None,
        "needs": [need.name for need in document.needs],
        "proposals": {need.name: plain(need.proposal) for need in document.needs},
        "fields": {name: plain(value) for name, value in document.fields.items()},
        "lines": [{name: plain(value) for name, value in line.items()} for line in document.lines],
        "violations": [str(violation) for violation in document.violations],
        "warnings": [str(warning) for warning in document.warnings],
        "shown": document.shown,
        "decided_by": item.decided_by,
        "why": item.why,
        "message": item.message,
    }


def _money(amount: Decimal) -> str:
    """The amount with at least two decimals, and never fewer than it has."""
    exponent = amount.as_tuple().exponent
    cents = isinstance(exponent, int) and exponent > -2
    return f"{amount:.2f}" if cents else str(amount)


def _lines(item: Approval) -> list[str]:
    document = item.document
    amount = "" if document.amount is None else f"  {show_amount(document.amount)}"
    lines = [f"{_id(item.ref)}  {document.title}{amount}  [{item.state.value.replace('_', ' ')}]"]
    lines.append(f"    sent by {item.requested_by or 'nobody yet'}; shown as {document.shown[:12]}")
    lines += [f"    {name}: {show(value)}" for name, value in document.fields.items()]
    lines += [f"    line: {_line(line)}" for line in document.lines]
    for need in document.needs:
        lines.append(
            f"    asked for: {need.name} ({need.meaning}), proposed: {show(need.proposal)}"
        )
    lines += [f"    wrong: {violation}" for violation in document.violations]
    lines += [f"    note: {warning}" for warning in document.warnings]
    if item.message:
        lines.append(f"    {item.message}")
    return lines


def _line(line: Any) -> str:
    return ", ".join(f"{name} {show(value)}" for name, value in line.items() if value is not None)


@approvals.command()
@click.argument("document")
@click.option("--set", "given", multiple=True, metavar="FIELD=VALUE", help="A field asked for.")
@click.option("--shown", default="", help="Accept only what was shown under this digest.")
@why_option
@click.pass_context
@as_command
def accept(context: click.Context, document: str, given: tuple[str, ...], **options: str) -> Exit:
    """Let DOCUMENT into the ERP; the next apply writes it."""
    fields = dict(map(_pair, given))
    with connection_of(context) as connection:
        ref, queue = _ref(document), connection.syncer.approvals
        approval = queue.get_approval(ref)
        shown = _whole(approval, options["shown"])
        if not options["shown"]:
            _check_unchanged(approval, connection.syncer.explain(ref))
        done = queue.accept(
            ref, by=connection.person, given=fields, shown=shown, why=options["why"]
        )
    taken = ", ".join(f"{name} {show(value)}" for name, value in done.given.items())
    say(f"accepted: {document}" + (f" with {taken}" if taken else "") + "; apply writes it")
    return Exit.DONE


def _whole(approval: Approval, shown: str) -> str:
    """The digest in full, when its beginning is given."""
    return approval.document.shown if approval.document.shown.startswith(shown) else shown


def _check_unchanged(approval: Approval, story: Iterable[Event]) -> None:
    """Refuse to accept by name alone what was shown in two ways since it was exported last."""
    shown: set[str] = set()
    for event in story:
        if event.action in {Happening.SUCCEED, Happening.UNLINK}:
            shown.clear()
        elif digest := str(event.detail.get("shown") or ""):
            shown.add(digest)
    if shown - {approval.document.shown}:
        raise RefusedError(
            f"{_id(approval.ref)} was changed after it was shown",
            hint="look at it again, then accept it with --shown and the digest that is listed",
        )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise InvalidValueError(
            f"{text!r} is not FIELD=VALUE", hint="for example: --set subcontract_number=SC-1001"
        )
    return name.strip(), value.strip()


@approvals.command()
@click.argument("document")
@why_option
@click.pass_context
@as_command
def reject(context: click.Context, document: str, why: str) -> Exit:
    """Refuse DOCUMENT; its sender may correct and send it again."""
    with connection_of(context) as connection:
        connection.syncer.approvals.reject(_ref(document), by=connection.person, why=why)
    say(f"rejected: {document}")
    return Exit.DONE


@approvals.command()
@click.argument("document")
@why_option
@click.pass_context
@as_command
def retrieve(context: click.Context, document: str, why: str) -> Exit:
    """Take DOCUMENT back before it is answered."""
    with connection_of(context) as connection:
        connection.syncer.approvals.retrieve(_ref(document), by=connection.person, why=why)
    say(f"retrieved: {document}")
    return Exit.DONE


@click.command()
@click.argument("document")
@click.pass_context
@as_command
def send(context: click.Context, document: str) -> Exit:
    """Send DOCUMENT to accounting again."""
    with connection_of(context) as connection:
        connection.syncer.send(_ref(document), by=connection.person)
    say(f"sent: {document}")
    return Exit.DONE


@click.command()
@click.argument("document")
@why_option
@click.pass_context
@as_command
def retry(context: click.Context, document: str, why: str) -> Exit:
    """Let the failed export of DOCUMENT go on where it stopped."""
    with connection_of(context) as connection:
        connection.syncer.approvals.retry(_ref(document), by=connection.person, why=why)
    say(f"will be tried again: {document}")
    return Exit.DONE


@click.command()
@click.argument("document")
@why_option
@click.option("--reset", is_flag=True, help="Do not look whether Spectrum still has it.")
@click.pass_context
@as_command
def unlink(context: click.Context, document: str, why: str, *, reset: bool) -> Exit:
    """Take the export of DOCUMENT back, after it was deleted in Spectrum; or forget a link.

    An imported record is named in the same way, for instance company:V001.
    """
    with connection_of(context) as connection:
        ref, syncer = _ref(document), connection.syncer
        if any(item.ref == ref for item in syncer.approvals.list_approvals()):
            syncer.unlink(ref, why=why, by=connection.person, reset=reset)
        else:
            syncer.forget_link(ref, why=why)
    say(f"Successfully Unlinked: {document}")
    return Exit.DONE


@click.command()
@click.argument("record")
@click.option("--there/--not-there", "there", default=None, help="What you saw.")
@click.option("--id", "target_id", metavar="ID", help="The record there, if it is asked for.")
@why_option
@click.pass_context
@as_command
def resolve(context: click.Context, record: str, **options: Any) -> Exit:
    """Say whether RECORD, which was sent without an answer, has arrived.

    RECORD is one that status lists as in doubt, or a document: then all of it is meant.
    """
    if options["there"] is None:
        raise click.UsageError("say --there or --not-there")
    with connection_of(context) as connection:
        settled = connection.syncer.resolve(_ref(record), by=connection.person, **options)
    then = "linked" if options["there"] else "to be sent again"
    for ref in settled:
        say(f"settled: {_id(ref)} is {then}")
    return Exit.DONE


@click.command()
@click.option("--again", is_flag=True, help="Also if it was sent today already.")
@click.pass_context
@as_command
def digest(context: click.Context, *, again: bool) -> Exit:
    """Tell people what waits for accounting, once a day."""
    with connection_of(context) as connection:
        queue = connection.syncer.approvals
        if not queue.has_notifier:
            raise ConfigurationError(
                "nobody is told anything", path="notify", hint="configure [notify]"
            )
        if queue.send_digest(again=again):
            say("The digest was sent.")
            return Exit.DONE
        if not any(item.state.waits_for_approver for item in queue.list_approvals()):
            say("Nothing waits.")
            return Exit.DONE
        if queue.digest_was_sent:
            say("It was sent today already.")
            return Exit.DONE
    say("It could not be delivered; it is tried again next time.")
    return Exit.FAILED


def _id(ref: Ref) -> str:
    return f"{ref.kind}:{ref.key}"


def _ref(document: str) -> Ref:
    kind, colon, key = document.partition(":")
    if not colon or not kind or not key:
        raise InvalidValueError(
            f"{document!r} names no document", hint="take the id from: approvals list"
        )
    return Ref(kind, key)
