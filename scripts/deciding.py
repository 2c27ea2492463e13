"""Decisions of the inbox on their way to the one door, and the way back of the last one."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal import undo
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.recovery import Applied
from core.journal.write import apply
from importers.inbox.decide import crossed
from importers.inbox.items import InboxItem, all_accepted, inbox, rules_for, waiting
from importers.posted import posted
from importers.rules.categorise import rules_path
from importers.unattended.deciding import on_branch
from importers.unattended.standing import BRANCH, unmerged

ACTOR = "inbox"


@dataclass(frozen=True)
class Checkout:
    """Where lines are decided: in the owner's checkout ``home``, or in the work tree of the
    standing branch. There ``elsewhere`` are the ids of lines that the checkout has as well: those
    are decided in the checkout."""

    home: Home
    tree: Home
    elsewhere: frozenset[str] = frozenset()

    @property
    def is_branch(self) -> bool:
        """Whether it is the branch and not the owner's checkout."""
        return self.tree != self.home

    def items(self, books: Books, entity: str = "") -> list[InboxItem]:
        """What waits here, of one entity or of all."""
        found = (item for item in inbox(books) if item.id not in self.elsewhere)
        return [item for item in found if entity in {"", item.entity}]


def standing_branch(home: Home, books: Books) -> Checkout | None:
    """The standing branch beside the ``books`` of the checkout; None where nothing waits on it."""
    tree = unmerged(home)
    if tree is None:
        return None
    known = frozenset(line_id for row in posted(books, books.accounts) for line_id in row.ids)
    return Checkout(home, tree, known)


@dataclass(frozen=True)
class Answer:
    """What somebody says that lines were: an account, which of several postings (``part``, 0 the
    only one), what kind of crossing with whom, and whether a rule is to say so from now on."""

    account: str
    part: int = 0
    transfer: str = ""
    counterparty: str = ""
    rule: bool = False


def accepting(items: Sequence[InboxItem], answer: Answer, home: Home, books: Books) -> ChangeSet:
    """The change that books the items as the answer says. Raises UserError where one cannot be."""
    if answer.transfer or answer.counterparty:
        change = _crossing(items, answer, home, books)
    else:
        change = all_accepted(items, answer.account, home=home, books=books, part=answer.part)
    if not answer.rule:
        return change
    entity = books.registry.entities[items[0].entity]
    path = rules_path(home, entity).relative_to(home.path)
    rules = rules_for(items, answer.account, path, home)
    return ChangeSet(change.message, (*change.files, rules))


def _crossing(items: Sequence[InboxItem], answer: Answer, home: Home, books: Books) -> ChangeSet:
    if len(items) != 1 or answer.rule:
        raise UserError(
            "a crossing is decided line by line, and without --rule",
            hint="a rule with transfer and counterparty in rules/categorise decides it from now on",
        )
    return crossed(
        items[0],
        answer.account,
        answer.transfer,
        answer.counterparty,
        home=home,
        books=books,
        part=answer.part,
    )


def of_payee(items: Iterable[InboxItem], entity: str, group: str, books: Books) -> list[InboxItem]:
    """The items of one payee (``InboxItem.group``) that wait for one account and nothing else."""
    return [
        item
        for item in items
        if (item.entity, item.group, item.review) == (entity, group, "categorise")
        and len(waiting(item, books)) == 1
    ]


def decide(at: Checkout, change: ChangeSet, *, key: str = "", commit: bool = True) -> Applied:
    """Gives a decision to the door, which keeps its way back."""
    return _applied(at, change, key or str(uuid.uuid4()), commit=commit)


def taking_back(home: Home) -> tuple[str, ChangeSet]:
    """The key of the last decision that stands, and the change that takes it back.

    Raises UserError where there is none, and where its files have changed since.
    """
    decision = undo.last(home)
    return decision.key, undo.taken_back(home, decision)


def take_back(at: Checkout, *, commit: bool = True) -> tuple[ChangeSet, Applied]:
    """Takes the last decision back, as ``taking_back``."""
    key, change = taking_back(at.tree)
    return change, _applied(at, change, str(uuid.uuid4()), commit=commit, takes_back=key)


def _applied(
    at: Checkout, change: ChangeSet, key: str, *, commit: bool, takes_back: str = ""
) -> Applied:
    decides = not takes_back
    if not at.is_branch:
        return apply(
            at.tree, change, key=key, actor=ACTOR, commit=commit,
            decides=decides, takes_back=takes_back,
        )  # fmt: skip
    if not commit:
        raise UserError(
            f"what is decided on {BRANCH} is a commit there", hint="without --no-commit"
        )
    with on_branch(at.home) as tree:
        done = apply(
            tree, change, key=key, actor=ACTOR, decides=decides, takes_back=takes_back
        )  # fmt: skip
        if done.files and not done.commit:
            raise UserError(
                f"nothing was decided on {BRANCH}: {'; '.join(done.remarks)}",
                hint="mend what refuses the commit, a hook for one",
                code=EXIT_FINDINGS,
            )
        return done
