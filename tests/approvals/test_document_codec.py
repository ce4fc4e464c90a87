"""Documents as JSON: what is written is read back, and nothing else is taken for one."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from approval_documents import REF, document, documents, fields
from hypothesis import given

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.plan.document_codec import (
    document_from_json,
    document_to_json,
    fields_from_json,
    fields_to_json,
)
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.values import Fields, same

_READING = (InvalidValueError, LookupError, TypeError, ValueError, AttributeError)


def through_json(found: Document) -> Document:
    """Written as text and read back."""
    return document_from_json(found.ref, json.loads(json.dumps(document_to_json(found))))


@given(documents)
def test_documents_come_back(found: Document) -> None:
    """Everything that was shown comes back, and so does the digest."""
    back = through_json(found)
    assert back.shown == found.shown
    assert document_to_json(back) == document_to_json(found)
    assert (back.ref, back.feature, back.title) == (found.ref, found.feature, found.title)
    assert back.violations == found.violations
    assert len(back.needs) == len(found.needs)
    for one, two in zip(back.needs, found.needs, strict=True):
        assert attrs.evolve(one, proposal=None) == attrs.evolve(two, proposal=None)
        assert same(one.proposal, two.proposal)


@given(fields)
def test_fields_come_back(found: Fields) -> None:
    """Values keep their meaning."""
    back = fields_from_json(fields_to_json(found))
    assert back.keys() == found.keys()
    assert all(same(back[name], found[name]) for name in found)


def test_money_comes_back_exactly() -> None:
    """An amount is the same Decimal, not a float."""
    found = document()
    assert through_json(found).amount == found.amount
    assert isinstance(document_to_json(found)["amount"], str)
    assert through_json(attrs.evolve(found, amount=None)).amount is None


@pytest.mark.parametrize(
    "damage",
    [
        {"amount": "s:much"},
        {"amount": 1.5},
        {"feature": None},
        {"title": 7},
        {"fields": {"a": "q:1"}},
        {"fields": ["a"]},
        {"lines": [{"a": 1}]},
        {"needs": [{}]},
        {"violations": [["code"]]},
        {"violations": [["code", "message", "path", None]]},
    ],
)
def test_damage_is_noticed(damage: dict[str, Any]) -> None:
    """What is no document raises one of the named errors."""
    with pytest.raises(_READING):
        document_from_json(REF, {**document_to_json(document()), **damage})


def test_documents_without_warnings_are_read() -> None:
    """Stores have documents from before there were any."""
    found = document_to_json(document())
    del found["warnings"]
    assert document_from_json(REF, found) == document()


@pytest.mark.parametrize("name", sorted({*document_to_json(document())} - {"warnings"}))
def test_nothing_may_be_missing(name: str) -> None:
    """Every other part is needed."""
    found = document_to_json(document())
    del found[name]
    with pytest.raises(LookupError):
        document_from_json(REF, found)
