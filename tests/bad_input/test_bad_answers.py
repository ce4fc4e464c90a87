"""Answers that cannot be used, and records that cannot be carried over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from small_contractor import Contractor, held

from procore_spectrum.errors import (
    IncompleteReadError,
    PagingLoopError,
    ProcoreSpectrumError,
    ReplyError,
    TryAgainError,
    UnreadableReplyError,
)
from procore_spectrum.procore.endpoints.vendors import list_vendors
from procore_spectrum.spectrum.guid import GuidPolicy
from procore_spectrum.testing.fake_spectrum import Switches
from procore_spectrum.wire.messages import Request, Response

HTML = (("Content-Type", "text/html; charset=utf-8"),)
JSON = (("Content-Type", "application/json"),)
XML = (("Content-Type", "text/xml; charset=utf-8"),)

Inner = Callable[[Request], Response]


@pytest.fixture
def pair() -> Contractor:
    """A contractor with one of everything."""
    found = Contractor()
    found.vendor()
    found.job()
    found.phase("031000")
    return found


def answering(part: str, answer: Response) -> Callable[[Request, Inner], Response]:
    """Answer requests whose address holds that part; let the others through."""
    return lambda request, inner: answer if part in request.url else inner(request)


def unreadable(pair: Contractor, kind: type[ProcoreSpectrumError] = UnreadableReplyError) -> str:
    """The text of the error with which planning ends; a good answer afterwards goes on."""
    with pytest.raises(kind) as caught:
        pair.plan()
    assert caught.value.path
    pair.to_procore.answer = pair.to_spectrum.answer = None
    pair.run()
    assert not pair.plan().operations
    return str(caught.value)


# ---------------------------------------------------------------- Procore


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        (JSON, b"\x00\xff\x13garbage"),
        (JSON, b'[{"id": 1, "na'),
        (JSON, b'{"unexpected": "object"}'),
        (JSON, b'[{"id": "not a number"}]'),
        (JSON, b"[" * 100_000),
        (JSON, b""),
        (HTML, b"<html><body>Sign in</body></html>"),
    ],
    ids=["garbage", "cut", "object", "wrong-type", "nested", "empty", "html"],
)
def test_procore_answers_nonsense(
    pair: Contractor, headers: tuple[tuple[str, str], ...], content: bytes
) -> None:
    """A success that is not what was promised is unreadable, and nothing is written."""
    answer = Response(status=200, headers=headers, content=content)
    pair.to_procore.answer = answering("/rest/v1.0/vendors", answer)
    unreadable(pair)


def test_procore_is_broken(pair: Contractor) -> None:
    """The gateway's page is a reason to try later, after the repetitions."""
    pair.procore.switches.html_502 = True
    with pytest.raises(TryAgainError) as caught:
        pair.plan()
    assert caught.value.path
    pair.procore.switches.html_502 = False
    pair.run()


def test_a_page_that_repeats(pair: Contractor) -> None:
    """A link back to a page that was read already ends the reading."""

    def loop(request: Request, inner: Inner) -> Response:
        answer = inner(request)
        if "/rest/v1.0/vendors" not in request.url:
            return answer
        link = (("Link", f'<{request.url}>; rel="next"'),)
        return Response(status=200, headers=answer.headers + link, content=answer.content)

    pair.to_procore.answer = loop
    with pytest.raises(PagingLoopError) as caught:
        list(pair.procore_client.pages(list_vendors(pair.procore.company_id)))
    assert caught.value.path
    unreadable(pair, PagingLoopError)


def test_a_lost_answer_to_a_write_is_looked_up_and_not_repeated(pair: Contractor) -> None:
    """The vendor is created once, although the answer to the first write was garbage."""
    lost: list[Request] = []

    def lose(request: Request, inner: Inner) -> Response:
        answer = inner(request)
        if request.method == "PATCH" and not lost:
            lost.append(request)
            return Response(status=200, headers=JSON, content=b"garbage")
        return answer

    pair.to_procore.answer = lose
    report = pair.syncer.apply(pair.plan())
    assert report.counts["unknown"] == 1
    pair.run()
    assert len(pair.table("vendors")) == 1
    assert not pair.plan().operations


def test_a_duplicate_origin_id(pair: Contractor) -> None:
    """Procore refuses a second record with one key; the record is reported, the rest is done."""
    pair.procore.switches.origin_ids_unique_across_types = True
    pair.procore.add_line_item_type(code="Z", name="Taken", origin_id="spectrum:ABC:vendor:ACME")
    report = pair.syncer.apply(pair.plan())
    (outcome,) = [found for found in report.outcomes if found.state == "refused"]
    assert (outcome.ref.kind, outcome.ref.key) == ("company", "ACME")
    assert any("origin_id" in str(v) for v in outcome.violations)
    assert len(pair.table("wbs_codes")) == 1
    assert [op.ref.key for op in pair.plan().operations] == ["ACME"]


def test_a_key_that_two_companies_show(pair: Contractor) -> None:
    """When Procore shows one key twice, neither is taken for the vendor."""

    def double(request: Request, inner: Inner) -> Response:
        answer = inner(request)
        if "/rest/v1.0/vendors?" not in request.url:
            return answer
        rows = answer.json()
        content = b"[" + b",".join(_company(number) for number in (1, 2)) + b"]"
        assert rows == []
        return Response(status=200, headers=answer.headers, content=content)

    pair.to_procore.answer = double
    assert held(pair.plan("vendors"), "ACME").code == "key-twice"


def _company(number: int) -> bytes:
    return (
        b'{"id":%d,"name":"Acme Concrete","is_active":true,'
        b'"origin_id":"spectrum:ABC:vendor:ACME","origin_code":"ACME"}' % number
    )


# ---------------------------------------------------------------- Spectrum


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        (XML, b"\x00\xff\x13garbage"),
        (XML, b"<?xml version='1.0'?><a>"),
        (XML, b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>"),
        (XML, b""),
        (HTML, b"<html><body>Spectrum is being updated</body></html>"),
    ],
    ids=["garbage", "cut", "entity", "empty", "html"],
)
def test_spectrum_answers_nonsense(
    pair: Contractor, headers: tuple[tuple[str, str], ...], content: bytes
) -> None:
    """A success that is not an envelope is unreadable, and nothing is written."""
    answer = Response(status=200, headers=headers, content=content)
    pair.to_spectrum.answer = lambda request, inner: (
        answer if b"GetJob>" in request.content or b"GetJob " in request.content else inner(request)
    )
    text = unreadable(pair, ReplyError)
    assert "root:" not in text


def test_spectrum_vendors_as_html(pair: Contractor) -> None:
    """The REST listing is judged in the same way."""
    page = Response(status=200, headers=HTML, content=b"<html>Sign in</html>")
    pair.to_spectrum.answer = answering("/vendors", page)
    unreadable(pair)


def test_a_listing_that_is_cut_off_and_cannot_be_split() -> None:
    """A short listing is never taken for the whole one."""
    pair = Contractor(client={"vendor_row_cap": 3})
    for number in range(5):
        pair.vendor(f"V{number}", f"Vendor {number}")
    with pytest.raises(IncompleteReadError) as caught:
        pair.plan("vendors")
    assert caught.value.path
    assert caught.value.hint


def test_an_expired_guid() -> None:
    """A group of calls that timed out is continued with a new one."""
    switches = Switches(guid_hours=1)
    pair = Contractor(client={"guids": GuidPolicy.PER_SERVICE}, spectrum={"switches": switches})
    pair.job()
    pair.run("jobs")
    pair.clock.advance(timedelta(hours=2).total_seconds())
    pair.job("25-0102", "Library")
    pair.run("jobs")
    assert not pair.plan("jobs").operations


# ---------------------------------------------------------------- records


def test_a_phase_with_dashes(pair: Contractor) -> None:
    """Dashes only part the groups: the phase is the one without them."""
    pair.phase("03-2000", "M", "Rebar")
    pair.run()
    assert {row["full_code"] for row in pair.table("cost_codes")} == {"03", "03-1000", "03-2000"}


def test_a_job_number_longer_than_ten(pair: Contractor) -> None:
    """Spectrum's own limit is ten; a longer one is held, and never cut."""

    def lengthen(request: Request, inner: Inner) -> Response:
        answer = inner(request)
        content = answer.content.replace(b"25-0101", b"25-0101-LONGER")
        return Response(status=answer.status, headers=answer.headers, content=content)

    pair.to_spectrum.answer = lengthen
    found = held(pair.plan("jobs"), "25-0101-LONGER")
    assert [violation.path for violation in found.violations] == ["job_number"]
    pair.run("jobs")
    assert not pair.table("projects")
