"""The login host."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlencode, urlsplit

from procore_wire import LOGIN, Wire

from procore_spectrum.wire.messages import Request

INVALID_TOKEN = "The access token is invalid"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


def me(wire: Wire, token: str) -> int:
    """The status of a call with that token."""
    wire.token = token
    return wire.get("/rest/v1.0/me").status


def pair(wire: Wire) -> dict[str, str]:
    """A renewable pair of tokens of a person."""
    code = wire.fake.issue_code()
    return wire.grant("authorization_code", code=code, redirect_uri=OUT_OF_BAND).json()


def test_client_credentials_give_a_token_without_refresh_token(wire: Wire) -> None:
    """The service account's token has its life written on it and cannot be renewed."""
    body = wire.grant("client_credentials").json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 5400
    assert body["created_at"] == int(wire.clock.now().timestamp())
    assert "refresh_token" not in body


def test_wrong_secret_is_refused(wire: Wire) -> None:
    """A wrong secret is told apart from every other failure."""
    answer = wire.grant("client_credentials", client_secret="wrong")
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


def test_unknown_grant_is_refused(wire: Wire) -> None:
    """Only the three documented grants exist."""
    assert wire.grant("password").json()["error"] == "unsupported_grant_type"


def test_token_request_may_be_json(wire: Wire) -> None:
    """JSON is taken as well as a form."""
    body = {
        "grant_type": "client_credentials",
        "client_id": wire.fake.client_id,
        "client_secret": wire.fake.client_secret,
    }
    assert wire.send("POST", f"{LOGIN}/oauth/token", body, headers=()).status == 200


def test_json_that_is_no_object_is_refused(wire: Wire) -> None:
    """A list, or no JSON at all, names no client."""
    kind = (("Content-Type", "application/json"),)
    for content in (b"[]", b"{"):
        request = Request(method="POST", url=f"{LOGIN}/oauth/token", headers=kind, content=content)
        assert wire.fake.handle(request).status == 401


def test_token_request_may_be_multipart(wire: Wire) -> None:
    """The documentation shows multipart forms, too."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": wire.fake.client_id,
        "client_secret": wire.fake.client_secret,
    }
    parts = [
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    request = Request(
        method="POST",
        url=f"{LOGIN}/oauth/token",
        headers=(("Content-Type", "multipart/form-data; boundary=cut"),),
        content=("".join(parts) + "--cut--\r\n").encode(),
    )
    assert wire.fake.handle(request).status == 200


def test_multipart_without_parts_is_refused(wire: Wire) -> None:
    """A multipart body without its boundary holds no fields."""
    headers = (("Content-Type", "multipart/form-data"),)
    assert wire.form("/oauth/token", headers=headers).status == 401


def test_token_works_until_it_expires(wire: Wire) -> None:
    """Both sides of the boundary: one second before the end, and at the end."""
    wire.clock.advance(5399)
    assert me(wire, wire.token) == 200
    wire.clock.advance(1)
    answer = wire.get("/rest/v1.0/me")
    assert (answer.status, answer.json()["message"]) == (401, INVALID_TOKEN)


def test_missing_and_foreign_authorization_is_refused(wire: Wire) -> None:
    """No header, another scheme and an unknown token get the same answer."""
    company = ("Procore-Company-Id", str(wire.company))
    for value in (None, f"Basic {wire.token}", "Bearer unknown"):
        headers = (company,) if value is None else (company, ("Authorization", value))
        assert wire.send("GET", "/rest/v1.0/me", headers=headers).status == 401


def test_code_works_once(wire: Wire) -> None:
    """An authorization code is single use."""
    code = wire.fake.issue_code()
    for status in (200, 401):
        answer = wire.grant("authorization_code", code=code, redirect_uri=OUT_OF_BAND)
        assert answer.status == status


def test_code_lives_ten_minutes(wire: Wire) -> None:
    """Both sides of the boundary of ten minutes."""
    for seconds, status in ((599, 200), (600, 401)):
        code = wire.fake.issue_code()
        wire.clock.advance(seconds)
        answer = wire.grant("authorization_code", code=code, redirect_uri=OUT_OF_BAND)
        assert answer.status == status


def test_code_needs_its_redirect_address(wire: Wire) -> None:
    """A code sent to one address cannot be exchanged for another."""
    code = wire.fake.issue_code(redirect_uri="https://app.example.com/done")
    answer = wire.grant("authorization_code", code=code, redirect_uri=OUT_OF_BAND)
    assert answer.status == 401


def test_refresh_gives_a_new_pair_and_ends_the_old_one(wire: Wire) -> None:
    """Rotation: the old access token dies, the new one works."""
    old = pair(wire)
    new = wire.grant("refresh_token", refresh_token=old["refresh_token"]).json()
    assert me(wire, old["access_token"]) == 401
    assert me(wire, new["access_token"]) == 200


def test_refresh_token_works_once(wire: Wire) -> None:
    """A used refresh token is refused with the documented text."""
    old = pair(wire)["refresh_token"]
    wire.grant("refresh_token", refresh_token=old)
    answer = wire.grant("refresh_token", refresh_token=old)
    assert answer.status == 401
    assert answer.json()["error_description"] == "The refresh token is invalid"


def test_refresh_outlives_the_access_token(wire: Wire) -> None:
    """A refresh token has no fixed expiry."""
    old = pair(wire)["refresh_token"]
    wire.clock.advance(10_000_000)
    assert wire.grant("refresh_token", refresh_token=old).status == 200


def test_revocation_ends_both_tokens(wire: Wire) -> None:
    """Revoking either half of a pair ends both."""
    app = {"client_id": wire.fake.client_id, "client_secret": wire.fake.client_secret}
    for half in ("access_token", "refresh_token"):
        tokens = pair(wire)
        assert wire.form("/oauth/revoke", token=tokens[half], **app).status == 200
        assert me(wire, tokens["access_token"]) == 401
        refreshed = wire.grant("refresh_token", refresh_token=tokens["refresh_token"])
        assert refreshed.status == 401


def test_revocation_of_an_unknown_token_succeeds(wire: Wire) -> None:
    """200 also for a token nobody knows; the client must still be the right one."""
    app = {"client_id": wire.fake.client_id, "client_secret": wire.fake.client_secret}
    assert wire.form("/oauth/revoke", token="unknown", **app).status == 200
    assert wire.form("/oauth/revoke", token="unknown").status == 401


def test_token_info(wire: Wire) -> None:
    """The remaining life follows the clock."""
    wire.clock.advance(400)
    body = wire.get("/oauth/token/info").json()
    assert body["expires_in_seconds"] == 5000
    assert body["application"]["uid"] == wire.fake.client_id
    wire.token = "unknown"
    assert wire.get("/oauth/token/info").status == 401


def test_authorize_redirects_with_code_and_state(wire: Wire) -> None:
    """The consent page sends the browser back with a code that can be exchanged."""
    wire.fake.add_user(name="Ann", login="ann@example.com")
    for target in ("https://app.example.com/done", "https://app.example.com/done?x=1"):
        query = {
            "response_type": "code",
            "client_id": wire.fake.client_id,
            "redirect_uri": target,
            "state": "abc",
        }
        answer = wire.send("GET", f"{LOGIN}/oauth/authorize?{urlencode(query)}", headers=())
        place = answer.header("Location") or ""
        back = parse_qs(urlsplit(place).query)
        assert (answer.status, back["state"]) == (302, ["abc"])
        assert place.startswith(target)
        code = back["code"][0]
        granted = wire.grant("authorization_code", code=code, redirect_uri=target)
        assert granted.status == 200


def test_authorize_out_of_band_without_state(wire: Wire) -> None:
    """Out of band, the code is shown on a page of Procore's own."""
    wire.fake.add_user(name="Ann", login="ann@example.com")
    app = wire.fake.client_id
    answer = wire.get(
        f"{LOGIN}/oauth/authorize",
        response_type="code",
        client_id=app,
        redirect_uri=OUT_OF_BAND,
    )
    place = answer.header("Location") or ""
    assert place.startswith("/oauth/authorize/native?code=")
    assert "state" not in place


def test_authorize_refuses_what_is_incomplete(wire: Wire) -> None:
    """Unknown app, missing parameter, and nobody logged in."""
    page, app = f"{LOGIN}/oauth/authorize", wire.fake.client_id
    assert wire.get(page, client_id="other").status == 401
    assert wire.get(page, client_id=app, response_type="code").status == 400
    assert wire.get(page, client_id=app, response_type="token", redirect_uri="x").status == 400
    assert wire.get(page, client_id=app, response_type="code", redirect_uri="x").status == 401


def test_unknown_login_path(wire: Wire) -> None:
    """404 in JSON, also on the login host."""
    answer = wire.form("/oauth/other")
    assert answer.status == 404
    assert json.loads(answer.content)["error"] == "Not Found"


def test_tokens_are_the_same_in_every_run() -> None:
    """Nothing is random: two fakes with the same calls hand out the same tokens."""
    assert Wire().token == Wire().token
