"""A lawful distribution: how much it may be, who gets what, and the entries that book it.

The largest amount is what both tests of VEIL-013 leave; the shares are those of the day, in whole
cents. For each owner one pair: the company's entry, and the owner's where he keeps books here.
"""

import datetime as dt
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from beancount.core import data
from beancount.core.amount import Amount

from core.entity import Account, Entity
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, ChangeSet
from core.journal.links import new_link
from core.journal.placement import month_file, placed
from core.journal.render import clean_text, render
from core.money import plain
from plugins.veil.distributions import dated
from plugins.veil.figures import member_of
from plugins.veil.proportion import shared
from plugins.veil.refusing import refuse_closed
from plugins.veil.solvency import Solvency, money, solvency

_DIVIDENDS = frozenset({"c-corp", "india-company"})


@dataclass(frozen=True)
class Share:
    """What one owner gets: his percentage, the amount, and the link of the pair."""

    owner: Entity
    percent: Decimal
    amount: Decimal
    link: str


@dataclass(frozen=True)
class Proposal:
    """A distribution that is not booked yet; ``test`` are the figures before it."""

    entity: Entity
    date: dt.date
    amount: Decimal
    note: str
    test: Solvency
    shares: tuple[Share, ...]

    @property
    def transfer(self) -> str:
        """The class: what a corporation pays its owners is a dividend."""
        return "dividend" if self.entity.tax_class in _DIVIDENDS else "distribution"

    @property
    def is_lawful(self) -> bool:
        """Whether both tests hold after it."""
        return self.amount <= self.test.largest


@dataclass(frozen=True)
class Accounts:
    """The bank accounts that a person named; others are looked up."""

    paid_from: str = ""
    paid_to: tuple[str, ...] = ()


def proposed(
    entity: Entity, amount: Decimal, day: dt.date, books: Books, *, note: str = ""
) -> Proposal:
    """The distribution of ``amount`` (in the entity's currency) with its figures and shares.

    Raises UserError where the entity has no owners to share it, or the amount is none.
    """
    if entity.is_person or not entity.books or entity.kind == "elimination":
        raise UserError(f"{entity.name} is no company that keeps books here")
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise UserError(
            f"{plain(amount)} cannot be distributed", hint="write an amount above zero, in cents"
        )
    owners = books.registry.owners(entity.name, day)
    if sum(owners.values()) != 100:
        raise UserError(
            f"the shares of {entity.name} on {day} do not add up to 100",
            hint=f'register each: {day} custom "ownership" "{entity.name}" "Jane" 100.00',
        )
    amounts = shared(amount, owners)
    shares = tuple(
        Share(_registered(name, books), percent, amounts[name], new_link(day))
        for name, percent in owners.items()
        if amounts[name]
    )
    return Proposal(entity, day, amount, clean_text(note), solvency(entity, day, books), shares)


def booked(
    proposal: Proposal,
    home: Home,
    books: Books,
    *,
    accounts: Accounts | None = None,
    resolution: Path | None = None,
) -> tuple[ChangeSet, list[str]]:
    """The change that books the distribution, and remarks for a person.

    Raises UserError where it is above the lawful maximum, where an account is missing, where the
    day is in a closed period, and where the resolution is no file of the home.
    """
    entity, day = proposal.entity, proposal.date
    if not proposal.is_lawful:
        raise UserError(refusal(proposal), code=EXIT_FINDINGS)
    keep = [share.owner.name for share in proposal.shares if share.owner.books]
    refuse_closed(books, (entity.name, *keep), day)
    path = month_file(entity, day)
    blocks: list[tuple[Path, Entity, Block]] = []
    remarks: list[str] = []
    for share in proposal.shares:
        ours = _companys(proposal, share, books, accounts or Accounts(), remarks)
        blocks.append((path, entity, render(ours)))
        if share.owner.books:
            theirs = _owners(proposal, share, books, accounts or Accounts(), remarks)
            blocks.append((month_file(share.owner, day), share.owner, render(theirs)))
    if resolution is not None:
        paper = _document(proposal, resolution, home, books)
        blocks.append((path, entity, render(paper)))
        if paper.date > day:
            remarks.append(f"the resolution is of {paper.date}, after the day (VEIL-014)")
    else:
        remarks.append(
            "no resolution is on file yet (VEIL-014): add it with --resolution, or later"
        )
    files, more = placed(home, books, blocks)
    said = f"Distribute {money(proposal.amount, entity.currency)} of {entity.name}"
    return ChangeSet(said, tuple(files)), [*dict.fromkeys(remarks), *more]


def refusal(proposal: Proposal) -> str:
    """Why the amount is above the lawful maximum, with the figures of what fails."""
    currency = proposal.entity.currency
    after = proposal.test.after(proposal.amount)
    failed = []
    if after.balance_sheet < 0:
        failed.append(f"the balance sheet test by {money(-after.balance_sheet, currency)}")
    if after.cash_flow < 0:
        failed.append(f"the cash-flow test by {money(-after.cash_flow, currency)}")
    return (
        f"{money(proposal.amount, currency)} fails {' and '.join(failed)}; the largest lawful "
        f"distribution of {proposal.entity.name} on {proposal.date} is "
        f"{money(proposal.test.largest, currency)}"
    )


def _registered(name: str, books: Books) -> Entity:
    owner = books.registry.named(name)
    if owner is None:
        raise UserError(f"the owner {name} is no registered entity", hint="register it")
    return owner


def _companys(
    proposal: Proposal, share: Share, books: Books, accounts: Accounts, remarks: list[str]
) -> data.Transaction:
    entity, owner = proposal.entity, share.owner
    taken = _account(
        entity,
        ("distribution",),
        books,
        proposal.date,
        missing=f"open Equity:{entity.name}:Members:{owner.name}:Distributions",
        of=owner,
    )
    named = (accounts.paid_from,) if accounts.paid_from else ()
    bank = _bank(entity, named, books, proposal.date, remarks, "--from")
    payee = owner.legal_name or owner.name
    return _entry(proposal, share, payee, owner.name, (taken, share.amount), (bank, -share.amount))


def _owners(
    proposal: Proposal, share: Share, books: Books, accounts: Accounts, remarks: list[str]
) -> data.Transaction:
    entity, owner = proposal.entity, share.owner
    if owner.currency != entity.currency:
        raise UserError(
            f"{owner.name} keeps books in {owner.currency}: what arrives there is not known yet",
            hint="book the pair by hand when the bank has converted it",
        )
    is_dividend = proposal.transfer == "dividend"
    roles = ["distribution-income"] if is_dividend else ["invest-in", "distribution-income"]
    usual = "Income" if is_dividend else "Assets"
    word = "DistributionsFrom" if usual == "Income" else "InvestIn"
    source = _account(
        owner,
        roles,
        books,
        proposal.date,
        missing=f"open {usual}:{owner.name}:{word}:{entity.name}",
        of=entity,
    )
    named = [a for a in accounts.paid_to if books.registry.ent(a) == owner.name]
    bank = _bank(owner, named, books, proposal.date, remarks, "--to")
    payee = entity.legal_name or entity.name
    return _entry(
        proposal, share, payee, entity.name, (bank, share.amount), (source, -share.amount)
    )


def _entry(
    proposal: Proposal,
    share: Share,
    payee: str,
    counterparty: str,
    *postings: tuple[str, Decimal],
) -> data.Transaction:
    said = proposal.note or proposal.transfer.capitalize()
    meta = data.new_metadata("<distribution>", 0)
    meta |= {"transfer": proposal.transfer, "counterparty": counterparty}
    currency = proposal.entity.currency
    return data.Transaction(
        meta,
        proposal.date,
        "*",
        payee,
        f"{said}, {share.percent.normalize():f} %",
        frozenset(),
        frozenset({share.link}),
        [
            data.Posting(account, Amount(number, currency), None, None, None, None)
            for account, number in postings
        ],
    )


def _document(proposal: Proposal, path: Path, home: Home, books: Books) -> data.Document:
    """The resolution as a document of the entries' file, with their links and its hash."""
    full = path.resolve()
    if not full.is_file() or not full.is_relative_to(home.path.resolve()):
        raise UserError(
            f"{path} is no file of these books",
            hint=f"put it into ledger/{proposal.entity.folder}/documents/ first",
        )
    folder = (home.path / month_file(proposal.entity, proposal.date)).resolve().parent
    meta = data.new_metadata("<distribution>", 0)
    meta["sha256"] = hashlib.sha256(full.read_bytes()).hexdigest()
    owner = proposal.shares[0].owner
    account = _account(proposal.entity, ("distribution",), books, proposal.date, "", of=owner)
    name = Path(os.path.relpath(full, folder)).as_posix()
    links = frozenset(share.link for share in proposal.shares)
    return data.Document(meta, dated(full) or proposal.date, account, name, None, links)


def _bank(
    entity: Entity,
    named: Sequence[str],
    books: Books,
    day: dt.date,
    remarks: list[str],
    option: str,
) -> str:
    """The bank account that was named, or the entity's first in its currency."""
    found = [a.name for a in _open(entity, books, day) if a.role == "bank" and _fits(a, entity)]
    for account in named:
        if account not in found:
            known = ", ".join(found) or "none"
            raise UserError(
                f"{account} is no bank account of {entity.name} in {entity.currency}",
                hint=f"known: {known}",
            )
        return account
    if not found:
        raise UserError(
            f"{entity.name} has no bank account in {entity.currency} on {day}",
            hint='open one, with role: "bank"',
        )
    if len(found) > 1:
        remarks.append(f"by way of {found[0]}; {option} names another of {', '.join(found[1:])}")
    return found[0]


def _account(
    entity: Entity,
    roles: Sequence[str],
    books: Books,
    day: dt.date,
    missing: str,
    *,
    of: Entity,
) -> str:
    """The entity's open account of the first of these roles that is about another entity."""
    for role in roles:
        for account in _open(entity, books, day):
            about = member_of(account.name, books) or account.counterparty
            if account.role == role and about.casefold() == of.name.casefold():
                return account.name
    raise UserError(
        f"{entity.name} has no account of the role “{roles[0]}” for {of.name} on {day}",
        hint=f'add: {day} {missing}  {entity.currency}, with role: "{roles[0]}" and '
        f'counterparty: "{of.name}"',
    )


def _open(entity: Entity, books: Books, day: dt.date) -> Iterator[Account]:
    return (a for a in books.accounts.values() if a.entity == entity.name and a.is_open(day))


def _fits(account: Account, entity: Entity) -> bool:
    return not account.currencies or entity.currency in account.currencies
