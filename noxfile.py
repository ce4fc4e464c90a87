"""Everything that is checked, each as one session: ``nox -l`` lists them, ``nox`` runs the usual.

The tests run against the built wheel, on every supported interpreter that this machine has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "types", "docs", "tests"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
SUPPORTED = ("3.11", "3.12", "3.13")
# Decisions about money are made in these rooms; no line or branch of them goes untested.
FULLY_TESTED = ("mapping", "plan", "wire", "apply")


def works(python: Path, version: str) -> bool:
    """Whether that file runs and is that version; a pyenv shim may exist and do neither."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return done.stdout.strip() == version


def find(version: str) -> Path | None:
    """The directory of a working interpreter of that version, on the path or with pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [Path(entry) for entry in os.environ["PATH"].split(os.pathsep) if entry]
    folders += sorted(pyenv.glob(f"versions/{version}*/bin"), reverse=True)
    for folder in folders:
        python = folder / f"python{version}"
        if python.exists() and works(python, version):
            return folder
    return None


def interpreters() -> list[str]:
    """The versions to test on; makes each of them the first of its name on the path."""
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = {version: find(version) for version in dict.fromkeys([*SUPPORTED, running])}
    folders = [str(folder) for folder in found.values() if folder]
    os.environ["PATH"] = os.pathsep.join([*folders, os.environ["PATH"]])
    present = [version for version, folder in found.items() if folder]
    if not present:
        raise RuntimeError(f"none of Python {', '.join(SUPPORTED)} was found on this machine")
    return present


PYTHONS = interpreters()
MISSING = [version for version in SUPPORTED if version not in PYTHONS]


def group(*names: str) -> tuple[str, ...]:
    """The requirements of dependency groups in pyproject.toml."""
    return nox.project.dependency_groups(PROJECT, *names)


BUILT: list[Path] = []


def wheel(session: nox.Session) -> Path:
    """The wheel, built once per run and used by every session."""
    if not BUILT:
        folder = ROOT / ".nox" / "wheel"
        shutil.rmtree(folder, ignore_errors=True)
        pip = ("python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder))
        session.run(*pip, str(ROOT))
        BUILT.extend(folder.glob("*.whl"))
    return BUILT[0]


@nox.session
def lint(session: nox.Session) -> None:
    """Style, formatting, and which room may import which."""
    session.install("-q", *group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Strict static types."""
    session.install("-q", *PROJECT["project"]["dependencies"], *group("types"))
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    session.install("-q", f"{wheel(session)}[cli]", *group("docs"))
    session.run("sphinx-build", "-W", "--keep-going", "-q", "docs", str(ROOT / ".nox" / "html"))
    session.log("see .nox/html/index.html")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on the installed wheel; the first interpreter measures coverage too.

    Surveys, which take minutes and depend on no interpreter, are left to the first one.

    PROCORE_SPECTRUM_TEST_POSTGRES, a SQLAlchemy URL, adds the tests on PostgreSQL.
    """
    if MISSING:
        session.warn(f"not on this machine, so not tested here: Python {', '.join(MISSING)}")
    session.install("-q", f"{wheel(session)}[cli,sql,xlsx]", *group("test"))
    room = Path(session.create_tmp()).resolve()
    copy_tests(room)
    measured = session.python == PYTHONS[0]
    # In the copy there is no package to import by accident.
    with session.chdir(room):
        session.run(
            "python",
            "-c",
            "import procore_spectrum as p, sys; print('testing', p.__file__);"
            "sys.exit('not the wheel') if 'site-packages' not in p.__file__ else None",
        )
        coverage = ("--cov=procore_spectrum", "--cov-report=") if measured else ()
        chosen = session.posargs or (() if measured else ("-m", "not survey"))
        session.run("pytest", "-n", "2", *coverage, *chosen)
    if measured and not session.posargs:
        report_coverage(session, room)


def copy_tests(room: Path) -> None:
    """Copy whatever the tests need, but not the package."""
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    for name in ("tests", "docs", "changelog.d"):
        shutil.copytree(ROOT / name, room / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, room / name)


def report_coverage(session: nox.Session, room: Path) -> None:
    """Hold what was measured against the thresholds; paths are those of the checkout."""
    data = f"--data-file={ROOT / '.nox' / 'coverage'}"
    session.run("coverage", "combine", "-q", "--keep", data, str(room / ".coverage"))
    rooms = ",".join(f"*/procore_spectrum/{name}/*" for name in FULLY_TESTED)
    session.run("coverage", "report", data, "--fail-under=95")
    session.run("coverage", "report", data, f"--include={rooms}", "--fail-under=100")


@nox.session
def package(session: nox.Session) -> None:
    """Build source archive and wheel, and look into both."""
    session.install("-q", "build", "twine")
    folder = ROOT / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(folder))
    built = sorted(folder.iterdir())
    session.run("twine", "check", "--strict", *map(str, built))
    archive, binary = built if built[0].suffix == ".gz" else built[::-1]
    inside = set(zipfile.ZipFile(binary).namelist())
    for needed in ("py.typed", "errors.py", "testing/fake_spectrum/layouts.json"):
        if f"procore_spectrum/{needed}" not in inside:
            session.error(f"the wheel lacks {needed}")
    if stray := [name for name in inside if not name.startswith("procore_spectrum")]:
        session.error(f"the wheel holds what is not ours: {stray}")
    with tarfile.open(archive) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    if lacking := {"LICENSE", "CHANGELOG.md", "noxfile.py", "docs/conf.py"} - names:
        session.error(f"the source archive lacks {sorted(lacking)}")


@nox.session
def bench(session: nox.Session) -> None:
    """Count the requests of a first import of size M against the fewest that limits allow."""
    session.install("-q", str(wheel(session)))
    command = ("python", "-m", "procore_spectrum.testing.bench")
    session.run(*command, *(session.posargs or ("--size", "M")))


@nox.session
def crash(session: nox.Session) -> None:
    """Kill every feature at every request and commit; a table says which runs survived."""
    session.install("-q", str(wheel(session)))
    command = ("python", "-m", "procore_spectrum.testing.survival", "--workers", "2")
    session.run(*command, *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Feed a million damaged inputs to every reader; anything but a value or our error fails."""
    session.install("-q", f"{wheel(session)}[cli,sql,xlsx]")
    command = ("python", "-m", "procore_spectrum.testing.fuzz", "--workers", "2")
    session.run(*command, *(session.posargs or ("--inputs", "1000000")))


@nox.session
def fuzz_guided(session: nox.Session) -> None:
    """Fuzz every reader for a minute, led by the code that its inputs reach; needs atheris."""
    session.install("-q", f"{wheel(session)}[cli,sql,xlsx]", "atheris>=3")
    command = ("python", "tests/fuzz/run_guided.py", "--workers", "2")
    session.run(*command, *(session.posargs or ("--seconds", "60")))


@nox.session
def mutants(session: nox.Session) -> None:
    """Put named bugs into a copy of the package, one by one; the tests must notice each."""
    session.install("-q", f"{wheel(session)}[cli,sql,xlsx]", *group("test"))
    command = ("python", "tests/mutants/run_mutants.py", "--workers", "2")
    session.run(*command, *session.posargs)


@nox.session
def audit(session: nox.Session) -> None:
    """Look every dependency up among the known vulnerabilities; fails without the network."""
    # An environment of its own, so that only what the product installs is looked at.
    session.install("-q", f"{wheel(session)}[cli,sql,xlsx]")
    found = session.run("python", "-m", "pip", "list", "--format=freeze", silent=True) or ""
    skipped = ("procore-spectrum", "pip", "setuptools", "wheel")
    pins = [line for line in found.splitlines() if line.partition("==")[0] not in skipped]
    file = Path(session.create_tmp()) / "audited.txt"
    file.write_text("\n".join(pins) + "\n", encoding="utf-8")
    session.install("-q", "pip-audit")
    options = ("--strict", "--disable-pip", "--no-deps", "--vulnerability-service", "osv")
    session.run("pip-audit", *options, "-r", str(file))


@nox.session
def simulate(session: nox.Session) -> None:
    """Let contractors live through 10,000 days; a day on which something does not hold fails."""
    session.install("-q", f"{wheel(session)}[sql]")
    command = ("python", "-m", "procore_spectrum.testing.simulate")
    session.run(*command, *(session.posargs or ("--days", "10000")))
