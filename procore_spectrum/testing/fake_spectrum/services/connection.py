"""WSTestConnection: the only service that answers code S."""

from __future__ import annotations

import re
from collections.abc import Sequence

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, off_mask
from procore_spectrum.testing.fake_spectrum.services.registry import writes

__all__ = ["check_connection"]

_VERSION = re.compile(r"\d{1,3}(\.\d{1,3})?(\.\d+)*", re.ASCII)


@writes("WSTestConnection")
def check_connection(call: Call) -> Sequence[Finding]:
    """Any well-formed version is welcome; the real comparison is not documented."""
    if not _VERSION.fullmatch(call.text("Version")):
        return [off_mask("Version")]
    return [Finding("S", "Connection successful", "Version")]
