"""No secret stays anywhere: canaries are planted, everything is run, and all of it is searched."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import attrs
import pytest
from canary_run import (
    CLIENT_SECRET,
    PLANTED,
    Leftovers,
    everything_logged,
    read_files,
    run_commands,
    run_features,
)


@attrs.frozen
class Done:
    """A run, and the folder that it wrote into."""

    left: Leftovers
    folder: Path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Every feature, every kind of failure, every command; with a mask that hides nothing."""
    folder, left = tmp_path_factory.mktemp("canary"), Leftovers()
    old = os.umask(0)
    try:
        with everything_logged(left):
            run_features(left, folder)
            run_commands(left, folder)
    finally:
        os.umask(old)
    read_files(left, folder)
    return Done(left, folder)


def test_no_secret_is_left_anywhere(done: Done) -> None:
    """Not in files, journal, logs, output, reprs, errors, recorded calls or plans."""
    assert done.left.found() == []


def test_everything_was_there_to_be_searched(done: Done) -> None:
    """The search cannot be empty: each place was reached, tokens were in use, calls failed."""
    left = done.left
    assert left.tokens > 3
    assert len(left.secrets) > len(PLANTED) + 3
    assert len(left.errors) > 60
    assert {
        "errors",
        "file exports.db",
        "file plan.json",
        "file reviewed.json",
        "file sync.db",
        "journal",
        "logs",
        "output of apply",
        "output of doctor",
        "plans",
        "recorded calls",
        "reprs",
        "sandbox calls",
        "sandbox state",
        "tracebacks",
    } <= set(left.texts)
    assert "a notice was not delivered" in "".join(left.texts["logs"])
    kinds = {type(error).__name__ for error in left.errors}
    assert {"AuthenticationError", "ConfigurationError", "RefusedError", "NotSentError"} <= kinds


def test_the_search_finds_what_is_there() -> None:
    """A planted secret is found in the clear and encoded."""
    left = Leftovers()
    left.add("a place", f"so {CLIENT_SECRET} it is")
    left.add("another", "Q0FOQVJZLVBST0NPUkUtU0VDUkVU")
    assert len(left.found()) == 2


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes there")
def test_files_are_their_owners_alone(done: Done) -> None:
    """Store, locks, token, descriptions and the plan: whatever the mask, nobody else reads them."""
    own = {"procore-spectrum.toml", "plan.json"}  # written by this test
    files = [file for file in done.folder.rglob("*") if file.is_file() and file.name not in own]
    modes = {
        str(file.relative_to(done.folder)): stat.S_IMODE(file.stat().st_mode) for file in files
    }
    assert {"sync.db", "token.json", "reviewed.json"} <= set(modes)
    assert any(name.startswith("wsdl/") for name in modes)
    assert any(".locks/" in name for name in modes)
    assert {name: oct(mode) for name, mode in modes.items() if mode != 0o600} == {}
