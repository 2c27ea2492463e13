"""What a run of a feed is made of: the ledger accounts, corrections, and the files it leaves."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from core.entity import Account
from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.edit import has_comments
from core.journal.placement import as_read
from importers.draft import Draft, drafted
from importers.feed import record
from importers.feed.accounts import Ask, ledger_account, unknown
from importers.feed.contract import OPENING, FeedAccount, FeedLine, Item
from importers.feed.entries import Entry, Sealed, suspense_of
from importers.feed.modified import Correction, correction
from importers.feed.record import Told
from importers.feed.statements import Run, statement_file, statement_line
from importers.investing.accounts import base_of
from importers.investing.lots import below
from importers.rules.categorise import load_categoriser
from importers.statement import StatementFile


@dataclass(frozen=True)
class RunFile:
    """What a run leaves for one entity; no ``content``: nothing, only a balance to compare."""

    path: Path
    content: bytes
    accounts: tuple[tuple[FeedAccount, Account], ...]


@dataclass
class Planning:
    """One run of a feed against the books: which account is which, and what is kept of it."""

    home: Home
    books: Books
    item: Item
    told: Told
    ask: Ask
    opened: dict[str, Account] = field(default_factory=dict)
    _known: dict[str, Account | None] = field(default_factory=dict)

    def account(self, ref: str) -> Account | None:
        """The ledger account of the feed's account; None where nobody knows it."""
        if ref not in self._known:
            found = [a for a in self.item.accounts if a.ref == ref]
            self._known[ref] = ledger_account(found[0], self.item, self.books) if found else None
        return self._known[ref]

    def known(self, refs: Iterable[str]) -> dict[str, str]:
        """The names of the ledger accounts that are known for certain, by the feed's reference."""
        found: dict[str, str] = {}
        for ref in sorted(set(refs)):
            with suppress(UserError):
                account = self.account(ref)
                found |= {ref: account.name} if account else {}
        return found

    def is_held(self, line: FeedLine) -> bool:
        """Whether the books hold anything but money in the account of a line, or below it."""
        account = self.account(line.account)
        entries = below(base_of(account.name), self.books) if account else ()
        postings = (posting for txn in entries for posting in txn.postings)
        return any(p.cost is not None for p in postings)

    def in_time(self, line: FeedLine) -> FeedLine:
        """A line of ours that opens an account, not before the day on which it is opened."""
        account = self.account(line.account) if line.id.startswith(OPENING) else None
        opened = account.opened if account else None
        return replace(line, date=max(line.date, opened)) if opened else line

    def needed(self, line: FeedLine) -> Account:
        """The ledger account of a line. Raises UserError where the books have none."""
        account = self.account(line.account)
        if account is not None:
            return account
        shown = FeedAccount(line.account, "", line.account)
        shown = next((a for a in self.item.accounts if a.ref == line.account), shown)
        opened = self.ask(shown, self.item)
        if opened is None:
            raise unknown(shown, self.item)
        self.opened[opened.name] = self._known[line.account] = opened
        return opened

    def corrections(
        self,
        fresh: Iterable[FeedLine],
        own: Mapping[str, str],
        there: Mapping[str, Entry],
        sealed: Sealed,
        decided: Callable[[Draft, FeedLine], Draft],
    ) -> dict[str, Correction]:
        """What becomes of the entries of corrected lines, by the lines' ids in the books.

        ``decided`` puts on a draft what a person had decided while its line was pending: an entry
        that is this and no more is nobody's work yet.
        """
        found: dict[str, Correction] = {}
        for line in fresh:
            entry = there.get(own[line.id])
            before = self.told.lines.get(line.id)
            if entry is None:
                if before is not None:
                    remark = f"{line.date} {line.payee}: the bank has corrected a line whose entry "
                    found[own[line.id]] = Correction(
                        remark=remark + "is no longer in the books; it was left out"
                    )
                continue
            found[own[line.id]] = correction(
                entry,
                before,
                line,
                account=self.needed(line).name,
                drafts=partial(self._drafts, own[line.id], decided),
                has_comments=self._has_comments(entry),
                books=self.books,
                sealed=sealed,
            )
        return found

    def _has_comments(self, entry: Entry) -> bool:
        path = Path(str(entry.txn.meta["filename"])).relative_to(self.home.path.resolve())
        text = as_read(self.home, self.books, path) or b""
        return has_comments(text.decode(), entry.txn)

    def _drafts(
        self, line_id: str, decided: Callable[[Draft, FeedLine], Draft], line: FeedLine
    ) -> list[Draft]:
        """What an import makes of a line: where no rule decides, as the rules are now, and with
        what was decided before."""
        account = self.account(line.account)
        if account is None:
            return []
        entity = self.books.registry.entities[account.entity]
        rules = load_categoriser(self.home, entity, self.books)
        make = partial(
            drafted,
            statement_line(line, 0),
            entity=entity.name,
            account=account.name,
            currency=line.currency.upper(),
            line_id=line_id,
            src="",
            suspense=suspense_of(entity.name, line.currency.upper(), self.books),
        )
        plain = make(decide=lambda _: None)
        ruled = make(decide=partial(rules.decide, account=account.name))
        return [plain, ruled, decided(plain, line), decided(ruled, line)]

    def files(
        self,
        fresh: Iterable[FeedLine],
        gone: Iterable[str],
        there: Mapping[str, Entry],
        own: Mapping[str, str],
    ) -> list[RunFile]:
        """The files of this run, one for each entity that it says something of."""
        lines: dict[str, list[FeedLine]] = {}
        removed: dict[str, list[str]] = {}
        for line in fresh:
            if own[line.id] in there or line.id not in self.told.lines:
                lines.setdefault(self.needed(line).entity, []).append(line)
        folders = {e.folder: e.name for e in self.books.registry.entities.values()}
        for line_id in gone:
            folder = self.told.folders.get(line_id, "")
            entity = folders.get(folder)
            if entity is None:
                account = there[own[line_id]].posting.account
                entity = self.books.registry.ent(account) or ""
            removed.setdefault(entity, []).append(line_id)
        accounts: dict[str, list[tuple[FeedAccount, Account]]] = {}
        for shown in self.item.accounts:
            ledger = self.account(shown.ref)
            if ledger is None:
                continue
            compared = ledger.name in self.books.accounts and self._has_suspense(ledger)
            told = shown if compared else replace(shown, balance=None)
            accounts.setdefault(ledger.entity, []).append((told, ledger))
        return [
            self._file(
                name, lines.get(name, []), removed.get(name, []), tuple(accounts.get(name, ()))
            )
            for name in sorted({*lines, *removed, *accounts})
        ]

    def _has_suspense(self, account: Account) -> bool:
        return any(
            a.role == "suspense" and a.entity == account.entity
            for a in self.books.accounts.values()
        )

    def _file(
        self,
        entity: str,
        lines: list[FeedLine],
        removed: list[str],
        accounts: tuple[tuple[FeedAccount, Account], ...],
    ) -> RunFile:
        was = (self.told.lines[i].date for i in removed if i in self.told.lines)
        day = max((*was, *(line.date for line in lines)), default=self.books.as_of)
        scope = self.item.scope
        folder = record.folder(self.books.registry.entities[entity].folder, scope)
        path = folder / record.file_name(scope, day, self.told.runs + 1)
        content = record.encoded(self.item, lines, removed) if lines or removed else b""
        return RunFile(path, content, accounts)

    def statements(self, file: RunFile) -> StatementFile:
        """The run's file as an import reads it: decoded from the bytes that are kept."""
        found = (
            record.decoded(file.content, file.path.as_posix()) if file.content else record.Record()
        )
        run = Run(file.path, hashlib.sha256(file.content).hexdigest(), found)
        return statement_file(run, self.item, file.accounts, self.told)
