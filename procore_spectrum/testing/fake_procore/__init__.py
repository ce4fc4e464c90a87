"""A Procore company in memory, for tests and demonstrations."""

from procore_spectrum.testing.fake_procore.fake import CallRecord, FakeProcore
from procore_spectrum.testing.fake_procore.switches import Switches

__all__ = ["CallRecord", "FakeProcore", "Switches"]
