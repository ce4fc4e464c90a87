"""Reads the documentation as the tests need it: blocks of code, and outputs with gaps."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import attrs

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@attrs.frozen
class Block:
    """A fenced block of a page: its language and its text."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    return [Block(*found) for found in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def block(page: Path, language: str) -> str:
    """The first block of that language."""
    return next(found.text for found in blocks(page) if found.language == language)


def examples(page: Path) -> Iterator[tuple[str, str]]:
    """Each block of Python with the output that is shown below it, if any."""
    found = blocks(page)
    for this, following in zip(found, [*found[1:], None], strict=True):
        if this.language == "python":
            shown = following is not None and following.language == "text"
            yield this.text, following.text if following is not None and shown else ""


def commands(page: Path) -> Iterator[tuple[str, str]]:
    """Each command of the console blocks with the output that is shown below it."""
    for found in blocks(page):
        if found.language == "console":
            for part in re.split(r"^\$ ", found.text, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                yield command, shown


def fits(output: str, shown: str) -> bool:
    """Whether an output is what a page shows; "…" stands for anything.

    A line that is only "…" stands for any number of lines, also none.
    """
    pattern = ""
    for line in shown.strip().splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += re.escape(line.rstrip()).replace("…", ".*") + r" *\n"
    return re.fullmatch(pattern, f"{output.strip()}\n") is not None


def from_code() -> ModuleType:
    """The extension that makes tables from the code; it does not need Sphinx."""
    spec = importlib.util.spec_from_file_location("from_code", DOCS / "_ext" / "from_code.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
