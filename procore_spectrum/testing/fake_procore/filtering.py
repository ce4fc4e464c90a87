"""``filters[...]``: conditions that are combined with AND (`doc:filtering-on-list-actions`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from procore_spectrum.testing.fake_procore.answers import bad_request
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.world import Row

__all__ = ["chosen"]

Test = Callable[[Row], bool]


def chosen(
    call: Call,
    rows: Iterable[Row],
    *,
    equal: tuple[str, ...] = (),
    ids: tuple[str, ...] = (),
    ranges: tuple[str, ...] = (),
    contains: tuple[tuple[str, str], ...] = (),
    flags: tuple[str, ...] = (),
) -> list[Row]:
    """The rows that pass every filter that was sent.

    ``contains`` holds pairs of filter name and field. Filters an endpoint does not know are
    ignored, as in Rails: a client that relies on one gets everything.
    """
    tests: list[Test] = []
    tests += [test for name in equal if (test := _equal(call, name))]
    tests += [test for name in ids if (test := _among(call, name))]
    tests += [test for name in ranges if (test := _between(call, name))]
    tests += [test for name in flags if (test := _flagged(call, name))]
    tests += [test for name, field in contains if (test := _contains(call, name, field))]
    return [row for row in rows if all(test(row) for test in tests)]


def _equal(call: Call, name: str) -> Test | None:
    wanted = call.query.get(f"filters[{name}]")
    return None if wanted is None else lambda row: row.get(name) == wanted


def _flagged(call: Call, name: str) -> Test | None:
    wanted = call.query.get(f"filters[{name}]")
    return None if wanted is None else lambda row: row[name] is (wanted == "true")


def _among(call: Call, name: str) -> Test | None:
    wanted = frozenset(call.query_ids(f"filters[{name}]"))
    return (lambda row: row.get(name) in wanted) if wanted else None


def _contains(call: Call, name: str, field: str) -> Test | None:
    wanted = call.query.get(f"filters[{name}]")
    if wanted is None:
        return None
    part = wanted.lower()
    return lambda row: part in (row.get(field) or "").lower()


def _between(call: Call, name: str) -> Test | None:
    """``from...to`` with both ends included; dates or date-times, with or without quotes."""
    text = call.query.get(f"filters[{name}]")
    if text is None:
        return None
    try:
        start, end = (_moment(part) for part in text.strip('"').split("..."))
    except ValueError:
        raise bad_request(f"filters[{name}]", "is not a range of dates") from None
    return lambda row: start <= _moment(row[name]) <= end


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
