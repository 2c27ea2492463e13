"""What the inbox shows of one item on a terminal: the facts, the question, what it may be."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from core.journal.books import Books
from core.money import at_cents
from importers.inbox.candidates import Candidate
from importers.inbox.items import InboxItem, part_names
from importers.inbox.likeness import Suggestion

KEYS = (
    ("1-3", "take a suggestion"),
    ("a", "another account"),
    ("p", "the next account is for all lines of this payee"),
    ("r", "the next account becomes a rule as well"),
    ("x", "a crossing to another entity: account, class, with whom"),
    ("d", "the same line as another one: this entry goes"),
    ("t", "a transfer: the other line is its other side"),
    ("s, space", "skip"),
    ("b", "back to the line before"),
    ("w", "why is it so"),
    ("u", "undo the last decision"),
    ("q", "quit"),
)


@dataclass(frozen=True)
class View:
    """What there is to see: the item with its number among ``total``, and what was said of it.

    ``parts`` are the places of several postings that wait; ``payee`` the items of its payee;
    ``for_all`` and ``rule`` are what the next account is for; ``said`` is news for the person.
    """

    item: InboxItem
    number: int
    total: int
    books: Books
    suggestions: Sequence[Suggestion] = ()
    candidates: Sequence[Candidate] = ()
    parts: Sequence[int] = ()
    payee: Sequence[InboxItem] = ()
    for_all: bool = False
    rule: bool = False
    said: Sequence[str] = ()


def show(view: View, console: Console) -> None:
    """Draws the view on a clear screen."""
    item = view.item
    console.clear()
    console.print(Rule(f"{view.number} of {view.total} · {item.entity} · {item.review}"))
    _facts(item, view.books, console)
    if len(view.parts) > 1:
        console.print("Several postings wait, and are decided one by one:")
        for name in part_names(item, view.parts):
            console.print(f"  {name}", soft_wrap=True)
    if view.candidates:
        console.print("Perhaps it belongs to:")
        for candidate in view.candidates:
            console.print(f"  {described(candidate)}", soft_wrap=True)
    _suggestions(view.suggestions, console)
    if len(view.payee) > 1:
        console.print(f"{len(view.payee)} lines of this payee wait, {total(view.payee)} in all.")
    if view.for_all:
        bold = f"The next account is for all {len(view.payee)} of them: {total(view.payee)}."
        console.print(Text(bold, "bold"))
    if view.rule:
        console.print(Text("The next account becomes a rule as well.", "bold"))
    for line in view.said:
        console.print(Text(f"» {line}", "bold"), soft_wrap=True)
    take = f"{_numbers(view.suggestions)} take · " if view.suggestions else ""
    keys = f"{take}a account · p payee · r rule · x crossing · d duplicate · t transfer"
    console.print(Text(f"{keys}\ns skip · b back · w why · u undo · q quit · ? help", "dim"))


def _numbers(suggestions: Sequence[Suggestion]) -> str:
    """The keys that take one of them."""
    return "1" if len(suggestions) == 1 else f"1-{min(len(suggestions), 3)}"


def described(candidate: Candidate) -> str:
    """A candidate in one line."""
    amount = f"{at_cents(candidate.number)} {candidate.currency}"
    place = f"{candidate.file}:{candidate.line}"
    return f"{candidate.date} {candidate.account} {amount} {candidate.name} {place}"


def total(items: Iterable[InboxItem]) -> str:
    """The sum of the items, for each currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        sums[item.currency] += item.number
    return ", ".join(f"{at_cents(number)} {currency}" for currency, number in sums.items())


def key_help() -> list[str]:
    """Every key with what it does."""
    return [f"{key:9} {what}" for key, what in KEYS]


def _facts(item: InboxItem, books: Books, console: Console) -> None:
    file, line = books.where(item.txn)
    amount = f"{at_cents(item.number)} {item.currency}"
    console.print(Text(f"{item.txn.date}  {amount}  {item.name}", "bold"), soft_wrap=True)
    if item.txn.payee and item.txn.narration:
        console.print(item.txn.narration, soft_wrap=True)
    party = item.txn.meta.get("counterparty")
    if party:
        console.print(f"It is half of a crossing with {party}.")
    console.print(Text(f"{item.account}  {file}:{line}  {item.id}", "dim"), soft_wrap=True)


def _suggestions(suggestions: Sequence[Suggestion], console: Console) -> None:
    if not suggestions:
        return
    table = Table.grid(padding=(0, 2))
    for number, one in enumerate(suggestions, 1):
        table.add_row(f"  {number}", one.account, f"{one.weight}%", one.reason)
    console.print(table)
