"""WBS segments: the fixed parts that a budget code is made of (`doc:tutorial-wbs`)."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["COMPANY", "DEFAULT_PATTERN", "open_company", "open_project"]

COMPANY = 0
"""The group of the company's own segments; projects use their id."""

DELIMITER = "."

DEFAULT_PATTERN = (
    # type, name, required, structure
    ("sub_job", "Sub Job", False, "flat"),
    ("cost_code", "Cost Code", True, "tiered"),
    ("line_item_type", "Cost Type", True, "flat"),
)


def open_company(world: World) -> None:
    """The segments of the company."""
    _add_pattern(world, COMPANY)


def open_project(world: World, project_id: int) -> None:
    """The default pattern of a new project. Its segments have ids of their own."""
    _add_pattern(world, project_id)


def _add_pattern(world: World, group: int) -> None:
    pattern_id = world.next_id()
    for position, (kind, name, needed, structure) in enumerate(DEFAULT_PATTERN, start=1):
        row: Row = {
            "type": kind,
            "name": name,
            "position": position,
            "required": needed,
            "delimiter": DELIMITER,
            "structure": structure,
            "wbs_pattern_id": pattern_id,
            "group": group,
        }
        world.patterns.setdefault(group, {})[kind] = world.segments.add(group, row)
