"""What a feature is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from procore_spectrum.features.world import World
from procore_spectrum.plan.diff import Draft, KindRules
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft

__all__ = ["Feature"]


def _nothing(_: World) -> Iterator[Any]:
    return iter(())


def _unknown(_world: World, _document: Document) -> str:
    return ""


@attrs.frozen(kw_only=True)
class Feature:
    """One thing that the product does.

    Args:
        name: as used in settings and on the command line.
        title: one line for people.
        kinds: the rules of every kind it writes, in the order of writing.
        drafts: of an import: reads both sides and says how the records should be.
        exports: of an export: says what each document would become in the ERP.
        missing: of an export: why a document that waits is not among these any more; blank when
            this run cannot tell.
        services: Spectrum services it reads.
        writing_services: Spectrum services its exports write with.
        endpoints: kinds of Procore records it reads.
    """

    name: str
    title: str
    kinds: tuple[KindRules, ...]
    drafts: Callable[[World], Iterator[Draft]] = _nothing
    exports: Callable[[World], Iterator[ExportDraft]] = _nothing
    missing: Callable[[World, Document], str] = _unknown
    services: tuple[str, ...] = ()
    writing_services: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
