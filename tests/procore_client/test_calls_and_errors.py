"""Calls as values, the JSON writer, and error answers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    InvalidValueError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    ProcoreSpectrumError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UnreadableReplyError,
)
from procore_spectrum.procore.calls import Call, PagedCall, dump_json
from procore_spectrum.procore.errors import judge, raise_for, violations_in
from procore_spectrum.wire.messages import Response

JSON = (("Content-Type", "application/json; charset=utf-8"),)

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts | amounts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)


def answer(status: int, body: object = None, headers: Any = JSON) -> Response:
    """An answer in JSON."""
    return Response(status=status, headers=headers, content=json.dumps(body).encode())


# ------------------------------------------------------------------------------- JSON writer


@given(value=values)
def test_what_is_written_is_read_back(value: object) -> None:
    """Every value comes back as it was, amounts to the last digit."""
    assert json.loads(dump_json(value), parse_float=Decimal) == value


@given(amount=st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_amounts_keep_trailing_zeros(amount: Decimal) -> None:
    """The digits written are the digits given, without an exponent."""
    assert dump_json([amount]).decode() == f"[{amount:f}]"


@given(value=values)
def test_plain_values_are_written_as_json_does(value: object) -> None:
    """The form is compact JSON in UTF-8."""
    plain = json.loads(json.dumps(value, default=str))
    written = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    assert dump_json(plain) == written


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (1.5, ""),
        ({"a": [1, {"b": 0.1}]}, "a[1].b"),
        ([Decimal("NaN")], "[0]"),
        (Decimal("Infinity"), ""),
        (Decimal("1E+999999"), ""),
        ({"a": {1}}, "a"),
        ({1: 2}, ""),
        ((object(),), "[0]"),
        ("\ud800", ""),
    ],
)
def test_what_cannot_be_written_exactly_is_refused(value: object, path: str) -> None:
    """Floats and foreign types are named with their place."""
    with pytest.raises(InvalidValueError) as caught:
        dump_json(value)
    assert caught.value.path == path


# ------------------------------------------------------------------------------- calls


def test_only_reads_are_repeatable_by_default() -> None:
    """A write says so itself if it may be repeated."""

    def parse(value: Any, _: Response) -> Any:
        return value

    assert Call(name="x", path="/x", parse=parse).repeatable
    assert not Call(name="x", method="PATCH", path="/x", parse=parse).repeatable
    assert Call(name="x", method="PATCH", path="/x", parse=parse, repeatable=True).repeatable


@pytest.mark.parametrize("path", ["x", "", "/x?y", "/x#y", "/a b", "/a/../b", "/a\nb", "//x\\y"])
def test_a_path_is_only_a_path(path: str) -> None:
    """What could lead elsewhere is refused."""
    with pytest.raises(InvalidValueError):
        PagedCall(name="x", path=path, parse=lambda value, _: [value])


def test_a_body_is_not_shown() -> None:
    """Bodies may hold anything."""
    call = Call(name="x", path="/x", body={"a": "hidden"}, parse=lambda value, _: value)
    assert "hidden" not in repr(call)


@pytest.mark.parametrize(("most", "size"), [(None, "300"), (50, "50"), (999, "300")])
def test_the_smaller_page_counts(most: int | None, size: str) -> None:
    """Neither the endpoint's nor the client's limit is exceeded."""
    call = PagedCall(name="x", path="/x", query=(("a", "b"),), parse=lambda v, _: v, per_page=300)
    assert call.first_page(most).query == (("a", "b"), ("page", "1"), ("per_page", size))


# ------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (300, ConfigurationError),
        (302, ConfigurationError),
        (400, RefusedError),
        (401, AuthenticationError),
        (403, NotPermittedError),
        (404, NotFoundError),
        (405, RefusedError),
        (406, RefusedError),
        (409, ConflictError),
        (413, RefusedError),
        (418, RefusedError),
        (422, RefusedError),
        (429, RateLimitedError),
        (101, UnreadableReplyError),
        (408, UnavailableError),
        (500, UnavailableError),
        (502, UnavailableError),
        (503, UnavailableError),
        (504, UnavailableError),
    ],
)
def test_each_status_has_its_error(status: int, error: type[ProcoreSpectrumError]) -> None:
    """The error says who has to act, and names the call."""
    with pytest.raises(error) as caught:
        raise_for(answer(status, {"message": "Nope"}), "list vendors", repeatable=True)
    assert caught.value.path == "list vendors"


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 101])
def test_a_failure_of_the_server_leaves_a_write_in_doubt(status: int) -> None:
    """What is not repeatable may have been carried out."""
    with pytest.raises(OutcomeUnknownError):
        raise_for(answer(status), "create vendor")


def test_an_error_without_json_is_judged_by_its_status() -> None:
    """A proxy's error page has no reasons in it."""
    page = Response(status=403, headers=(("Content-Type", "text/html"),), content=b"<html>")
    with pytest.raises(NotPermittedError) as caught:
        raise_for(page, "x")
    assert caught.value.violations == ()


@pytest.mark.parametrize(
    ("status", "text", "hint"),
    [
        (403, "App is not connected to this company", "connect the app"),
        (401, "The access token is invalid", "same environment"),
        (403, "You Do Not Have Sufficient Access", "enabled in the project"),
        (404, "Not found", "may not be seen"),
        (405, "Method Not Allowed", "Budget Changes"),
        (413, "Too large", "smaller batches"),
        (409, "Conflict", "same time"),
    ],
)
def test_known_texts_have_hints(status: int, text: str, hint: str) -> None:
    """The hint says what to do."""
    with pytest.raises(ProcoreSpectrumError, match=text) as caught:
        raise_for(answer(status, {"errors": text}), "x")
    assert hint in caught.value.hint


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_missing_company_header_is_recognised(status: int) -> None:
    """Whatever the status, it is a matter of configuration."""
    body = {"errors": "Missing Procore-Company-Id header! Please see the documentation."}
    with pytest.raises(ConfigurationError, match="id of the company"):
        raise_for(answer(status, body), "x")


def test_the_asked_wait_is_passed_on() -> None:
    """Callers that repeat later know when."""
    limited = answer(429, None, (("Retry-After", "17"),))
    with pytest.raises(RateLimitedError) as caught:
        raise_for(limited, "x")
    assert caught.value.retry_after == 17


def test_no_asked_wait_is_none() -> None:
    """Nothing is made up."""
    with pytest.raises(UnavailableError) as caught:
        raise_for(answer(503), "x", repeatable=True)
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            {"code": 42, "message": "m", "fields": {}, "reason": "r"},
            [("42", "", "m"), ("42", "", "r")],
        ),
        ({"exception": "E", "message": "m"}, [("refused", "", "m"), ("refused", "", "E")]),
        ({"errors": "text"}, [("refused", "", "text")]),
        ({"errors": ["a", "b", "a"]}, [("refused", "", "a"), ("refused", "", "b")]),
        (
            {"errors": {"name": ["is blank", "is short"], "base": "no"}},
            [
                ("refused", "name", "is blank"),
                ("refused", "name", "is short"),
                ("refused", "base", "no"),
            ],
        ),
        ({"errors": {"lines": {"amount": ["bad"]}}}, [("refused", "lines.amount", "bad")]),
        ({"message": "m", "error": "e"}, [("refused", "", "m"), ("refused", "", "e")]),
        (
            {
                "error": {
                    "code": "BAD_REQUEST",
                    "message": "m",
                    "details": [
                        {"message": "d", "reason_code": "R", "source": "amount"},
                        {"message": "e", "reasonCode": "S", "source": {"pointer": "/x"}},
                        {"code": "T"},
                        "plain",
                    ],
                }
            },
            [
                ("BAD_REQUEST", "", "m"),
                ("R", "amount", "d"),
                ("S", "/x", "e"),
                ("T", "", "T"),
                ("refused", "", "plain"),
            ],
        ),
        (["a"], [("refused", "", "a")]),
        ("a  \n b", [("refused", "", "a b")]),
        ({}, []),
        (None, []),
    ],
)
def test_every_shape_of_body_is_read(body: object, found: list[tuple[str, str, str]]) -> None:
    """Code, field and message come out of each documented shape."""
    assert [(v.code, v.path, v.message) for v in violations_in(body)] == found


@given(body=values)
def test_no_body_is_too_strange(body: object) -> None:
    """Whatever JSON comes, reading its faults works and stays small."""
    found = violations_in({"errors": body, "error": body, "details": body, "fields": body})
    assert len(found) <= 200
    assert all(len(v.message) <= 500 for v in found)


def test_huge_bodies_are_cut() -> None:
    """Thousands of faults and deep nesting do not fill the journal."""
    deep: Any = "x"
    for _ in range(50):
        deep = {"a": deep}
    assert len(violations_in({"errors": [str(number) for number in range(9999)]})) == 200
    assert violations_in({"errors": deep}) == ()


@pytest.mark.parametrize(("status", "content"), [(204, b""), (200, b""), (201, b" \n")])
def test_an_empty_body_is_none(status: int, content: bytes) -> None:
    """Some writes answer with nothing."""
    assert judge(Response(status=status, content=content), "x", repeatable=False) is None


@pytest.mark.parametrize("media_type", ["application/json", "application/vnd.api+json"])
def test_json_is_decoded(media_type: str) -> None:
    """Any JSON type will do."""
    response = answer(200, [1], (("Content-Type", media_type),))
    assert judge(response, "x", repeatable=True) == [1]


@pytest.mark.parametrize(
    "response",
    [
        Response(status=200, headers=(("Content-Type", "text/html"),), content=b"<html>"),
        Response(status=200, content=b"[]"),
        Response(status=200, headers=JSON, content=b'{"a":'),
    ],
    ids=["html", "untyped", "cut"],
)
def test_a_good_status_with_garbage(response: Response) -> None:
    """For a read it is unreadable; a write may have been carried out."""
    with pytest.raises(UnreadableReplyError):
        judge(response, "x", repeatable=True)
    with pytest.raises(OutcomeUnknownError):
        judge(response, "x", repeatable=False)
