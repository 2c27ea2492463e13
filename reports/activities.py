"""Which activity an account's cash belongs to: operating, investing, financing, or none.

``cf:`` on an ``open`` directive (or a parent's) says so; else the account's statement line does.
Names are never guessed from. Interest is operating (US GAAP), and so are dues between related
parties, which are mostly expenses paid for one another; ``cf: "financing"`` says otherwise.
What moves no cash is found in the transactions: ``cf: "non-cash"`` may stand and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.entity import Account
from reports.lines import EQUITY, LINES, line_of

OPERATING, INVESTING, FINANCING, CASH = "operating", "investing", "financing", "cash"
ACTIVITIES = (OPERATING, INVESTING, FINANCING)

_INVESTING = {
    "property-and-equipment": "property",
    "accumulated-depreciation": "property",
    "intangibles": "property",
    "investments": "investments",
    "loans-given": "loans given",
    "current-loans-given": "loans given",
    "gains": "gains",
}
_FINANCING = {
    "loans": "borrowing",
    "current-portion-of-loans": "borrowing",
    "related-loans": "borrowing",
}
_OPERATING = {
    "revenue": "customers",
    "returns": "customers",
    "receivables": "customers",
    "customer-advances": "customers",
    "income-tax": "taxes",
    "tax-recoverable": "taxes",
    "tax-and-payroll-payable": "taxes",
    "interest-income": "interest received",
    "interest-expense": "interest paid",
    "due-from-related": "related parties",
    "due-to-related": "related parties",
    "suspense": "suspense",
}
# What a group of accounts is called where cash came in, and where it went out.
LABELS: Mapping[str, tuple[str, str]] = {
    "customers": ("Received from customers", "Refunded to customers"),
    "suppliers": ("Refunds from suppliers", "Paid to suppliers and for expenses"),
    "taxes": ("Taxes and payroll taxes refunded", "Taxes and payroll taxes paid"),
    "interest received": ("Interest received", "Interest received, corrected"),
    "interest paid": ("Interest paid, corrected", "Interest paid"),
    "related parties": ("Received from related parties", "Paid to related parties"),
    "suspense": ("Not decided yet, received", "Not decided yet, paid"),
    "property": ("Proceeds of property and equipment", "Purchases of property and equipment"),
    "investments": ("Proceeds of investments", "Purchases of investments"),
    "loans given": ("Loans given, collected", "Loans given"),
    "borrowing": ("Borrowed", "Principal repaid"),
    "capital": ("Contributions of owners", "Distributions to owners"),
    INVESTING: ("Other investing, received", "Other investing, paid"),
    FINANCING: ("Other financing, received", "Other financing, paid"),
}


@dataclass(frozen=True)
class Placed:
    """An account's activity, the group it is shown with, and its statement line."""

    activity: str
    group: str
    line: str


def placed(account: str, accounts: Mapping[str, Account]) -> Placed | None:
    """Where an account's cash belongs; None: it has no statement line and no ``cf:``."""
    line = line_of(account, accounts)
    said = _said(account, accounts)
    if line and line.name == "cash-and-equivalents":
        return Placed(CASH, CASH, line.name)
    name = line.name if line else ""
    usual = _usual(name) if line else None
    if said in ACTIVITIES and (usual is None or usual.activity != said):
        return Placed(said, "suppliers" if said == OPERATING else said, name)
    return usual


def _usual(name: str) -> Placed:
    if name in _INVESTING:
        return Placed(INVESTING, _INVESTING[name], name)
    if name in _FINANCING:
        return Placed(FINANCING, _FINANCING[name], name)
    if LINES[name].section == EQUITY:
        return Placed(FINANCING, "capital", name)
    return Placed(OPERATING, _OPERATING.get(name, "suppliers"), name)


def _said(name: str, accounts: Mapping[str, Account]) -> str:
    """``cf:`` of the account or of its nearest parent."""
    parts = name.split(":")
    for size in range(len(parts), 0, -1):
        account = accounts.get(":".join(parts[:size]))
        if account and account.meta.get("cf"):
            return str(account.meta["cf"])
    return ""
