"""``python -m procore_spectrum.testing`` serves the sandbox."""

from __future__ import annotations

from procore_spectrum.testing.sandbox import main

if __name__ == "__main__":
    raise SystemExit(main())
