"""AddVendor and UpdateVendor."""

from __future__ import annotations
