"""Decisions of the inbox on their way to the one door, and the way back of the last one."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.findings import UserError
from core.home import Home
from core.journal import undo
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.recovery import Applied
from core.journal.write import apply
from importers.inbox.decide import crossed
from importers.inbox.items import InboxItem, all_accepted, rules_for, waiting
from importers.rules.categorise import rules_path

ACTOR = "inbox"


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


def decide(home: Home, change: ChangeSet, *, key: str = "", commit: bool = True) -> Applied:
    """Gives a decision to the door, which keeps its way back."""
    key = key or str(uuid.uuid4())
    return apply(home, change, key=key, actor=ACTOR, commit=commit, decides=True)


def taking_back(home: Home) -> tuple[str, ChangeSet]:
    """The key of the last decision that stands, and the change that takes it back.

    Raises UserError where there is none, and where its files have changed since.
    """
    decision = undo.last(home)
    return decision.key, undo.taken_back(home, decision)


def take_back(home: Home, *, commit: bool = True) -> tuple[ChangeSet, Applied]:
    """Takes the last decision back, as ``taking_back``."""
    key, change = taking_back(home)
    new = str(uuid.uuid4())
    done = apply(home, change, key=new, actor=ACTOR, commit=commit, takes_back=key)
    return change, done
