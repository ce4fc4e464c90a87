"""How hypothesis runs: at random at a desk, always the same in CI.

A check of a change must not fail for an input that the change did not touch. Desks, and
``HYPOTHESIS_PROFILE=search``, look for new inputs. ``mutants`` is for whoever wants to know only
whether something fails: it does not look for the smallest input that does.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile("desk", deadline=None)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "mutants",
    settings.get_profile("ci"),
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "desk")
)
