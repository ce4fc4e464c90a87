"""An adapter from outside of the library passes the kit; what it does not declare is skipped."""

from __future__ import annotations

from pathlib import Path

import other_people
import pytest
from other_people import CardBox, DictStore

from procore_spectrum.testing import conformance
from procore_spectrum.testing.conformance import TargetExample

EXAMPLE = TargetExample(
    kind="card",
    fields={"name": "Acme", "city": "Boise"},
    changed={"city": "Nampa"},
    refused={"name": "", "city": "Boise"},
    value_of=lambda card, name: card.values.get(name),
)


class TestCardBox(conformance.TargetContract):
    """A target, read as a source too, without anything that could be away."""

    declared = conformance.TargetCapabilities(outages=False, caps=False, failures=False)

    @pytest.fixture
    def target(self):
        """An empty box."""
        return CardBox()

    @pytest.fixture
    def example(self):
        """A card."""
        return EXAMPLE


class TestDictStore(conformance.StateStoreContract):
    """A store for one thread, which takes values as they are."""

    declared = conformance.StoreCapabilities(
        strict_values=False, guarded=False, checks=False, threads=False
    )

    @pytest.fixture
    def store(self):
        """An empty store."""
        return DictStore()


class TestApprovalsInDicts(conformance.ApprovalQueueContract):
    """The queue on that store."""

    @pytest.fixture
    def store(self):
        """An empty store."""
        return DictStore()


def test_an_adapter_is_small():
    """Source, target and store together need fewer than 150 lines."""
    lines = Path(other_people.__file__).read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) < 150


def test_the_matrix_names_what_is_not_met():
    """Adapter, contract, capability and the number of skipped tests are shown."""

    class Shown(conformance.TargetContract):
        declared = conformance.TargetCapabilities(failures=False)

    with pytest.raises(pytest.skip.Exception, match="'failures'"):
        Shown().need("failures")
    (line,) = [line for line in conformance.matrix().splitlines() if "Shown:" in line]
    assert "not met: failures (1 skipped)" in line
    assert "met: filters, outages" in line
