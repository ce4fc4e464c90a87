"""What all of Procore's models promise."""

import inspect
from collections.abc import Mapping

import attrs
import pytest

from procore_spectrum.models import ids, procore
from procore_spectrum.models.about import fields_of
from procore_spectrum.models.procore import UNSET, Unset

MODELS = [value for name in procore.__all__ if attrs.has(value := getattr(procore, name))]
INPUTS = [model for model in MODELS if any(a.default is UNSET for a in attrs.fields(model))]


@pytest.mark.parametrize("model", MODELS)
def test_every_field_says_what_it_means(model: type) -> None:
    """No field of any model lacks a meaning."""
    assert all(field.about.meaning for field in fields_of(model))


@pytest.mark.parametrize("model", MODELS)
def test_models_are_frozen_slotted_and_keyword_only(model: type) -> None:
    """A model cannot be changed, has no dict, and takes keywords only."""
    assert not hasattr(model, "__dict__") or "__slots__" in vars(model)
    assert all(field.kw_only for field in attrs.fields(model))
    assert model.__setattr__ is not object.__setattr__


@pytest.mark.parametrize("model", MODELS)
def test_only_what_identifies_a_record_is_required(model: type) -> None:
    """An answer may leave out everything but the id; a request everything but named parts."""
    required = {a.name for a in attrs.fields(model) if a.default is attrs.NOTHING}
    allowed = {
        "WbsCodeSegment": {"segment_id", "segment_item_id"},
        "WbsCodeBulkItem": {"segment_items"},
        "CurrencyInput": {"currency_iso_code"},
    }
    assert required <= allowed.get(model.__name__, {"id"})


@pytest.mark.parametrize("model", INPUTS)
def test_a_bare_input_sends_nothing(model: type) -> None:
    """Every optional field of an input model is unset by default, never None."""
    optional = [a for a in attrs.fields(model) if a.default is not attrs.NOTHING]
    assert all(a.default is UNSET for a in optional)


@pytest.mark.parametrize("model", MODELS)
def test_the_docstring_says_what_the_model_is(model: type) -> None:
    """Every model carries a docstring."""
    assert inspect.getdoc(model)


@pytest.mark.parametrize(
    "name",
    [
        "ChangeOrderPackage",
        "Commitment",
        "CommitmentChangeOrder",
        "ContractLine",
        "CostCode",
        "LineItemType",
        "LineItemV2",
        "Markup",
        "PotentialChangeOrder",
        "PrimeChangeOrder",
        "PrimeContract",
        "Project",
        "Vendor",
        "VendorSyncItem",
        "WbsCode",
    ],
)
def test_resources_name_their_source(name: str) -> None:
    """The models of resources say where Procore documents them."""
    assert "Source: Procore API reference" in (inspect.getdoc(getattr(procore, name)) or "")


def test_unset_is_false_and_readable() -> None:
    """UNSET is false in a condition, unlike None only in kind, and shows its name."""
    assert not UNSET
    assert UNSET is Unset.UNSET
    assert repr(UNSET) == "UNSET"


def test_sync_items_can_be_named_by_id_and_by_origin_id() -> None:
    """Every sync item has the two fields by which Procore finds a record."""
    items = [model for model in MODELS if model.__name__.endswith("SyncItem")]
    assert len(items) == 9
    assert all({"id", "origin_id"} <= {f.name for f in fields_of(model)} for model in items)


def test_documented_codes_are_kept_with_their_field() -> None:
    """Closed lists of codes can be read back from the field."""
    values = {field.name: field.about.values for field in fields_of(procore.Project)}
    assert values["flag"] == ("Red", "Yellow", "Green")
    assert values["priority"] == ("low", "medium", "high")
    assert len(values["delivery_method"]) == 9


def test_a_vendor_group_has_a_length() -> None:
    """The one documented length of the directory is written down."""
    lengths = {field.name: field.about.length for field in fields_of(procore.VendorGroup)}
    assert lengths["name"] == 255


def test_every_identifier_is_listed_once() -> None:
    """The public names of the identifiers are exactly the types that the module defines."""
    defined = [name for name, value in vars(ids).items() if hasattr(value, "__supertype__")]
    assert sorted(defined) == ids.__all__
    assert all(getattr(ids, name).__supertype__ in (int, str) for name in ids.__all__)


def test_the_public_names_are_sorted_and_exist() -> None:
    """``from procore_spectrum.models.procore import *`` gives what is listed."""
    assert len(set(procore.__all__)) == len(procore.__all__)
    assert all(hasattr(procore, name) for name in procore.__all__)
    assert isinstance(vars(procore), Mapping)


def test_states_are_kept_by_kind() -> None:
    """Subcontracts and purchase orders share some states only."""
    shared = set(procore.WORK_ORDER_STATUSES) & set(procore.PURCHASE_ORDER_STATUSES)
    assert shared == {"Draft", "Approved"}
    values = {field.name: field.about.values for field in fields_of(procore.Commitment)}
    assert values["status"] == (*procore.WORK_ORDER_STATUSES, *procore.PURCHASE_ORDER_STATUSES)


def test_only_origin_fields_can_be_sent_for_a_contract() -> None:
    """Contracts belong to the people who made them in Procore."""
    names = {field.name for field in fields_of(procore.CommitmentSyncItem)}
    assert names == {"id", "origin_id", "origin_code", "origin_data"}
