"""The code on the pages runs, and prints what the pages show."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from pages import DOCS, ROOT, block, blocks, commands, examples, fits

from procore_spectrum.cli.commands import cli
from procore_spectrum.cli.config import parse_config
from procore_spectrum.testing import Sandbox

TUTORIAL = DOCS / "tutorial.md"
SHOWN_ID = "598134325700006"
RUNNING = (ROOT / "README.md", TUTORIAL, DOCS / "how-to" / "extend.md")
SHOWN = sorted(page for page in DOCS.rglob("*.md") if page not in RUNNING)
CONFIGURED = sorted(page for page in DOCS.rglob("*.md") if "```toml" in page.read_text("utf-8"))


@pytest.mark.parametrize("page", RUNNING, ids=lambda page: page.name)
def test_python_on_a_page_prints_what_the_page_shows(page: Path) -> None:
    """Every block of Python runs in order and prints the text below it."""
    names: dict[str, object] = {}
    found = list(examples(page))
    assert found
    for code, shown in found:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(code, str(page), "exec"), names)  # noqa: S102 - that is the test
        if shown:
            assert fits(output.getvalue(), shown), output.getvalue()


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_python_that_is_only_shown_compiles(page: Path) -> None:
    """Blocks that need something else to run are at least Python."""
    for found in blocks(page):
        if found.language == "python":
            compile(found.text, str(page), "exec")


def test_the_commands_of_the_tutorial_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tutorial's configuration and commands work against the sandbox, line by line."""
    monkeypatch.chdir(tmp_path)
    for name, value in re.findall(r"^export (\w+)=(\S+)$", TUTORIAL.read_text("utf-8"), re.M):
        monkeypatch.setenv(name, value)
    ran = []
    with Sandbox(size="S", seed=0) as sandbox:
        text = block(TUTORIAL, "toml")
        text = text.replace("http://127.0.0.1:8471", sandbox.procore_server.url)
        text = text.replace("http://127.0.0.1:8472", sandbox.spectrum_server.url)
        Path("procore-spectrum.toml").write_text(text, encoding="utf-8")
        ids = {row["name"]: str(row["id"]) for row in sandbox.procore.state()["vendors"]}
        for command, shown in commands(TUTORIAL):
            command, shown = (  # noqa: PLW2901 - the reader takes the id that the plan shows
                text.replace(SHOWN_ID, ids["Thibault Drywall"]) for text in (command, shown)
            )
            program, name, *arguments = shlex.split(command)
            assert program == "procore-spectrum"
            if name in {"demo", "sandbox"}:  # a process of its own each; tested elsewhere
                continue
            result = CliRunner().invoke(cli, [name, *arguments])
            assert result.exit_code in {0, 3}, result.output
            assert fits(result.output, shown), f"{command}\n{result.output}"
            ran.append(name)
    assert {"doctor", "plan", "apply", "link", "take-on", "explain"} <= set(ran)


@pytest.mark.parametrize("page", CONFIGURED, ids=lambda page: page.name)
def test_every_configuration_on_a_page_is_accepted(page: Path) -> None:
    """A block of TOML is a configuration, or a part of one, that the command line takes."""
    needed = {
        "procore": {"company_id": 1},
        "spectrum": {"url": "https://x.test", "company_code": "A"},
    }
    for found in blocks(page):
        if found.language == "toml":
            config = parse_config(needed | tomllib.loads(found.text))
            assert config != parse_config(needed)


@pytest.mark.parametrize(
    ("output", "shown", "fitting"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\n", False),
        ("a\nx\ny\nb\n", "a\n…\nb\n", True),
        ("a\nb\n", "a\n…\nb\n", True),
        ("plan 17 done\n", "plan … done\n", True),
        ("plan 17 failed\n", "plan … done\n", False),
    ],
)
def test_outputs_with_gaps_are_compared_line_by_line(
    output: str, shown: str, *, fitting: bool
) -> None:
    """Only what an ellipsis stands for may differ."""
    assert fits(output, shown) is fitting
