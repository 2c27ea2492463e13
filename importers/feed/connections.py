"""Which banks are connected, and how they are: ``.books/feed/<item>.bank.json``, one for each.

No token and no secret is in it. An account of the bank that its owner does not want in the books is
``ignored``. A connection that was ended stays, so that its ids in the books keep their name.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.write import keep
from importers.feed.contract import FeedAccount, Item

VERSION = 1
_TAIL = ".bank.json"


@dataclass(frozen=True)
class Known:
    """An account behind a connection: ``ref`` is the feed's, ``mask`` the end of its number."""

    ref: str
    mask: str
    name: str
    kind: str
    currency: str = ""


@dataclass(frozen=True)
class Connection:
    """A login at a bank, by the connector ``feed``.

    ``slug`` is how the books spell the bank, where not by its first word. ``linked`` and
    ``removed`` are days, ``last`` the moment of the newest run that succeeded (ISO, UTC);
    ``billed`` what is paid for as long as it is connected; ``trouble`` what was wrong in the newest
    run, ``trouble_code`` the connector's word for it, and ``needs_owner`` whether only a new login
    mends it; empty where all is well.
    """

    feed: str
    id: str
    institution: str
    institution_id: str = ""
    slug: str = ""
    linked: str = ""
    accounts: tuple[Known, ...] = ()
    ignored: tuple[str, ...] = ()
    billed: tuple[str, ...] = ()
    last: str = ""
    trouble: str = ""
    needs_owner: bool = False
    trouble_code: str = ""
    removed: str = ""

    @property
    def scope(self) -> str:
        """The connection's short name: in ids, in files, and for people."""
        return self.item().scope

    @property
    def secret(self) -> str:
        """The name under which its token is kept."""
        return f"{self.feed}/{self.id}"

    def item(self, accounts: tuple[FeedAccount, ...] = ()) -> Item:
        """The connection as a run of the feed knows it."""
        return Item(self.feed, self.id, self.institution, accounts, self.slug)


def known(accounts: tuple[FeedAccount, ...]) -> tuple[Known, ...]:
    """The accounts as a connection remembers them."""
    return tuple(Known(a.ref, a.mask, a.name, a.kind, a.currency or "") for a in accounts)


def store(home: Home, connection: Connection) -> None:
    """Remembers a connection; on disk at the return."""
    said = {"version": VERSION, **asdict(connection)}
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    keep(home, f"feed/{connection.scope}{_TAIL}", text.encode())


def connections(home: Home) -> list[Connection]:
    """The banks that are connected, by name. Raises UserError for a damaged file."""
    return sorted(
        (each for each in _all(home) if not each.removed), key=lambda c: (c.institution, c.scope)
    )


def named(home: Home, text: str) -> Connection:
    """The connection that a person means: its short name, or the bank's where there is only one.

    Raises UserError for none, and for several.
    """
    wanted = text.casefold()
    live = connections(home)
    found = [c for c in live if wanted in {c.scope, c.institution.casefold()}]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(f"{c.scope} ({c.institution})" for c in found or live) or "none is"
    said = "is more than one connection" if found else "is no bank that is connected"
    raise UserError(f"'{text}' {said}", hint=f"connected: {shown}")


def unfinished(home: Home, names: Collection[str], feed: str) -> list[Connection]:
    """The connections of which only the token was kept before the program ended, out of the
    ``names`` of all secrets: they are paid for, so that they have to be seen and ended."""
    known = {each.secret for each in _all(home)}
    ids = (n.partition("/")[2] for n in names if n.startswith(f"{feed}/") and n not in known)
    return [Connection(feed, each, "unfinished") for each in ids]


def twin(home: Home, institution_id: str, accounts: tuple[Known, ...]) -> Connection | None:
    """The connection that already has one of these accounts (by end of the number and name) of an
    institution: a second one would cost twice, and say everything under other ids."""
    for each in connections(home):
        have = {(a.mask, a.name.casefold()) for a in each.accounts}
        same = have & {(a.mask, a.name.casefold()) for a in accounts}
        if each.institution_id == institution_id and same:
            return each
    return None


def remembered(connection: Connection, refs: Collection[str]) -> tuple[FeedAccount, ...]:
    """The accounts that the bank no longer says, such as closed ones: it may still correct or take
    back their lines. ``refs`` are those that it says, and what is ignored stays so."""
    gone = (a for a in connection.accounts if a.ref and a.ref not in {*refs, *connection.ignored})
    return tuple(FeedAccount(a.ref, a.mask, a.name, a.kind, a.currency or None) for a in gone)


def well(connection: Connection) -> Connection:
    """The connection with its trouble gone."""
    return replace(connection, trouble="", trouble_code="", needs_owner=False)


def wanting_all(connection: Connection) -> Connection:
    """The connection with no account ignored."""
    return replace(connection, ignored=())


def ended(connection: Connection) -> Connection:
    """The connection as it is kept after its end."""
    return replace(connection, removed=dt.datetime.now(dt.UTC).date().isoformat())


def _all(home: Home) -> Iterator[Connection]:
    for path in sorted((home.private / "feed").glob(f"*{_TAIL}")):
        try:
            said = json.loads(path.read_bytes())
            if said.pop("version") != VERSION:
                raise ValueError("another version")
            accounts = tuple(Known(**each) for each in said.pop("accounts"))
            lists = {name: tuple(said[name]) for name in ("ignored", "billed")}
            yield replace(Connection(**{**said, **lists}), accounts=accounts)
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"is damaged: {type(error).__name__}",
                file=str(path),
                hint="take it from a backup; the books are whole",
                code=EXIT_FINDINGS,
            ) from error
