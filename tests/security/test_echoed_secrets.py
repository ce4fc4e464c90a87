"""Errors hold no secret, even where a server repeats what it was sent."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import ProcoreSpectrumError, RefusedError, Violation
from procore_spectrum.notifiers import WebhookNotifier
from procore_spectrum.ports import Notice
from procore_spectrum.wire.clock import SystemClock
from procore_spectrum.wire.flows import AsyncDriver, Driver, Flow
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.secrets import cover

secrets = st.text(alphabet="abXY12-", min_size=4, max_size=12)
texts = st.text(alphabet="abXY12- ", max_size=30)


@given(secret=secrets, before=texts, after=texts)
def test_a_secret_is_blotted_out_of_every_part(secret: str, before: str, after: str) -> None:
    """Message, path, hint, arguments and violations; also of the error behind."""
    said = before + secret + after
    inner = RefusedError(said, path=said)
    violation = Violation(code=said, message=said, path=said, hint=said)
    error = RefusedError(said, path=said, hint=said, violations=(violation,))
    error.__cause__ = inner
    cover(error, [secret])
    for one in (error, inner):
        assert secret not in f"{one} {one!r} {one.args} {vars(one)}"


@given(secret=secrets, text=texts)
def test_what_holds_no_secret_is_left_alone(secret: str, text: str) -> None:
    """Every other word of an error stays as it is."""
    said = text.replace(secret, "")
    error = RefusedError(said, path=said)
    if secret not in said:
        cover(error, [secret])
        assert (error.message, error.path) == (said, said)


def test_a_very_short_secret_blots_nothing_out() -> None:
    """It would hide ordinary words; errors of other libraries are not ours to change."""
    error = RefusedError("a bad day")
    error.__context__ = ValueError("a")
    cover(error, ["a", "bad"])
    assert error.message == "a bad day"


def test_a_longer_secret_is_blotted_out_before_a_shorter_one() -> None:
    """No rest of it stays."""
    error = RefusedError("abcdefgh")
    cover(error, ["abcd", "abcdefgh"])
    assert error.message == "***"


def test_an_error_behind_itself_is_blotted_out_once() -> None:
    """A chain that ends nowhere does not keep us."""
    error = RefusedError("abcdefgh")
    error.__cause__ = error
    cover(error, ["abcd"])
    assert error.message == "***efgh"


def refuse() -> Flow[None]:
    """A flow in which something repeats a secret."""
    yield from ()
    raise RefusedError("no CANARY here")


def test_both_drivers_blot_out() -> None:
    """Whatever flow they run, with the secrets that are in use at that moment."""
    current: list[str] = []
    driver = Driver(HttpxTransport(), SystemClock(), lambda: current)
    twin = AsyncDriver(None, SystemClock(), lambda: current)
    current.append("CANARY")
    with pytest.raises(RefusedError, match=r"no \*\*\* here"):
        driver.run(refuse())
    with pytest.raises(RefusedError, match=r"no \*\*\* here"):
        asyncio.run(twin.run(refuse()))
    driver.transport.close()


def test_a_webhook_that_cannot_be_reached_shows_its_host_only() -> None:
    """Many services put a secret into the path."""
    transport = HttpxTransport(timeout=0.2)
    notifier = WebhookNotifier(
        "http://127.0.0.1:9/services/CANARY", transport=transport, allow_private=True
    )
    with pytest.raises(ProcoreSpectrumError) as caught:
        notifier.notify(Notice(kind="failed", subject="S", lines=()))
    transport.close()
    assert caught.value.path == "127.0.0.1"
    assert "CANARY" not in f"{caught.value} {notifier!r}"
