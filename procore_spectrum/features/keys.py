"""Names of records: source keys put together so that no two records share one."""

from __future__ import annotations

from procore_spectrum.mapping import join_key, parse_origin_id
from procore_spectrum.plan.records import Ref

__all__ = ["key_of_origin", "ref"]


def ref(kind: str, *parts: str) -> Ref:
    """A ref whose key is the parts, joined by slashes; a slash inside a part is escaped."""
    return Ref(kind, join_key(*parts))


def key_of_origin(origin_id: str | None, object_type: str, company_code: str) -> str | None:
    """The key in an origin id of ours; None for a blank or a foreign one."""
    origin = parse_origin_id(origin_id)
    if origin is None or (origin.object_type, origin.company_code) != (object_type, company_code):
        return None
    return join_key(*origin.parts)
