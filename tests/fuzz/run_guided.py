"""Fuzzes every reader while watching which code an input reaches; needs atheris, and to fork.

    python tests/fuzz/run_guided.py --seconds 60 --workers 2

An input that reaches new code is kept for the time of the run and damaged further. A choice of
them is in ``corpus``, a folder for each reader: each reaches lines that the others do not. The
ordinary tests read them again, and the next run begins with them. ``--keep`` renews the choice.
The first byte of an input chooses the case of the reader, the rest is what is read.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import tempfile
import threading
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import atheris

_ROOMS = ("wire", "spectrum", "procore", "stores", "plan", "files", "notifiers", "cli.config")
_WATCHED = [f"procore_spectrum.{room}" for room in (*_ROOMS, "mapping.origin", "testing.faults")]
_WATCHED += ["procore_spectrum.testing.fake_procore", "procore_spectrum.testing.fake_spectrum"]

# Whatever is imported outside of this is not watched.
with atheris.instrument_imports(include=_WATCHED):
    import procore_spectrum
    from procore_spectrum.errors import ProcoreSpectrumError
    from procore_spectrum.testing import fuzz
    from procore_spectrum.testing.fuzz import Reader

CORPUS = Path(__file__).with_name("corpus")
MOST_BYTES, MOST_FILES, MOST_EACH = 8_000, 24, 3_000
_LIMITS = ("-timeout=30", "-rss_limit_mb=3000", "-print_final_stats=1")
_PACKAGE = str(Path(procore_spectrum.__file__).parent)


def folder_of(name: str) -> Path:
    """Where a reader's inputs are kept."""
    return CORPUS / name.lower().replace(" ", "-")


def run(reader: Reader, room: Path, wanted: argparse.Namespace) -> tuple[str, bool]:
    """Fuzz one reader in a process of its own: its line of the table, and whether it is well."""
    (room / "found").mkdir(parents=True)
    (room / "cases").mkdir()
    for number, case in enumerate(reader.cases[:256]):
        (room / "cases" / str(number)).write_bytes(bytes([number]) + case.content)
    longest = 1 + max(4_000, *(len(case.content) for case in reader.cases))
    places = [room / "found", room / "cases", folder_of(reader.name)]
    flags = [f"-max_total_time={wanted.seconds}", f"-max_len={longest}", *_LIMITS]
    flags += [f"-artifact_prefix={room}/escape-", f"-seed={wanted.seed}"]
    flags += [str(place) for place in places if place.is_dir()]
    status = fork(reader, flags, room / "said")
    said = (room / "said").read_text(errors="replace")
    escapes = sorted(room.glob("escape-*"))
    if wanted.keep and not status:
        keep(reader, room / "found")
    if status or escapes:
        shown = [repr(escape.read_bytes()[:500]) for escape in escapes]
        return "\n".join([line(reader.name, said), said[-3000:], *shown]), False
    return line(reader.name, said), True


def fork(reader: Reader, flags: Sequence[str], said: Path) -> int:
    """Preparing takes long, so that it is done once, and each reader has a fork of it."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    out = os.open(said, os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)

    def attempt(content: bytes) -> None:
        case, rest = fuzz.pick(reader, content)
        with suppress(ProcoreSpectrumError):
            case.read(rest)

    atheris.Setup(["run_guided", *flags], attempt)
    atheris.Fuzz()  # It ends the process.
    os._exit(3)


def line(name: str, said: str) -> str:
    """What libFuzzer said at last."""
    done = re.findall(r"stat::number_of_executed_units:\s*(\d+)", said)
    reached = re.findall(r"cov: (\d+) ft: (\d+)", said)
    places, features = map(int, reached[-1]) if reached else (0, 0)
    return f"{name:24}{int(done[-1]) if done else 0:12,}{places:10,}{features:12,}"


# ---------------------------------------------------------------- what is kept


def keep(reader: Reader, found: Path) -> None:
    """Of what was found and was kept, those that reach the most new lines, if they are small."""
    folder = folder_of(reader.name)
    folder.mkdir(parents=True, exist_ok=True)
    inputs = {file.read_bytes() for place in (found, folder) for file in place.iterdir()}
    lines = {content: reached(reader, content) for content in inputs if len(content) <= MOST_EACH}
    for file in folder.iterdir():
        file.unlink()
    space, known = MOST_BYTES, set[Any]()
    for _ in range(MOST_FILES):
        fitting = [content for content in sorted(lines, key=len) if len(content) <= space]
        best = max(fitting, key=lambda content: len(lines[content] - known), default=b"")
        if not lines.get(best, known) - known:
            break
        known |= lines.pop(best)
        space -= len(best)
        (folder / hashlib.sha256(best).hexdigest()[:16]).write_bytes(best)


def reached(reader: Reader, content: bytes) -> set[tuple[str, int]]:
    """The lines of the package that reading it comes to."""
    lines: set[tuple[str, int]] = set()

    def look(frame: FrameType, event: str, _: Any) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(_PACKAGE):
            return None
        if event == "line":
            lines.add((file, frame.f_lineno))
        return look

    case, rest = fuzz.pick(reader, content)
    with _TRACING:
        sys.settrace(look)
        try:
            case.read(rest)
        except ProcoreSpectrumError:
            pass
        finally:
            sys.settrace(None)
    return lines


_TRACING = threading.Lock()


def main() -> int:
    """Print a line for each reader. Returns 1 if something escaped, else 0."""
    parser = argparse.ArgumentParser(description="Fuzz every reader, guided by coverage.")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("--reader", action="append", help="only this; may be repeated")
    parser.add_argument("--workers", type=int, default=1, help="readers at a time")
    parser.add_argument("--seed", type=int, default=1, help="another one gives other inputs")
    parser.add_argument("--keep", action="store_true", help="renew the kept inputs")
    wanted = parser.parse_args()
    warnings.simplefilter("ignore")
    sys.stdout.write(f"{'reader':24}{'executions':>12}{'places':>10}{'features':>12}\n")
    well = True
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(wanted.workers) as pool:
        room = Path(folder)
        found = [
            reader
            for reader in fuzz.readers(room)
            if not wanted.reader or reader.name in wanted.reader
        ]
        runs = [
            pool.submit(run, reader, room / f"run-{number}", wanted)
            for number, reader in enumerate(found)
        ]
        for task in runs:
            shown, good = task.result()
            sys.stdout.write(f"{shown}\n")
            sys.stdout.flush()
            well = well and good
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main())
