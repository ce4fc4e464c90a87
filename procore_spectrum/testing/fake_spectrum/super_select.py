"""The selection expressions that many Get parameters accept.

``*`` and ``?`` are wildcards (``*text*`` is "contains"), ``a,b`` a list, ``a/b`` a range,
``#`` in front excludes what follows, ``ALL`` or a blank selects everything, other text is exact.
The parts of a list may be ranges and wildcards.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["select"]

Selector = Callable[[str], bool]


def select(expression: str, *, width: int = 0) -> Selector:
    """The test that an expression stands for.

    Args:
        expression: as sent by the caller.
        width: of a right-justified key; ranges then compare padded texts.
    """
    if expression in {"", "*", "ALL"}:
        return lambda _: True
    excluded = expression.startswith("#")
    parts = [_part(text, width) for text in expression.removeprefix("#").split(",")]
    return lambda key: any(part(key) for part in parts) != excluded


def _part(text: str, width: int) -> Selector:
    if text == "ALL":
        return lambda _: True
    low, slash, high = text.partition("/")
    if slash:
        low, high = low.rjust(width), high.rjust(width)
        return lambda key: low <= key.rjust(width) <= high
    if "*" in text or "?" in text:
        pattern = re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
        return _matcher(pattern)
    return lambda key: key == text


def _matcher(pattern: str) -> Selector:
    compiled = re.compile(pattern, re.DOTALL)
    return lambda key: compiled.fullmatch(key) is not None
