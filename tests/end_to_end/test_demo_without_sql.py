"""The demo where SQLAlchemy is not installed."""

from __future__ import annotations

import pytest

from procore_spectrum.cli import demo
from procore_spectrum.cli.output import Exit


def test_the_books_balance_against_what_was_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says that Spectrum's subcontracts cannot be read, and balances all the same."""
    monkeypatch.setattr(demo, "find_spec", lambda _: None)
    status = demo.run_demo()
    shown = capsys.readouterr().out
    assert status is Exit.DONE, shown
    assert "Spectrum's database cannot be read: the extra sql is not installed." in shown
    assert (
        "Committed cost, Spectrum: what was sent from here, because it cannot be read there"
        in shown
    )
    assert "2 differences, every one of them explained." in shown
    assert "the books balance to the cent" in shown
