"""The findings of VEIL-021 that name what changed since a closing: where it stands now, what is
another, and where it stood when it is gone."""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

from beancount.core import data

from core.findings import Finding, Severity, UserError
from core.journal.books import Books
from core.journal.files import read_bytes
from core.journal.settings import settings
from core.seal import Seal
from plugins.closing.differences import ADDED, REMOVED, Change, Figure, details, told
from plugins.veil.unsealed import CODE, FACTOR, added_to, in_words

_Place = tuple[str, int]  # a file as findings show it, and a line
_BOOKING = "booking of "


class Telling:
    """Tells of one closed period: ``then`` are the books that were sealed, ``now`` those that stand
    here."""

    def __init__(self, seal: Seal, then: Books, now: Books) -> None:
        self._seal, self._then, self._now = seal, then, now
        self._name = f"{seal.entity} {seal.period.name}"
        self._closed = "soft-closed" if seal.is_soft else "closed"

    def inside(self, change: Change) -> Finding:
        """An entry of the period itself."""
        if change.kind == ADDED:
            return added_to(self._seal, change.entry, self._now)
        day, name = change.entry.date, in_words(change.entry)
        if change.kind == REMOVED:
            return self._gone(change, f"{name} of {day} was taken out of {self._name} after it")
        message = (
            f"{name} of {day} in {self._name} was changed after it was {self._closed}: "
            f"{_said(change)}; take the change back, and "
        )
        message += (
            "let an accountant adjust it, with #adjusting and approved-by:"
            if self._seal.is_soft
            else "correct it in an open period with #adjusting"
        )
        return self._found(message, self._now.where(change.entry), change)

    def outside(self, change: Change) -> Finding:
        """An entry outside of the closed periods that moves their figures."""
        day, name = change.entry.date, in_words(change.entry)
        figures = f"figures of {self._name}, which is closed, follow from it"
        if change.kind == REMOVED:
            return self._gone(change, f"{figures}: {name} of {day} was taken out after that")
        what = "was added" if change.kind == ADDED else f"was changed: {_said(change)}"
        message = f"{name} of {day} {what}; {figures}: take that back"
        return self._found(message, self._now.where(change.entry), change)

    def figure(self, figure: Figure) -> Finding:
        """A price or an option that is another than when the period was closed."""
        if figure["type"] == "price":
            name = f"the price of {figure['unit']} in {figure['currency']} on {figure['date']}"
            place, was_at = (self._price(of, figure) for of in (self._now, self._then))
        else:
            name, place, was_at = *self._option(figure), None
        if figure.was and figure.now:
            what = f"was changed: {figure.was} → {figure.now}"
        elif figure.now:
            what = f"was added: {figure.now}"
        else:
            what = f"was taken out: {figure.was}"
            what += f" (it stood at {_shown(was_at)})" if was_at else ""
        message = f"{name} {what}; figures of {self._name}, which is closed, follow from it: "
        message += "take that back"
        identity = (self._seal.entity, figure.name, figure.was, figure.now)
        return self._finding(message, place or self._left(was_at), identity)

    def _gone(self, change: Change, said: str) -> Finding:
        """An entry that no longer stands here: at the file that it was in, where that is."""
        was_at = self._now.where(change.entry)
        message = f"{said} was {self._closed} (it stood at {_shown(was_at)}: {told(change.entry)})"
        moved = self._moved(change)
        if moved is None:
            message += "; put it back"
        else:
            message += f"; it stands now at {_shown(self._now.where(moved))} under {moved.date}: "
            message += "give it its date back"
        return self._found(message, self._left(was_at), change)

    def _moved(self, change: Change) -> data.Transaction | None:
        """The transaction that the one which is gone is now, under another date."""
        gone = change.entry
        if not isinstance(gone, data.Transaction):
            return None
        before, after = (_alike(gone, of) for of in (self._then, self._now))
        days = {txn.date for txn in before}
        return next((txn for txn in after if txn.date not in days), None)

    def _left(self, place: _Place | None) -> _Place:
        """Where to look for what is gone: its file, which may be gone as well; else the seal."""
        if place and self._now.has_file(Path(self._now.base, place[0])):
            return place[0], 0
        return self._now.where(self._seal.entry)

    def _price(self, books: Books, figure: Figure) -> _Place | None:
        wanted = figure["date"], figure["unit"], figure["currency"]
        found = [
            e
            for e in books.standing
            if isinstance(e, data.Price)
            and (e.date.isoformat(), e.currency, e.amount.currency) == wanted
        ]
        numbers = [Decimal(value) for value in (figure.now, figure.was) if value]
        same = [e for number in numbers for e in found if e.amount.number == number]
        return self._now.where((same or found)[0]) if found else None

    def _option(self, figure: Figure) -> tuple[str, _Place]:
        """An option in words, and where it is said: at the entity, at the account, in the root."""
        name, books = figure["name"], self._now
        if name == "currency":
            return f"the currency of {self._seal.entity}", self._at_entity()
        if name.startswith(_BOOKING):
            account = name.removeprefix(_BOOKING)
            opened = [
                e for e in books.standing if isinstance(e, data.Open) and e.account == account
            ]
            place = books.where(opened[0]) if opened else self._at_root("")
            return f"how lots of {account} are booked", place
        written = "inferred_tolerance_default" if name == "tolerance" else name
        return f"the option {written} {figure['unit']}".rstrip(), self._at_root(written)

    def _at_entity(self) -> _Place:
        meta = self._now.registry.entities[self._seal.entity].meta
        return self._now.relative(str(meta.get("filename", ""))), int(meta.get("lineno", 0))

    def _at_root(self, option: str) -> _Place:
        """The line of the root that says an option; the root where none does."""
        root = self._now.relative(str(self._now.root))
        with suppress(UserError):
            text = read_bytes(self._now.root, self._now.overlay).decode("utf-8", "replace")
            for setting in settings(text):
                if option and f'"{option}"' in setting.text:
                    return root, setting.first + 1
        return root, 0

    def _found(self, message: str, place: _Place, change: Change) -> Finding:
        identity = (self._seal.entity, self._seal.period.name, change.kind, *change.lines)
        return self._finding(message, place, identity, change.entry.date)

    def _finding(
        self, message: str, place: _Place, identity: Sequence[str], day: dt.date | None = None
    ) -> Finding:
        return Finding(
            CODE,
            Severity.ERROR,
            message,
            factor=FACTOR,
            entities=(self._seal.entity,),
            date=day or self._seal.period.last,
            file=place[0],
            line=place[1],
            identity=tuple(identity),
        )


def _shown(place: _Place) -> str:
    return f"{place[0]}:{place[1]}"


def _said(change: Change) -> str:
    """What is another in an entry, before and after."""
    parts = (f"{key} {was} → {now}" for key, was, now in details(*change.lines))
    return "; ".join(part.strip() for part in parts)


def _alike(gone: data.Transaction, books: Books) -> list[data.Transaction]:
    """The transactions that say the same, whenever they are dated."""

    def said(txn: data.Transaction) -> tuple[object, ...]:
        legs = sorted(f"{p.account} {p.units} {p.cost} {p.price}" for p in txn.postings)
        return txn.payee, txn.narration, *legs

    wanted = said(gone)
    return [
        txn
        for txn in books.transactions
        if (txn.payee, txn.narration) == wanted[:2] and said(txn) == wanted
    ]
