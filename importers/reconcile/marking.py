"""What a reconciliation that closes writes: marks on the postings, the file, and the balance.

    2026-01-28 * "City Power" "January"
      Assets:Acme:Bank:Checking  -80.00 USD
        recon: "yes"
        recon-date: 2026-01-31

What is outstanding gets ``recon: "no"``. The balance is the books' own of that evening. Where the
bank's is another, since something is outstanding, it says so: ``statement-balance:``, and
``bank-errors:`` for what the bank has to mend.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from beancount.core import amount, data

from core.entity import Account, Entity
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, ChangeSet, FileChange
from core.journal.edit import Edit
from core.journal.placement import month_file, placed
from core.journal.render import render
from core.seal import closed_until
from importers.planned import FilePlan, StatementPlan
from importers.proof.archive import kept
from importers.reconcile.bank import of_account
from importers.reconcile.entries import ERRORS, NO, STATED, YES, Entry, mark
from importers.reconcile.reconciliation import Reconciliation
from importers.statement import StatementFile
from plugins.veil.evidence import evidence

_DAY = dt.timedelta(days=1)
_PROVEN = frozenset({"bank", "card"})


def marking(
    home: Home,
    books: Books,
    account: Account,
    file: StatementFile,
    done: Sequence[Reconciliation],
) -> tuple[ChangeSet, list[str]]:
    """The change that marks what ``done`` has matched, all of which close; and remarks.

    Marks are written in closed periods too, whose seals they are no part of. A file or a balance is
    not: what would fall into a closed period is left out, with a remark.
    """
    edits = list(_edits(books, done))
    blocks, documents, remarks = _papers(home, books, account, file, done)
    files, more = placed(home, books, blocks, edits)
    days = sorted({of.bank.end for of in done})
    message = f"Reconcile {account.name} up to {', '.join(map(str, days))}"
    return ChangeSet(message, (*files, *documents)).effective(), [*remarks, *more]


def _edits(books: Books, done: Iterable[Reconciliation]) -> Iterator[Edit]:
    """The marks of each transaction, as one edit."""
    wanted: dict[tuple[str, int], list[tuple[Entry, dict[str, str | dt.date]]]] = {}
    for of in done:
        yes: dict[str, str | dt.date] = {"recon": YES, "recon-date": of.bank.end}
        matched = [e for m in of.matches for e in m.entries if e.recon != YES]
        # So that VEIL-020 asks about it when it gets old, and no later balance hides it.
        waiting = [e for e in of.outstanding if not e.recon]
        no: dict[str, str | dt.date] = {"recon": NO}
        for entry, said in [*((e, yes) for e in matched), *((e, no) for e in waiting)]:
            wanted.setdefault((entry.file, entry.line), []).append((entry, said))
    there = books.standing_at(wanted)
    for place, entries in wanted.items():
        txn = there[place]
        meta = {entry.place: said for entry, said in entries}
        drop = {entry.place: ("recon", "recon-date") for entry, _ in entries}
        if "recon" not in txn.meta:
            yield Edit(txn, meta=meta, drop=drop)
            continue
        # What was said of the whole transaction still holds for its other accounts.
        for number, posting in enumerate(txn.postings):
            is_silent = number not in meta and "recon" not in (posting.meta or {})
            if is_silent and books.role(posting.account) in _PROVEN:
                meta[number] = {"recon": mark(txn.meta["recon"]) or NO}
        yield Edit(txn, meta=meta, drop=drop, without=("recon", "recon-date"))


def _papers(
    home: Home,
    books: Books,
    account: Account,
    file: StatementFile,
    done: Sequence[Reconciliation],
) -> tuple[list[tuple[Path, Entity, Block]], list[FileChange], list[str]]:
    """The file for the archive with its directive, and the balances."""
    entity = books.registry.entities[account.entity]
    missing = [of for of in done if not _is_asserted(books, of)]
    plans = tuple(StatementPlan(s, account) for s in of_account(file, account, books))
    paper = kept(
        home, books, FilePlan(file.path, statements=plans, sha256=file.sha256, format=file.format)
    )
    if paper is None:
        return [], [], []
    closed = closed_until(books.standing).get(entity.name.casefold(), dt.date.min)
    if any(block.date <= closed for _, _, block in paper.blocks):
        said = f"{entity.name} is closed up to {closed}: the statement was not kept"
        return [], [], [said if not missing else f"{said}, and no balance written"]
    blocks = list(paper.blocks)
    documents = [] if paper.change is None else [paper.change]
    remarks = []
    for of in missing:
        balance = _balance(of, next(iter(paper.evidence.values()), ""))
        if balance.date <= closed:
            remarks.append(
                f"{entity.name} is closed up to {closed}: no balance was written on {balance.date}"
            )
            continue
        blocks.append((month_file(entity, balance.date), entity, render(balance)))
    return blocks, documents, remarks


def _is_asserted(books: Books, of: Reconciliation) -> bool:
    """Whether a balance with a statement that is there says what the books hold already; and that
    this is not what the bank says, where something is outstanding."""
    bank = of.bank
    return any(
        isinstance(entry, data.Balance)
        and (entry.account, entry.date) == (bank.account, bank.end + _DAY)
        and entry.amount == amount.Amount(of.held.held, bank.currency)
        and bool(evidence(entry, books, ("statement",)))
        and (STATED in entry.meta or not _is_adjusted(of))
        for entry in books.standing
    )


def _is_adjusted(of: Reconciliation) -> bool:
    return bool(of.outstanding or of.booked_later or of.bank_errors)


def _balance(of: Reconciliation, statement: str) -> data.Balance:
    bank = of.bank
    meta: dict[str, object] = {"statement": statement}
    if _is_adjusted(of):
        meta[STATED] = amount.Amount(bank.closing, bank.currency)
    if of.bank_errors:
        meta[ERRORS] = amount.Amount(of.bank_errors, bank.currency)
    stands = amount.Amount(of.held.held, bank.currency)
    return data.Balance(meta, bank.end + _DAY, bank.account, stands, None, None)
