"""Every place of the package that parses is reached by the fuzzer."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import procore_spectrum

PACKAGE = Path(procore_spectrum.__file__).parent
PARSES = frozenset(
    {
        *("loads", "json", "fromisoformat", "strptime", "parsedate_to_datetime", "urlsplit"),
        *("fromstring", "XMLPullParser", "load_workbook", "reader", "Sniffer", "b64decode"),
        *("parse_qs", "parse_qsl", "unquote", "unquote_to_bytes", "ip_address", "read_bytes"),
        *("read_text", "decode", "compile_command", "literal_eval"),
    }
)
TRUSTED = {
    "cli/config.py": "its two readings of a file are fuzzed; the rest are our own settings",
    "cli/demo.py": "reads what its own sandbox process and its own demo company say",
    "cli/doctor.py": "one Date header; test_found_by_fuzzing has its worst",
    "cli/reconcile.py": "decodes the text that it has just made",
    "cli/commands.py": "hands a file to the reader of plans",
    "features/job_cost_detail.py": "a day that it has just spelled itself",
    "notifiers/webhook.py": "an address of the configuration, checked when it is loaded",
    "procore/client.py": "an address of the configuration",
    "spectrum/client.py": "an address of the configuration",
    "spectrum/kinds.py": "keys that the library has joined itself",
    "stores/locks.py": "a name that is only shown, decoded whatever it is",
    "stores/migrations/__init__.py": "files of the package",
}
"""Modules with places that no damaged input has to reach, and why."""

_WATCH = """
import json, sys, tempfile, threading, warnings
from pathlib import Path
warnings.simplefilter("ignore")
wanted = {file: set(lines) for file, lines in json.load(sys.stdin).items()}
def look(frame, event, _):
    lines = wanted.get(frame.f_code.co_filename)
    if lines is None:
        return None
    if event == "line":
        lines.discard(frame.f_lineno)
    return look
from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.testing import fuzz
with tempfile.TemporaryDirectory() as folder:
    readers = fuzz.readers(Path(folder))
    threading.settrace(look)
    sys.settrace(look)
    for reader in readers:
        for case in reader.cases:
            try:
                case.read(case.content)
            except ProcoreSpectrumError:
                pass
    sys.settrace(None)
print(json.dumps({file: sorted(lines) for file, lines in wanted.items() if lines}))
"""


def places(tree: ast.AST) -> Iterator[int]:
    """The lines of calls that parse, in functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            # ASCII is what the library has encoded itself.
            ours = [ast.unparse(argument) for argument in node.args] == ["'ascii'"]
            if name in PARSES and not ours:
                yield node.lineno


def test_every_parsing_line_is_reached() -> None:
    """Undamaged inputs come to each place that parses; the exceptions are named, with a reason."""
    wanted = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.relative_to(PACKAGE).as_posix()
        if not name.startswith("testing/") and name not in TRUSTED:
            wanted[str(file)] = sorted(set(places(ast.parse(file.read_text(encoding="utf-8")))))
    done = subprocess.run(
        [sys.executable, "-c", _WATCH],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {}


def test_trusted_modules_still_parse() -> None:
    """An exception that is no longer needed is not kept."""
    for name in TRUSTED:
        text = (PACKAGE / name).read_text(encoding="utf-8")
        assert list(places(ast.parse(text))), name
