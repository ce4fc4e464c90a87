"""The public face: light to import, sorted, complete, and typed."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import procore_spectrum
from procore_spectrum import errors

PACKAGE = Path(procore_spectrum.__file__).parent
HEAVY = ("httpx", "zeep", "lxml", "sqlite3", "cattrs", "click")

# The classes that group others are there to be caught, never to be raised.
GROUPS = {
    "ProcoreSpectrumError",
    "SetupError",
    "TryAgainError",
    "InDoubtError",
    "DataError",
    "ReplyError",
    "StoppedError",
}


def run(code: str) -> str:
    """What that code prints in a fresh interpreter."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def public_modules() -> list[str]:
    """Every module of the package, except for those that run when they are imported."""
    found = pkgutil.walk_packages([str(PACKAGE)], "procore_spectrum.")
    return [module.name for module in found if not module.name.endswith("__main__")]


def test_importing_the_package_is_light() -> None:
    """None of the large dependencies is loaded before something needs it."""
    code = "import sys, procore_spectrum; print(*sys.modules)"
    assert not set(run(code).split()) & set(HEAVY)


def test_importing_the_package_loads_no_room() -> None:
    """The rooms are imported by name, when their names are used."""
    code = "import sys, procore_spectrum; print(*sys.modules)"
    found = {name for name in run(code).split() if name.startswith("procore_spectrum")}
    assert found == {"procore_spectrum"}


def test_nothing_shipped_imports_the_test_tools() -> None:
    """A program that uses every public name never loads the fakes."""
    code = (
        "import sys, procore_spectrum as p; [getattr(p, n) for n in p.__all__];"
        "print(*[m for m in sys.modules if m.startswith('procore_spectrum.testing')])"
    )
    assert not run(code).strip()


@pytest.mark.parametrize("name", procore_spectrum.__all__)
def test_every_public_name_exists(name: str) -> None:
    """And is listed by ``dir``."""
    assert getattr(procore_spectrum, name) is not None
    assert name in dir(procore_spectrum)


def test_a_name_that_does_not_exist() -> None:
    """Is an AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="Synker"):
        procore_spectrum.Synker  # noqa: B018 - the access is what is tested


def test_the_public_names_are_sorted() -> None:
    """Each once."""
    assert procore_spectrum.__all__ == sorted(set(procore_spectrum.__all__))


@pytest.mark.parametrize("name", public_modules())
def test_every_name_of_all_is_there(name: str) -> None:
    """``__all__`` of every module names what is there, once; the linter keeps its order."""
    module = import_module(name)
    names = list(getattr(module, "__all__", ()))
    assert len(names) == len(set(names))
    assert [entry for entry in names if not hasattr(module, entry)] == []


def test_the_package_is_marked_as_typed() -> None:
    """Type checkers of other people look for that file."""
    assert (PACKAGE / "py.typed").exists()


# ---------------------------------------------------------------- errors


def constructed() -> set[str]:
    """The names of everything that the package, without its test tools, calls."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0]
        if room in {"testing", "errors.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found.add(node.func.id)
    return found


@pytest.mark.parametrize("name", sorted(set(errors.__all__) - GROUPS - {"Violation"}))
def test_every_error_is_raised_somewhere(name: str) -> None:
    """An error that nothing raises would only be something to read about."""
    assert name in constructed()


@pytest.mark.parametrize("name", sorted(set(errors.__all__) - {"Violation"}))
def test_every_error_takes_a_path_and_a_hint(name: str) -> None:
    """And belongs to the one root, with its group below it."""
    kind = getattr(errors, name)
    error = kind("message", path="here", hint="do that")
    assert isinstance(error, errors.ProcoreSpectrumError)
    assert str(error) == "message [here] | do that"
