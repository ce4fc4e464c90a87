"""Enhanced authentication: tokens, their renewal, and the rotation of the secret."""

import json
import threading
from urllib.parse import parse_qs

import pytest
from spectrum_canned import JSON, CannedServer, client_of, get_reply

from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    RateLimitedError,
    StoreError,
    UnavailableError,
    UnreadableReplyError,
)
from procore_spectrum.spectrum import services
from procore_spectrum.testing import FakeClock
from procore_spectrum.wire.messages import Response

LIST = services.list_phases()


def answer(body, status=200):
    """A JSON answer."""
    return Response(status=status, headers=JSON, content=json.dumps(body).encode())


class TokenServer(CannedServer):
    """Serves tokens that differ, beside one listing."""

    def __init__(self, *answers, **handlers):
        super().__init__(GetPhase=[get_reply("GetPhase", [])], **handlers)
        self.answers = list(answers)
        self.asked = []

    def _answer(self, request):
        if request.url.endswith(("/connect/token", "/secretRotation")):
            self.asked.append(request)
            if self.answers:
                given = self.answers.pop(0)
                if isinstance(given, Exception):
                    raise given
                return given
            return answer({"access_token": f"token{len(self.asked)}", "expires_in": 3600})
        return super()._answer(request)


def enhanced(server, **options):
    """A client with enhanced authentication."""
    return client_of(server, client_id="ID", client_secret="SECRET", **options)


def test_a_token_is_fetched_once():
    """Calls share a token, sent as bearer; the request is a form."""
    server = TokenServer()
    client = enhanced(server)
    client.send(LIST)
    client.send(LIST)
    (asked,) = server.asked
    assert parse_qs(asked.content.decode()) == {
        "client_id": ["ID"],
        "client_secret": ["SECRET"],
        "scope": ["spectrumapi"],
        "grant_type": ["client_credentials"],
    }
    assert {request.header("Authorization") for request in server.requests} == {"Bearer token1"}


def test_the_token_request_can_be_json():
    """The encoding is a switch, because it is not documented."""
    server = TokenServer()
    enhanced(server, oauth_encoding="json").send(LIST)
    assert json.loads(server.asked[0].content)["client_id"] == "ID"


@pytest.mark.parametrize(("lifetime", "seconds"), [({"expires_in": 3600}, 3540), ({}, 240)])
def test_tokens_are_renewed_before_they_expire(lifetime, seconds):
    """A minute before the end a new token is fetched; without a lifetime, after minutes."""
    clock = FakeClock()
    server = TokenServer(answer({"access_token": "first", **lifetime}))
    client = enhanced(server, clock=clock)
    client.send(LIST)
    clock.sleep(seconds - 1)
    client.send(LIST)
    assert len(server.asked) == 1
    clock.sleep(1)
    client.send(LIST)
    assert len(server.asked) == 2


def test_many_threads_fetch_one_token():
    """Only one flow asks for a token."""
    server = TokenServer()
    client = enhanced(server)
    threads = [threading.Thread(target=client.send, args=(LIST,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1


def test_a_refused_token_is_replaced_once():
    """After HTTP 401 one fresh token is tried, then the error is raised."""
    server = TokenServer()
    server.handlers["GetPhase"] = [Response(status=401), get_reply("GetPhase", [])]
    enhanced(server).send(LIST)
    assert len(server.asked) == 2
    server = TokenServer()
    server.handlers["GetPhase"] = [Response(status=401)]
    with pytest.raises(AuthenticationError):
        enhanced(server).send(LIST)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer({}, 400), AuthenticationError),
        (answer({}, 429), RateLimitedError),
        (answer({}, 500), UnavailableError),
        (answer([]), UnreadableReplyError),
        (answer({"access_token": ""}), UnreadableReplyError),
        (answer({"access_token": "x", "expires_in": "soon"}), UnreadableReplyError),
        (OutcomeUnknownError("lost"), OutcomeUnknownError),
    ],
)
def test_failing_token_requests(given, error):
    """Whatever goes wrong is told without the secret, and leaves the gate open."""
    server = TokenServer(given, given, given)
    client = enhanced(server)
    with pytest.raises(error) as caught:
        client.send(LIST)
    assert "SECRET" not in str(caught.value)
    server.answers.clear()
    client.send(LIST)


def test_the_secret_is_rotated():
    """The new secret is stored before it is used, and the next token is asked for with it."""
    server = TokenServer(answer({"client_secret": "NEW", "estimated_expiration": "2026-05-01"}))
    client = enhanced(server)
    kept = []
    assert client.rotate_secret(kept.append).estimated_expiration == "2026-05-01"
    client.send(LIST)
    assert kept == ["NEW"]
    assert parse_qs(server.asked[1].content.decode())["client_secret"] == ["NEW"]


def test_a_secret_that_cannot_be_stored_is_not_used():
    """When storing fails the error is raised and the old secret stays in use."""

    def fail(secret):
        raise StoreError("disk full")

    server = TokenServer(answer({"client_secret": "NEW"}))
    client = enhanced(server)
    with pytest.raises(StoreError):
        client.rotate_secret(fail)
    client.send(LIST)
    assert parse_qs(server.asked[1].content.decode())["client_secret"] == ["SECRET"]


def test_only_enhanced_authentication_rotates():
    """Basic authentication has no such secret."""
    with pytest.raises(ConfigurationError):
        client_of(CannedServer()).rotate_secret(print)
