"""Puts one bug after another into a copy of the package, and looks whether the tests notice.

From the root of a checkout::

    python tests/mutants/run_mutants.py --workers 2

A mutant is *killed* when a named test fails, and *survives* when none does. Anything else (its
text is gone, the tests cannot even start, or they fail without the bug) is an error. The status
is 0 only when every mutant was killed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
from mutant_list import Mutant, read_mutants

ROOT = Path(__file__).parents[2]
_PASSED, _FAILED = 0, 1
_TIMEOUT = 900


@attrs.frozen(kw_only=True)
class Verdict:
    """What became of one mutant."""

    name: str
    result: str
    seconds: float
    detail: str = ""


def say(text: str) -> None:
    """Print a line at once; a run takes many minutes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def furnish(room: Path, package: Path) -> None:
    """Copy the package and everything that its tests read."""
    ignore = shutil.ignore_patterns("__pycache__", ".hypothesis", "*.pyc")
    shutil.copytree(package, room / "procore_spectrum", ignore=ignore)
    for name in ("tests", "docs", "changelog.d"):
        shutil.copytree(ROOT / name, room / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, room / name)


def run(room: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run Python in the room, on the package of the room, with the same inputs every time."""
    env = {**os.environ, "PYTHONPATH": str(room), "HYPOTHESIS_PROFILE": "mutants"}
    return subprocess.run(
        [sys.executable, "-B", *command],
        cwd=room,
        env=env,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )


def run_tests(room: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run tests until the first fails."""
    return run(room, ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests])


def check_room(room: Path) -> None:
    """Refuse to judge a package other than the copy."""
    found = run(room, ["-c", "import procore_spectrum as p; print(p.__file__)"]).stdout.strip()
    if Path(found).parent != room / "procore_spectrum":
        raise SystemExit(f"the tests would run on {found}")


def check_unchanged(room: Path, tests: Sequence[str]) -> None:
    """Without any bug all tests pass; otherwise a failure would prove nothing."""
    done = run_tests(room, tests)
    if done.returncode != _PASSED:
        raise SystemExit(f"the tests fail without any mutant:\n{done.stdout[-3000:]}")


def judge(room: Path, mutant: Mutant) -> Verdict:
    """Put one bug into the room, run its tests, and take it out again."""
    file = room / "procore_spectrum" / mutant.file
    source = file.read_text(encoding="utf-8")
    began = time.monotonic()
    try:
        file.write_text(mutant.applied(source), encoding="utf-8")
        done = run_tests(room, mutant.tests)
        result = {_PASSED: "SURVIVED", _FAILED: "killed"}.get(done.returncode, "ERROR")
        detail = _first_failure(done.stdout) if result == "killed" else done.stdout[-1500:]
    except subprocess.TimeoutExpired:
        result, detail = "killed", f"the tests did not end within {_TIMEOUT} s"
    except LookupError as error:
        result, detail = "ERROR", str(error)
    finally:
        file.write_text(source, encoding="utf-8")
    seconds = time.monotonic() - began
    say(f"{result} {mutant.name} ({seconds:.0f} s)")
    return Verdict(name=mutant.name, result=result, seconds=seconds, detail=detail)


def _first_failure(output: str) -> str:
    lines = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return lines[0].split(" - ")[0] if lines else "a test failed"


def judge_all(mutants: Sequence[Mutant], package: Path, workers: int) -> list[Verdict]:
    """Judge every mutant, each worker in a room of its own."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        rooms = [Path(folder).resolve() / str(number) for number in range(workers)]
        for room in rooms:
            furnish(room, package)
        check_room(rooms[0])
        shares = [mutants[number::workers] for number in range(workers)]
        tests = [sorted({name for one in share for name in one.tests}) for share in shares]
        with ThreadPoolExecutor(workers) as pool:
            # Each room without a bug first; tests that several rooms share run in each of them.
            list(pool.map(check_unchanged, rooms, tests))

            def work(room: Path, share: Sequence[Mutant]) -> list[Verdict]:
                return [judge(room, mutant) for mutant in share]

            found = {v.name: v for part in pool.map(work, rooms, shares) for v in part}
    return [found[mutant.name] for mutant in mutants]


def show(mutants: Sequence[Mutant], verdicts: Sequence[Verdict]) -> None:
    """Print the table, then what went wrong."""
    width = max(len(mutant.name) for mutant in mutants)
    say(f"\n{'mutant':<{width}}  {'result':<8}  {'seconds':>7}  noticed by")
    for verdict in verdicts:
        by = verdict.detail if verdict.result == "killed" else ""
        say(f"{verdict.name:<{width}}  {verdict.result:<8}  {verdict.seconds:>7.1f}  {by}")
    killed = sum(verdict.result == "killed" for verdict in verdicts)
    say(f"\n{killed} of {len(verdicts)} mutants killed")
    for mutant, verdict in zip(mutants, verdicts, strict=True):
        if verdict.result != "killed":
            say(f"\n{verdict.result} {mutant.name}: {mutant.breaks}\n{verdict.detail}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the chosen mutants."""
    import procore_spectrum

    parser = argparse.ArgumentParser(description="Require that the tests notice every mutant.")
    parser.add_argument("--workers", type=int, default=1, help="rooms to work in at once")
    parser.add_argument("names", nargs="*", help="only these mutants")
    options = parser.parse_args(arguments)
    mutants = [m for m in read_mutants() if not options.names or m.name in options.names]
    if unknown := set(options.names) - {mutant.name for mutant in mutants}:
        parser.error(f"there is no mutant {', '.join(sorted(unknown))}")
    package = Path(procore_spectrum.__file__).parent
    verdicts = judge_all(mutants, package, max(1, min(options.workers, len(mutants))))
    show(mutants, verdicts)
    return 0 if all(verdict.result == "killed" for verdict in verdicts) else 1


if __name__ == "__main__":
    raise SystemExit(main())
