"""``books inbox`` on a terminal: one line after the other, each decided by a key.

Every decision goes through the door at once and the books are read again, so that what is shown is
always what they say, and quitting loses nothing. What is refused is said, and changes nothing.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console

from core.findings import UserError
from core.journal.books import Books
from core.journal.change import ChangeSet
from importers.inbox.candidates import Candidate, candidates, opposite_lines, same_lines
from importers.inbox.decide import duplicate, joined
from importers.inbox.items import InboxItem, part_names, waiting
from importers.inbox.likeness import Suggestion, suggestions
from importers.inbox.pending import pendings
from importers.inbox.why import reasons
from importers.unattended.standing import BRANCH
from plugins.veil.transfers import CLASSES
from scripts import books as loading
from scripts.choosing import choose
from scripts.deciding import Answer, Checkout, accepting, decide, of_payee, take_back
from scripts.keyboard import END, INTERRUPT, Keys
from scripts.review_screen import View, described, key_help, show
from scripts.waiting import show_pendings

_ENDS = frozenset(("q", "\x1b", INTERRUPT, END))
_NEXT = frozenset(("s", " ", "\x1b[B", "\x1b[C"))
_BACK = frozenset(("b", "\x1b[A", "\x1b[D"))


@dataclass
class Review:
    """A session: the items that wait, by payee, and which of them is shown (``place``).

    ``for_all`` and ``rule`` are what the next account is for; ``said`` is shown once.
    """

    at: Checkout
    entity: str
    commit: bool
    console: Console
    key: Keys
    place: int = 0
    decided: int = 0
    for_all: bool = False
    rule: bool = False
    said: list[str] = field(default_factory=list)
    _books: Books = field(init=False)
    _items: list[InboxItem] = field(init=False)
    _proposed: dict[str, Sequence[Suggestion]] = field(default_factory=dict)
    _candidates: Mapping[str, Sequence[Candidate]] = field(default_factory=dict)

    def run(self) -> bool:
        """Until nothing waits, or somebody quits; Ctrl-C quits at any time. Whether nothing waits
        any more."""
        self._read()
        with contextlib.suppress(KeyboardInterrupt):
            self._loop()
        self._end()
        return not self._items

    def _loop(self) -> None:
        keys: dict[str, Callable[[], None]] = {
            "a": self._ask_account,
            "p": self._toggle_payee,
            "r": self._toggle_rule,
            "x": self._crossing,
            "d": self._duplicate,
            "t": self._transfer,
            "w": self._why,
            "u": self._undo,
            "?": lambda: self.said.extend(key_help()),
        }
        keys |= dict.fromkeys(_NEXT, partial(self._move, 1))
        keys |= dict.fromkeys(_BACK, partial(self._move, -1))
        keys |= {str(number): partial(self._suggested, number) for number in (1, 2, 3)}
        while self._items:
            show(self._view(), self.console)
            self.said.clear()
            key = self.key()
            if key in _ENDS:
                break
            try:
                keys.get(key, self._unknown)()
            except UserError as error:
                self.said.extend(str(error).splitlines())
                self._read()

    @property
    def item(self) -> InboxItem:
        """The item that is shown."""
        return self._items[self.place]

    def _read(self) -> None:
        self._books = loading.load(self.at.tree)
        items = self.at.items(self._books, self.entity)
        first: dict[tuple[str, str], int] = {}
        for number, item in enumerate(items):
            first.setdefault((item.entity, item.group), number)
        # Lines of one payee stand together, where the oldest of them would.
        self._items = sorted(items, key=lambda i: first[i.entity, i.group])
        self.place = min(self.place, max(len(self._items) - 1, 0))
        self._candidates = candidates(items, self._books)
        missing = [item for item in items if item.id not in self._proposed]
        self._proposed |= suggestions(missing, self._books)

    def _view(self) -> View:
        item = self.item
        return View(
            item,
            self.place + 1,
            len(self._items),
            self._books,
            self._proposed.get(item.id, ()),
            self._candidates.get(item.id, ()),
            self._parts(),
            self._of_payee(),
            self.for_all,
            self.rule,
            list(self.said),
        )

    def _of_payee(self) -> list[InboxItem]:
        return of_payee(self._items, self.item.entity, self.item.group, self._books)

    def _parts(self) -> list[int]:
        try:
            return waiting(self.item, self._books)
        except UserError:
            return []  # an account is no answer to it, and who gives one is told

    def _suggested(self, number: int) -> None:
        proposed = self._proposed.get(self.item.id, ())
        if number > len(proposed):
            self.said.append(f"There is no suggestion {number}; a takes any account.")
            return
        self._accept(Answer(proposed[number - 1].account))

    def _ask_account(self) -> None:
        account = self._account()
        if account:
            self._accept(Answer(account))

    def _account(self) -> str | None:
        item = self.item
        names = sorted(
            name
            for name, account in self._books.accounts.items()
            if account.entity == item.entity
            and account.is_open(item.txn.date)
            and account.role != "suspense"
            and name != item.account
        )
        return choose("Account:", names, self.console, self.key)

    def _accept(self, answer: Answer) -> None:
        items = self._of_payee() if self.for_all else [self.item]
        part = 0 if self.for_all else self._part()
        if part is None:
            return
        said = Answer(answer.account, part, answer.transfer, answer.counterparty, self.rule)
        # What is decided now says something about the other lines of this payee.
        own = self.item.entity, self.item.group
        stale = [item.id for item in self._items if (item.entity, item.group) == own]
        self._decide(accepting(items, said, self.at.tree, self._books), stale)

    def _part(self) -> int | None:
        """The posting that is decided, from 1; 0 the only one. None: somebody thought again."""
        places = self._parts()
        if len(places) < 2:
            return 0
        names = [f"{n} {name}" for n, name in enumerate(part_names(self.item, places), 1)]
        chosen = choose("Which posting?", names, self.console, self.key)
        return names.index(chosen) + 1 if chosen else None

    def _crossing(self) -> None:
        item = self.item
        known = item.txn.meta.get("counterparty")
        others = [name for name in self._books.registry.entities if name != item.entity]
        party = str(known) if known else choose("With whom?", others, self.console, self.key)
        classes = sorted(CLASSES) if party else []
        transfer = choose("What was it?", classes, self.console, self.key)
        account = self._account() if transfer else None
        if account:
            self._accept(Answer(account, 0, transfer or "", party or ""))

    def _duplicate(self) -> None:
        other = self._other("Which line is it?", same_lines)
        if other is not None:
            self._decide(duplicate(self.item, other, home=self.at.tree, books=self._books))

    def _transfer(self) -> None:
        other = self._other("Which is its other side?", opposite_lines)
        if other is not None:
            self._decide(joined(self.item, other, home=self.at.tree, books=self._books))

    def _other(
        self, question: str, sought: Callable[[InboxItem, Books], Sequence[Candidate]]
    ) -> str | None:
        """The id of the line that the item belongs to: what ``perhaps:`` names, else one of those
        ``sought``; None where there is none, or somebody thought again."""
        asked = self._candidates.get(self.item.id, ())
        if len(asked) == 1:
            return asked[0].id
        found = asked or sought(self.item, self._books)
        if not found:
            self.said.append(
                "The books hold no other line that it could be; s skips it until a file brings one."
            )
        names = [described(candidate) for candidate in found]
        chosen = choose(question, names, self.console, self.key)
        return found[names.index(chosen)].id if chosen else None

    def _decide(self, change: ChangeSet, stale: Sequence[str] = ()) -> None:
        done = decide(self.at, change, commit=self.commit)
        self.said += [change.message, *done.remarks]
        self.decided += 1
        self.for_all = self.rule = False
        for item_id in stale:
            self._proposed.pop(item_id, None)
        self._read()

    def _undo(self) -> None:
        before = {item.id for item in self._items}
        change, done = take_back(self.at, commit=self.commit)
        self.said += [change.message, *done.remarks]
        self.decided -= 1
        self._read()
        back = [n for n, item in enumerate(self._items) if item.id not in before]
        self.place = back[0] if back else self.place

    def _why(self) -> None:
        self.said += reasons(self.item.txn, home=self.at.tree, books=self._books)

    def _toggle_payee(self) -> None:
        ids = [item.id for item in self._of_payee()]
        if len(ids) > 1 and self.item.id in ids:
            self.for_all = not self.for_all
        else:
            self.said.append("No other line of this payee waits for an account alone.")

    def _toggle_rule(self) -> None:
        self.rule = not self.rule

    def _move(self, by: int) -> None:
        self.for_all = self.rule = False
        self.place = (self.place + by) % len(self._items)

    def _unknown(self) -> None:
        self.said.append("That key does nothing here; ? shows those that do.")

    def _end(self) -> None:
        for line in self.said:
            self.console.print(line, soft_wrap=True)
        left = len(self._items)
        if not left:
            where = f"Nothing waits on {BRANCH}" if self.at.is_branch else "The inbox is empty"
            self.console.print(f"{where}: every line is decided.")
        else:
            self.console.print(f"{max(self.decided, 0)} decided, {left} left in the inbox.")
        if self.decided > 0:
            back = "books inbox undo --branch" if self.at.is_branch else "books inbox undo"
            self.console.print(f"'{back}' takes the last decision back.")
        if self.at.is_branch:
            return  # what is pending was shown with the checkout's
        waiting = pendings(self.at.home, self._books.as_of)
        of_entity = self._books.registry.ent
        show_pendings(
            [p for p in waiting if not self.entity or of_entity(p.account) == self.entity]
        )
