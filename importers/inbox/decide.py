"""What a person decides of an inbox item besides its account, each as a change of the books.

That it is the same line as another one (``duplicate``), that two lines are one movement of money
(``joined``), that it crosses to another entity (``crossed``). Each is what the import itself does
where it is sure (``second_source``, ``transfers``, ``crossings``). An entry that goes takes nothing
along that a person wrote in it: then it stays, and the refusal says what it is.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from beancount.core import data

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.identity import ids_of
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.edit import Edit, is_plain
from core.journal.links import new_link
from core.journal.placement import as_read
from core.journal.scan import scan
from core.money import at_cents
from importers.desk import Desk
from importers.draft import Draft, sources
from importers.inbox.candidates import Candidate, candidate, candidates, lines_of, next_number
from importers.inbox.items import InboxItem, decided
from importers.matching.crossings import linked_with, waiting_link
from importers.matching.sides import TRANSIT, Side, perhaps_of, sides
from importers.opening import Opening
from importers.written import changes
from plugins.veil.transfers import CLASSES, pair_links

_OURS = frozenset(("filename", "lineno", "review", "perhaps", "rule", "transfer", "counterparty"))
_OF_LINE = re.compile(r"filename|lineno|note|(id|src)(-\d+)?|__.*")


def duplicate(item: InboxItem, of: str, *, home: Home, books: Books) -> ChangeSet:
    """The change that makes ``item`` the line ``of`` (an id or a part of it; empty: the one that
    ``perhaps:`` names): the item's entry goes, and its ids and sources stand on the other.

    Raises UserError where the two are not of one account and amount, where it is not clear which
    line is meant, and where the entry holds more than what the import wrote.
    """
    other = candidate(of or _only_perhaps(item, books), books)
    if _place(other.txn) == _place(item.txn):
        raise UserError("that is the line itself", hint="--of names the other one")
    if (other.account, other.number, other.currency) != (item.account, item.number, item.currency):
        raise UserError(
            f"the two are not one line: {item.account} {_amount(item)} and "
            f"{other.account} {_amount(other)}",
            file=other.file,
            line=other.line,
            hint="one line has one account and one amount; accept it with its account instead",
        )
    own = [posting for posting in item.txn.postings if ids_of(posting)]
    if len(own) > 1:
        raise _kept(item.txn, "is more than one bank line", books)
    _check_plain(item.txn, home, books)
    there = other.txn.postings[other.place]
    moved = lines_of(own[0]) if own else ()
    meta = {other.place: sources(moved, first=next_number(there))}
    edits = [Edit(item.txn, instead=""), Edit(other.txn, meta=meta)]
    said = f"Duplicate: {item.name or item.id} of {item.txn.date} is that of {other.date}"
    return _change(said, edits, home, books)


def joined(item: InboxItem, with_: str, *, home: Home, books: Books) -> ChangeSet:
    """The change that makes ``item`` and the line ``with_`` (an id or a part of it; empty: the one
    that ``perhaps:`` names) one movement.

    Of one entity and day they become one transaction; of two days each is booked against the
    in-transit account, which is opened where there is none. Between entities both get one link and
    each other's name, and wait for what it was. Raises UserError where they cannot be that.
    """
    other = candidate(with_ or _only_perhaps(item, books), books)
    by_place = {_place(_entry(side)[0]): side for side in sides(Desk(()), books, books.accounts)}
    one, two = _side(item.txn, by_place, books), _side(other.txn, by_place, books)
    _check_sides(one, two)
    out, into = sorted((one, two), key=lambda side: side.number)
    said = f"Transfer: {out.account.name} to {into.account.name}, {at_cents(into.number)}"
    said += f" {into.currency}"
    if out.account.entity != into.account.entity:
        return _change(said, _paired(out, into), home, books)
    if out.date == into.date:
        return _change(said, _as_one(out, into, home, books), home, books)
    entity = books.registry.entities[out.account.entity]
    opening = Opening(books)
    transit = opening.in_transit(entity, out.currency)
    edits = [_booked(side, transit.name) for side in (out, into)]
    change, _ = changes(home, books, (), tuple(opening.accounts.values()), edits)
    return ChangeSet(said, change.files)


def crossed(
    item: InboxItem,
    account: str,
    transfer: str,
    counterparty: str,
    *,
    home: Home,
    books: Books,
    part: int = 0,
) -> ChangeSet:
    """The change that books ``item`` against ``account`` as a crossing of the class ``transfer``
    with ``counterparty`` (empty: the one its pair names).

    It keeps its pair's link, or gets that of the half that waits for it, or a new one; an other
    half that nobody has decided yet is told of the class. Raises UserError as ``accepted`` does,
    and for an unknown class or entity.
    """
    named = counterparty or str(item.txn.meta.get("counterparty") or "")
    party = books.registry.named(named)
    if not named:
        raise UserError("a crossing with whom?", hint="--counterparty ENTITY")
    if party is None or party.name == item.entity:
        known = ", ".join(name for name in books.registry.entities if name != item.entity)
        raise UserError(f"'{named}' is no other entity of these books", hint=f"known: {known}")
    if transfer not in CLASSES:
        raise UserError(
            f"'{transfer}' is no class of crossings", hint=f"known: {', '.join(sorted(CLASSES))}"
        )
    edit = decided(item, account, books, part)
    kept = pair_links(item.txn)
    link = kept[0] if kept else ""
    link = link or waiting_link(
        item.entity, party.name, transfer, item.txn.date, item.number, item.currency, books
    )
    halves = _undecided_halves(item, party.name, link, books)
    link = link or new_link(item.txn.date)
    edit = replace(
        edit,
        without=(*edit.without, "transfer", "counterparty"),
        head={"transfer": transfer, "counterparty": party.name},
        link=link,
    )
    told = {"transfer": transfer, "counterparty": item.entity, "review": "transfer"}
    others = [Edit(txn, without=(*told, "perhaps"), head=told, link=link) for txn in halves]
    said = f"Accept {item.name or item.id}: {account}, {transfer} with {party.name}"
    return _change(said, [edit, *others], home, books)


def _undecided_halves(
    item: InboxItem, party: str, link: str, books: Books
) -> Iterator[data.Transaction]:
    """What must be the other half of a crossing and still waits: the entry of its link, or the one
    line of that amount in the counterparty's books."""
    if link:
        for txn in linked_with(link, books):
            if books.registry.ents(txn) == {party} and txn.meta.get("review"):
                yield txn
        return
    near = [
        side
        for side in sides(Desk(()), books, books.accounts)
        if side.account.entity == party
        and (side.number, side.currency) == (-item.number, item.currency)
        and abs(side.date - item.txn.date) <= TRANSIT
        and not pair_links(_entry(side)[0])
    ]
    if len(near) == 1:
        yield _entry(near[0])[0]


def _entry(side: Side) -> tuple[data.Transaction, int, int]:
    """The entry of a side, with the places of its bank's and of its waiting posting."""
    assert not isinstance(side.where, Draft)  # noqa: S101 - these sides stand in the books
    return side.where


def _side(txn: data.Transaction, sides: dict[tuple[str, int], Side], books: Books) -> Side:
    side = sides.get(_place(txn))
    if side is None:
        file, line = books.where(txn)
        waits = "waits in more than one posting" if txn.meta.get("review") else "is decided already"
        raise UserError(
            f"{txn.date} {txn.payee or txn.narration or ''} {waits}",
            file=file,
            line=line,
            hint="a transfer joins two lines that each wait in one posting to suspense; accept "
            "this line against the account that the other one is booked with, or edit it by hand",
            code=EXIT_FINDINGS,
        )
    return side


def _check_sides(one: Side, two: Side) -> None:
    if one.account.name == two.account.name:
        raise UserError("both lines are of one account", hint="a transfer is between two accounts")
    if (one.number, one.currency) != (-two.number, two.currency):
        raise UserError(
            f"{at_cents(one.number)} {one.currency} and {at_cents(two.number)} {two.currency} are "
            "not opposite amounts",
            hint="accept each with its account; a fee or a rate between them needs a posting of "
            "its own",
        )
    if one.account.entity != two.account.entity and abs(one.date - two.date) > TRANSIT:
        raise UserError(
            f"the halves of a pair are at most {TRANSIT.days} days apart, and these are "
            f"{abs((one.date - two.date).days)}",
            hint="look for the other line",
        )


def _paired(out: Side, into: Side) -> list[Edit]:
    links = [*pair_links(_entry(out)[0]), *pair_links(_entry(into)[0])]
    link = links[0] if links else new_link(min(out.date, into.date))
    edits = []
    for side, other in ((out, into), (into, out)):
        txn = _entry(side)[0]
        own = pair_links(txn)
        if own and own != [link]:
            raise UserError(f"it is half of another pair already: ^{own[0]}")
        head = {"counterparty": other.account.entity, "review": "transfer"}
        edits.append(Edit(txn, without=(*head, "perhaps"), head=head, link=link))
    return edits


def _as_one(out: Side, into: Side, home: Home, books: Books) -> list[Edit]:
    """Both sides in the entry of the side that money left; in the other's, where somebody has
    written something there."""
    try:
        kept, gone = out, into
        _check_plain(_entry(gone)[0], home, books)
    except UserError:
        kept, gone = into, out
        _check_plain(_entry(gone)[0], home, books)
    txn, place, own = _entry(gone)
    waiting = _entry(kept)[2]
    lines = sources(lines_of(txn.postings[place]))
    edit = replace(_booked(kept, gone.account.name), meta={waiting: lines})
    kept_of_it = [
        (p.account, p.units.number, p.units.currency)
        for n, p in enumerate(txn.postings)
        if n not in {place, own} and p.units and p.units.number is not None
    ]
    if kept_of_it:  # what left the account is more than what arrived
        number = gone.number - sum(number for _, number, _ in kept_of_it)
        edit = replace(edit, numbers={waiting: number}, more=tuple(kept_of_it))
    return [edit, Edit(txn, instead="")]


def _booked(side: Side, account: str) -> Edit:
    txn, _, waiting = _entry(side)
    flag = "*" if txn.flag == "!" else ""
    return Edit(txn, flag=flag, without=("review", "perhaps"), accounts={waiting: account})


def _only_perhaps(item: InboxItem, books: Books) -> str:
    open_ones = [found.id for found in candidates([item], books)[item.id]]
    ids = open_ones or perhaps_of(item.txn)
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise UserError("which line is the other one?", hint="give its id: 'id:' on its posting")
    raise UserError("it may be one of several lines", hint="say which: " + ", ".join(ids))


def _check_plain(txn: data.Transaction, home: Home, books: Books) -> None:
    """Raises UserError where an entry that is about to go says what no import has written."""
    more = [*(f"#{t}" for t in txn.tags or ()), *(f"^{link}" for link in txn.links or ())]
    more += [f"{k}:" for k in txn.meta if k not in _OURS and not k.startswith("__")]
    for posting in txn.postings:
        more += [f"{k}:" for k in posting.meta or {} if not _OF_LINE.fullmatch(k)]
    if more:
        raise _kept(txn, f"has {', '.join(sorted(more))}, which would be lost", books)
    path = Path(str(txn.meta["filename"])).relative_to(home.path.resolve())
    text = (as_read(home, books, path) or b"").decode().replace("\r\n", "\n")
    if not is_plain(list(scan(text)), int(txn.meta["lineno"]) - 1):
        raise _kept(txn, "has a comment, which would be lost", books)


def _kept(txn: data.Transaction, why: str, books: Books) -> UserError:
    file, line = books.where(txn)
    return UserError(
        f"the entry {why}",
        file=file,
        line=line,
        hint="put it on the other entry and take it out here, then run this again",
        code=EXIT_FINDINGS,
    )


def _change(message: str, edits: list[Edit], home: Home, books: Books) -> ChangeSet:
    change, _ = changes(home, books, (), (), edits)
    return ChangeSet(message, change.files)


def _place(txn: data.Transaction) -> tuple[str, int]:
    return str(txn.meta["filename"]), int(txn.meta["lineno"])


def _amount(line: InboxItem | Candidate) -> str:
    return f"{at_cents(line.number)} {line.currency}"
