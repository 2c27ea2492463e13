"""A year of a small group as files: entries said in Python, written as an owner would keep them.

Receipts and statements are written with the entries that name them; every bank and card account has
a balance on the first of each month, which is what the bank says, whatever the books call it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from core.home import Home
from core.journal.books import Books

ROOT = """\
option "title" "{title}"
option "operating_currency" "USD"
plugin "bulkhead.veil" "{kind}"
include "{up}registry.beancount"
include "{up}../rules/policy.beancount"
{includes}
"""
TODAY = dt.date(2026, 12, 31)


# The line of the statements for a role, and for a root where an account has none of them.
LINES = {
    "bank": "cash-and-equivalents",
    "in-transit": "cash-and-equivalents",
    "card": "cards",
    "due-from": "due-from-related",
    "due-to": "due-to-related",
    "ap": "payables",
    "loan-to": "loans-given",
    "loan-from": "related-loans",
    "invest-in": "investments",
    "withholding": "payables",
    "Equity": "capital",
    "Income": "revenue",
    "Expenses": "operating-expenses",
    "Assets": "prepaid",
    "Liabilities": "payables",
}


@dataclass
class Entry:
    """One directive: its text without the comment above it, and the sin that it is (0: none)."""

    day: dt.date
    text: str
    sin: int = 0
    comment: str = ""


@dataclass
class Year:
    """The books of some entities in 2026, written below ``path``."""

    path: Path
    folders: Mapping[str, str]
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    opened: dict[str, list[str]] = field(default_factory=dict)
    banks: dict[str, str] = field(default_factory=dict)  # account: its currency
    moved: dict[str, list[tuple[dt.date, Decimal]]] = field(default_factory=dict)
    unproven: set[tuple[str, int]] = field(default_factory=set)
    registry: list[str] = field(default_factory=list)
    policy: list[str] = field(default_factory=list)
    seals: list[str] = field(default_factory=list)
    papers: int = 0

    def account(self, name: str, role: str = "", currency: str = "USD", **meta: str) -> None:
        """Opens an account; of a bank or card its ``id`` and ``holder``."""
        lines = [f"2026-01-01 open {name}  {currency}"]
        lines += [f'  role: "{role}"'] if role else []
        lines.append(f'  line: "{LINES.get(role) or LINES[name.partition(":")[0]]}"')
        lines += [
            f"  {k.replace('_', '-')}: {v if v == 'TRUE' else quoted(v)}" for k, v in meta.items()
        ]
        self.opened.setdefault(name.split(":")[1], []).append("\n".join(lines))
        if role in {"bank", "card"}:
            self.banks[name] = currency

    def book(
        self,
        day: str,
        payee: str,
        text: str,
        *postings: tuple[str, str],
        sin: int = 0,
        comment: str = "",
        link: str = "",
        tag: str = "",
        with_receipt: bool = False,
        currency: str = "USD",
        **meta: str,
    ) -> None:
        """A transaction of 2026 on ``day`` (``03-14``), in the books of its first posting."""
        date = dt.date.fromisoformat(f"2026-{day}")
        entity = postings[0][0].split(":")[1]
        head = f'{date} * "{payee}" "{text}"' + (f" ^{link}" if link else "")
        head += f" #{tag}" if tag else ""
        if with_receipt:
            meta["receipt"] = self.paper(entity, "receipts", f"{date}-{self.papers}")
        lines = [head, *(f"  {k.replace('_', '-')}: {said(v)}" for k, v in meta.items())]
        for account, number in postings:
            own = currency if len(number.split()) == 1 else number.split(maxsplit=1)[1]
            lines.append(f"  {account}  {number.split()[0]} {own}")
            self.moved.setdefault(account, []).append((date, Decimal(number.split()[0])))
        self.entries.setdefault(entity, []).append(Entry(date, "\n".join(lines), sin, comment))

    def pair(
        self,
        day: str,
        transfer: str,
        link: str,
        first: tuple[str, Sequence[tuple[str, str]]],
        second: tuple[str, Sequence[tuple[str, str]]],
        text: str,
        sin: int = 0,
        comment: str = "",
        **meta: str,
    ) -> None:
        """Both halves of a crossing: for each the other's name, and its postings."""
        for number, (other, postings) in enumerate((first, second)):
            self.book(
                day,
                other,
                text,
                *postings,
                link=link,
                sin=sin,
                comment="" if number else comment,
                transfer=transfer,
                counterparty=other,
                **(meta if not number else {}),
            )

    def paper(self, entity: str, kind: str, name: str) -> str:
        """A file of evidence, and the path that an entry of the entity names it by."""
        self.papers += 1
        path = self.path / "ledger" / self.folders[entity] / "documents" / kind / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{entity}: {name}\n")
        return f"documents/{kind}/{name}.txt"

    def balance(self, account: str, until: dt.date) -> Decimal:
        """What the account holds before that day."""
        return sum((n for day, n in self.moved.get(account, []) if day < until), Decimal(0))

    def write(self) -> dict[int, list[tuple[str, int]]]:
        """Writes everything; where each sin stands: files and lines."""
        self._statements()
        ledger = self.path / "ledger"
        (self.path / "rules").mkdir(parents=True, exist_ok=True)
        (self.path / "rules/policy.beancount").write_text("\n".join(self.policy) + "\n")
        ledger.mkdir(exist_ok=True)
        (ledger / "registry.beancount").write_text("\n\n".join(self.registry) + "\n")
        includes = "".join(f'include "{f}/ledger.beancount"\n' for f in self.folders.values())
        (ledger / "group.beancount").write_text(
            ROOT.format(title="The group", kind="group", up="", includes=includes)
        )
        places: dict[int, list[tuple[str, int]]] = {}
        for entity, folder in self.folders.items():
            for sin, where in self._write_entity(entity, ledger / folder):
                places.setdefault(sin, []).append(where)
        return places

    def _write_entity(self, entity: str, folder: Path) -> list[tuple[int, tuple[str, int]]]:
        folder.mkdir(exist_ok=True)
        (folder / "accounts.beancount").write_text("\n\n".join(self.opened[entity]) + "\n")
        (folder / "ledger.beancount").write_text(
            'include "accounts.beancount"\ninclude "[0-9][0-9][0-9][0-9]/*.beancount"\n'
        )
        (folder / "main.beancount").write_text(
            ROOT.format(
                title=entity, kind="entity", up="../", includes='include "ledger.beancount"'
            )
        )
        (folder / "2026").mkdir(exist_ok=True)
        places = []
        months: dict[str, list[Entry]] = {}
        for entry in sorted(self.entries.get(entity, []), key=lambda e: e.day):
            months.setdefault(f"{entry.day:%Y-%m}", []).append(entry)
        for month, entries in months.items():
            path = folder / "2026" / f"{month}.beancount"
            lines: list[str] = []
            for entry in entries:
                lines += [f";; {entry.comment}"] if entry.comment else []
                if entry.sin:
                    where = (path.relative_to(self.path).as_posix(), len(lines) + 1)
                    places.append((entry.sin, where))
                lines += [*entry.text.split("\n"), ""]
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(lines))
        return places

    def _statements(self) -> None:
        """What the bank says on the first of each month, as far as its statement is here."""
        for account, currency in self.banks.items():
            entity = account.split(":")[1]
            first = min((day for day, _ in self.moved.get(account, [])), default=TODAY)
            for month in range(first.month, 12):
                if (account, month) in self.unproven:
                    continue
                day = dt.date(2026, month + 1, 1)
                name = f"2026-{month:02}-{'-'.join(account.split(':')[2:]).lower()}"
                paper = self.paper(entity, "statements", name)
                text = (
                    f"{day} balance {account}  {self.balance(account, day)} {currency}\n"
                    f'  statement: "{paper}"'
                )
                self.entries.setdefault(entity, []).append(Entry(day, text))

    @property
    def home(self) -> Home:
        """The home, once it is written."""
        return Home(self.path)


def quoted(text: str) -> str:
    """Text as it stands in a journal."""
    return '"' + text.replace('"', '\\"') + '"'


def said(text: str) -> str:
    """A metadata value: dates and TRUE as they are, all else in quotes."""
    is_date = len(text) == 10 and text[:4].isdigit() and text[4] == "-"
    return text if is_date or text == "TRUE" else quoted(text)


def at_the_banks(books: Books) -> dict[tuple[str, str], Decimal]:
    """What every bank and card account holds."""
    held: dict[tuple[str, str], Decimal] = {}
    for txn in books.transactions:
        for posting in txn.postings:
            if books.role(posting.account) in {"bank", "card"}:
                key = posting.account, posting.units.currency
                held[key] = held.get(key, Decimal(0)) + posting.units.number
    return held
