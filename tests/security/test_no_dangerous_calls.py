"""The source: nothing that runs data as code, and nothing that would print secrets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import procore_spectrum

PACKAGE = Path(procore_spectrum.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Modules whose input can run code, or that read XML without our rules.
FORBIDDEN_MODULES = frozenset(
    {"dill", "marshal", "pickle", "shelve", "xml", "xmlrpc", "yaml", "jsonpickle", "code"}
)
FORBIDDEN_CALLS = frozenset({"eval", "exec", "compile", "__import__", "breakpoint"})
# Formatting a traceback may show values of variables; only the fuzzer, which has no secrets, may.
MAY_FORMAT_TRACEBACKS = frozenset({"testing/fuzz.py"})


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that a file imports, by their first name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """What is called by its bare name, or as an attribute with a point before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                yield f".{node.func.attr}", node


def faults(source: str, name: str) -> list[str]:
    """What is wrong with one file."""
    tree = ast.parse(source)
    found = [f"imports {module}" for module in imported(tree) if module in FORBIDDEN_MODULES]
    if "traceback" in imported(tree) and name not in MAY_FORMAT_TRACEBACKS:
        found.append("imports traceback")
    for call, node in called(tree):
        words = {keyword.arg: keyword.value for keyword in node.keywords}
        if call in FORBIDDEN_CALLS:
            found.append(f"calls {call}")
        if call in {".system", ".popen"} or "shell" in words:
            found.append("uses a shell")
        if call == ".exception" or "exc_info" in words:
            found.append("logs a traceback")
        if call == "._create_unverified_context":
            found.append("does not verify certificates")
    return found


def test_no_data_is_run_as_code() -> None:
    """No pickle, no yaml, no eval, no shell, no other reader of XML, no logged traceback."""
    names = {file.relative_to(PACKAGE).as_posix(): file for file in FILES}
    found = {name: faults(file.read_text(encoding="utf-8"), name) for name, file in names.items()}
    assert len(found) > 100
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from yaml import load",
        "import xml.etree.ElementTree",
        "import traceback",
        "eval('1')",
        "exec('1')",
        "import os; os.system('ls')",
        "import subprocess; subprocess.run('ls', shell=True)",
        "import logging; logging.exception('x')",
        "import logging; logging.error('x', exc_info=True)",
        "import ssl; ssl._create_unverified_context()",
    ],
)
def test_the_check_can_fail(source: str) -> None:
    """Each of these would be found."""
    assert faults(source, "x.py")
