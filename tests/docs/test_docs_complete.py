"""The reference leaves nothing out."""

from __future__ import annotations

import inspect
import pkgutil
import re
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from pages import DOCS, REFERENCE, ROOT, from_code

import procore_spectrum
from procore_spectrum import errors, features, mapping
from procore_spectrum.apply.report import Outcome, Report
from procore_spectrum.cli.commands import cli
from procore_spectrum.cli.output import Exit
from procore_spectrum.features import FEATURES
from procore_spectrum.plan import codec, diff
from procore_spectrum.plan import plan as plans
from procore_spectrum.plan.operations import Create, FieldChange, Held, Link
from procore_spectrum.plan.plan import Note, Plan
from procore_spectrum.plan.records import Candidate, Ref

TABLES = from_code()
COMMANDS = (REFERENCE / "command-line.md").read_text("utf-8")
HELD = (DOCS / "how-to" / "answer-held-records.md").read_text("utf-8")
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md"])


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_explained(name: str) -> None:
    """The page of errors names each class, its cause and its remedy."""
    text = (REFERENCE / "errors.md").read_text("utf-8")
    kind = getattr(errors, name)
    if issubclass(kind, Exception) and not kind.__subclasses__():
        assert re.search(rf"^\| `{name}` \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE)
    else:
        assert name in text


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_and_option_is_described(name: str) -> None:
    """The page of the command line has a section for each command, with its options."""
    (section,) = re.findall(rf"^### {name}$(.*?)(?=^##|\Z)", COMMANDS, re.DOTALL | re.MULTILINE)
    for parameter in cli.commands[name].params:
        if isinstance(parameter, click.Option):
            assert any(option in section for option in parameter.opts), parameter.name
        else:
            assert (parameter.human_readable_name or "").upper() in section


def test_no_command_is_described_that_is_not_there() -> None:
    """Sections of the page are commands."""
    chapter = COMMANDS.partition("## Commands")[2].partition("\n## ")[0]
    assert set(re.findall(r"^### (\S+)$", chapter, re.MULTILINE)) == set(cli.commands)


def test_every_exit_status_is_described() -> None:
    """Scripts rely on them."""
    described = re.findall(r"^\| (\d) \| ", COMMANDS, re.MULTILINE)
    assert [int(status) for status in described] == [int(status) for status in Exit]


def test_every_key_of_the_json_is_described() -> None:
    """What a plan or a report holds as JSON is on the page."""
    ref = Ref("project", "24-0101")
    violation = errors.Violation(code="c", message="m")
    common: dict[str, Any] = {"feature": "jobs", "ref": ref, "title": "t"}
    plan = Plan(
        company="1/ABC",
        operations=(
            Create(**common, changes=(FieldChange(path="name", source="x"),)),
            Link(**common, target_id="7"),
            Held(
                **common,
                violations=(violation,),
                candidates=(Candidate(target_id="7", title="t", score=75),),
            ),
        ),
        guards=(violation,),
        notes=(Note("jobs", "text"),),
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
    )
    outcome = Outcome(op_id="o", ref=ref, verb="create", state="done")
    report = Report(plan_id="p", outcomes=(outcome,))
    values = codec.to_json(plan), report.to_json()
    missing = {key for value in values for key in _keys(value) if f"`{key}`" not in COMMANDS}
    assert not missing


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in _keys(item)}
    if isinstance(value, list):
        return {key for item in value for key in _keys(item)}
    return set()


@pytest.mark.parametrize("section", [*TABLES.SECTIONS, "store"])
def test_every_setting_is_in_the_page_of_configuration(section: str) -> None:
    """The page asks for the table of each section, and each setting has a meaning."""
    page = (REFERENCE / "configuration.md").read_text("utf-8")
    assert f"<!-- from code: settings {section} -->" in page
    assert all(setting.meaning for setting in TABLES.settings(section))


@pytest.mark.parametrize("kind", sorted(TABLES.KINDS))
def test_the_fields_of_every_kind_are_on_the_page_of_a_feature(kind: str) -> None:
    """No kind is left out, and no field has lost its meaning."""
    pages = "".join(page.read_text("utf-8") for page in (DOCS / "features").glob("*.md"))
    assert f"<!-- from code: fields {kind} -->" in pages
    for rule in TABLES.KINDS[kind].fields:
        assert f"| `{rule.path}` | {rule.meaning} |" in TABLES.fields_table(kind)


@pytest.mark.parametrize("feature", [feature.name for feature in FEATURES])
def test_every_feature_has_its_services_and_settings_on_a_page(feature: str) -> None:
    """A feature's page asks for both tables."""
    page = (DOCS / "features" / f"{feature.replace('_', '-')}.md").read_text("utf-8")
    assert f"<!-- from code: services {feature} -->" in page
    assert f"<!-- from code: settings {feature} -->" in page


def test_every_mark_on_a_page_gives_a_table() -> None:
    """No page asks for something that the code does not have."""
    for page in PAGES:
        text = page.read_text("utf-8")
        asked = TABLES.MARK.findall(text)
        assert len(asked) == text.count("\n<!-- from code:"), page
        for table, name in asked:
            getattr(TABLES, f"{table}_table")(name)


def test_every_code_of_a_held_record_is_answered() -> None:
    """The page says what to do about each code that the diff and the features give."""
    held = set(re.findall(r'_held\(\s*draft,\s*wish,\s*"([a-z-]+)"', inspect.getsource(diff)))
    assert len(held) > 8
    missing = [code for code in {*held, "conflict", "drift"} if f"| `{code}` |" not in HELD]
    assert not missing


def test_every_code_of_a_violation_is_explained() -> None:
    """The page names each code that the mapping of a feature, or the feature, can give."""
    source = "".join(map(inspect.getsource, [*_reached(), plans]))
    codes = set(re.findall(r'\bcode="([a-z-]+)"|"(phase-[a-z]+)", ', source))
    assert len(codes) > 10
    missing = [code for found in codes if f"`{(code := found[0] or found[1])}`" not in HELD]
    assert not missing


def _reached() -> set[ModuleType]:
    """The features, and the pure modules whose functions they use, directly or not."""
    package = features.__name__
    todo = [import_module(f"{package}.{at.name}") for at in pkgutil.iter_modules(features.__path__)]
    found: set[ModuleType] = set()
    while todo:
        if (module := todo.pop()) not in found:
            found.add(module)
            homes = {getattr(value, "__module__", "") or "" for value in vars(module).values()}
            todo += [sys.modules[home] for home in homes if home.startswith(mapping.__name__)]
    return found


@pytest.mark.parametrize("name", procore_spectrum.__all__)
def test_every_public_name_is_in_the_reference(name: str) -> None:
    """What the package exports is documented."""
    assert f"autoclass:: procore_spectrum.{name}\n" in (REFERENCE / "api.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file that exists."""
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    # The tests run in a copy without some files of the project.
    left = {"CONTRIBUTING.md", "SECURITY.md", "LICENSE"}
    broken = [to for to in targets if to not in left and not (page.parent / to).exists()]
    assert not broken


def test_every_page_is_in_the_table_of_contents() -> None:
    """No page is out of reach."""
    listed = set()
    for page in DOCS.rglob("*.md"):
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            names = [line for line in tree.splitlines() if line and not line.startswith(":")]
            listed |= {found for name in names for found in page.parent.glob(f"{name}.md")}
    assert set(DOCS.rglob("*.md")) - {DOCS / "index.md"} <= listed
