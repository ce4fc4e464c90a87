"""The states of imports: every transition there is, and no other."""

from __future__ import annotations

import pytest

from procore_spectrum.plan.imports import (
    IMPORT_TRANSITIONS,
    ImportState,
    import_state,
)

WANTED = """
staged    import   imported
staged    break    invalid
staged    archive  archived
invalid   correct  staged
invalid   archive  archived
imported  archive  left_out
imported  unlink   staged
archived  archive  archived
archived  restore  staged
left_out  archive  left_out
left_out  restore  imported
left_out  unlink   archived
"""
ROWS = [tuple(line.split()) for line in WANTED.strip().splitlines()]


def test_these_are_the_transitions() -> None:
    """Each possible event leads where it should, and there is no other."""
    found = {(s.value, e.value, to.value) for (s, e), to in IMPORT_TRANSITIONS.items()}
    assert found == set(ROWS)


@pytest.mark.parametrize(
    ("linked", "archived", "invalid", "state"),
    [
        (False, False, False, "staged"),
        (False, False, True, "invalid"),
        (True, False, False, "imported"),
        (True, False, True, "imported"),
        (False, True, True, "archived"),
        (True, True, False, "left_out"),
    ],
)
def test_the_state_follows_from_what_is_known(
    *, linked: bool, archived: bool, invalid: bool, state: str
) -> None:
    """A person's decision counts first, then the link, then the rules."""
    found = import_state(linked=linked, archived=archived, invalid=invalid)
    assert found is ImportState(state)
