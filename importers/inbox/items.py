"""The inbox: the posted lines that nobody has decided yet.

It is no store of its own but a query over the books for ``review:``. Accepting an item rewrites
the one transaction where it stands: the other account, the flag and the ``review:`` line; all else
stays as it was written.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from beancount.core import data

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.identity import ids_of
from core.journal.books import Books
from core.journal.change import ChangeSet, FileChange
from core.journal.edit import Edit
from core.journal.placement import placed
from core.money import at_cents
from importers.inbox.reviewed import normalised
from importers.investing.accounts import IN_KIND
from importers.investing.moves import LOTS
from importers.posted import is_undecided
from importers.rules.text import NewRule, appended

# The role of accounts in which postings wait for theirs.
_OPEN = "suspense"


@dataclass(frozen=True)
class InboxItem:
    """One undecided line: ``number`` is the bank account's side, signed as the owner sees it."""

    id: str
    review: str
    entity: str
    account: str
    number: Decimal
    currency: str
    txn: data.Transaction

    @property
    def name(self) -> str:
        """What it is called by: its payee, else its narration."""
        return self.txn.payee or self.txn.narration or ""

    @property
    def group(self) -> str:
        """What lines of one payee have in common: its words, without numbers of shops and days."""
        return normalised(self.name) or self.name.casefold()


def inbox(books: Books) -> list[InboxItem]:
    """Every transaction with ``review:``, oldest first."""
    items = []
    for txn in books.select("review", is_undecided):
        review = str(txn.meta["review"])
        bank = next((p for p in txn.postings if ids_of(p)), txn.postings[0])
        units = bank.units
        if units is None or units.number is None:
            continue
        ids = ids_of(bank)
        entity = books.registry.ent(bank.account) or ""
        line_id = ids[0] if ids else f"{txn.date}:{txn.meta.get('lineno', 0)}"
        items.append(
            InboxItem(line_id, review, entity, bank.account, units.number, units.currency, txn)
        )
    return items


def find(items: Iterable[InboxItem], wanted: str) -> InboxItem:
    """The item whose id is, ends with or begins with ``wanted``; raises UserError unless one."""
    items = list(items)
    exact = [item for item in items if item.id == wanted]
    found = exact or [i for i in items if i.id.startswith(wanted) or i.id.endswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UserError(
            f"nothing in the inbox has the id '{wanted}'", hint="'books inbox' lists the ids"
        )
    raise UserError(f"{len(found)} items have an id like '{wanted}'", hint="write more of the id")


def accepted(
    item: InboxItem, account: str, *, home: Home, books: Books, part: int = 0
) -> ChangeSet:
    """The change that books ``item`` against ``account``; ``part`` as for ``decided``.

    Raises UserError when the account is unknown, closed or another entity's, or when the
    transaction no longer stands in its file as it was read.
    """
    return all_accepted([item], account, home=home, books=books, part=part)


def all_accepted(
    items: Sequence[InboxItem], account: str, *, home: Home, books: Books, part: int = 0
) -> ChangeSet:
    """The one change that books every item against ``account``; as ``accepted``."""
    files, _ = placed(home, books, (), [decided(item, account, books, part) for item in items])
    names = list(dict.fromkeys(item.name or item.id for item in items))
    said = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    times = f" ({len(items)} lines)" if len(items) > 1 else ""
    return ChangeSet(f"Accept {said}{times}: {account}", tuple(files))


def decided(item: InboxItem, account: str, books: Books, part: int = 0) -> Edit:
    """The edit that books ``item`` against ``account``; ``part`` (from 1) is the posting where
    several wait, 0 the only one. While others still wait in suspense, so does the entry.

    Raises UserError where the account does not fit, no posting waits, or ``part`` does not say
    which.
    """
    check_account(item, account, books)
    places = waiting(item, books)
    if not (part or len(places) == 1) or part > len(places):
        raise _which_part(item, places, books)
    place = places[max(part - 1, 0)]
    left = [p for p in places if p != place and books.role(item.txn.postings[p].account) == _OPEN]
    if left:
        return Edit(item.txn, accounts={place: account})
    flag = "*" if item.txn.flag == "!" else ""
    return Edit(item.txn, flag=flag, without=("review", "perhaps"), accounts={place: account})


def waiting(item: InboxItem, books: Books) -> list[int]:
    """The places of the postings that wait for an account. Raises UserError where none does."""
    others = [(n, p) for n, p in enumerate(item.txn.postings) if p.account != item.account]
    suspense = [place for place, p in others if books.role(p.account) == _OPEN]
    places = suspense or [place for place, p in others if p.cost is None and p.price is None]
    hint = "edit it by hand"
    if item.review == LOTS:
        # An account is an answer to where units came from, not to which lots were sold.
        places = [place for place, p in others if p.account.endswith(f":{IN_KIND}")]
        hint = (
            "it waits for its lots: put the units into the holding's account, with {…} behind "
            "them, and add a posting for the gain, without an amount; then take out review:"
        )
    if not places:
        file, line = books.where(item.txn)
        raise UserError(
            "no posting of the transaction waits for an account",
            file=file,
            line=line,
            hint=hint,
            code=EXIT_FINDINGS,
        )
    return places


def part_names(item: InboxItem, places: Iterable[int]) -> list[str]:
    """What each posting is, for a person to choose: its amount, its account, its note."""
    said = []
    for place in places:
        posting = item.txn.postings[place]
        note = (posting.meta or {}).get("note")
        units = posting.units
        number = f"{at_cents(units.number)} {units.currency} " if units and units.number else ""
        said.append(f"{number}{posting.account}" + (f" ({note})" if note else ""))
    return said


def _which_part(item: InboxItem, places: Sequence[int], books: Books) -> UserError:
    file, line = books.where(item.txn)
    if len(places) == 1:
        said, hint = "one posting alone waits for an account", "leave out --part"
    else:
        said = f"{len(places)} postings wait for an account; which one is it?"
        named = enumerate(part_names(item, places), 1)
        hint = "; ".join(f"--part {number}: {name}" for number, name in named)
    return UserError(said, file=file, line=line, hint=hint)


def rules_for(items: Iterable[InboxItem], account: str, path: Path, home: Home) -> FileChange:
    """The rules file with a rule for each payee and direction of the items at its end; what stands
    there is kept.

    Raises UserError where the file would not be right with it.
    """
    rules = {}
    for item in items:
        if not item.name:
            raise UserError("the line has no payee to make a rule of", hint="leave out --rule")
        pattern = f"^{re.escape(item.name)}$".replace(r"\ ", " ")
        direction = "in" if item.number > 0 else "out"
        rules[pattern, direction] = NewRule(item.name, pattern, direction, account)
    return appended(rules.values(), path, home)


def check_account(item: InboxItem, account: str, books: Books) -> None:
    """Raises UserError unless the item can be booked against ``account``."""
    known = books.accounts.get(account)
    if known is None:
        near = [name for name in books.accounts if name.endswith(account.rpartition(":")[2])]
        hint = (
            f"did you mean {near[0]}?" if near else f"open it first: {item.txn.date} open {account}"
        )
        raise UserError(f"the account {account} is not opened", hint=hint)
    if known.entity != item.entity:
        raise UserError(
            f"{account} belongs to {known.entity}, the line to {item.entity}",
            hint="one transaction never touches two entities; book this side against a due-from, "
            "due-to or equity account and the other side in the other books",
        )
    if not known.is_open(item.txn.date):
        raise UserError(f"{account} is not open on {item.txn.date}")
