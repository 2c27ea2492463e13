"""A rule was edited: the entries that rules have made, made again by the rules as they are now.

An entry is as rules made it when some version of the rules (see ``past_rules``), or no rule at all,
makes exactly this transaction of its bank line. Any other entry a person has touched, and it stays.
So do pairs, transfers between own accounts, and entries that no rule catches any more: taking a
decision back is for a person.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from beancount.core import data

from core import git
from core.entity import Account, Entity
from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.edit import Edit, is_plain
from core.journal.links import new_link
from core.journal.placement import as_read, placed
from core.journal.render import render
from core.journal.scan import Line, scan
from importers.draft import NOWHERE, Draft, Kept, drafted, transaction
from importers.matching.crossings import linked
from importers.processors import kept_of
from importers.rules.categorise import Categoriser, RuleText, load_categoriser
from importers.rules.matches import Matcher
from importers.rules.origin import BookedLine, Origins, Reader, booked_lines, origins
from importers.rules.past import PastRules
from importers.statement import StatementLine

TOUCHED = "a person has changed or decided it"
GONE = "the rule that made it catches it no more"
OWN_ACCOUNTS = "a transfer between accounts of your own is settled in the inbox"
CLOSED = "the rule's account is not open on its day"

# What Beancount adds to an entry while it reads and books it.
_NOT_WRITTEN = frozenset({"filename", "lineno", "__tolerances__"})
_OWN = frozenset({"bank", "card", "cash", "in-transit"})


@dataclass(frozen=True)
class Left:
    """An entry that stays although the rules now say otherwise: ``draft`` is what they say."""

    booked: BookedLine
    draft: Draft
    reason: str


@dataclass(frozen=True)
class Reflow:
    """What re-flowing does: ``redone`` are the entries with what becomes of them; ``unread`` are
    the files that are gone, whose lines are known only as their entries tell them."""

    change: ChangeSet
    redone: tuple[tuple[BookedLine, Draft], ...]
    left: tuple[Left, ...]
    unread: tuple[str, ...]


def reflow(
    *, home: Home, books: Books, reader: Reader, entity: str = "", since: dt.date | None = None
) -> Reflow:
    """What the present rules make of the entries that rules made and nobody has touched.

    ``entity`` and ``since`` (a day, itself included) narrow it. Nothing is written. Raises
    UserError where the home is in no git repository, and for mistakes in the rules.
    """
    if not git.is_checkout(home.path):
        raise UserError(
            "the books are in no git repository, so nobody can tell what the rules said before",
            file=str(home.path),
            hint="git init, and commit the books; entries made by rules that were never committed "
            "stay as they are",
        )
    booked = [
        line
        for line in booked_lines(books)
        if (since is None or line.txn.date >= since)
        and entity in {"", books.registry.ent(line.posting.account)}
    ]
    found = origins(booked, home=home, books=books, reader=reader)
    run = _Run(home, books, found)
    redone, left = [], []
    for line in booked:
        outcome = run.outcome(line)
        if isinstance(outcome, Left):
            left.append(outcome)
        elif outcome is not None:
            redone.append((line, outcome))
    redone = _linked(redone, books)
    edits = [Edit(line.txn, instead=render(transaction(draft)).text) for line, draft in redone]
    files, _ = placed(home, books, (), edits)
    return Reflow(
        ChangeSet(_message(redone), tuple(files)), tuple(redone), tuple(left), found.missing
    )


def _message(redone: Sequence[tuple[BookedLine, Draft]]) -> str:
    entities = ", ".join(sorted({draft.entity for _, draft in redone}))
    return f"Reflow {len(redone)} entries of {entities} by the rules as they are now"


@dataclass
class _Rules:
    """One entity's rules, its suspense account and its own bank, card and transit accounts."""

    entity: Entity
    present: Categoriser
    past: PastRules
    matcher: Matcher
    suspense: str
    own: frozenset[str]
    accounts: Mapping[str, Account]

    def kept(self, account: str) -> Kept:
        """Where what is kept of an account's lines is booked; nowhere for one that is not open."""
        known = self.accounts.get(account)
        return kept_of(known, self.accounts) if known else NOWHERE


class _Run:
    """One pass over the entries, with what it has read so far."""

    def __init__(self, home: Home, books: Books, found: Origins) -> None:
        self._home, self._books, self._origins = home, books, found
        self._rules: dict[str, _Rules] = {}
        self._files: dict[str, list[Line]] = {}

    def outcome(self, booked: BookedLine) -> Draft | Left | None:
        """What becomes of an entry: nothing (None), another entry, or why not."""
        name = self._books.registry.ent(booked.posting.account)
        if name is None or self._is_paired(booked.txn):
            return None
        rules = self._of(name)
        line = self._origins.line(booked)
        draft = partial(_draft, booked, line, rules)
        link = next(iter(booked.txn.links or ()), "")
        known = booked.id in self._origins.lines
        now = draft(partial(self._decide_again, rules, booked, is_known=known))
        if _is_same(now, booked.txn, link):
            return None
        as_made = self._is_as_made(booked, draft, rules, line, link) and self._is_plain(booked)
        reason = self._obstacle(booked, now, rules) if as_made else TOUCHED
        if not reason:
            stays = (now.transfer, now.counterparty) == _crossing(booked.txn)
            return replace(now, link=link if now.transfer and stays else "")
        return Left(booked, now, reason) if _is_told(booked, now, reason) else None

    def _obstacle(self, booked: BookedLine, now: Draft, rules: _Rules) -> str:
        """Why an entry that nobody has touched stays all the same; empty where it need not."""
        if not now.rule:
            return GONE
        if (set(_accounts(now)) ^ set(_others(booked))) & rules.own:
            return OWN_ACCOUNTS
        is_open = all(self._is_open(account, now.date) for account in _accounts(now))
        return "" if is_open else CLOSED

    def _of(self, name: str) -> _Rules:
        if name not in self._rules:
            entity = self._books.registry.entities[name]
            present = load_categoriser(self._home, entity, self._books)
            accounts = [a for a in self._books.accounts.values() if a.entity == name]
            suspense = [a.name for a in accounts if a.role == "suspense" and not a.closed]
            own = frozenset(a.name for a in accounts if a.role in _OWN)
            past = PastRules(self._home, entity, present)
            matcher = Matcher(present)
            first = suspense[0] if suspense else ""
            known = self._books.accounts
            self._rules[name] = _Rules(entity, present, past, matcher, first, own, known)
        return self._rules[name]

    @staticmethod
    def _decide_again(
        rules: _Rules, booked: BookedLine, line: StatementLine, *, is_known: bool
    ) -> RuleText | None:
        """What the present rules decide.

        Where the bank's file is gone the entry may have another payee than the line had. A rule
        that made it and asks for the same as ever then catches it still.
        """
        account = booked.posting.account
        rule = rules.matcher.decide(line, account)
        made_by = booked.txn.meta.get("rule")
        if is_known or not made_by or (rule and rule.name == made_by):
            return rule
        order = [candidate for candidate, _, _ in rules.present.rules]
        same = next((r for r in order if r.name == made_by), None)
        if same is None or any(past.when != same.when for past in rules.past.named(same.name)):
            return rule
        return rule if rule and order.index(rule) < order.index(same) else same

    def _is_as_made(
        self,
        booked: BookedLine,
        draft: Callable[[Callable[[StatementLine], RuleText | None]], Draft],
        rules: _Rules,
        line: StatementLine,
        link: str,
    ) -> bool:
        """Whether rules made exactly this entry, at one time or another, or the want of one."""
        made_by = booked.txn.meta.get("rule")
        account = booked.posting.account
        decisions: Iterator[Callable[[StatementLine], RuleText | None]]
        if not made_by:
            decisions = iter([lambda _: None])
        elif line.splits:
            decisions = (partial(v.decide, account=account) for v in rules.past.versions())
        else:
            decisions = (_always(rule) for rule in rules.past.named(str(made_by)))
        return any(_is_same(draft(decide), booked.txn, link) for decide in decisions)

    def _is_plain(self, booked: BookedLine) -> bool:
        """Whether nobody has written a comment into the entry."""
        file = str(booked.txn.meta["filename"])
        if file not in self._files:
            path = Path(file).relative_to(self._home.path.resolve())
            text = (as_read(self._home, self._books, path) or b"").decode()
            self._files[file] = list(scan(text.replace("\r\n", "\n")))
        return is_plain(self._files[file], int(booked.txn.meta["lineno"]) - 1)

    def _is_open(self, account: str, day: dt.date) -> bool:
        known = self._books.accounts.get(account)
        return known is not None and known.is_open(day)

    def _is_paired(self, txn: data.Transaction) -> bool:
        return any(link in self._paired for link in txn.links or ())

    @cached_property
    def _paired(self) -> frozenset[str]:
        """Links that more than one transaction carries."""
        linking = self._books.select("linked", lambda txn: bool(txn.links))
        counts = Counter(link for txn in linking for link in txn.links or ())
        return frozenset(link for link, count in counts.items() if count > 1)


def _always(rule: RuleText) -> Callable[[StatementLine], RuleText | None]:
    return lambda _: rule


def _draft(
    booked: BookedLine,
    line: StatementLine,
    rules: _Rules,
    decide: Callable[[StatementLine], RuleText | None],
) -> Draft:
    """What a decision makes of the line; the posting keeps the names of all its sources."""
    units = booked.posting.units
    draft = drafted(
        line,
        entity=rules.entity.name,
        account=booked.posting.account,
        currency=units.currency if units else rules.entity.currency,
        line_id=booked.id,
        src=booked.src,
        decide=decide,
        suspense=rules.suspense,
        kept=rules.kept(booked.posting.account),
    )
    return replace(draft, own=replace(draft.own, lines=booked.lines))


def _is_same(draft: Draft, txn: data.Transaction, link: str) -> bool:
    """Whether the transaction says what the draft says; the pair link of a crossing is its own."""
    crossing = link if draft.transfer and link.startswith("ic-") else ""
    return _said(transaction(replace(draft, link=crossing))) == _said(txn)


def _said(txn: data.Transaction) -> tuple[Any, ...]:
    postings = [
        (p.account, p.units, p.cost, p.price, p.flag, _own_meta(p.meta)) for p in txn.postings
    ]
    head = (txn.date, txn.flag, txn.payee or "", txn.narration or "", txn.tags, txn.links)
    return (*head, _own_meta(txn.meta), postings)


def _own_meta(meta: dict[str, Any] | None) -> dict[str, Any]:
    return {k: v for k, v in (meta or {}).items() if k not in _NOT_WRITTEN}


def _accounts(draft: Draft) -> list[str]:
    return [leg.account for leg in draft.others]


def _others(booked: BookedLine) -> list[str]:
    return [p.account for place, p in enumerate(booked.txn.postings) if place != booked.own]


def _is_told(booked: BookedLine, now: Draft, reason: str) -> bool:
    """Whether a person wants to hear that it stays: not of what waits in the inbox anyway, nor of a
    decision of theirs that the rules agree with."""
    if reason == GONE:
        return bool(booked.txn.meta.get("rule"))
    if reason == TOUCHED:
        decided = not booked.txn.meta.get("review")
        return decided and bool(now.rule) and _accounts(now) != _others(booked)
    return True


def _crossing(txn: data.Transaction) -> tuple[str, str]:
    return str(txn.meta.get("transfer", "")), str(txn.meta.get("counterparty", ""))


def _linked(
    redone: Sequence[tuple[BookedLine, Draft]], books: Books
) -> list[tuple[BookedLine, Draft]]:
    """The drafts, each new crossing with its link; never one that this very change takes away."""
    new = [draft for _, draft in redone if not draft.link]
    kept = {draft.link for _, draft in redone}
    dropped = {link for booked, _ in redone for link in booked.txn.links or ()} - kept
    with_link = {draft.id: draft for draft in _without(linked(new, books), dropped)}
    return [(booked, with_link.get(draft.id, draft)) for booked, draft in redone]


def _without(drafts: Iterable[Draft], dropped: set[str]) -> Iterator[Draft]:
    for draft in drafts:
        yield replace(draft, link=new_link(draft.date)) if draft.link in dropped else draft
