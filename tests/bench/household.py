"""A household of any size for measuring its budget: ten years, sixty envelopes, a bank and a card.

Deterministic. Each month a salary comes and each envelope gets its share; what is spent goes
through sixty accounts in turn, by bank and by card, and the card is paid once a month.
"""

import datetime as dt
from decimal import Decimal
from pathlib import Path

FIRST_YEAR, YEARS, ENVELOPES = 2017, 10, 60


def household(path: Path, transactions: int) -> Path:
    """A root file at ``path`` with a file for each year beside it."""
    path.mkdir(parents=True)
    names = [f"Kind{number:02}" for number in range(ENVELOPES)]
    head = [
        f'{FIRST_YEAR}-01-01 custom "entity" "Jane" "person"',
        f'{FIRST_YEAR}-01-01 open Assets:Jane:Bank USD\n  role: "bank"',
        f'{FIRST_YEAR}-01-01 open Liabilities:Jane:Card USD\n  role: "card"',
        f"{FIRST_YEAR}-01-01 open Income:Jane:Salary",
        *(f"{FIRST_YEAR}-01-01 open Expenses:Jane:{name}" for name in names),
        f'{FIRST_YEAR}-01-01 custom "bud-config" "Jane" "envelope" "USD"',
        f'{FIRST_YEAR}-01-01 custom "bud-account" Assets:Jane:Bank "cash"',
        f'{FIRST_YEAR}-01-01 custom "bud-account" Liabilities:Jane:Card "credit"',
        *(
            f'{FIRST_YEAR}-01-01 custom "bud-envelope" "Jane" "{name}" Expenses:Jane:{name} '
            '"rollover"'
            for name in names
        ),
        'include "20*.beancount"',
    ]
    (path / "main.beancount").write_text("\n".join(head) + "\n", encoding="utf-8")
    per_month = transactions // YEARS // 12
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        entries = [
            entry for month in range(1, 13) for entry in _month(year, month, per_month, names)
        ]
        (path / f"{year}.beancount").write_text("\n".join(entries), encoding="utf-8")
    return path / "main.beancount"


def _month(year: int, month: int, count: int, names: list[str]) -> list[str]:
    first = dt.date(year, month, 1)
    entries, salary, charged = [], Decimal(0), Decimal(0)
    shares = dict.fromkeys(names, Decimal(0))
    for number in range(count - 2):
        day = first + dt.timedelta(days=number * 27 // count)
        amount = Decimal((number * 37 + month * 11 + year) % 9000 + 100) / 100
        name = names[(number * 7 + month) % ENVELOPES]
        by_card = number % 3 == 0
        charged += amount if by_card else 0
        shares[name] += amount
        salary += amount
        money = "Liabilities:Jane:Card" if by_card else "Assets:Jane:Bank"
        entries.append(
            f'{day} * "Payee {number % 97}" "Order {number}"\n'
            f"  {money}  -{amount} USD\n  Expenses:Jane:{name}  {amount} USD\n"
        )
    paid = first.replace(day=28)
    assigned = [
        f'{first} custom "bud-assign" "Jane" "{name}" "{first:%Y-%m}" {amount} USD\n'
        for name, amount in shares.items()
        if amount
    ]
    return [
        f'{first} * "Employer" "Salary"\n'
        f"  Assets:Jane:Bank  {salary} USD\n  Income:Jane:Salary  -{salary} USD\n",
        *assigned,
        *entries,
        f'{paid} * "Bank" "Card paid"\n'
        f"  Assets:Jane:Bank  -{charged} USD\n  Liabilities:Jane:Card  {charged} USD\n",
    ]
