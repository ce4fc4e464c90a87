"""What ProcoreTarget reads."""

from typing import Any

import pytest
from procore_replies import COMPANY, Replies, query_of, target_of

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.models import procore
from procore_spectrum.ports import Capabilities, ReadQuery, Target


def test_it_is_a_target() -> None:
    """ProcoreTarget offers what the engine asks of a target, and shows no secret."""
    target = target_of(Replies())
    assert isinstance(target, Target)
    assert repr(target) == f"<ProcoreTarget company {COMPANY}>"


def test_companies_are_active_and_inactive_vendors() -> None:
    """Both listings are merged, and each vendor says whether it is active."""
    replies = Replies(
        ("GET /vendors", b'[{"id": 1, "name": "A"}, {"id": 2, "name": "B", "is_active": true}]'),
        ("GET /vendors/inactive", b'[{"id": 2, "name": "B"}, {"id": 3, "name": "C"}]'),
    )
    reading = target_of(replies).read(ReadQuery(kind="company"))
    assert [(v.id, v.is_active) for v in reading.items] == [(1, True), (2, False), (3, False)]
    assert reading.complete
    assert reading.requests == 2
    assert reading.as_of.tzinfo is not None


def test_companies_of_one_origin_are_sought_in_both_listings() -> None:
    """The inactive listing knows no filter, so its vendors are filtered here."""
    replies = Replies(
        ("GET /vendors", []),
        ("GET /vendors/inactive", [{"id": 2, "origin_id": "x"}, {"id": 3, "origin_id": "y"}]),
    )
    reading = target_of(replies).read(ReadQuery(kind="company", filters={"origin_id": "y"}))
    assert [vendor.id for vendor in reading.items] == [3]
    assert query_of(replies.requests[0])["filters[origin_id]"] == "y"


@pytest.mark.parametrize(
    ("version", "path"), [("1.0", "/rest/v1.0/projects"), ("1.1", "/rest/v1.1/projects")]
)
def test_projects_are_read_whatever_their_status(version: Any, path: str) -> None:
    """Without the filter Procore would hide inactive projects."""
    replies = Replies((f"GET {path}", [{"id": 4, "active": False}]))
    target = target_of(replies, projects_version=version)
    assert target.read(ReadQuery(kind="project")).items == (procore.Project(id=4, active=False),)
    assert query_of(replies.requests[0])["filters[by_status]"] == "All"


@pytest.mark.parametrize(
    ("kind", "scope", "path", "model"),
    [
        ("project_template", None, "/project_templates", procore.ProjectTemplate),
        (
            "standard_cost_code_list",
            None,
            "/standard_cost_code_lists",
            procore.StandardCostCodeList,
        ),
        ("standard_cost_code", "9", "/standard_cost_codes", procore.StandardCostCode),
        ("line_item_type", None, "/line_item_types", procore.LineItemType),
        ("cost_code", "42", "/cost_codes", procore.CostCode),
        ("wbs_code", "42", "/projects/42/work_breakdown_structure/wbs_codes", procore.WbsCode),
    ],
)
def test_every_kind_is_read_as_its_model(
    kind: str, scope: str | None, path: str, model: type
) -> None:
    """Each kind is read from its listing."""
    reading = target_of(Replies((f"GET {path}", [{"id": 7}]))).read(
        ReadQuery(kind=kind, scope=scope)
    )
    assert reading.items == (model(id=7),)
    assert reading.requests == 1


@pytest.mark.parametrize(
    ("query", "where"),
    [
        (ReadQuery(kind="invoice"), "invoice"),
        (ReadQuery(kind="company", filters={"city": "X"}), "city"),
        (ReadQuery(kind="cost_code"), "cost_code"),
        (ReadQuery(kind="wbs_code", scope="24-0101"), "wbs_code"),
    ],
)
def test_a_question_that_cannot_be_asked_is_a_mistake(query: ReadQuery, where: str) -> None:
    """Unknown kinds and filters, and missing scopes, are reported before anything is sent."""
    replies = Replies()
    with pytest.raises(ConfigurationError) as caught:
        target_of(replies).read(query)
    assert caught.value.path == where
    assert replies.requests == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("company", Capabilities(batch=1000, write="upsert", probe=True)),
        ("project", Capabilities(batch=100, write="upsert", probe=True)),
        ("cost_code", Capabilities(batch=1000, write="upsert", probe=True)),
        ("standard_cost_code", Capabilities(batch=1000, write="upsert", probe=True)),
        ("line_item_type", Capabilities(batch=1000, write="upsert", probe=True)),
        ("wbs_code", Capabilities(batch=1000, write="upsert", probe=True)),
        ("standard_cost_code_list", Capabilities(batch=1, write="create", probe=True)),
    ],
)
def test_capabilities_follow_the_endpoints(kind: str, expected: Capabilities) -> None:
    """Sync endpoints are upserts of up to 1,000, projects fewer, lists are created singly."""
    assert target_of(Replies()).capabilities(kind) == expected


def test_batch_sizes_and_lag_can_be_set() -> None:
    """What Procore does not document is a setting."""
    target = target_of(Replies(), project_batch=10, wbs_batch=20, read_lag=5.0)
    assert target.capabilities("project").batch == 10
    assert target.capabilities("wbs_code").batch == 20
    assert target.capabilities("company").read_lag == 5.0


@pytest.mark.parametrize("setting", ["project_batch", "wbs_batch"])
@pytest.mark.parametrize("size", [0, 1001])
def test_batch_sizes_have_bounds(setting: str, size: int) -> None:
    """No batch may exceed what sync endpoints take."""
    with pytest.raises(ConfigurationError) as caught:
        target_of(Replies(), **{setting: size})
    assert caught.value.path == setting
