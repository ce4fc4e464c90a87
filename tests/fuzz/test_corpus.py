"""What the coverage-guided run once found worth keeping is read again, the same way every time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.testing import fuzz

CORPUS = Path(__file__).with_name("corpus")
FOLDERS = sorted(folder.name for folder in CORPUS.iterdir())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, fuzz.Reader]:
    """The readers by the folder of their inputs."""
    readers = fuzz.readers(tmp_path_factory.mktemp("fuzz"))
    return {reader.name.lower().replace(" ", "-"): reader for reader in readers}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What zeep warns of in a damaged description is no error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_every_reader_has_kept_inputs(found: dict[str, fuzz.Reader]) -> None:
    """One folder for each, and none for a reader that is gone."""
    assert sorted(found) == FOLDERS


@pytest.mark.parametrize("name", FOLDERS)
def test_kept_inputs_are_still_read(found: dict[str, fuzz.Reader], name: str) -> None:
    """Each gives a value or an error of ours that says something."""
    files = sorted((CORPUS / name).iterdir())
    assert files
    for file in files:
        case, content = fuzz.pick(found[name], file.read_bytes())
        try:
            case.read(content)
        except ProcoreSpectrumError as error:
            assert str(error), file.name  # noqa: PT017 - a value is as good
