"""What the endpoints ask for, and how they read a plain answer."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from procore_spectrum.errors import InvalidValueError, UnreadableReplyError
from procore_spectrum.models import procore
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.endpoints import (
    cost_codes,
    identity,
    line_item_types,
    projects,
    vendors,
    wbs,
)
from procore_spectrum.procore.endpoints.parameters import Between
from procore_spectrum.wire.messages import Response

COMPANY, PROJECT = 598134325658789, 42
OK = Response(status=200)
SPAN = Between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))

LISTINGS = [
    (vendors.list_vendors(COMPANY), "/rest/v1.0/vendors", 2000),
    (
        vendors.list_inactive_vendors(COMPANY),
        f"/rest/v1.0/companies/{COMPANY}/vendors/inactive",
        2000,
    ),
    (projects.list_projects(COMPANY), "/rest/v1.0/projects", 2000),
    (projects.list_projects_v11(COMPANY), "/rest/v1.1/projects", 300),
    (projects.list_project_templates(COMPANY), "/rest/v1.0/project_templates", 2000),
    (cost_codes.list_cost_codes(PROJECT), "/rest/v1.0/cost_codes", 2000),
    (
        cost_codes.list_standard_cost_code_lists(COMPANY),
        "/rest/v1.0/standard_cost_code_lists",
        2000,
    ),
    (cost_codes.list_standard_cost_codes(COMPANY, 9), "/rest/v1.0/standard_cost_codes", 2000),
    (line_item_types.list_line_item_types(COMPANY), "/rest/v1.0/line_item_types", 2000),
    (
        wbs.list_wbs_codes(PROJECT),
        "/rest/v1.0/projects/42/work_breakdown_structure/wbs_codes",
        2000,
    ),
    (
        wbs.list_project_wbs_segment_items(PROJECT, 3),
        "/rest/v1.0/projects/42/work_breakdown_structure/segments/3/segment_items",
        2000,
    ),
    (
        wbs.list_company_wbs_segment_items(COMPANY, 3),
        f"/rest/v1.0/companies/{COMPANY}/work_breakdown_structure/segments/3/segment_items",
        2000,
    ),
    (identity.list_companies(), "/rest/v1.0/companies", 2000),
]


@pytest.mark.parametrize(("call", "path", "page"), LISTINGS)
def test_listings_have_the_documented_path_and_page(
    call: PagedCall[Any], path: str, page: int
) -> None:
    """Each listing asks the documented address for the largest recommended page."""
    assert (call.path, call.per_page) == (path, page)
    assert call.parse([{"id": 5}], OK)[0].id == 5


@pytest.mark.parametrize(
    ("call", "method", "path"),
    [
        (vendors.get_vendor(COMPANY, 8), "GET", "/rest/v1.0/vendors/8"),
        (
            vendors.reactivate_vendor(COMPANY, 8),
            "PATCH",
            f"/rest/v1.0/companies/{COMPANY}/vendors/inactive/8",
        ),
        (projects.get_project(COMPANY, 8), "GET", "/rest/v1.0/projects/8"),
        (
            wbs.get_project_wbs_pattern(PROJECT),
            "GET",
            "/rest/v1.0/projects/42/work_breakdown_structure/patterns",
        ),
        (
            wbs.get_company_wbs_pattern(COMPANY),
            "GET",
            f"/rest/v1.0/companies/{COMPANY}/work_breakdown_structure/patterns",
        ),
        (identity.get_me(), "GET", "/rest/v1.0/me"),
    ],
)
def test_single_records_have_the_documented_path(call: Call[Any], method: str, path: str) -> None:
    """Each call for one record uses the documented method and address."""
    assert (call.method, call.path, call.body) == (method, path, None)
    assert call.parse({"id": 5}, OK).id == 5


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (
            wbs.list_project_wbs_segments(PROJECT),
            "/rest/v1.0/projects/42/work_breakdown_structure/segments",
        ),
        (
            wbs.list_company_wbs_segments(COMPANY),
            f"/rest/v1.0/companies/{COMPANY}/work_breakdown_structure/segments",
        ),
    ],
)
def test_segments_are_listed_without_pages(call: Call[Any], path: str) -> None:
    """The list of segments is not paged."""
    assert call.path == path
    assert [segment.id for segment in call.parse([{"id": 1}, {"id": 2}], OK)] == [1, 2]


def test_filters_are_spelled_as_procore_wants_them() -> None:
    """Filters go in brackets, several values in several pairs, spans with three dots."""
    call = vendors.list_vendors(COMPANY, ids=[1, 2], origin_id="a&b", updated_at=SPAN)
    assert call.query == (
        ("company_id", str(COMPANY)),
        ("view", "extended"),
        ("filters[id][]", "1"),
        ("filters[id][]", "2"),
        ("filters[origin_id]", "a&b"),
        ("filters[updated_at]", "2026-01-01T00:00:00Z...2026-02-01T00:00:00Z"),
    )


def test_projects_can_be_asked_for_by_status() -> None:
    """Inactive projects are only listed when they are asked for."""
    for call in (
        projects.list_projects(COMPANY, by_status="All", synced=True),
        projects.list_projects_v11(COMPANY, by_status="All", synced=True),
    ):
        assert ("filters[by_status]", "All") in call.query
        assert ("filters[synced]", "true") in call.query


def test_wbs_codes_can_be_asked_for_by_status() -> None:
    """The filter on the status is a list."""
    assert wbs.list_wbs_codes(PROJECT, status="inactive").query == (
        ("filters[status][]", "inactive"),
    )


def test_me_needs_the_company_header_only_with_a_company() -> None:
    """The caller's id can be asked for before any company is known."""
    assert not identity.get_me().needs_company
    assert identity.get_me(COMPANY).needs_company
    assert identity.get_me(COMPANY).query == (("company_id", str(COMPANY)),)


def test_creating_a_vendor_is_not_repeatable() -> None:
    """A vendor that is posted twice exists twice."""
    call = vendors.create_vendor(COMPANY, procore.VendorInput(name="Acme"))
    assert (call.method, call.repeatable) == ("POST", False)
    assert call.body == {"company_id": COMPANY, "vendor": {"name": "Acme"}}


def test_updating_a_vendor_is_repeatable() -> None:
    """The same change twice has the effect of one."""
    call = vendors.update_vendor(
        COMPANY, 8, procore.VendorInput(website=None), run_configurable_validations=True
    )
    assert (call.method, call.path, call.repeatable) == ("PATCH", "/rest/v1.0/vendors/8", True)
    assert call.body["vendor"] == {"website": None}
    assert call.query == (("run_configurable_validations", "true"),)


def test_a_project_is_written_with_dates_as_text_and_amounts_as_numbers() -> None:
    """Projects take days as text and amounts as JSON numbers."""
    project = procore.ProjectCreate(
        name="North",
        start_date=date(2026, 3, 1),
        total_value=Decimal("1250000.00"),
        currency_configuration=procore.CurrencyInput(currency_iso_code="USD"),
    )
    call = projects.create_project(COMPANY, project)
    assert not call.repeatable
    assert call.body["project"] == {
        "name": "North",
        "start_date": "2026-03-01",
        "total_value": Decimal("1250000.00"),
        "currency_configuration": {"currency_iso_code": "USD"},
    }


def test_updating_a_project_is_repeatable() -> None:
    """The same change twice has the effect of one."""
    call = projects.update_project(COMPANY, 8, procore.ProjectUpdate(active=False))
    assert (call.path, call.repeatable) == ("/rest/v1.0/projects/8", True)
    assert call.body == {"company_id": COMPANY, "project": {"active": False}}


def test_creating_a_standard_list_is_not_repeatable() -> None:
    """A list that is posted twice may exist twice."""
    call = cost_codes.create_standard_cost_code_list(COMPANY, "Spectrum")
    assert not call.repeatable
    assert call.body == {
        "company_id": COMPANY,
        "standard_cost_code_list": {"name": "Spectrum"},
    }


@pytest.mark.parametrize(
    ("call", "path", "body", "query"),
    [
        (
            projects.sync_projects(COMPANY, [procore.ProjectSyncItem(origin_id="a")]),
            "/rest/v1.0/projects/sync",
            {"company_id": COMPANY},
            (),
        ),
        (
            cost_codes.sync_cost_codes(PROJECT, [procore.CostCodeSyncItem(origin_id="a")]),
            "/rest/v1.0/cost_codes/sync",
            {},
            (("project_id", "42"),),
        ),
        (
            cost_codes.sync_standard_cost_codes(
                COMPANY, 9, [procore.StandardCostCodeSyncItem(origin_id="a")]
            ),
            "/rest/v1.0/standard_cost_codes/sync",
            {"company_id": COMPANY, "standard_cost_code_list_id": 9},
            (("view", "extended"),),
        ),
        (
            line_item_types.sync_line_item_types(
                COMPANY, [procore.LineItemTypeSyncItem(origin_id="a")]
            ),
            "/rest/v1.0/line_item_types/sync",
            {"company_id": COMPANY},
            (),
        ),
        (
            vendors.sync_vendors(COMPANY, [procore.VendorSyncItem(origin_id="a")]),
            "/rest/v1.0/vendors/sync",
            {"company_id": COMPANY},
            (),
        ),
    ],
)
def test_sync_calls_have_the_documented_body(
    call: Call[Any], path: str, body: dict[str, Any], query: Any
) -> None:
    """Each sync endpoint gets the body and query that it requires."""
    assert (call.method, call.path, call.query) == ("PATCH", path, query)
    assert call.body == {**body, "updates": [{"origin_id": "a"}]}


def code(*parts: int, description: str = "Labor") -> procore.WbsCodeBulkItem:
    """A budget code of the given segment items."""
    return procore.WbsCodeBulkItem(
        segment_items=tuple(
            procore.WbsCodeSegment(segment_id=i, segment_item_id=part)
            for i, part in enumerate(parts)
        ),
        description=description,
    )


def test_budget_codes_are_matched_by_their_combination() -> None:
    """The answer names a combination in another order and spelling than the request."""
    call = wbs.bulk_create_wbs_codes(PROJECT, [code(1, 2), code(1, 3), code(2, 3)])
    assert call.repeatable
    result = call.parse(
        {
            "entities": [
                {"id": 70, "segment_items": [{"id": 3}, {"id": 1}]},
                {"id": 71, "segment_items": [{"id": 1}, {"id": 2}]},
            ],
            "errors": [
                {
                    "segment_items": [
                        {"segment_id": 0, "segment_item_id": 2},
                        {"segment_id": 1, "segment_item_id": 3},
                    ],
                    "errors": {"segment_items": ["is inactive"]},
                }
            ],
        },
        Response(status=201),
    )
    assert [item.entity and item.entity.id for item in result.items] == [71, 70, None]
    assert result.items[2].violations[0].message == "is inactive"


def test_an_error_without_combination_belongs_to_the_only_code_left() -> None:
    """The shape of errors is not documented; what they do not repeat is inferred only if safe."""
    call = wbs.bulk_create_wbs_codes(PROJECT, [code(1, 2)])
    result = call.parse({"entities": [], "errors": [{"segment_items": 5, "error": "no"}]}, OK)
    assert [violation.message for violation in result.items[0].violations] == ["no"]


def test_one_combination_twice_is_refused_before_sending() -> None:
    """Two codes of one combination could not be told apart in the answer."""
    with pytest.raises(InvalidValueError, match="same one"):
        wbs.bulk_create_wbs_codes(PROJECT, [code(1, 2), code(2, 1)])


def test_the_status_of_codes_is_set_in_bulk() -> None:
    """Switching codes off takes their ids and answers nothing."""
    call = wbs.update_wbs_code_status(PROJECT, [4, 5], "inactive")
    assert call.body == {"ids": [4, 5], "attributes": {"status": "inactive"}}
    assert call.parse(None, Response(status=204)) is None


def test_an_unexpected_content_is_reported() -> None:
    """Content where none is promised is not silently dropped."""
    call = wbs.update_wbs_code_status(PROJECT, [4], "inactive")
    with pytest.raises(UnreadableReplyError, match="empty answer"):
        call.parse({"error": "x"}, OK)


def test_switching_no_code_is_a_mistake() -> None:
    """An empty list of ids is refused before sending."""
    with pytest.raises(InvalidValueError, match="at least one"):
        wbs.update_wbs_code_status(PROJECT, [], "active")
