"""Reading Procore's JSON and writing it."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procore_values import RECORDS, amounts, models

from procore_spectrum.errors import InvalidValueError, UnreadableReplyError
from procore_spectrum.models import procore
from procore_spectrum.models.about import fields_of
from procore_spectrum.procore.calls import dump_json
from procore_spectrum.procore.convert import instant, read_many, read_one, to_json
from procore_spectrum.wire.messages import Response

quick = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
calm = settings(max_examples=50, deadline=None)
ZONES = [UTC, timezone(timedelta(hours=-8)), timezone(timedelta(hours=5, minutes=45))]
record_types = st.sampled_from(RECORDS)


def over_the_wire(body: Any) -> Any:
    """What comes out at the other end of the wire."""
    return Response(status=200, content=dump_json(body)).json()


def with_dates(model: type) -> list[str]:
    """The fields of a model that hold days."""
    return [f.name for f in fields_of(model) if "datetime.date'" in str(f.type) or f.type is date]


@quick
@given(data=st.data(), model=record_types)
def test_records_survive_the_wire(data: st.DataObject, model: type) -> None:
    """Whatever a record holds, writing and reading it gives the same record."""
    record = data.draw(models(model))
    assert read_one(model, over_the_wire(to_json(record))) == record


@quick
@given(data=st.data(), model=record_types)
def test_unknown_keys_are_ignored(data: st.DataObject, model: type) -> None:
    """Keys that the documentation does not know change nothing."""
    record = data.draw(models(model))
    body = over_the_wire(to_json(record))
    assert read_one(model, {**body, "tomorrows_key": {"new": [1]}}) == record


@quick
@given(data=st.data(), model=record_types)
def test_null_and_absent_mean_the_same_when_read(data: st.DataObject, model: type) -> None:
    """Older resources answer null where the description promises a value."""
    record = data.draw(models(model))
    body = over_the_wire(to_json(record))
    gone = data.draw(st.sets(st.sampled_from(sorted(body.keys() - {"id"}) or ["name"])))
    null = {key: None if key in gone else value for key, value in body.items()}
    absent = {key: value for key, value in body.items() if key not in gone}
    assert read_one(model, null) == read_one(model, absent)


@quick
@given(
    wrong=st.one_of(
        st.datetimes(),
        st.datetimes(timezones=st.just(UTC)),
        st.text(),
        st.integers(),
        st.decimals(),
    ),
    name=st.sampled_from(
        ["start_date", "completion_date", "warranty_start_date", "estimated_start_date"]
    ),
)
def test_a_wrong_date_cannot_leave(wrong: Any, name: str) -> None:
    """Nothing but a date can be sent in a date's place, whatever its spelling."""
    item = procore.ProjectSyncItem(**{name: wrong})
    with pytest.raises(InvalidValueError) as caught:
        to_json(item)
    assert caught.value.path == name


@calm
@given(day=st.dates())
def test_dates_leave_in_the_documented_spelling(day: date) -> None:
    """A date is written year, month, day with four, two and two digits."""
    written = to_json(procore.ProjectSyncItem(start_date=day))["start_date"]
    assert len(written) == 10
    assert tuple(map(int, written.split("-"))) == (day.year, day.month, day.day)


@calm
@given(moment=st.datetimes(timezones=st.sampled_from(ZONES)))
def test_instants_leave_in_utc(moment: datetime) -> None:
    """A moment is written in UTC, to the second, with a Z."""
    try:
        expected = moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return
    written = instant(moment)
    assert len(written) == 20
    assert datetime.fromisoformat(written) == expected


def test_an_instant_needs_a_zone() -> None:
    """A naive moment is refused rather than taken for UTC."""
    with pytest.raises(InvalidValueError, match="time zone"):
        instant(datetime(2026, 1, 1))  # noqa: DTZ001 – the point of the test


@calm
@given(amount=amounts)
def test_amounts_stay_exact_as_number_and_as_text(amount: Decimal) -> None:
    """Neither way of writing an amount loses a digit."""
    item = procore.ProjectSyncItem(total_value=amount)
    number = over_the_wire(to_json(item))["total_value"]
    text = over_the_wire(to_json(item, amounts="text"))["total_value"]
    assert Decimal(number) == Decimal(text) == amount
    assert isinstance(text, str)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("total_value", 1.5),
        ("total_value", Decimal("NaN")),
        ("square_feet", True),
        ("square_feet", "12"),
        ("name", 5),
        ("active", 1),
        ("department_ids", "12"),
        ("department_ids", (1, "2")),
    ],
)
def test_values_of_the_wrong_type_cannot_leave(field: str, value: Any) -> None:
    """A value that does not fit its field is refused, floats in money first of all."""
    with pytest.raises(InvalidValueError) as caught:
        to_json(procore.ProjectSyncItem(**{field: value}))
    assert caught.value.path.startswith(field)


def test_the_path_leads_into_nested_records() -> None:
    """An error inside a nested record names the whole way."""
    item = procore.VendorSyncItem(bidding=procore.VendorBiddingInput(small_business="yes"))
    with pytest.raises(InvalidValueError) as caught:
        to_json(item)
    assert caught.value.path == "bidding.small_business"


def test_a_model_of_another_kind_cannot_leave() -> None:
    """A record in the place of another kind of record is refused."""
    with pytest.raises(InvalidValueError, match="VendorBiddingInput expected"):
        to_json(procore.VendorSyncItem(bidding=procore.VendorBidding()))


def test_unset_null_and_value_are_three_things() -> None:
    """What is unset is not sent, None empties, a value is written."""
    item = procore.VendorSyncItem(name="Acme", website=None)
    assert to_json(item) == {"name": "Acme", "website": None}


def test_custom_fields_become_keys_of_their_own() -> None:
    """Custom fields are written beside the others, one key for each definition."""
    update = procore.ProjectUpdate(
        name="North", custom_fields={7: Decimal("1.50"), 8: (1, 2), 9: None, 10: "x", 11: True}
    )
    assert to_json(update) == {
        "name": "North",
        "custom_field_7": Decimal("1.50"),
        "custom_field_8": [1, 2],
        "custom_field_9": None,
        "custom_field_10": "x",
        "custom_field_11": True,
    }


@pytest.mark.parametrize("wrong", [["a"], {"seven": 1}, {7: 1.5}])
def test_custom_fields_are_checked(wrong: Any) -> None:
    """Custom fields need a mapping of numbers to values, and no floats."""
    with pytest.raises(InvalidValueError):
        to_json(procore.ProjectUpdate(custom_fields=wrong))


def test_an_endpoint_that_wants_text_gets_text() -> None:
    """Amounts of contracts go out as text with all their digits."""
    rate = procore.CurrencyInput(currency_iso_code="EUR", exchange_rate_override=Decimal("1.10"))
    written = to_json(procore.ProjectCreate(currency_configuration=rate), amounts="text")
    assert written["currency_configuration"]["exchange_rate_override"] == "1.10"


def test_mappings_are_written_and_checked() -> None:
    """Open mappings are written as objects; anything else in their place is refused."""
    item = procore.VendorSyncItem(origin_custom_fields={"region": "north"})
    assert to_json(item) == {"origin_custom_fields": {"region": "north"}}
    with pytest.raises(InvalidValueError, match="mapping expected"):
        to_json(procore.VendorSyncItem(origin_custom_fields=("region",)))


def test_a_required_part_cannot_be_none() -> None:
    """Parts that a request needs are checked like the others."""
    with pytest.raises(InvalidValueError) as caught:
        to_json(procore.WbsCodeSegment(segment_id=None, segment_item_id=1))
    assert caught.value.path == "segment_id"


def test_a_moment_must_be_a_moment() -> None:
    """A text in the place of a moment is refused."""
    with pytest.raises(InvalidValueError, match="datetime expected"):
        to_json(procore.Trade(id=1, updated_at="2026-01-01T00:00:00Z"))


VENDOR = b"""
{
  "id": "598134325658789", "name": "Acme  Concrete", "is_active": true, "business_id": 12,
  "address": null, "origin_id": "spectrum:ABC:vendor:1000", "notes": "",
  "created_at": "2026-03-01T08:30:00Z", "updated_at": "2026-03-01T10:30:00.123+02:00",
  "primary_contact": {"id": 7, "first_name": "Ann", "business_phone_extension": "12"},
  "project_ids": null, "trades": [{"id": 3, "name": "Concrete", "active": true}],
  "business_register": {"id": 5, "verified_at": ""},
  "_links": {"reactivate": "/rest/v1.0/companies/1/vendors/inactive/2"}
}
"""


def read_vendor(**changes: Any) -> procore.Vendor:
    """The vendor above, with changes."""
    return read_one(procore.Vendor, {**Response(status=200, content=VENDOR).json(), **changes})


def test_ids_may_be_text_and_64_bits() -> None:
    """Version 2 spells ids as text; ids exceed 32 bits."""
    assert read_vendor().id == 598134325658789


def test_text_may_come_as_a_number() -> None:
    """The business id is a number in one view and text in the others."""
    assert read_vendor().business_id == "12"


def test_blank_means_nothing_but_for_text() -> None:
    """An empty timestamp is none, while empty text stays text."""
    vendor = read_vendor()
    assert vendor.business_register is not None
    assert vendor.business_register.verified_at is None
    assert vendor.notes == ""


def test_timestamps_become_utc() -> None:
    """Offsets are turned into UTC."""
    vendor = read_vendor()
    assert vendor.created_at == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    assert vendor.updated_at == datetime(2026, 3, 1, 8, 30, 0, 123000, tzinfo=UTC)
    assert vendor.updated_at.utcoffset() == timedelta(0)


def test_keys_that_are_no_names_are_renamed() -> None:
    """The key ``_links`` is read into ``links``."""
    assert read_vendor().links == procore.VendorLinks(
        reactivate="/rest/v1.0/companies/1/vendors/inactive/2"
    )


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"id": None}, "id", "a whole number expected, not NoneType"),
        ({"id": 1.5}, "id", "whole number"),
        ({"id": True}, "id", "whole number"),
        ({"name": ["x"]}, "name", "text expected, not list"),
        ({"name": True}, "name", "text expected"),
        ({"is_active": "true"}, "is_active", "true or false expected"),
        ({"created_at": "2026-03-01"}, "created_at", "timestamp"),
        ({"created_at": "2026-03-01T08:30:00.0"}, "created_at", "time zone"),
        ({"created_at": "2026-99-01T08:30:00Z"}, "created_at", "not readable"),
        ({"created_at": 1772353800}, "created_at", "timestamp"),
        ({"primary_contact": {"id": "x"}}, "primary_contact.id", "whole number"),
        ({"primary_contact": {}}, "primary_contact.id", "missing"),
        ({"primary_contact": [1]}, "primary_contact", "an object expected, not list"),
        ({"trades": {"id": 1}}, "trades", "a list expected, not dict"),
        ({"trades": [{"id": 1}, {"id": []}]}, "trades[1].id", "whole number"),
        ({"project_ids": [1, None]}, "project_ids[1]", "whole number"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], path: str, message: str) -> None:
    """An unreadable value is reported with its path, and never shown."""
    with pytest.raises(UnreadableReplyError) as caught:
        read_vendor(**change)
    assert caught.value.path == path
    assert message in caught.value.violations[0].message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start_date", "03/01/2026"),
        ("start_date", "20260301"),
        ("start_date", "2026-W01-1"),
        ("start_date", 20260301),
        ("start_date", "2026-02-30"),
        ("total_value", "1,000.00"),
        ("total_value", "NaN"),
        ("total_value", True),
        ("total_value", [1]),
        ("custom_fields", {"custom_field_1": "bare"}),
        ("custom_fields", {"custom_field_1": {"data_type": "lov_entry", "value": {"label": "x"}}}),
    ],
)
def test_unreadable_days_and_amounts_are_reported(field: str, value: Any) -> None:
    """Neither a day nor an amount is guessed from another spelling."""
    with pytest.raises(UnreadableReplyError) as caught:
        read_one(procore.Project, {"id": 1, field: value})
    assert caught.value.path.startswith(field)


@pytest.mark.parametrize("value", ["1250.50", Decimal("1250.50"), " 1250.5 "])
def test_amounts_are_read_from_text_and_numbers(value: Any) -> None:
    """Version 1 spells amounts as text or as numbers."""
    project = read_one(procore.Project, {"id": 1, "total_value": value})
    assert project.total_value == Decimal("1250.50")


def test_every_fault_of_a_list_is_reported_with_its_row() -> None:
    """One reading reports all faults, each with its index."""
    rows = [{"id": 1}, {"id": "x"}, {"name": "y"}, {"id": 4, "primary_contact": {"id": []}}]
    with pytest.raises(UnreadableReplyError) as caught:
        read_many(procore.Vendor, rows)
    paths = [violation.path for violation in caught.value.violations]
    assert paths == ["[1].id", "[2].id", "[3].primary_contact.id"]


def test_no_value_is_repeated_in_an_error() -> None:
    """What Procore sent may be confidential; the error does not show it."""
    with pytest.raises(UnreadableReplyError) as caught:
        read_many(procore.Vendor, [{"id": "secret-token"}])
    assert "secret-token" not in f"{caught.value!s}{caught.value.violations!r}"


@pytest.mark.parametrize("body", [None, {}, "text", 5])
def test_a_list_must_be_a_list(body: Any) -> None:
    """Anything but a list in a list's place is reported."""
    with pytest.raises(UnreadableReplyError, match="a list of Vendor was expected"):
        read_many(procore.Vendor, body)


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_a_record_must_be_an_object(body: Any) -> None:
    """Anything but an object in a record's place is reported."""
    with pytest.raises(UnreadableReplyError, match="an object expected"):
        read_one(procore.VendorBidding, body)


def test_custom_fields_are_read_by_type() -> None:
    """Each type of custom field becomes the value that it stands for."""
    body = json.loads(
        """{"id": 1, "custom_fields": {
            "custom_field_1": {"data_type": "string", "value": "abc"},
            "custom_field_2": {"data_type": "decimal", "value": 12},
            "custom_field_3": {"data_type": "boolean", "value": true},
            "custom_field_4": {"data_type": "lov_entry", "value": {"id": 9, "label": "North"}},
            "custom_field_5": {"data_type": "lov_entries", "value": [{"id": 9, "label": "N"}]},
            "custom_field_6": {"value": null}}}"""
    )
    fields = read_one(procore.Project, body).custom_fields
    assert fields is not None
    assert [field.value for field in fields.values()] == [
        "abc",
        Decimal(12),
        True,
        procore.CustomFieldChoice(id=9, label="North"),
        (procore.CustomFieldChoice(id=9, label="N"),),
        None,
    ]


def test_offsets_without_colon_are_read() -> None:
    """ISO 8601 allows an offset without a colon."""
    trade = read_one(procore.Trade, {"id": 1, "updated_at": "2026-03-01T10:30:00+0200"})
    assert trade.updated_at == datetime(2026, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=2)))
