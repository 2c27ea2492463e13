"""A report as HTML, Markdown, CSV or JSON. Amounts are text made from Decimals, never floats."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.money import at_cents, round_half_up
from reports.chart import Chart, svg
from reports.flow.sankey import Sankey, drawn
from reports.model import Report

_TEMPLATES = Path(__file__).parent / "templates"


def render(report: Report, form: str) -> str:
    """The report in one of ``html``, ``md``, ``csv``, ``json``."""
    if form == "json":
        return json.dumps(to_json(report), indent=2, ensure_ascii=False) + "\n"
    if form == "csv":
        return _csv(report)
    # Templates are ours and fixed; data goes in as values. Only HTML has markup to escape, and
    # Markdown gets its own.
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=form == "html",  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["money"] = shown
    environment.filters["md"] = quiet
    environment.filters["svg"] = _svg
    return environment.get_template(f"report.{form}.j2").render(report=report)


def _svg(chart: Chart | Sankey) -> Markup:
    text = svg(chart) if isinstance(chart, Chart) else drawn(chart)
    return Markup(text)  # noqa: S704 - both escape


def to_json(report: Report) -> dict[str, Any]:
    """The documented JSON: header, rows, identities, findings; amounts are strings."""
    return {
        "report": report.name,
        "title": report.title,
        "entity": report.entity,
        "legal_name": report.legal_name,
        "period": report.period.name,
        "from": report.period.first.isoformat(),
        "to": report.period.last.isoformat(),
        "currency": report.currency,
        "as_of": report.as_of.isoformat(),
        "commit": report.commit or None,
        "columns": list(report.columns),
        **({"text_columns": list(report.text_columns)} if report.text_columns else {}),
        "rows": [
            {
                "label": row.label,
                "kind": row.kind,
                "line": row.name or None,
                "amounts": [None if n is None else _plain(n) for n in row.amounts],
                **({"texts": list(row.texts)} if report.text_columns else {}),
            }
            for row in report.rows
        ],
        "identities": [
            {"name": i.name, "left": _plain(i.left), "right": _plain(i.right), "ok": i.ok}
            for i in report.identities
        ],
        "findings": [finding.to_json() for finding in report.findings],
        **({"lead": report.lead} if report.lead else {}),
        **({"notes": list(report.notes)} if report.notes else {}),
        "unreviewed": {
            "count": report.unreviewed.count,
            "sum": _plain(report.unreviewed.amount),
        },
    }


def shown(number: Decimal | None) -> str:
    """An amount for a page: two decimals, thousands apart, negatives in parentheses."""
    if number is None:
        return ""
    rounded = round_half_up(number)
    text = f"{abs(rounded):,.2f}"
    return f"({text})" if rounded < 0 else text


def _plain(number: Decimal) -> str:
    """An amount for a machine: exact, two decimals and more only where they are not zero; foreign
    values at cents."""
    short = number.normalize()
    exponent = short.as_tuple().exponent
    too_fine = isinstance(exponent, int) and exponent < -8
    return at_cents(round_half_up(number) if too_fine else short)


def _csv(report: Report) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    header = [report.title, report.legal_name, report.period.name, report.currency]
    writer.writerow([_safe(text) for text in header])
    writer.writerow(["", *map(_safe, (*report.text_columns, *report.columns))])
    for row in report.rows:
        amounts = ["" if n is None else _plain(n) for n in row.amounts]
        writer.writerow([_safe(row.label), *map(_safe, row.texts), *amounts])
    for identity in report.identities:
        said = "ok" if identity.ok else "IDENTITY FAILED"
        writer.writerow([_safe(identity.name), _plain(identity.left), _plain(identity.right), said])
    for finding in report.findings:
        writer.writerow([finding.code, _safe(finding.message)])
    for note in report.notes:
        writer.writerow([_safe(note)])
    return out.getvalue()


def _safe(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def quiet(text: str) -> str:
    """Text that Markdown leaves alone."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in text)
