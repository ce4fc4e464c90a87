"""The commands. Each builds what it needs, calls the library once and prints the result."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import procore_spectrum
from procore_spectrum.cli.approvals import approvals, digest, resolve, retry, send, unlink
from procore_spectrum.cli.demo import run_demo
from procore_spectrum.cli.doctor import check_all
from procore_spectrum.cli.options import (
    as_json_option,
    connection_of,
    selection_options,
    why_option,
)
from procore_spectrum.cli.output import Exit, as_command, say, say_json
from procore_spectrum.cli.reconcile import reconcile
from procore_spectrum.cli.reopen_contract import reopen_contract
from procore_spectrum.cli.staged import restore, staged
from procore_spectrum.errors import ConfigurationError
from procore_spectrum.features import DECIDABLE, FEATURES, LINKABLE
from procore_spectrum.plan import codec
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.render import one_line
from procore_spectrum.plan.values import show
from procore_spectrum.ports import Event

__all__ = ["cli"]

_KINDS = sorted({rules.kind for feature in FEATURES for rules in feature.kinds})
_DOCUMENTS = (
    "change_order",
    "commitment",
    "company_export",
    "company_update",
    "prime_change_order",
    "project_export",
)


@click.group()
@click.version_option(procore_spectrum.__version__, prog_name="procore-spectrum")
@click.option("--config", metavar="FILE", help="The configuration; else procore-spectrum.toml.")
@click.pass_context
def cli(context: click.Context, config: str | None) -> None:
    """Connect Procore with Viewpoint / Trimble Spectrum."""
    context.obj = config


# ---------------------------------------------------------------- trying it out


@cli.command()
@as_json_option
@click.option("--size", type=click.Choice(["S", "M", "L"]), default="S", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@as_command
def demo(*, as_json: bool, size: str, seed: int) -> Exit:
    """Run every feature against both sandbox servers, then prove that nothing is left to do."""
    return run_demo(size=size, seed=seed, as_json=as_json)


@cli.command()
@as_json_option
@click.option("--size", type=click.Choice(["S", "M", "L"]), default="S", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--port-procore", type=int, default=0)
@click.option("--port-spectrum", type=int, default=0)
@click.option("--sql-file", metavar="FILE", help="Keep Spectrum's database as this sqlite file.")
@as_command
def sandbox(**options: Any) -> int:
    """Serve fakes of both systems on sockets of this machine, until interrupted."""
    command = [sys.executable, "-m", "procore_spectrum.testing.sandbox"]
    if options.pop("as_json"):
        command.append("--json")
    for name, value in options.items():
        if value is not None:
            command += [f"--{name.replace('_', '-')}", str(value)]
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606 - our own module, no shell
    return subprocess.call(command)  # noqa: S603 - the same, where a process cannot be replaced


@cli.command()
@as_json_option
@click.pass_context
@as_command
def doctor(context: click.Context, *, as_json: bool) -> Exit:
    """Check credentials, permissions, versions, the clock and the store."""
    with connection_of(context) as connection:
        checks = list(check_all(connection))
    if as_json:
        fields = ("area", "name", "ok", "message", "hint")
        say_json({"checks": [{f: getattr(check, f) for f in fields} for check in checks]})
    for check in [] if as_json else checks:
        say(f"{'ok  ' if check.ok else 'FAIL'} {check.area}: {check.name}: {check.message}")
        if check.hint:
            say(f"       to do: {check.hint}")
    return Exit.DONE if all(check.ok for check in checks) else Exit.FAILED


# ---------------------------------------------------------------- plan and apply


@cli.command()
@selection_options
@as_json_option
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@click.option("--all", "show_all", is_flag=True, help="Show every operation.")
@click.option("--out", type=click.Path(dir_okay=False), help="Write the plan to a file as well.")
@click.pass_context
@as_command
def plan(context: click.Context, **options: Any) -> Exit:
    """Show what would be done, and why. Changes nothing."""
    with connection_of(context) as connection:
        made = connection.syncer.plan(
            features=options["features"] or None, jobs=options["jobs"] or None
        )
    if options["out"]:
        _write(Path(options["out"]), codec.dumps(made))
    if options["as_json"]:
        say_json(codec.to_json(made))
    else:
        limit = None if options["show_all"] else 20
        say(made.render("markdown" if options["markdown"] else "text", limit=limit))
    return Exit.WAITING if made.held or made.guards else Exit.DONE


@cli.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@selection_options
@as_json_option
@click.option("--override-guards", metavar="REASON", default="", help="Set the guards aside.")
@click.pass_context
@as_command
def apply(context: click.Context, file: str | None, **options: Any) -> Exit:
    """Carry out a reviewed plan FILE, or plan and carry out at once."""
    if file and (options["features"] or options["jobs"]):
        raise click.UsageError("a plan file says itself what is done; leave --feature and --job")
    with connection_of(context) as connection:
        made = _read(Path(file)) if file else None
        if made is None:
            made = connection.syncer.plan(
                features=options["features"] or None, jobs=options["jobs"] or None
            )
        report = connection.syncer.apply(made, override_guards=options["override_guards"])
    say_json(report.to_json()) if options["as_json"] else say(report.render())
    counts = report.counts
    if report.stopped or counts["refused"] or counts["failed"] or counts["unknown"]:
        return Exit.FAILED
    return Exit.WAITING if counts["held"] or counts["waiting"] else Exit.DONE


def _write(path: Path, text: str) -> None:
    try:
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written", path=str(path)) from error


def _read(path: Path) -> Plan:
    try:
        return codec.loads(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read", path=str(path)) from error


# ---------------------------------------------------------------- looking and deciding


@cli.command()
@as_json_option
@click.pass_context
@as_command
def status(context: click.Context, *, as_json: bool) -> Exit:
    """Show what is linked, decided and in doubt."""
    with connection_of(context) as connection:
        found = connection.syncer.status()
    last = found.last_event
    if as_json:
        say_json(
            {
                "company": str(found.company),
                "connected_on": found.connected_on.isoformat() if found.connected_on else None,
                "links": found.links,
                "in_doubt": [str(item.ref) for item in found.in_doubt],
                "decisions": [[str(d.ref), d.choice, d.who, d.why] for d in found.decisions],
                "last_run": last.at.isoformat() if last else None,
            }
        )
    else:
        say(f"{found.company}, connected on {found.connected_on or '(no plan made yet)'}")
        for kind, count in found.links.items():
            say(f"  {count:>8,} × {kind.replace('_', ' ')} linked")
        for item in found.in_doubt:
            name = f"{item.ref.kind}:{item.ref.key}"
            say(f"  in doubt: {item.verb} {name}, begun {item.at:%Y-%m-%d %H:%M} UTC")
        for decision in found.decisions:
            target = f" to {decision.target_id}" if decision.target_id else ""
            why = f": {decision.why}" if decision.why else ""
            say(f"  decided: {decision.choice} {decision.ref}{target}, by {decision.who}{why}")
        say(f"last run: {last.at:%Y-%m-%d %H:%M} UTC" if last else "no run yet")
    return Exit.WAITING if found.in_doubt else Exit.DONE


@cli.command()
@as_json_option
@click.pass_context
@as_command
def rebuild(context: click.Context, *, as_json: bool) -> Exit:
    """Link again what a lost store knew. Writes to neither system."""
    with connection_of(context) as connection:
        rebuilt = connection.syncer.rebuild()
    say_json(rebuilt.to_json()) if as_json else say(rebuilt.render())
    return Exit.WAITING if rebuilt.held else Exit.DONE


@cli.command()
@click.argument("kind", type=click.Choice(sorted({*_KINDS, *_DOCUMENTS})))
@click.argument("key")
@as_json_option
@click.pass_context
@as_command
def explain(context: click.Context, kind: str, key: str, *, as_json: bool) -> Exit:
    """Tell the whole history of one record, e.g.: explain project 24-0101."""
    with connection_of(context) as connection:
        events = connection.syncer.explain(Ref(kind, key))
    if as_json:
        say_json(
            [
                {
                    "at": event.at.isoformat(),
                    "action": event.action,
                    "actor": event.actor,
                    "detail": dict(event.detail),
                }
                for event in events
            ]
        )
        return Exit.DONE
    for event in events:
        for line in _event_lines(event):
            say(one_line(line))
    if not events:
        say("The journal does not mention it.")
    return Exit.DONE


def _event_lines(event: Event) -> Iterator[str]:
    """What happened, to which record of the target, every value, and why."""
    detail = event.detail
    what = " ".join(filter(None, [event.action, detail.get("verb") or detail.get("choice")]))
    target = f"  {detail['target_id']}" if detail.get("target_id") else ""
    yield f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {what}{target}  by {event.actor}"
    for path, base, before, after in detail.get("changes", ()):
        agreed = "" if base is None or base == before else f" (last agreed: {_shown(base)})"
        yield f"    {path}: {_shown(before)} -> {_shown(after)}{agreed}"
    why = detail.get("why") or ()
    yield from (f"    {reason}" for reason in ([why] if isinstance(why, str) else why))


def _shown(value: Any) -> str:
    return show(tuple(value) if isinstance(value, list) else value)


@cli.command()
@click.argument("kind", type=click.Choice(LINKABLE))
@click.argument("key")
@click.argument("target_id")
@why_option
@click.pass_context
@as_command
def link(context: click.Context, kind: str, key: str, target_id: str, why: str) -> Exit:
    """Decide that a record of Spectrum is the record TARGET_ID of Procore."""
    with connection_of(context) as connection:
        connection.syncer.link(Ref(kind, key), target_id, why=why)
    say(f"decided: {kind} {key} is {target_id}; the next plan shows what follows")
    return Exit.DONE


@cli.command("create-new")
@click.argument("kind", type=click.Choice(DECIDABLE))
@click.argument("key")
@why_option
@click.pass_context
@as_command
def create_new(context: click.Context, kind: str, key: str, why: str) -> Exit:
    """Decide that a record is new, whatever in Procore resembles it."""
    with connection_of(context) as connection:
        connection.syncer.create_new(Ref(kind, key), why=why)
    say(f"decided: {kind} {key} is new")
    return Exit.DONE


@cli.command("take-on")
@click.argument("job")
@why_option
@click.pass_context
@as_command
def take_on(context: click.Context, job: str, why: str) -> Exit:
    """Decide to take on a job that is in progress."""
    with connection_of(context) as connection:
        connection.syncer.take_on(job, why=why)
    say(f"decided: job {job} is taken on")
    return Exit.DONE


@cli.command("reopen-budget")
@click.argument("job")
@why_option
@click.pass_context
@as_command
def reopen_budget(context: click.Context, job: str, why: str) -> Exit:
    """Decide that an exported budget may be imported again."""
    with connection_of(context) as connection:
        connection.syncer.reopen_budget(job, why=why)
    say(f"decided: the budget of job {job} may be imported again")
    return Exit.DONE


@cli.command()
@click.argument("kind", type=click.Choice(DECIDABLE))
@click.argument("key")
@why_option
@click.pass_context
@as_command
def ignore(context: click.Context, kind: str, key: str, why: str) -> Exit:
    """Decide to leave a record out."""
    with connection_of(context) as connection:
        connection.syncer.ignore(Ref(kind, key), why=why)
    say(f"decided: {kind} {key} is left out")
    return Exit.DONE


for _command in (
    approvals,
    digest,
    reconcile,
    reopen_contract,
    resolve,
    restore,
    retry,
    send,
    staged,
    unlink,
):
    cli.add_command(_command)
