"""The files of a new home: a person, their companies, a chart of accounts for each.

Text is built here and written by ``books init``; everything in it is the owner's to change.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.entity import folder_name
from scripts.kinds import schema_line, schemas

_ROOT = """\
;; {what}. Options and plugins of included files are ignored: they stand in every root.
option "title" "{title}"
option "operating_currency" "{currency}"
{earnings}plugin "bulkhead.veil" "{kind}"

include "{up}registry.beancount"
include "{up}commodities.beancount"
include "{up}prices.beancount"
include "{up}../rules/policy.beancount"
{includes}
"""

_EARNINGS = """\
option "account_current_earnings" "{name}:Earnings:Current"
option "account_current_conversions" "{name}:Conversions:Current"
option "account_previous_balances" "{name}:OpeningBalances"
option "account_previous_earnings" "{name}:Earnings:Previous"
option "account_previous_conversions" "{name}:Conversions:Previous"
"""

# account, role, line; an empty role has no meaning of its own
_PERSON_CHART = (
    ("Assets:{n}:Cash", "cash", "cash-and-equivalents"),
    ("Assets:{n}:Suspense", "suspense", "suspense"),
    ("Assets:{n}:InTransit", "in-transit", "cash-and-equivalents"),
    ("Equity:{n}:OpeningBalances", "", "capital"),
    ("Income:{n}:Salary", "wage-income", "revenue"),
    ("Income:{n}:Interest", "interest-income", "interest-income"),
    ("Income:{n}:Other", "", "other-income"),
    ("Expenses:{n}:Food:Groceries", "", "operating-expenses"),
    ("Expenses:{n}:Food:Dining", "", "operating-expenses"),
    ("Expenses:{n}:Home:Rent", "", "operating-expenses"),
    ("Expenses:{n}:Home:Utilities", "", "operating-expenses"),
    ("Expenses:{n}:Health", "", "operating-expenses"),
    ("Expenses:{n}:Transport", "", "operating-expenses"),
    ("Expenses:{n}:Leisure", "", "operating-expenses"),
    ("Expenses:{n}:Fees", "", "operating-expenses"),
    ("Expenses:{n}:Taxes", "", "income-tax"),
    ("Expenses:{n}:Other", "", "operating-expenses"),
)
_COMPANY_CHART = (
    ("Assets:{n}:AR", "ar", "receivables"),
    ("Assets:{n}:Suspense", "suspense", "suspense"),
    ("Assets:{n}:InTransit", "in-transit", "cash-and-equivalents"),
    ("Liabilities:{n}:AP", "ap", "payables"),
    ("Equity:{n}:OpeningBalances", "", "capital"),
    ("Income:{n}:Sales", "", "revenue"),
    ("Income:{n}:Services", "", "revenue"),
    ("Income:{n}:Interest", "interest-income", "interest-income"),
    ("Income:{n}:Other", "", "other-income"),
    ("Expenses:{n}:Advertising", "", "operating-expenses"),
    ("Expenses:{n}:BankFees", "", "operating-expenses"),
    ("Expenses:{n}:Contractors", "", "operating-expenses"),
    ("Expenses:{n}:Hosting", "", "operating-expenses"),
    ("Expenses:{n}:Insurance", "", "operating-expenses"),
    ("Expenses:{n}:Interest", "interest-expense", "interest-expense"),
    ("Expenses:{n}:LegalProfessional", "", "operating-expenses"),
    ("Expenses:{n}:Meals", "", "operating-expenses"),
    ("Expenses:{n}:Office", "", "operating-expenses"),
    ("Expenses:{n}:Rent", "", "operating-expenses"),
    ("Expenses:{n}:Software", "", "operating-expenses"),
    ("Expenses:{n}:Taxes", "", "operating-expenses"),
    ("Expenses:{n}:Travel", "", "operating-expenses"),
    ("Expenses:{n}:Utilities", "", "operating-expenses"),
)


@dataclass(frozen=True)
class Party:
    """Someone who keeps books in the new home: the entity's name and its legal name."""

    name: str
    legal_name: str
    is_person: bool

    @property
    def folder(self) -> str:
        """The entity's folder below ledger/."""
        return folder_name(self.name)


def party(text: str, *, is_person: bool) -> Party:
    """``Acme Widgets LLC`` becomes the entity ``AcmeWidgets``; ``Acme`` is legally ``Acme LLC``.

    Raises ValueError where no account component can be made of the text.
    """
    words = [w for w in text.replace("-", " ").split() if w.casefold().strip(".,") != "llc"]
    name = "".join(word[:1].upper() + word[1:] for word in words)
    name = "".join(c for c in name if c.isalnum())
    if not name or not name.isascii() or not name[0].isalpha():
        raise ValueError(f"'{text}' gives no name for an account; begin with a letter A to Z")
    legal = text.strip() if is_person or "llc" in text.casefold().split() else f"{text.strip()} LLC"
    return Party(name, legal, is_person)


def files(
    parties: Sequence[Party], since: dt.date, today: dt.date, currency: str
) -> dict[Path, str]:
    """Every file of the new home by its path relative to it."""
    ledger = Path("ledger")
    people = [p for p in parties if p.is_person]
    out = {
        Path(".gitignore"): "# private state: locks, logs\n.books/\n",
        Path("README.md"): _readme(parties),
        ledger / "inbox" / ".gitkeep": "",
        ledger / "registry.beancount": _registry(parties, people, since, currency),
        ledger / "commodities.beancount": f"{since} commodity {currency}\n",
        ledger / "prices.beancount": ";; price directives: 2026-09-30 price EUR 1.0850 USD\n",
        ledger / "group.beancount": _ROOT.format(
            what="The group: every entity together",
            title=f"{people[0].legal_name} and companies" if people else "All companies",
            currency=currency,
            earnings="",
            kind="group",
            up="",
            includes="\n".join(f'include "{p.folder}/ledger.beancount"' for p in parties),
        ),
        Path("rules", "policy.beancount"): _POLICY.format(since=since),
        _PLUGINS_FILE: schema_line(_PLUGINS_FILE, "plugins") + _PLUGINS,
        **schemas(),
    }
    for each in parties:
        out |= _entity_files(each, since, today, currency, parties)
    return out


def _entity_files(
    each: Party, since: dt.date, today: dt.date, currency: str, parties: Sequence[Party]
) -> dict[Path, str]:
    folder = Path("ledger", each.folder)
    rules = Path("rules", "categorise", f"{each.folder}.yaml")
    return {
        folder / "main.beancount": _ROOT.format(
            what=f"{each.legal_name} alone",
            title=each.legal_name,
            currency=currency,
            earnings=_EARNINGS.format(name=each.name),
            kind="entity",
            up="../",
            includes='include "ledger.beancount"',
        ),
        folder / "ledger.beancount": (
            'include "accounts.beancount"\ninclude "[0-9][0-9][0-9][0-9]/*.beancount"\n'
        ),
        folder / "accounts.beancount": _accounts(each, since, currency, parties),
        folder / f"{today:%Y}" / f"{today:%Y-%m}.beancount": (
            f";; {each.legal_name}, {today:%B %Y}\n"
        ),
        rules: schema_line(rules, "categorise") + _CATEGORISE.format(name=each.name),
    }


def _accounts(each: Party, since: dt.date, currency: str, parties: Sequence[Party]) -> str:
    chart = _PERSON_CHART if each.is_person else _COMPANY_CHART
    out = [
        f";; The accounts of {each.legal_name}. Bank and card accounts are opened by the first",
        ";; import of their statements; add what is missing.",
    ]
    for account, role, line in chart:
        out.append(_open(since, account.format(n=each.name), currency, role, line))
    for other in parties:
        if other.is_person is each.is_person:
            continue
        company = other if each.is_person else each
        owner = each if each.is_person else other
        for account, role, line in _between(each, owner, company):
            out.append(_open(since, account, currency, role, line, other.name))
    return "\n".join(out) + "\n"


def _between(each: Party, owner: Party, company: Party) -> tuple[tuple[str, str, str], ...]:
    """The accounts in which ``each`` meets the other: owed both ways, and the ownership."""
    other = company if each is owner else owner
    due = (
        (f"Assets:{each.name}:DueFrom:{other.name}", "due-from", "due-from-related"),
        (f"Liabilities:{each.name}:DueTo:{other.name}", "due-to", "due-to-related"),
    )
    if each is owner:
        invested = f"Assets:{each.name}:InvestIn:{company.name}"
        return (*due, (invested, "invest-in", "investments"))
    members = f"Equity:{company.name}:Members:{owner.name}"
    return (
        *due,
        (f"{members}:Contributions", "contribution", "capital"),
        (f"{members}:Distributions", "distribution", "capital"),
    )


def _open(
    since: dt.date, account: str, currency: str, role: str, line: str, counterparty: str = ""
) -> str:
    out = [f"{since} open {account}  {currency}"]
    out += [f'  role: "{role}"'] if role else []
    out += [f'  counterparty: "{counterparty}"'] if counterparty else []
    out.append(f'  line: "{line}"')
    return "\n".join(out)


def _registry(
    parties: Sequence[Party], people: Sequence[Party], since: dt.date, currency: str
) -> str:
    out = [";; Who keeps books here, and who owns whom. Correct what init could not know."]
    for each in parties:
        kind = "person" if each.is_person else "llc"
        out.append(f'\n{since} custom "entity" "{each.name}" "{kind}"')
        out.append(f'  legal-name: "{each.legal_name}"')
        if not each.is_person:
            out.append('  tax-class: "disregarded"')
        out.append(f'  currency: "{currency}"')
        out.append('  fiscal-year-end: "12-31"')
    if len(people) == 1:
        out.append("")
        out += [
            f'{since} custom "ownership" "{each.name}" "{people[0].name}" 100.00'
            for each in parties
            if not each.is_person
        ]
    return "\n".join(out) + "\n"


def _readme(parties: Sequence[Party]) -> str:
    first = next((p for p in parties if not p.is_person), parties[0])
    return f"""\
# Books of {", ".join(p.legal_name for p in parties)}

Put your bank's exports into `ledger/inbox/`, then:

    books import --entity {first.folder} --yes
    books inbox
    books check
    books serve
"""


_POLICY = """\
;; Dated policy: severities and thresholds of the rules. Without a line the defaults hold.
;; {since} custom "veil-rule" "VEIL-006"
;;   date-tolerance: 5
;; {since} custom "personal-payee" "*" "orthodontist|toy shop"
;; The day that date rules compare with; else it is that of the newest transaction.
;; 2026-05-01 custom "as-of" 2026-04-30
"""

_PLUGINS_FILE = Path("rules", "plugins.yaml")
_PLUGINS = """\
# The Beancount plugins that these books may use; any other plugin line is a finding and does not
# run.
version: 1
allowed:
  - bulkhead.veil
"""

_CATEGORISE = """\
# What {name}'s bank lines were. The first rule that matches wins;
# 'books inbox accept ID --account ACCOUNT --rule' adds one.
#
#  - name: hosting
#    when: {{payee: "AWS|Amazon Web Services", direction: out}}
#    then: {{account: Expenses:{name}:Hosting}}
version: 1
rules:
"""
