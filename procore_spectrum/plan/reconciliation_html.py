"""A reconciliation as one HTML page that needs nothing else: no script, font or picture.

Every text is escaped, and the page's own policy forbids whatever could be loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape

from procore_spectrum.plan.reconciliation import Reconciliation, Row, Total, show_amount
from procore_spectrum.plan.reconciliation_text import basis_text, place, verdict
from procore_spectrum.plan.render import one_line

__all__ = ["as_html"]

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1b1f24; margin: 2rem auto; max-width: 68rem;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
.verdict { padding: .5rem .8rem; border-left: 5px solid #8a6d00; background: #fbf5dc; }
.verdict.balanced { border-color: #1a7f37; background: #e9f7ec; }
.verdict.unexplained { border-color: #b3261e; background: #fdeceb; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #d8dde3; text-align: left;
  vertical-align: top; }
th { font-weight: 600; } .n { text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
.differs { font-weight: 600; } ul { margin: 0; padding-left: 1.1rem; }
svg { display: block; margin: .4rem 0; max-width: 100%; height: auto; }
footer { margin-top: 2.5rem; color: #57606a; font-size: .9rem; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_LABEL, _BAR, _AMOUNT, _LINE = 170, 420, 190, 17
_COLOURS = ("#2a6fb0", "#c7782a")
_SYSTEMS = ("Procore", "Spectrum")


def as_html(found: Reconciliation) -> str:
    """The whole of it, with one chart for each job."""
    return "\n".join(_page(found)) + "\n"


def _page(found: Reconciliation) -> Iterator[str]:
    title = f"Reconciliation of {_text(found.company)}"
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{title}</h1>"
    yield f'<p class="verdict {found.balance.value}">{_text(verdict(found))}</p>'
    yield "<h2>All jobs</h2>"
    yield from _totals(found.totals_of(""))
    for job in found.jobs:
        yield f"<h2>Job {_text(job)}</h2>"
        yield from _chart(job, found.totals_of(job))
        yield from _totals(found.totals_of(job))
        yield from _differences([row for row in found.rows_of(job) if not row.agrees])
    yield from _footer(found)
    yield "</body></html>"


def _totals(totals: Sequence[Total]) -> Iterator[str]:
    yield "<table><thead><tr><th>Measure</th>" + "".join(
        f'<th class="n">{name}</th>' for name in (*_SYSTEMS, "Difference")
    )
    yield "</tr></thead><tbody>"
    for total in totals:
        yield (
            f"<tr><td>{total.measure.label}</td>{_number(total.procore)}"
            f"{_number(total.spectrum)}{_number(total.difference, differs=bool(total.difference))}"
            "</tr>"
        )
    yield "</tbody></table>"


def _differences(rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        yield "<p>No difference.</p>"
        return
    yield "<table><thead><tr><th>Differs</th><th>Phase, cost type</th>" + "".join(
        f'<th class="n">{name}</th>' for name in (*_SYSTEMS, "Difference")
    )
    yield "<th>Why</th></tr></thead><tbody>"
    for row in rows:
        reasons = "".join(
            f"<li>{reason.cause.value.replace('_', ' ')} {show_amount(reason.amount)}:"
            f" {_text(reason.text)}</li>"
            for reason in row.reasons
        )
        yield (
            f"<tr><td>{row.spot.measure.label}</td><td>{_text(place(row))}</td>"
            f"{_number(row.procore)}{_number(row.spectrum)}{_number(row.difference, differs=True)}"
            f"<td><ul>{reasons}</ul></td></tr>"
        )
    yield "</tbody></table>"


def _footer(found: Reconciliation) -> Iterator[str]:
    yield "<footer><h2>What was compared</h2><ul>"
    for basis in found.bases:
        system = basis.system.capitalize()
        yield f"<li>{basis.measure.label}, {system}: {_text(basis_text(basis))}</li>"
    yield from (f"<li>{_text(note)}</li>" for note in found.notes)
    yield "</ul></footer>"


def _number(amount: Decimal, *, differs: bool = False) -> str:
    return f'<td class="n{" differs" if differs else ""}">{show_amount(amount)}</td>'


def _text(text: str) -> str:
    return escape(one_line(text))


# ---------------------------------------------------------------- the chart


def _chart(job: str, totals: Sequence[Total]) -> Iterator[str]:
    """Two bars for each measure, as long as the amounts are large."""
    most = max((abs(a) for t in totals for a in (t.procore, t.spectrum)), default=Decimal(0))
    height = _LINE * (2 * len(totals) + 1) + 10 * len(totals)
    width = _LABEL + _BAR + _AMOUNT
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-label="Job {_text(job)}: Procore and Spectrum">'
    )
    for place_, (name, colour) in enumerate(zip(_SYSTEMS, _COLOURS, strict=True)):
        x = _LABEL + 110 * place_
        yield f'<rect x="{x}" y="2" width="11" height="11" fill="{colour}"/>'
        yield f'<text x="{x + 16}" y="12" font-size="12">{name}</text>'
    y = _LINE + 8
    for total in totals:
        yield (
            f'<text x="{_LABEL - 8}" y="{y + _LINE}" font-size="12" text-anchor="end">'
            f"{total.measure.label}</text>"
        )
        for amount, colour in zip((total.procore, total.spectrum), _COLOURS, strict=True):
            yield _bar(y, amount, most, colour)
            y += _LINE
        y += 10
    yield "</svg>"


def _bar(y: int, amount: Decimal, most: Decimal, colour: str) -> str:
    """Whole pixels; an amount below zero is drawn hollow."""
    length = int(abs(amount) * _BAR / most) if most else 0
    fill = f'fill="{colour}"' if amount >= 0 else f'fill="none" stroke="{colour}"'
    return (
        f'<rect x="{_LABEL}" y="{y}" width="{length}" height="{_LINE - 4}" {fill}/>'
        f'<text x="{_LABEL + length + 6}" y="{y + _LINE - 6}" font-size="11">'
        f"{show_amount(amount)}</text>"
    )
