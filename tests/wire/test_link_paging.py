"""Link headers, and following them without being led astray."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import IncompleteReadError, PagingLoopError, UnreadableReplyError
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.paging import Link, Pager, parse_links

BASE = "https://api.example.com/rest/v1.0/vendors?page=1"

targets = st.text(st.characters(exclude_characters="<>", codec="ascii"), max_size=30)
tokens = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8)
blanks = st.sampled_from(["", " ", "  ", "\t"])
noise = st.sampled_from(['title="a, b; c"', 'title="<x>; rel=next"', "crossorigin", 'x=""', "y=z"])


@st.composite
def written_links(draw: st.DrawFn) -> tuple[str, list[Link]]:
    """A header as servers may write it, and what it means."""
    values, links = [], []
    for _ in range(draw(st.integers(0, 4))):
        target = draw(targets).strip()
        relations = draw(st.lists(tokens, min_size=1, max_size=3))
        rel = " ".join(relations)
        if len(relations) > 1 or draw(st.booleans()):
            rel = f'"{rel}"'
        parameters = [
            *draw(st.lists(noise, max_size=2)),
            f"{draw(st.sampled_from(['rel', 'REL']))}={rel}",
        ]
        parameters += draw(st.lists(noise, max_size=2))
        joined = "".join(f"{draw(blanks)};{draw(blanks)}{parameter}" for parameter in parameters)
        values.append(f"<{target}>{joined}")
        links.append(Link(target, frozenset(relations)))
    return f"{draw(blanks)},{draw(blanks)}".join(values), links


@given(written=written_links())
def test_what_was_written_is_read(written: tuple[str, list[Link]]) -> None:
    """Blanks, quotes, further parameters and several links do not confuse the reader."""
    header, links = written
    assert parse_links(header) == links


@given(header=st.text(st.sampled_from('<>;,="\\ relnxthps:/?'), max_size=60))
def test_garbage_is_survived(header: str) -> None:
    """No header makes the reader fail, and each target is a part of it."""
    assert all(link.target in header for link in parse_links(header))


def test_a_pathological_header_takes_no_time() -> None:
    """The reader is linear: a hundred thousand quotes are nothing."""
    assert parse_links('"' * 100_000) == []
    assert len(parse_links("<a>" + ';x="' * 20_000)) == 1


@pytest.mark.parametrize(
    ("header", "relations"),
    [
        ('<a>; rel="Next LAST"', {"next", "last"}),
        ("<a>; rel=next; rel=prev", {"next"}),
        ('<a>; rel="ne\\xt"', {"next"}),
        ("<a>; rel", set()),
        ("<a>", set()),
        ("junk, <a>; rel=next", {"next"}),
        ("<a>; rel = next", {"next"}),
    ],
)
def test_relations(header: str, relations: set[str]) -> None:
    """Relations are several, without regard to case, and only the first rel counts."""
    assert parse_links(header) == [Link("a", frozenset(relations))]


def following(link: str | None, *, pager: Pager | None = None, url: str = BASE) -> str | None:
    """Where a page with that Link header leads."""
    headers = () if link is None else (("Link", link),)
    request = Request(method="GET", url=url)
    return (pager or Pager()).next_url(request, Response(status=200, headers=headers))


def test_no_link_is_the_end() -> None:
    """A page without a next link is the last one."""
    assert following(None) is None
    assert following('<https://api.example.com/?page=1>; rel="first"') is None


def test_the_next_link_is_followed() -> None:
    """The address comes from the header, absolute or not."""
    assert following('</rest/v1.0/vendors?page=2>; rel="next"') == BASE.replace("=1", "=2")
    assert following('<?page=2>; rel="next"') == BASE.replace("=1", "=2")


def test_a_named_default_port_is_the_same_server() -> None:
    """https means port 443."""
    assert following('<https://API.example.com:443/x>; rel="next"') is not None


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.com/x",
        "http://api.example.com/x",
        "https://api.example.com:8443/x",
        "https://api.example.com:port/x",
        "//evil.example.com/x",
        "https://[broken/x",
        "https://api.example.com@evil.example.com/x",
        "ftp://api.example.com/x",
    ],
)
def test_another_server_is_refused(target: str) -> None:
    """Credentials never follow a link to another scheme, host or port."""
    with pytest.raises(UnreadableReplyError, match="another server"):
        following(f'<{target}>; rel="next"')


def test_a_page_that_names_itself_is_a_loop() -> None:
    """The shortest circle is found."""
    with pytest.raises(PagingLoopError):
        following(f'<{BASE}>; rel="next"')


@given(length=st.integers(2, 30), back=st.integers(0, 29))
def test_every_circle_is_found(length: int, back: int) -> None:
    """However long the way, coming back to a page raises."""
    pager = Pager()
    urls = [f"https://api.example.com/?page={number}" for number in range(length)]
    for here, there in itertools.pairwise(urls):
        assert following(f"<{there}>; rel=next", pager=pager, url=here) == there
    with pytest.raises(PagingLoopError):
        following(f"<{urls[back % length]}>; rel=next", pager=pager, url=urls[-1])


def test_the_number_of_pages_has_an_end() -> None:
    """A listing that never ends is given up."""
    pager = Pager(most_pages=2)
    second = following("<?page=2>; rel=next", pager=pager)
    assert second is not None
    with pytest.raises(IncompleteReadError):
        following("<?page=3>; rel=next", pager=pager, url=second)
