"""Books of any size for measuring: deterministic, clean, and like what people keep.

Three entities (two companies and their owner) over ten years, a file for each entity and year; bank
and card lines with ids, sales, goods bought in lots and sold (never more than a few lots open),
distributions as pairs, a balance assertion of each bank account every month.
"""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from core.home import Home
from scripts import starter

FIRST_YEAR, YEARS = 2017, 10
COMPANIES, OWNER = ("Acme", "Harbor"), "Jane"
OPEN_LOTS = 5
STATEMENT = "chase-4411.csv"
AGREEMENT = "agreement.txt"
PAYEES = ("Office Depot", "Cloud Nine", "Fuel Stop", "Paper Mill", "Corner Cafe", "Postal Office")


def generate(path: Path, transactions: int, *, days: int = 365) -> Home:
    """A home at ``path`` (a new folder) with that many transactions. No git, no inbox.

    Each file holds ``days`` days of an entity; 30 is much as imports write them.
    """
    parties = [starter.party(name, is_person=False) for name in COMPANIES]
    parties.append(starter.party(OWNER, is_person=True))
    files = starter.files(parties, dt.date(FIRST_YEAR, 1, 1), dt.date(2026, 12, 31), "USD")
    texts = {path / name: text for name, text in files.items() if "/20" not in name.as_posix()}
    for party in parties:
        accounts = path / "ledger" / party.folder / "accounts.beancount"
        texts[accounts] += _accounts(party.name, party.legal_name)
    per_year = transactions // YEARS
    writers = {name: _Writer(name) for name in (*COMPANIES, OWNER)}
    for name in COMPANIES:
        texts[path / "ledger" / AGREEMENT] = "What the owner decided, for books that are made up."
        _capital(dt.date(FIRST_YEAR, 1, 1), writers[name], writers[OWNER])
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        for number in range(per_year):
            day = dt.date(year, 1, 1) + dt.timedelta(days=number * 365 // per_year)
            _one(number + year * 7, day, writers)
        for party in parties:
            writer = writers[party.name]
            folder = path / "ledger" / party.folder / str(year)
            texts |= {folder / name: text for name, text in writer.year(year, days)}
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Home(path)


def statement(
    path: Path, rows: int, *, day: dt.date = dt.date(2026, 12, 1), days: int = 30
) -> Path:
    """A bank's CSV of Acme's account with that many lines that the books do not have yet, over that
    many days."""
    lines = ["Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #"]
    for number in range(rows, 0, -1):
        on = day + dt.timedelta(days=number * days // (rows + 1))
        amount = f"-{number % 90 + 1}.{number % 100:02}"
        payee = f"{PAYEES[number % 6].upper()} {number}"
        lines.append(f'DEBIT,{on:%m/%d/%Y},"{payee}",{amount},ACH_DEBIT,,,')
    file = path / STATEMENT
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def edit(file: Path) -> None:
    """Adds a letter to the first narration, as an owner would."""
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'(\* "[^"]*" "[^"]*)"', r'\1x"', text, count=1), encoding="utf-8")


def _accounts(name: str, legal: str) -> str:
    digits = {"Acme": "4411", "Harbor": "5512", "Jane": "6613"}[name]
    own = [
        (f"Assets:{name}:Bank", "bank", f"chase-{digits}", "cash-and-equivalents"),
        (f"Liabilities:{name}:Card", "card", f"amex-{digits}", "cards"),
    ]
    out = [
        f'{FIRST_YEAR}-01-01 open {account} USD\n  role: "{role}"\n  account-id: "{number}"\n'
        f'  title-holder: "{legal}"\n  line: "{line}"\n'
        for account, role, number, line in own
    ]
    for account, line in (
        (f"Assets:{name}:Goods", "inventory"),
        (f"Expenses:{name}:Sold", "cogs"),
        (f"Income:{name}:Trade", "revenue"),
        (f"Expenses:{name}:Running", "operating-expenses"),
    ):
        out.append(f'{FIRST_YEAR}-01-01 open {account}\n  line: "{line}"\n')
    return "\n" + "\n".join(out)


class _Writer:
    """One entity's journal: the text of the current year, the bank's balance, the open lots."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.bank = Decimal(0)
        self.lots: list[tuple[dt.date, Decimal]] = []
        self.month = (FIRST_YEAR, 1)
        self.entries: list[str] = []

    def add(self, day: dt.date, head: str, *legs: str, bank: Decimal = Decimal(0)) -> None:
        """An entry; before the first of a month, what the bank says it held."""
        if (day.year, day.month) != self.month:
            self.month = (day.year, day.month)
            first = day.replace(day=1)
            self.entries.append(f"{first} balance Assets:{self.name}:Bank  {self.bank} USD\n")
        self.bank += bank
        body = "\n".join(f"  {leg}" for leg in legs)
        self.entries.append(f"{day} * {head}\n{body}\n")

    def year(self, year: int, days: int) -> Iterator[tuple[str, str]]:
        """The files of the year: names and texts."""
        entries, self.entries = self.entries, []

        def part(entry: str) -> int:
            return min(dt.date.fromisoformat(entry[:10]).timetuple().tm_yday - 1, 364) // days

        for number, of_part in groupby(entries, key=part):
            name = f"{year}-{number + 1:03}" if days < 365 else f"{year}"
            yield f"{name}.beancount", f";; {self.name}, {name}\n\n" + "\n".join(of_part)


def _one(number: int, day: dt.date, writers: dict[str, _Writer]) -> None:
    """The transaction of this number; what it is follows from the number."""
    name = (*COMPANIES, OWNER)[number % 3]
    writer = writers[name]
    amount = Decimal(number % 7000 + 100) / 100  # below what needs a receipt
    line = f'id: "{name.casefold()}-{number}-{day}"\n    src: "feed {day} row {number % 500}"'
    kind = number % 20
    if kind == 0 and name != OWNER:
        _pair(number, day, amount, writers[name], writers[OWNER])
    elif kind in {4, 8}:
        _buy(number, day, writer)
    elif kind in {6, 14} and len(writer.lots) >= OPEN_LOTS:
        _sell(day, writer, amount)
    elif kind in {1, 5, 9, 13}:
        head = f'"Customer {number % 211}" "Invoice {number}"'
        trade = f"Income:{name}:Trade  -{amount} USD"
        writer.add(day, head, f"Assets:{name}:Bank  {amount} USD\n    {line}", trade, bank=amount)
    else:
        account = "Assets:{}:Bank" if kind % 2 else "Liabilities:{}:Card"
        head = f'"{PAYEES[number % 6]}" "Order {number}"'
        paid = f"{account.format(name)}  -{amount} USD\n    {line}"
        running = f"Expenses:{name}:Running  {amount} USD"
        writer.add(day, head, paid, running, bank=-amount if kind % 2 else Decimal(0))


def _capital(day: dt.date, company: _Writer, owner: _Writer) -> None:
    """What the owner puts in, so that the company can pay what it is going to pay."""
    amount = Decimal(1_000_000)
    for writer, other, leg, into in (
        (company, owner, f"Equity:{company.name}:Members:{OWNER}:Contributions", amount),
        (owner, company, f"Assets:{OWNER}:InvestIn:{company.name}", -amount),
    ):
        writer.add(
            day,
            f'"{other.name}" "Capital" ^ic-b-{company.name}',
            'transfer: "contribution"',
            f'counterparty: "{other.name}"',
            f'agreement: "{AGREEMENT}"',
            f"{leg}  {-into} USD",
            f"Assets:{writer.name}:Bank  {into} USD",
            bank=into,
        )


def _pair(number: int, day: dt.date, amount: Decimal, company: _Writer, owner: _Writer) -> None:
    link = f"^ic-b-{day:%y}-{number}"
    for writer, other, legs in (
        (company, owner, (f"Equity:{company.name}:Members:{OWNER}:Distributions  {amount} USD",)),
        (owner, company, (f"Assets:{OWNER}:InvestIn:{company.name}  -{amount} USD",)),
    ):
        into = amount if writer is owner else -amount
        writer.add(
            day,
            f'"{other.name}" "Distribution" {link}',
            'transfer: "distribution"',
            f'counterparty: "{other.name}"',
            f'agreement: "{AGREEMENT}"',
            *legs,
            f"Assets:{writer.name}:Bank  {into} USD",
            bank=into,
        )


def _buy(number: int, day: dt.date, writer: _Writer) -> None:
    cost = Decimal(number % 400 + 1000) / 100
    if any(lot == (day, cost) for lot in writer.lots) or len(writer.lots) > OPEN_LOTS:
        _sell(day, writer, cost)
        return
    writer.lots.append((day, cost))
    writer.add(
        day,
        f'"Wholesale" "Lot {number}"',
        f"Assets:{writer.name}:Goods  5 PIECE {{{cost} USD}}",
        f"Liabilities:{writer.name}:Card  -{cost * 5} USD",
    )


def _sell(day: dt.date, writer: _Writer, amount: Decimal) -> None:
    bought, cost = writer.lots.pop(0)
    price = amount + cost * 12
    writer.add(
        day,
        f'"Trade fair" "Lot of {bought}"',
        f"Assets:{writer.name}:Goods  -5 PIECE {{{cost} USD, {bought}}}",
        f"Expenses:{writer.name}:Sold  {cost * 5} USD",
        f"Assets:{writer.name}:Bank  {price} USD",
        f"Income:{writer.name}:Trade  -{price} USD",
        bank=price,
    )
