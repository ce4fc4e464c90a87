"""Documents that were exported, and that Procore no longer has: nobody else would speak of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from procore_spectrum.features.exporting import LinkedProject
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.plan.exports import ExportDraft
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import Reading

__all__ = ["vanished"]


def vanished(
    world: World,
    project: LinkedProject,
    kind: str,
    reading: Reading[Any],
    rows: Mapping[str, Mapping[Ref, CrosswalkRow]],
) -> Iterator[ExportDraft]:
    """Drafts of what Spectrum has from a project, and Procore lists no more: they are held.

    Args:
        world: what the run sees.
        project: the project.
        kind: of the documents.
        reading: what Procore lists of them; nothing is known to be gone if it is not complete.
        rows: what was written, by the documents' keys.
    """
    if not reading.complete:
        return
    there = {str(item.id) for item in reading.items}
    for key in sorted(set(rows) - there):
        approval = world.approval(ref(kind, key))
        if approval is None or approval.document.fields.get("job_number") != project.job_number:
            continue
        yield ExportDraft(
            # What was wrong with it before is of no interest any more.
            document=attrs.evolve(approval.document, violations=()),
            records=(),
            rows=rows[key],
            scope=project.ref,
            partition=project.ref.key,
            vanished=True,
        )
