"""What Procore's documentation leaves open, as switches with pessimistic defaults."""

from __future__ import annotations

import attrs

__all__ = ["Switches"]


@attrs.define(kw_only=True)
class Switches:
    """Settings that may be flipped at any time, also between two calls.

    Attributes:
        origin_ids_unique_across_types: one origin id serves one record of the whole company
            (`doc:using-sync-actions`); off: one per object type (`doc:tutorial-financial-tools`).
        unique_vendor_names: refuse a second vendor of the same name.
        ignore_unknown_fields: drop fields that Procore does not list, instead of refusing them.
        retry_after_on_429: send ``Retry-After`` beside ``X-Rate-Limit-Reset`` (two pages disagree).
        default_page_size: records on a page when ``per_page`` is not given (undocumented).
        read_lag_seconds: reads through the API show the world as it was so many seconds ago.
        html_502: answer everything with the HTML page of a broken gateway.
        standard_sync_limit: most items in a sync of standard cost codes; beyond it 413.
        wbs_bulk_limit: most items in a bulk creation of WBS codes; beyond it 413.
        invisible_project_status: 404 or 403 for a project the caller may not see.
        answer_for_labor: the base type in answers of a type written as ``labor``, which the
            answers' enumeration lacks.
        segment_item_id_changes: updating a project's segment item gives it a new id.
        selectable_tiers: WBS codes may use cost codes that have children.
        line_sync_limit: most items in a sync of lines; beyond it 413.
        lines_create_budget_lines: a line for an unbudgeted code creates a budget line
            (new projects; older ones unless they take part in a trial).
        unique_contract_numbers: refuse a second contract of the same type and number in a project.
        approved_is_locked: contracts and change orders in status Approved or Complete keep vendor
            and lines and cannot be deleted (a setting of the company).
        v2_quantity_as_text: version 2 answers quantities as text, not as numbers.
        budget_changes_enabled: Budget Changes replace budget modifications, whose writes are
            then answered with 405.
        direct_cost_vendor_always_required: also for expenses and payroll.
        direct_costs_locked_by_origin_id: which writes a set origin id refuses: ``all``,
            ``single`` (all but sync) or ``none``.
        subcontractor_invoices_enabled: direct costs may be subcontractor invoices.
        direct_costs_busy: another write of the project's direct costs is under way: 409.
        partner_access: the app may call the private ERP API; others are answered with 403.
    """

    origin_ids_unique_across_types: bool = True
    unique_vendor_names: bool = False
    ignore_unknown_fields: bool = False
    retry_after_on_429: bool = False
    default_page_size: int = 100
    read_lag_seconds: float = 0
    html_502: bool = False
    standard_sync_limit: int = 1000
    wbs_bulk_limit: int = 1000
    invisible_project_status: int = 404
    answer_for_labor: str = "other"
    segment_item_id_changes: bool = True
    selectable_tiers: bool = False
    line_sync_limit: int = 1000
    lines_create_budget_lines: bool = True
    unique_contract_numbers: bool = True
    approved_is_locked: bool = True
    v2_quantity_as_text: bool = True
    budget_changes_enabled: bool = True
    direct_cost_vendor_always_required: bool = True
    direct_costs_locked_by_origin_id: str = "all"
    subcontractor_invoices_enabled: bool = False
    direct_costs_busy: bool = False
    partner_access: bool = False
