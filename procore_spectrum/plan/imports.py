"""Records of the ERP that could be imported: their states, and what leads from one to another.

Staged, imported, archived and invalid are those of the official connector (its developer pages
on staged records). Here an imported record can be left out as well, with its link kept, and comes
back as imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

__all__ = [
    "IMPORT_TRANSITIONS",
    "ImportEvent",
    "ImportState",
    "import_state",
]


class ImportState(StrEnum):
    """Where an import stands."""

    STAGED = "staged"
    INVALID = "invalid"
    IMPORTED = "imported"
    ARCHIVED = "archived"
    LEFT_OUT = "left_out"


class ImportEvent(StrEnum):
    """What happens to an import."""

    IMPORT = "import"
    BREAK = "break"
    CORRECT = "correct"
    ARCHIVE = "archive"
    RESTORE = "restore"
    UNLINK = "unlink"


_STAGED, _INVALID = ImportState.STAGED, ImportState.INVALID
_IMPORTED, _ARCHIVED = ImportState.IMPORTED, ImportState.ARCHIVED
_LEFT_OUT = ImportState.LEFT_OUT

IMPORT_TRANSITIONS: Mapping[tuple[ImportState, ImportEvent], ImportState] = {
    (_STAGED, ImportEvent.IMPORT): _IMPORTED,
    (_STAGED, ImportEvent.BREAK): _INVALID,
    (_STAGED, ImportEvent.ARCHIVE): _ARCHIVED,
    (_INVALID, ImportEvent.CORRECT): _STAGED,
    (_INVALID, ImportEvent.ARCHIVE): _ARCHIVED,
    (_IMPORTED, ImportEvent.ARCHIVE): _LEFT_OUT,
    (_IMPORTED, ImportEvent.UNLINK): _STAGED,
    (_ARCHIVED, ImportEvent.ARCHIVE): _ARCHIVED,
    (_ARCHIVED, ImportEvent.RESTORE): _STAGED,
    (_LEFT_OUT, ImportEvent.ARCHIVE): _LEFT_OUT,
    (_LEFT_OUT, ImportEvent.RESTORE): _IMPORTED,
    (_LEFT_OUT, ImportEvent.UNLINK): _ARCHIVED,
}
"""Every transition there is."""


def import_state(*, linked: bool, archived: bool = False, invalid: bool = False) -> ImportState:
    """Where a record stands, by what is known of it.

    Args:
        linked: whether a link leads to a record of Procore.
        archived: whether a person decided to leave it out.
        invalid: whether a rule forbids to import it as it is.
    """
    if archived:
        return _LEFT_OUT if linked else _ARCHIVED
    if linked:
        return _IMPORTED
    return _INVALID if invalid else _STAGED
