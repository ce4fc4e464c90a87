"""Budget rows as Procore spells them, and where they are asked for."""

from __future__ import annotations

from typing import Any

VIEWS = "GET /budget_views"
ROWS = "GET /detail_rows"
LINES = "POST /budget_line_items/sync"


def wire_row(
    line_id: int | None, *, amount: str = "0.0", code: int = 30, **columns: Any
) -> dict[str, Any]:
    """A row of a budget view, with what every row has."""
    return {
        "id": line_id,
        "deletable": False,
        "company_id": 1,
        "company": "Procore",
        "project_id": 42,
        "wbs_code_id": code,
        "biller_type": "Project",
        "cost_code_id": 3,
        "cost_code_origin_id": None,
        "cost_code": "01-0100 - Concrete",
        "category_id": 4,
        "category": "S - Subcontract",
        "original_budget_amount": amount,
        "budget_modifications": "0.0",
        "budget_forecast": {"id": None, "amount": "0.0", "automatically_calculated": True},
        "currency_configuration": {"currency_iso_code": "USD"},
        **columns,
    }
