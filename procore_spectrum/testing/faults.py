"""Faults as data: what goes wrong, when, and how often.

A :class:`FaultPlan` is a list of rules. The first rule that matches a call and is not used up
strikes. The same plan works in process (``testing.faulty.FaultyTransport``) and on real sockets
(``testing.server.serve``), where connections are really reset and bodies really cut. Faults of the
store strike commits (``testing.faulty_store.FaultyStore``); ``at``, ``after`` and ``skip`` count
commits there, and the rest of the condition is not looked at.

A plan can be written as text, one rule to a line (or separated by ``;``)::

    # when ............................... : what ........ and how often
    after 3                                : reset_after
    at 7                                   : status 429 retry_after=2
    method POST path "/vendors" skip 1     : lost_reply
    label GetPhase times 2                 : cut_body 400
    always times any                       : stall 0.5

======================  ==============================================================
when                    strikes
======================  ==============================================================
``always``              any call
``at N``                only the N-th call of all (the first is 1)
``after N``             any call after the N-th of all
``skip N``              not the first N of the calls that the rest of the rule matches
``label TEXT``          calls whose label contains TEXT (on a socket: method and path)
``path TEXT``           calls whose path and query contain TEXT
``method NAME``         calls of that method
``times N | any``       at most N times; once, when not given
======================  ==============================================================

``what`` is the name of a fault, its first value bare, any other as ``name=value``. Text that
holds blanks or one of ``: ; = # "`` is quoted as in JSON.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeAlias, get_args
from urllib.parse import urlsplit

import attrs

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.wire.messages import Request

__all__ = [
    "ClockSkew",
    "Crash",
    "CutBody",
    "DiskFull",
    "DuplicateRow",
    "ExpiredSession",
    "ExpiredToken",
    "Fault",
    "FaultPlan",
    "FaultRule",
    "FaultRun",
    "LockedStore",
    "LostReply",
    "Match",
    "ReadLag",
    "Refuse",
    "ResetAfter",
    "ResetBefore",
    "SoapFault",
    "Stall",
    "Status",
]


def _whole(
    lowest: int, highest: int = 2**31, *, optional: bool = False
) -> Callable[[Any, Any, Any], Any]:
    def check(_: Any, attribute: Any, value: Any) -> None:
        if optional and value is None:
            return
        if type(value) is not int or not lowest <= value <= highest:
            raise ValueError(f"{attribute.name} is a whole number from {lowest} to {highest}")

    return check


def _text(_: Any, attribute: Any, value: Any) -> None:
    if type(value) is not str or not value:
        raise ValueError(f"{attribute.name} is a text and not empty")


def _flag(_: Any, attribute: Any, value: Any) -> None:
    if type(value) is not bool:
        raise ValueError(f"{attribute.name} is true or false")


def _seconds(_: Any, attribute: Any, value: Any) -> None:
    if type(value) is not float or not 0 <= value <= 86_400:
        raise ValueError(f"{attribute.name} is a number of seconds, at most a day")


def _to_float(value: Any) -> Any:
    # A whole number that fits no float is left to the validator.
    return float(value) if type(value) is int and abs(value) < 2**53 else value


@attrs.frozen(kw_only=True)
class Refuse:
    """The connection is refused: the request surely did not arrive.

    On a socket the connection exists before a rule can match, so there this resets it before
    acting; ``RunningServer.refuse_connections`` refuses for real.
    """

    kind: ClassVar[str] = "refuse"


@attrs.frozen(kw_only=True)
class ResetBefore:
    """The connection is reset after the request was sent; the server did not act."""

    kind: ClassVar[str] = "reset_before"


@attrs.frozen(kw_only=True)
class ResetAfter:
    """The server acted, then the connection was reset: the reply is lost."""

    kind: ClassVar[str] = "reset_after"


@attrs.frozen(kw_only=True)
class LostReply:
    """The server acted and closed the connection politely, without a byte of an answer."""

    kind: ClassVar[str] = "lost_reply"


@attrs.frozen(kw_only=True)
class Stall:
    """The server acts, but answers only after ``seconds``: for a patient client, a slow answer."""

    kind: ClassVar[str] = "stall"
    seconds: float = attrs.field(default=30.0, converter=_to_float, validator=_seconds)


@attrs.frozen(kw_only=True)
class Status:
    """An answer with that status. 502 and 503 come as HTML, as from a proxy; others as JSON.

    ``retry_after`` is the header of that name, in seconds. With ``acted`` the server had carried
    the request out before it failed.
    """

    kind: ClassVar[str] = "status"
    code: int = attrs.field(default=500, validator=_whole(400, 599))
    retry_after: int | None = attrs.field(default=None, validator=_whole(0, optional=True))
    acted: bool = attrs.field(default=False, validator=_flag)


@attrs.frozen(kw_only=True)
class SoapFault:
    """Spectrum's ``SOAP-ENV:Server`` fault, which it gives now and then under load (spectrum 2.6).

    The HTTP status of a fault is not known, so it is a choice. The server did not act, unless
    ``acted``.
    """

    kind: ClassVar[str] = "soap_fault"
    code: int = attrs.field(default=500, validator=_whole(200, 599))
    acted: bool = attrs.field(default=False, validator=_flag)


@attrs.frozen(kw_only=True)
class CutBody:
    """The server acted; its answer ends after ``at`` bytes of the body.

    Normally the announced length is the full one and the connection ends early. With ``framed``
    the shorter length is announced, so that HTTP sees nothing wrong (spectrum 4: large answers
    without their closing tags).
    """

    kind: ClassVar[str] = "cut_body"
    at: int = attrs.field(default=0, validator=_whole(0))
    framed: bool = attrs.field(default=False, validator=_flag)


@attrs.frozen(kw_only=True)
class DuplicateRow:
    """The first row of a listing comes twice. Answers without rows stay as they are."""

    kind: ClassVar[str] = "duplicate_row"


@attrs.frozen(kw_only=True)
class ReadLag:
    """A read is behind: it gives what the same request gave the last time, where it was asked.

    A request that is asked for the first time is answered truthfully.
    """

    kind: ClassVar[str] = "read_lag"


@attrs.frozen(kw_only=True)
class ClockSkew:
    """The server's clock is ahead by ``seconds`` (behind, when negative), as its headers tell."""

    kind: ClassVar[str] = "clock_skew"
    seconds: int = attrs.field(default=300, validator=_whole(-(10**7), 10**7))


@attrs.frozen(kw_only=True)
class ExpiredToken:
    """The access token has just expired: 401, nothing done."""

    kind: ClassVar[str] = "expired_token"


@attrs.frozen(kw_only=True)
class ExpiredSession:
    """Spectrum's GUID has expired: a row saying so, nothing done (spectrum 3.2).

    The code of that row is not known; it is A here.
    """

    kind: ClassVar[str] = "expired_session"


@attrs.frozen(kw_only=True)
class Crash:
    """The program dies at a named point; only in process.

    ``before_send`` and ``after_reply`` are points of the transport, ``before_commit`` and
    ``after_commit`` of the store. Any other name is a point that a test reports with
    :meth:`FaultRun.reach`.
    """

    kind: ClassVar[str] = "crash"
    point: str = attrs.field(default="before_send", validator=_text)


@attrs.frozen(kw_only=True)
class DiskFull:
    """The disk of the store is full: a commit fails, and nothing of it is stored."""

    kind: ClassVar[str] = "disk_full"


@attrs.frozen(kw_only=True)
class LockedStore:
    """Another process writes to the store for too long: a commit fails, and nothing is stored."""

    kind: ClassVar[str] = "locked_store"


Fault: TypeAlias = (
    Refuse
    | ResetBefore
    | ResetAfter
    | LostReply
    | Stall
    | Status
    | SoapFault
    | CutBody
    | DuplicateRow
    | ReadLag
    | ClockSkew
    | ExpiredToken
    | ExpiredSession
    | Crash
    | DiskFull
    | LockedStore
)

_KINDS: Mapping[str, type[Any]] = {fault.kind: fault for fault in get_args(Fault)}
TRANSPORT_POINTS = ("before_send", "after_reply")


@attrs.frozen(kw_only=True)
class Match:
    """Which calls a rule is about. An empty match means every call; see the table above."""

    at: int | None = attrs.field(default=None, validator=_whole(1, optional=True))
    after: int = attrs.field(default=0, validator=_whole(0))
    skip: int = attrs.field(default=0, validator=_whole(0))
    label: str | None = attrs.field(default=None, validator=attrs.validators.optional(_text))
    path: str | None = attrs.field(default=None, validator=attrs.validators.optional(_text))
    method: str | None = attrs.field(default=None, validator=attrs.validators.optional(_text))

    def fits(self, number: int, request: Request) -> bool:
        """Whether the call with that number (from 1) is meant, ``skip`` left aside."""
        parts = urlsplit(request.url)
        where = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return (
            (self.at is None or number == self.at)
            and number > self.after
            and (self.label is None or self.label in request.label)
            and (self.path is None or self.path in where)
            and (self.method is None or self.method.upper() == request.method.upper())
        )


@attrs.frozen(kw_only=True)
class FaultRule:
    """One fault, when it strikes, and at most how often (``None``: without end)."""

    fault: Fault
    match: Match = Match()
    times: int | None = attrs.field(default=1, validator=_whole(1, optional=True))


@attrs.frozen
class FaultPlan:
    """Rules, the first fitting one wins. An empty plan does nothing."""

    rules: tuple[FaultRule, ...] = ()

    @classmethod
    def from_text(cls, text: str) -> FaultPlan:
        """Read the little language described at the top of this module.

        Raises:
            ConfigurationError: a rule cannot be read; ``path`` is that rule's number.
        """
        rules = []
        for number, tokens in enumerate(_statements(text), 1):
            try:
                rules.append(_parse_rule(tokens))
            except (ValueError, TypeError) as error:
                raise _malformed(f"rule {number}", error) from error
        return cls(tuple(rules))

    def to_text(self) -> str:
        """The plan in the little language, one rule to a line."""
        return "\n".join(_show_rule(rule) for rule in self.rules)

    @classmethod
    def from_json(cls, data: Any) -> FaultPlan:
        """Read what :meth:`to_json` gave; a text is read with :meth:`from_text`.

        Raises:
            ConfigurationError: it is not a plan; ``path`` says where.
        """
        if isinstance(data, str):
            return cls.from_text(data)
        if not isinstance(data, Mapping) or not isinstance(data.get("rules"), list):
            raise _malformed("rules", ValueError('it is not {"rules": [...]}'))
        rules = []
        for index, row in enumerate(data["rules"]):
            try:
                fields = dict(row)
                fault = dict(fields.pop("fault"))
                rules.append(
                    FaultRule(
                        fault=_make_fault(fault.pop("kind"), fault),
                        match=Match(**fields.pop("match", {})),
                        **fields,
                    )
                )
            except KeyError as error:
                raise _malformed(f"rules[{index}]", ValueError(f"no {error}")) from error
            except (ValueError, TypeError) as error:
                raise _malformed(f"rules[{index}]", error) from error
        return cls(tuple(rules))

    def to_json(self) -> dict[str, Any]:
        """The plan as plain JSON values: ``{"rules": [{"match", "fault", "times"}]}``."""
        return {
            "rules": [
                {
                    "match": _set_fields(rule.match),
                    "fault": {"kind": rule.fault.kind, **attrs.asdict(rule.fault)},
                    "times": rule.times,
                }
                for rule in self.rules
            ]
        }


class FaultRun:
    """A plan in use: counts calls and says which fault strikes. Safe to share between threads."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._calls = 0
        self._commits = 0
        self._met = [0] * len(plan.rules)
        self._struck = [0] * len(plan.rules)
        self._lock = threading.Lock()

    @property
    def calls(self) -> int:
        """How many calls were made so far."""
        with self._lock:
            return self._calls

    @property
    def struck(self) -> tuple[int, ...]:
        """How often each rule struck, in the order of the plan."""
        with self._lock:
            return tuple(self._struck)

    def aim(self, request: Request) -> Fault | None:
        """Count one call and return the fault that strikes it, if any."""
        with self._lock:
            self._calls += 1
            for index, rule in enumerate(self.plan.rules):
                named = isinstance(rule.fault, Crash) and rule.fault.point not in TRANSPORT_POINTS
                elsewhere = named or isinstance(rule.fault, DiskFull | LockedStore)
                fits = not elsewhere and rule.match.fits(self._calls, request)
                if self._strikes(index, fits=fits):
                    return rule.fault
        return None

    def aim_commit(self) -> Fault | None:
        """Count one commit of a store and return the fault that strikes it, if any."""
        with self._lock:
            self._commits += 1
            for index, rule in enumerate(self.plan.rules):
                at, after = rule.match.at, rule.match.after
                meant = (at is None or at == self._commits) and self._commits > after
                ours = isinstance(rule.fault, DiskFull | LockedStore)
                if ours and self._strikes(index, fits=meant):
                    return rule.fault
        return None

    def reach(self, point: str) -> bool:
        """Whether the program is to die at this point.

        Of the rule's match only ``at`` and ``after`` (calls made so far) and ``skip`` (earlier
        visits) count here.
        """
        with self._lock:
            for index, rule in enumerate(self.plan.rules):
                if not (isinstance(rule.fault, Crash) and rule.fault.point == point):
                    continue
                at, after = rule.match.at, rule.match.after
                meant = (at is None or at == self._calls) and self._calls >= after
                if self._strikes(index, fits=meant):
                    return True
        return False

    def _strikes(self, index: int, *, fits: bool) -> bool:
        rule = self.plan.rules[index]
        if not fits or self._struck[index] == rule.times:
            return False
        self._met[index] += 1
        if self._met[index] <= rule.match.skip:
            return False
        self._struck[index] += 1
        return True


_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[:;=\n]|#[^\n]*|[^\s:;="#]+|[^\S\n]+|(?P<bad>.)')
_BARE = re.compile(r"[^\s:;=\"#]+")


def _malformed(path: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"this fault plan cannot be read: {error}",
        path=path,
        hint="see the documentation of procore_spectrum.testing.faults",
    )


def _statements(text: str) -> Iterator[list[str]]:
    tokens: list[str] = []
    for found in _TOKEN.finditer(text + "\n"):
        token = found.group()
        if found["bad"]:
            raise _malformed("text", ValueError(f"unexpected {token!r}"))
        if token in (";", "\n"):
            if tokens:
                yield tokens
            tokens = []
        elif not token.isspace() and not token.startswith("#"):
            tokens.append(token)


def _word(token: str) -> str:
    return str(json.loads(token)) if token.startswith('"') else token


def _value(token: str) -> Any:
    try:
        return json.loads(token)
    except (ValueError, RecursionError):
        return token


def _make_fault(kind: Any, fields: Mapping[str, Any]) -> Fault:
    if kind not in _KINDS:
        raise ValueError(f"no fault is called {kind!r}")
    fault: Fault = _KINDS[kind](**fields)
    return fault


def _parse_rule(tokens: list[str]) -> FaultRule:
    if tokens.count(":") != 1:
        raise ValueError("a rule reads  when : what")
    colon = tokens.index(":")
    match, times = _parse_when(tokens[:colon])
    return FaultRule(fault=_parse_fault(tokens[colon + 1 :]), match=match, times=times)


def _parse_when(tokens: list[str]) -> tuple[Match, int | None]:
    fields: dict[str, Any] = {}
    rest = iter(tokens)
    for name in rest:
        if name == "always":
            continue
        if name not in ("at", "after", "skip", "label", "path", "method", "times"):
            raise ValueError(f"unknown condition {name!r}")
        value = next(rest, None)
        if value is None or name in fields:
            raise ValueError(f"{name} stands once and with a value")
        numeric = name in ("at", "after", "skip", "times")
        fields[name] = _value(value) if numeric else _word(value)
    times = fields.pop("times", 1)
    return Match(**fields), None if times == "any" else times


def _parse_fault(tokens: list[str]) -> Fault:
    if not tokens:
        raise ValueError("no fault is named")
    kind, *rest = tokens
    fields: dict[str, Any] = {}
    if rest and rest[1:2] != ["="] and kind in _KINDS:
        names = [field.name for field in attrs.fields(_KINDS[kind])]
        if not names:
            raise ValueError(f"{kind} takes no value")
        fields[names[0]] = _value(rest.pop(0))
    if len(rest) % 3 or any(rest[index] != "=" for index in range(1, len(rest), 3)):
        raise ValueError("values are written  name=value")
    fields |= {rest[index]: _value(rest[index + 2]) for index in range(0, len(rest), 3)}
    return _make_fault(kind, fields)


def _set_fields(item: Match | Fault) -> dict[str, Any]:
    default = type(item)()
    return {
        name: value for name, value in attrs.asdict(item).items() if value != getattr(default, name)
    }


def _show(value: Any) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value) and _value(value) == value:
        return value
    return json.dumps(value)


def _show_rule(rule: FaultRule) -> str:
    when = [f"{name} {_show(value)}" for name, value in _set_fields(rule.match).items()]
    if rule.times != 1:
        when.append(f"times {'any' if rule.times is None else rule.times}")
    what = [f"{name}={_show(value)}" for name, value in _set_fields(rule.fault).items()]
    return f"{' '.join(when) or 'always'}: {' '.join([rule.fault.kind, *what])}"
