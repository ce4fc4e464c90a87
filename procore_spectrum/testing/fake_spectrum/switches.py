"""What nobody has documented about Spectrum, one switch each; and faults on demand."""

from __future__ import annotations

from typing import Literal

import attrs

__all__ = ["Switches"]


@attrs.frozen(kw_only=True)
class Switches:
    """How the fake behaves where the real server's behaviour is unknown or occasional.

    Args:
        fault_status: HTTP status of a SOAP fault (unknown).
        refused_get: shape of an error answer of a Get service (unknown): ``"put"`` is the
            lower-case form of the write services without a wrapper, ``"row"`` a row in the
            wrapper with ``Error_Code`` set.
        put_success: body of a successful write (unknown): an empty ``returnData``, one row with
            code ``G`` that names the key, or a wrapper that echoes the elements.
        row_cap: most rows of a Get; one more row then carries the warning. None = no cap.
        rest_envelope: JSON of ``GET /vendors`` (unknown): a bare array, or an object with the
            array under ``vendors``.
        rest_row_cap: most vendors of one REST answer; they are cut silently. None = no cap.
        request_encoding: how the token request must be encoded (unknown).
        token_seconds: life of an access token (unknown).
        secret_days: life of a rotated client secret, 7 to 120 as configured.
        allow_self_rotation: whether ``POST /secretRotation`` is permitted.
        guid_hours: a GUID unused for this long has timed out.
        current_estimate_display_only: the Job Cost option of that name; while on,
            ``Current_Est_*`` of AddPhase are ignored.
        original_fills_current: the original estimate also becomes the current one when the
            request leaves the current fields blank (or they are display only).
        require_division: the Job Cost option that makes ``Division`` mandatory on AddJob.
        cost_centers: whether the company's cost centre option is Yes; ``Cost_Center_Override``
            of a subcontract is refused otherwise.
        fixed_price_units: units of measure that are fixed price (set up per installation); a
            subcontract line in one of them ignores unit price and quantity.
        cost_types_without_gl: cost types for whose subcontract lines the server finds no valid
            G/L account (how it looks for one is known from third parties only).
        cost_only_actions: action types of a status that a change request with costs and without
            billing may have while it is not cost reimbursable (the reports know 3 only).
        approved_actions: action types that count as approved or executed, so that an approval
            date may be given (unknown).
        change_header_updates: a new GUID group may change the header of a change request.
            Within one group it must be repeated identically in any case (unknown).
        duplicate_change_lines: a cost line that is there already: ``"update"`` it, as the page
            says, or ``"refuse"`` every second line of a phase and cost type, as others report.
        change_needs_subcontract_line: a subcontract change needs its phase and cost type on the
            subcontract (unknown).
        change_orders_created: a subcontract change order number that does not exist yet is
            created; otherwise nothing but proposals without a number can be (unknown).
        same_day_projection: a second projection of the same day is ``"added"`` as a further
            entry, or ``"ignored"`` (unknown).
        lock_code: code of the answer about a locked record (unknown).
        lock_text: its text (unknown).
        encoding: ``"utf-8"``; ``"double"`` encodes accented text twice, as was recorded once;
            ``"latin-1"`` sends ISO 8859-1 bytes without saying so.
        server_fault_every: every n-th SOAP call is answered "Error executing Web Service".
            0 = never.
        server_fault_after: such a call is carried out before the fault is sent.
        cut_off_above: SOAP bodies longer than this many bytes lose their closing envelope tags
            while all rows stay whole. None = never.
    """

    fault_status: int = 500
    refused_get: Literal["put", "row"] = "put"
    put_success: Literal["empty", "information", "echo"] = "empty"
    row_cap: int | None = 500
    rest_envelope: Literal["array", "object"] = "array"
    rest_row_cap: int | None = None
    request_encoding: Literal["form", "json", "both"] = "form"
    token_seconds: int = 3600
    secret_days: int = 120
    allow_self_rotation: bool = True
    guid_hours: int = 24
    current_estimate_display_only: bool = True
    original_fills_current: bool = True
    require_division: bool = False
    cost_centers: bool = False
    fixed_price_units: frozenset[str] = frozenset({"LS"})
    cost_types_without_gl: frozenset[str] = frozenset()
    cost_only_actions: frozenset[int] = frozenset({3})
    approved_actions: frozenset[int] = frozenset({1, 2, 3})
    change_header_updates: bool = False
    duplicate_change_lines: Literal["update", "refuse"] = "update"
    change_needs_subcontract_line: bool = True
    change_orders_created: bool = False
    same_day_projection: Literal["added", "ignored"] = "added"
    lock_code: str = "I"
    lock_text: str = "Record is locked by another user"
    encoding: Literal["utf-8", "double", "latin-1"] = "utf-8"
    server_fault_every: int = 0
    server_fault_after: bool = False
    cut_off_above: int | None = None
