"""The public names of ``procore_spectrum.testing``."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

import procore_spectrum.testing as tools


def test_all_names_exist_and_are_sorted() -> None:
    """Each public name can be imported; the list is in order and shown by dir()."""
    assert list(tools.__all__) == sorted(tools.__all__)
    assert all(not isinstance(getattr(tools, name), types.ModuleType) for name in tools.__all__)
    assert set(tools.__all__) <= set(dir(tools))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As with any module."""
    with pytest.raises(AttributeError, match="no attribute 'FakeSap'"):
        _ = tools.FakeSap


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_test_libraries_are_not_loaded() -> None:
    """The whole public face works without pytest and hypothesis."""
    found = run(
        "import procore_spectrum.testing as t\n"
        "for name in t.__all__: getattr(t, name)\n"
        "print(*({'pytest', 'hypothesis', '_pytest'} & set(sys.modules)))"
    )
    assert found == ""


def test_nothing_is_loaded_before_it_is_used() -> None:
    """Importing the package alone loads none of its modules."""
    found = run(
        "import procore_spectrum.testing\n"
        "print(*(m for m in sys.modules if m.startswith('procore_spectrum.testing.')))"
    )
    assert found == ""


def test_a_function_is_not_hidden_by_its_module() -> None:
    """Importing the module ``reference_company`` first leaves the function callable."""
    found = run(
        "import procore_spectrum.testing.reference_company\n"
        "from procore_spectrum.testing import reference_company\n"
        "print(reference_company('S', 1).size)"
    )
    assert found == "S"
