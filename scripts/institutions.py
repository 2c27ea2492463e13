"""The page of the institutions whose files are known, made from the profiles that come along."""

from pathlib import Path

from core.config import read_text
from importers.csv.profile import Profile
from importers.detect import load_profiles
from importers.pdf.template import Template, load_templates
from scripts.shipped import SHIPPED

_SOURCES = SHIPPED / "rules" / "sources"
_TEMPLATES = SHIPPED / "rules" / "templates"
_KINDS = {
    "bank": "bank account",
    "card": "card",
    "processor": "payments",
    "investment": "brokerage",
    "any": "accounts and cards",
}
_TOP = """\
# Institutions

The files that are known without being told anything, made from `rules/sources/` and
`rules/templates/` by `make docs`. OFX, QFX, QBO, camt.053, MT940, MT942 and QIF files need no
profile: those of every bank are read. What stands here is the CSV (or XLSX with the same columns)
or PDF that an institution hands out, and what it says beside date, text and amount. A CSV layout
that is missing is [proposed](files.md#a-bank-that-is-not-known) from its file.

| Institution | Kind | Format | Known | Profile | Notes |
|---|---|---|---|---|---|
"""


def institutions_page() -> str:
    """The whole page: a line for each profile, by institution."""
    profiles = load_profiles(_SOURCES)
    rows = [_of_profile(name, profile) for name, profile in profiles.items()]
    rows += [_of_template(name, template) for name, template in load_templates(_TEMPLATES).items()]
    rows.sort(key=lambda cells: (cells[0].casefold(), cells[4]))
    return _TOP + "".join(_line(cells) for cells in rows)


_Cells = tuple[str, str, str, str, str, str]


def _line(cells: _Cells) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _of_profile(name: str, profile: Profile) -> _Cells:
    return (
        profile.institution,
        _KINDS[profile.kind],
        _format(profile),
        ", ".join(_known(profile)) or "–",
        f"`{name}`",
        _notes(_SOURCES / f"{name}.yaml"),
    )


def _of_template(name: str, template: Template) -> _Cells:
    said = {
        "account": bool(template.account),
        "opening balance": bool(template.opening),
        "closing balance": bool(template.closing),
    }
    known = ", ".join(what for what, is_known in said.items() if is_known)
    notes = _notes(_TEMPLATES / f"{name}.yaml")
    return template.institution, _KINDS[template.kind], "PDF", known, f"`{name}`", notes


def _format(profile: Profile) -> str:
    form = "CSV without a header" if profile.shape else "CSV"
    divided = {";": ", semicolons", "\t": ", tabs"}.get(profile.delimiter, "")
    return f"{form}{divided}"


def _known(profile: Profile) -> list[str]:
    """What the file says that not every file says."""
    columns = profile.columns
    said = {
        "account": bool(columns.account or profile.account),
        "ids": bool(columns.id),
        "purchase date": bool(columns.transaction_date),
        "currency": bool(columns.currency or profile.currency),
        "opening balance": profile.opening is not None,
        "closing balance": profile.balance is not None,
        "running balance": bool(columns.balance),
        "pending rows": profile.booked is not None,
    }
    return [what for what, is_known in said.items() if is_known]


def _notes(path: Path) -> str:
    """The comment at a profile's top, as one line."""
    comments = []
    for line in read_text(path, path.name).splitlines()[1:]:
        if not line.startswith("#"):
            break
        comments.append(line.removeprefix("#").strip())
    return " ".join(comments)
