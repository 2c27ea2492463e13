"""The page of the institutions whose files are known, made from the profiles that come along."""

from collections.abc import Mapping

from core.config import read_text
from importers.csv.profile import Profile
from importers.detect import load_profiles
from scripts.shipped import SHIPPED

_SOURCES = SHIPPED / "rules" / "sources"
_KINDS = {
    "bank": "bank account",
    "card": "card",
    "processor": "payments",
    "any": "accounts and cards",
}
_TOP = """\
# Institutions

The files that are known without being told anything, made from `rules/sources/` by `make docs`.
OFX, QFX and QBO files need no profile: those of every bank are read. What stands here is the CSV
that each bank exports, and what it says beside date, text and amount. A layout that is missing is
[proposed](importing.md#a-bank-that-is-not-known) from its file.

| Institution | Kind | Format | Known | Profile | Notes |
|---|---|---|---|---|---|
"""


def institutions_page() -> str:
    """The whole page: a line for each profile, by institution."""
    profiles = load_profiles(_SOURCES)
    ordered = sorted(profiles, key=lambda name: (profiles[name].institution.casefold(), name))
    return _TOP + "".join(_line(name, profiles) for name in ordered)


def _line(name: str, profiles: Mapping[str, Profile]) -> str:
    profile = profiles[name]
    cells = (
        profile.institution,
        _KINDS[profile.kind],
        _format(profile),
        ", ".join(_known(profile)) or "–",
        f"`{name}`",
        _notes(name),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


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


def _notes(name: str) -> str:
    """The comment at the profile's top, as one line."""
    comments = []
    for line in read_text(_SOURCES / f"{name}.yaml", name).splitlines()[1:]:
        if not line.startswith("#"):
            break
        comments.append(line.removeprefix("#").strip())
    return " ".join(comments)
