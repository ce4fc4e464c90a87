"""Every limit of the official connector has an answer, and names settings that exist."""

from __future__ import annotations

import re

import pytest
from pages import REFERENCE, from_code

from procore_spectrum.cli.commands import cli
from procore_spectrum.features import FEATURES

PAGE = (REFERENCE / "official-connector-limits.md").read_text("utf-8")
LINES = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
TABLES = from_code()
SETTINGS = {setting.name for setting in TABLES.all_settings()}


def test_all_of_them_are_there() -> None:
    """36, in their order."""
    assert [int(number) for number, *_ in LINES] == list(range(1, 37))


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_each_has_an_answer(line: tuple[str, str, str, str]) -> None:
    """One of three words, and more than a word about how or why."""
    _, limit, answer, how = line
    assert answer in {"kept", "lifted", "impossible"}
    assert len(limit.split()) > 2
    assert len(how.split()) > 1


def test_every_setting_that_is_named_exists() -> None:
    """A renamed setting is noticed here; a table of settings counts by its beginning."""
    named = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", PAGE))
    assert len(named) > 10
    unknown = {
        name
        for name in named - SETTINGS
        if not any(known.startswith(f"{name}.") for known in SETTINGS)
    }
    assert not unknown


def test_every_other_word_in_code_is_known() -> None:
    """A command, a feature, a cause of a difference, or the list of features."""
    words = set(re.findall(r"`([a-z_-]+)`", PAGE))
    known = set(cli.commands) | {feature.name for feature in FEATURES}
    assert words <= known | {"features", "one_sided"}


def test_what_is_lifted_names_how() -> None:
    """A setting, a command or a record of the queue: something that can be looked up."""
    for number, _, answer, how in LINES:
        if answer == "lifted":
            assert "`" in how, number
