"""Tables of the documentation that are made from the code, so that they cannot drift.

A page asks for one with a comment on a line of its own::

    <!-- from code: fields company -->

``fields KIND`` gives the fields of a kind with their owners or limits, ``settings SECTION`` the
settings of one section of the configuration file, and ``services FEATURE`` what a feature needs.
``states`` and ``transitions`` of ``exports`` or ``imports`` tell the states and what leads where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from procore_spectrum.cli.config import Config, ProcoreConfig, SpectrumConfig
from procore_spectrum.cli.notify import NotifyConfig
from procore_spectrum.features import FEATURES, Settings
from procore_spectrum.models.about import About, fields_of
from procore_spectrum.plan.approvals import TRANSITIONS, Event, Role, State
from procore_spectrum.plan.diff import KindRules, Owner
from procore_spectrum.plan.imports import IMPORT_TRANSITIONS, ImportEvent, ImportState
from procore_spectrum.spectrum.kinds import KINDS as ERP_KINDS

MARK = re.compile(r"^<!-- from code: (\w+) (\w+) -->$", re.MULTILINE)

KINDS: Mapping[str, KindRules] = {
    rules.kind: rules for feature in FEATURES for rules in feature.kinds
}

_OWNERS: Mapping[Owner, tuple[str, str]] = {
    Owner.SOURCE: ("Spectrum", "overwritten by the next run"),
    Owner.TARGET: ("Procore", "left alone: it is written only at creation"),
    Owner.SHARED: ("both", "held for a person"),
    Owner.KEY: ("the library", "never compared"),
}

_ABSENT: Mapping[str, str] = {
    "deactivate": "it is deactivated in Procore",
    "hold": "it is held for a person, with the code `absent`",
    "ignore": "nothing happens",
}

STATES: Mapping[State, str] = {
    State.NOT_SENT: "accounting has not been asked, or the library has withdrawn it",
    State.READY_TO_EXPORT: "accounting is asked to accept it",
    State.RETRIEVED: "the sender has taken it back",
    State.REJECTED: "accounting has refused it",
    State.ACCEPTED: "accepted; the next `apply` writes it",
    State.EXPORTING: "being written, or a run was interrupted; the next `apply` goes on",
    State.SYNCED: "Spectrum has all of it, and the record in Procore carries its key",
    State.FAILED: "Spectrum refused a part; what was written before stays",
    State.READY_TO_UPDATE: "exported before; accounting is asked about more of it",
    State.UNLINKED: "deleted in Spectrum; no longer linked",
}

EVENTS: Mapping[Event, str] = {
    Event.SEND: "`apply` the first time, `send` afterwards",
    Event.RETRIEVE: "`approvals retrieve`",
    Event.REJECT: "`approvals reject`",
    Event.ACCEPT: "`approvals accept`, or the settings",
    Event.BEGIN: "`apply` begins to write",
    Event.SUCCEED: "all of it is written and marked",
    Event.FAIL: "Spectrum refused a part",
    Event.RETRY: "`retry`",
    Event.CHANGE: "the record was edited in Procore; the next `apply` notices",
    Event.UNLINK: "`unlink`",
    Event.WITHDRAW: "it can no longer be exported; the next `apply` notices",
}

IMPORT_STATES: Mapping[ImportState, str] = {
    ImportState.STAGED: "Spectrum lists it; the next `apply` imports it, or a person is asked",
    ImportState.INVALID: "a rule forbids to import it as it is",
    ImportState.IMPORTED: "a link leads to its record in Procore, and changes flow",
    ImportState.ARCHIVED: "a person has left it out",
    ImportState.LEFT_OUT: "the same, of a record that was imported: its link stays, nothing flows",
}

IMPORT_EVENTS: Mapping[ImportEvent, str] = {
    ImportEvent.IMPORT: "`apply`, after `link`, `create-new` or `take-on` where a person is asked",
    ImportEvent.BREAK: "an edit in Spectrum that breaks a rule",
    ImportEvent.CORRECT: "an edit in Spectrum, or another setting",
    ImportEvent.ARCHIVE: "`ignore`",
    ImportEvent.RESTORE: "`restore`",
    ImportEvent.UNLINK: "`unlink`",
}

_ROLES: Mapping[Role, str] = {
    Role.SENDER: "sender",
    Role.APPROVER: "approver",
    Role.CONNECTOR: "the library",
}

SECTIONS: Mapping[str, type] = {
    "procore": ProcoreConfig,
    "spectrum": SpectrumConfig,
    "notify": NotifyConfig,
    **{
        part.name: part.default.factory
        for part in attrs.fields(Settings)
        if hasattr(part.default, "factory")
    },
}

# Their classes are described in prose; here each setting gets a sentence of its own.
_MEANINGS: Mapping[str, str] = {
    "procore.base_url": "where the API is; sandboxes and regions differ",
    "procore.login_url": "where tokens are issued; of the same environment",
    "procore.company_id": "the id of the Procore company",
    "procore.grant": "`client_credentials` for a service account, `refresh_token` for a person",
    "procore.token_file": "where rotating tokens are kept; needed with `refresh_token`",
    "spectrum.url": "scheme, host and port of the web services",
    "spectrum.company_code": "the Spectrum company, up to three letters or digits",
    "spectrum.release": "for `doctor` only, because no service tells the release",
    "spectrum.wsdl_cache": "a directory that keeps service descriptions between runs; empty: none",
    "spectrum.ca_file": "the certificate of a private authority; empty: the usual ones",
    "spectrum.max_parallel": "most calls at once",
    "spectrum.row_cap": "rows from which a SOAP listing counts as cut off",
    "spectrum.vendor_row_cap": "the same for the listing of vendors; 0: it is never cut off",
    "spectrum.basic_auth": "send HTTP Basic with SOAP calls too; REST calls always have it",
    "spectrum.repair_double_encoding": "undo text that arrives encoded as UTF-8 twice",
    "spectrum.tolerate_cut_envelope": "accept an answer that lacks only its outer closing tags",
    "store.url": "`sqlite:///relative.db`, `sqlite:////absolute.db` or `memory://`",
}

_RENAMED = {"cost_codes.names": "cost_codes.division_names"}
# These are written as one value, although a class stands behind them.
_WHOLE: Mapping[str, str] = {
    "cost_codes.phase_mask": '`"##-####"`',
    "cost_codes.cost_types": "`{}`",
    "cost_codes.division_names": "`{}`",
}


@attrs.frozen
class Setting:
    """One setting of the configuration file, by its full name."""

    name: str
    default: str
    meaning: str


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", _replace)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _replace(_app: Any, _page: str, source: list[str]) -> None:
    source[0] = MARK.sub(lambda found: _TABLES[found[1]](found[2]), source[0])


# ---------------------------------------------------------------- fields and services


def fields_table(kind: str) -> str:
    """The fields of a kind: meaning, owner, and what a change in Procore leads to.

    Fields that are written to Spectrum come with their element and limit instead.
    """
    rules = KINDS[kind]
    if rules.target == "spectrum":
        return _export_table(rules)
    if all(rule.owner is Owner.KEY for rule in rules.fields):
        return _table(
            [("Procore field", "value"), *((f"`{r.path}`", r.meaning) for r in rules.fields)]
        )
    rows = [("Procore field", "value", "owner", "a change in Procore is")]
    for rule in rules.fields:
        owner, effect = _OWNERS[rule.owner]
        rows.append((f"`{rule.path}`", rule.meaning, owner, effect))
    absent = _ABSENT[rules.absent.value]
    lines = [_table(rows), "", f"When Spectrum no longer lists a record: {absent}."]
    if rules.active_field:
        lines.append(f"The field `{rules.active_field[0]}` switches a record on and off.")
    return "\n".join(lines)


def _export_table(rules: KindRules) -> str:
    model, _ = ERP_KINDS[rules.kind].create
    known = {info.name: info for info in fields_of(model)}
    rows = [("Spectrum field", "value", "element", "at most")]
    for rule in rules.fields:
        info = known[rule.path]
        rows.append((f"`{rule.path}`", rule.meaning, f"`{info.wire}`", _limit(info.about)))
    return _table(rows)


def _limit(about: About) -> str:
    if about.values:
        return ", ".join(f"`{value}`" for value in about.values)
    if about.digits is not None:
        whole, places = about.digits
        return f"{whole} digits" + (f", {places} decimal{'s' * (places > 1)}" if places else "")
    return f"{about.length} characters" if about.length else "–"


# ---------------------------------------------------------------- states of exports


def states_table(machine: str) -> str:
    """Every state of an export or import, and who is asked in it."""
    if machine == "imports":
        rows = [("state", "meaning")]
        return _table([*rows, *((f"`{s.value}`", IMPORT_STATES[s]) for s in ImportState)])
    rows = [("state", "meaning", "who is asked")]
    for state in State:
        asked = "the approver" if state.waits_for_approver else "–"
        rows.append((f"`{state.value}`", STATES[state], asked))
    return _table(rows)


def transitions_table(machine: str) -> str:
    """Every transition of an export or import: from where, by what, to where, by whom."""
    if machine == "imports":
        moves = sorted(
            IMPORT_TRANSITIONS.items(),
            key=lambda item: (list(ImportState).index(item[0][0]), item[0][1].value),
        )
        found = [
            (f"`{s.value}`", f"`{e.value}`", f"`{to}`", IMPORT_EVENTS[e]) for (s, e), to in moves
        ]
        return _table([("from", "event", "to", "by"), *found])
    rows = [("from", "event", "to", "who", "by")]
    order = list(State)
    for (state, event), then in sorted(
        TRANSITIONS.items(),
        key=lambda item: (order.index(item[0][0]), list(Event).index(item[0][1])),
    ):
        names = f"`{state.value}`", f"`{event.value}`", f"`{then.to.value}`"
        rows.append((*names, _ROLES[then.role], EVENTS[event]))
    return _table(rows)


# ---------------------------------------------------------------- services


def services_table(feature: str) -> str:
    """The Spectrum services that a feature calls."""
    (found,) = (item for item in FEATURES if item.name == feature)
    read = ", ".join(f"`{name}`" for name in found.services)
    written = ", ".join(f"`{name}`" for name in found.writing_services)
    return "; exports write with ".join(filter(None, (read, written)))


# ---------------------------------------------------------------- settings


def settings_table(section: str) -> str:
    """Every setting of a section of the configuration file."""
    rows = [("setting", "default", "meaning")]
    rows += [(f"`{item.name}`", item.default, item.meaning) for item in settings(section)]
    return _table(rows)


def all_settings() -> tuple[Setting, ...]:
    """Every setting of the configuration file."""
    return tuple(item for section in (*SECTIONS, "store") for item in settings(section))


def settings(section: str) -> Iterator[Setting]:
    """The settings of one section."""
    if section == "store":
        default = attrs.fields(Config).store_url.default
        yield Setting("store.url", f'`"{default}"`', _MEANINGS["store.url"])
        return
    yield from _settings(section, SECTIONS[section])


def _settings(name: str, kind: type) -> Iterator[Setting]:
    meanings = arguments_of(kind)
    for attribute in attrs.fields(kind):
        own = f"{name}.{attribute.name}"
        own = _RENAMED.get(own, own)
        default = attribute.default
        if factory := getattr(default, "factory", None):
            default = factory()
        if own not in _WHOLE and attrs.has(type(default)):
            yield from _settings(own, type(default))
            continue
        meaning = _MEANINGS.get(own) or meanings[attribute.name]
        meaning = meaning.rstrip(".").replace(" if None", " if not set")
        yield Setting(own, _WHOLE.get(own) or _default(default), meaning)


def _default(value: Any) -> str:
    if value is attrs.NOTHING:
        return "required"
    if value is None:
        return "not set"
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key} = {_toml(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    raise TypeError(f"no default of type {type(value).__name__} is known in TOML")


_SECTION = re.compile(r"^ *Args:\n(.*?)(?:\n *\n *\w+:\n|\Z)", re.DOTALL | re.MULTILINE)
_ARGUMENT = re.compile(r"^(\w+): (.*)$")


def arguments_of(kind: type) -> dict[str, str]:
    """The meanings in the ``Args`` of a docstring, by argument, each on one line."""
    found = _SECTION.search(kind.__doc__ or "")
    lines = found[1].splitlines() if found else []
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    meanings: dict[str, str] = {}
    name = ""
    for line in lines:
        text = line[indent:]
        if start := _ARGUMENT.match(text):
            name, meanings[start[1]] = start[1], start[2]
        elif name:
            meanings[name] = f"{meanings[name]} {text.strip()}".strip()
    return {key: text.replace("``", "`") for key, text in meanings.items()}


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


_TABLES: Mapping[str, Callable[[str], str]] = {
    "fields": fields_table,
    "settings": settings_table,
    "services": services_table,
    "states": states_table,
    "transitions": transitions_table,
}
