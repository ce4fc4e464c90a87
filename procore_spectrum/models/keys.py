"""Natural keys as one text: how Spectrum's records are named in links, plans and messages."""

from __future__ import annotations

__all__ = ["join_key", "split_key"]


def join_key(*parts: str) -> str:
    """One text of several key parts, joined by slashes; a slash inside a part is escaped."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


def split_key(text: str) -> tuple[str, ...]:
    """The parts that :func:`join_key` joined."""
    return tuple(part.replace("%2F", "/").replace("%25", "%") for part in text.split("/"))
