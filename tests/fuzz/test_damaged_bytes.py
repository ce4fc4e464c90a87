"""Whatever bytes come from elsewhere, a reader gives a value or an error of ours."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from procore_spectrum.errors import ConfigurationError, ProcoreSpectrumError
from procore_spectrum.testing import fuzz
from procore_spectrum.testing.fuzz import Case, Reader

NAMES = (
    "Spectrum SOAP answers",
    "Spectrum rows",
    "Spectrum REST answers",
    "Spectrum refusals",
    "Spectrum WSDL",
    "WSDL cache files",
    "SQL rows",
    "SQL queries",
    "Procore answers",
    "Procore error bodies",
    "origin ids",
    "Link and rate headers",
    "HTTP answers",
    "mail servers",
    "OAuth answers",
    "token files",
    "configuration",
    "plan files",
    "fault plans",
    "sandbox requests",
    "sqlite store files",
    "stored values",
    "schedules of values",
)
_few = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reader]:
    """The readers by name."""
    return {reader.name: reader for reader in fuzz.readers(tmp_path_factory.mktemp("fuzz"))}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What zeep warns of in a damaged description is no error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def read(case: Case, content: bytes) -> None:
    """Anything but a value and an error of ours is raised."""
    try:
        case.read(content)
    except ProcoreSpectrumError as error:
        assert str(error)  # noqa: PT017 - a value is as good


def test_every_reader_is_known(found: dict[str, Reader]) -> None:
    """The table names all readers, and each has something to damage."""
    assert tuple(found) == NAMES
    assert all(reader.cases for reader in found.values())


def test_every_reader_has_a_fair_share(found: dict[str, Reader]) -> None:
    """At least one input of a hundred, as many as its turns in a round."""
    size = sum(reader.turns for reader in found.values())
    readers = list(found.values())
    turns = [fuzz.turn(readers, number).name for number in range(size)]
    assert [turns.count(reader.name) for reader in readers] == [each.turns for each in readers]
    assert min(each.turns for each in readers) >= size / 110


REFUSALS = {"Spectrum refusals", "Procore error bodies"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REFUSALS])
def test_undamaged_bytes_are_read(found: dict[str, Reader], name: str) -> None:
    """Most cases give a value when nothing is damaged, unless it stands for a refusal."""
    values = 0
    for case in found[name].cases:
        try:
            case.read(case.content)
            values += 1
        except ProcoreSpectrumError:
            continue
    assert values >= len(found[name].cases) / 3


@pytest.mark.parametrize("name", NAMES)
@_few
@given(st.randoms(use_true_random=False))
def test_damaged_bytes(found: dict[str, Reader], name: str, rng: random.Random) -> None:
    """Flipped, cut, doubled, nested, recoded, with absurd values or entities."""
    case = rng.choice(found[name].cases)
    read(case, fuzz.mutate(case.content, rng))


@pytest.mark.parametrize("name", NAMES)
@_few
@given(content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@example(content=b"")
@example(content=b"\x00")
@example(content=b"\xef\xbb\xbf")
@example(content=b"1e9999999999999999999")
@example(content=b"[" * 100_000)
@example(content=b"<a>" * 100_000)
def test_any_bytes(found: dict[str, Reader], name: str, content: bytes) -> None:
    """Bytes that were never valid."""
    read(found[name].cases[0], content)


# ---------------------------------------------------------------- the runner


def _explode(content: bytes) -> object:
    raise KeyError(content[:1])


def test_the_same_seed_gives_the_same_inputs(found: dict[str, Reader]) -> None:
    """An input can be repeated by its number; another seed gives another one."""
    reader = found["plan files"]
    again = [fuzz.choose(reader, 1, number)[1] for number in range(50)]
    assert again == [fuzz.choose(reader, 1, number)[1] for number in range(50)]
    assert again != [fuzz.choose(reader, 2, number)[1] for number in range(50)]


def test_damage_changes_nearly_everything() -> None:
    """The mutator is no copier."""
    rng = random.Random(0)  # noqa: S311 - it shall be repeatable
    damaged = [fuzz.mutate(b'{"a": [1, "b"]}', rng) for _ in range(200)]
    assert sum(content != b'{"a": [1, "b"]}' for content in damaged) > 180


def test_a_foreign_exception_is_a_failure() -> None:
    """It is counted, described with what repeats it, and shown in the table."""
    tallies = fuzz.run([Reader("bad", (Case(b"x", _explode),))], numbers=range(3))
    assert [len(tallies["bad"].failures), tallies["bad"].values] == [3, 0]
    assert "bad --at 0: KeyError" in fuzz.render(tallies)


def test_the_exit_status_tells_of_failures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 when every reader kept its promise, 1 when one did not; a repetition shows why."""

    def one(_: Path) -> tuple[Reader, ...]:
        return (Reader("bad", (Case(b"x", _explode),)),)

    assert fuzz.main(["--inputs", "28"]) == 0
    assert "28 inputs" in capsys.readouterr().out
    monkeypatch.setattr(fuzz, "readers", one)
    assert fuzz.main(["--inputs", "2"]) == 1
    assert fuzz.main(["--at", "1"]) == 1
    assert "Traceback" in capsys.readouterr().out


def test_workers_share_the_same_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    """Two processes read together what one would have read, and no input twice."""

    def table() -> list[list[str]]:
        return [line.split()[:-1] for line in capsys.readouterr().out.splitlines()[:-1]]

    assert fuzz.main(["--inputs", "120", "--seed", "3"]) == 0
    alone = table()
    assert fuzz.main(["--inputs", "120", "--seed", "3", "--workers", "2"]) == 0
    assert table() == alone


def test_a_worker_that_dies_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its inputs were not read, so there is no table."""
    monkeypatch.setattr(fuzz.sys, "executable", "false")
    with pytest.raises(ConfigurationError):
        fuzz.main(["--inputs", "10", "--workers", "2"])
