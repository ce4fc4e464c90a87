"""Hypothesis strategies for Procore's models, drawn from their declared types."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin

import attrs
from hypothesis import strategies as st

from procore_spectrum.models import procore
from procore_spectrum.models.about import fields_of

RECORDS = [
    procore.ChangeOrderPackage,
    procore.ChangeOrderRequest,
    procore.Commitment,
    procore.CommitmentChangeOrder,
    procore.CommitmentContractV2,
    procore.CommitmentListItem,
    procore.Company,
    procore.ContractLine,
    procore.CostCode,
    procore.LineItemType,
    procore.LineItemV2,
    procore.Markup,
    procore.Me,
    procore.PotentialChangeOrder,
    procore.PrimeChangeOrder,
    procore.PrimeContract,
    procore.Project,
    procore.ProjectTemplate,
    procore.StandardCostCode,
    procore.StandardCostCodeList,
    procore.Vendor,
    procore.WbsCode,
    procore.WbsPattern,
    procore.WbsSegment,
    procore.WbsSegmentItem,
]

texts = st.text(st.characters(codec="utf-8"), max_size=8)
amounts = st.decimals(
    allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**15
)
instants = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
ids = st.integers(min_value=1, max_value=2**63 - 1)
choices = st.builds(procore.CustomFieldChoice, id=ids, label=texts)

_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    int: ids,
    bool: st.booleans(),
    Decimal: amounts,
    date: st.dates(),
    datetime: instants,
}
_CUSTOM_VALUES = st.one_of(
    texts, amounts, st.booleans(), choices, st.lists(choices, max_size=2).map(tuple), st.none()
)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a declared type."""
    if get_origin(kind) in (Union, types.UnionType):
        parts = [part for part in get_args(kind) if part is not type(None)]
        return st.none() | (values(parts[0]) if len(parts) == 1 else _CUSTOM_VALUES)
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=2).map(tuple)
    if get_origin(kind) is not None and issubclass(get_origin(kind), Mapping):
        keys = ids.map("custom_field_{}".format)
        return st.dictionaries(keys, values(get_args(kind)[1]), max_size=2)
    if attrs.has(kind):
        return models(kind)
    return _LEAVES[getattr(kind, "__supertype__", kind)]


@cache
def models(model: type) -> st.SearchStrategy[Any]:
    """Records of a model with some of its fields, and None or empty for the others."""
    required = {a.name for a in attrs.fields(model) if a.default is attrs.NOTHING}
    fields = {field.name: values(field.type) for field in fields_of(model)}
    return st.fixed_dictionaries(
        {name: fields[name] for name in fields if name in required},
        optional={name: fields[name] for name in fields if name not in required},
    ).map(lambda drawn: model(**drawn))
