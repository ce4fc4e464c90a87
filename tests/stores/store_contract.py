"""The contract of every store and its sample data, which are shipped for other people's stores."""

from procore_spectrum.testing.conformance import StateStoreContract as StoreContract
from procore_spectrum.testing.conformance.stores import (
    ACME,
    EVERYTHING,
    OTHER,
    begun,
    content,
    event,
    link,
)

__all__ = ["ACME", "EVERYTHING", "OTHER", "StoreContract", "begun", "content", "event", "link"]
