"""From files to a change of the books: what an import would do, computed and not yet done.

Each statement finds its ledger account, each line its id; lines the books know are left alone,
the others are categorised and drafted, and the drafts become one ChangeSet. Nothing is written
here, so that a dry run is the same code.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from beancount.core import data

from core.entity import Account, Entity
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.identity import LineIds, known_ids
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.placement import accounts_file, month_file, placed
from core.journal.render import render
from importers.account import Hints, candidates, question
from importers.categorise import Categoriser, load_categoriser
from importers.draft import Draft, drafted, linked, transaction
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

# Asked for the account of a statement that none of the books matches; None leaves it unknown.
Ask = Callable[[Statement, Hints], Account | None]


@dataclass(frozen=True)
class StatementPlan:
    """What an import makes of one statement.

    ``account`` is None while the ledger account is unknown; ``known`` counts the lines that the
    books have already; ``opening`` is what a new account held before its first line.
    """

    statement: Statement
    account: Account | None
    drafts: tuple[Draft, ...] = ()
    known: int = 0
    opening: Draft | None = None


@dataclass(frozen=True)
class FilePlan:
    """What an import makes of one file; ``refused`` holds the reason when it is not used."""

    path: Path
    format: str = ""
    institution: str = ""
    refused: str = ""
    statements: tuple[StatementPlan, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportPlan:
    """A whole import: the files, the accounts to open, and the change to the books."""

    files: tuple[FilePlan, ...]
    opened: tuple[Account, ...] = ()
    change: ChangeSet = field(default_factory=lambda: ChangeSet("", ()))
    remarks: tuple[str, ...] = ()

    @property
    def drafts(self) -> list[Draft]:
        """Every new line, in the order of the files."""
        return [d for f in self.files for s in f.statements for d in s.drafts]

    @property
    def refused(self) -> bool:
        """Whether a file was refused."""
        return any(f.refused for f in self.files)


def plan_import(
    paths: Sequence[Path],
    *,
    home: Home,
    books: Books,
    reader: Callable[[Path], StatementFile],
    ask: Ask,
    account: str = "",
    lenient: bool = False,
) -> ImportPlan:
    """What importing ``paths`` would do to ``books``.

    ``reader`` turns a file into statements or raises RefusedFileError; ``account`` is the ledger
    account the owner named. Raises UserError for a question only the owner can answer; when
    ``lenient``, the question becomes a warning and the ledger account stays unknown.
    """
    run = _Run(home, books, ask, account, lenient)
    files = []
    for path in paths:
        try:
            files.append(run.file(reader(path)))
        except RefusedFileError as error:
            where = f"line {error.line}: " if error.line else ""
            reason = f"{where}{error.message}" + (f" ({error.hint})" if error.hint else "")
            files.append(FilePlan(path, refused=reason))
    files = _with_links(files, books)
    opened = tuple(run.opened.values())
    plans = [s for f in files for s in f.statements]
    openings = [s.opening for s in plans if s.opening]
    drafts = [*openings, *(d for s in plans for d in s.drafts)]
    change, remarks = changes(home, books, drafts, opened)
    return ImportPlan(tuple(files), opened, change, tuple(remarks))


@dataclass
class _Run:
    """The state of one import: ids seen so far and accounts to be opened."""

    home: Home
    books: Books
    ask: Ask
    named: str
    lenient: bool = False
    opened: dict[str, Account] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _categorisers: dict[str, Categoriser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {line for ids in self.books.by_file("ids", known_ids) for line in ids}

    def file(self, file: StatementFile) -> FilePlan:
        hints = Hints(file.path, file.institution)
        source = f"{file.path.name} {_file_hash(file.path)}"
        statements, warnings = [], list(file.warnings)
        for statement in file.statements:
            try:
                statements.append(self._statement(statement, hints, source))
            except UserError as error:
                if not self.lenient:
                    raise
                warnings.append(f"{error.message}; {error.hint}" if error.hint else error.message)
                statements.append(StatementPlan(statement, None))
        return FilePlan(
            file.path, file.format, file.institution, "", tuple(statements), tuple(warnings)
        )

    def _statement(self, statement: Statement, hints: Hints, source: str) -> StatementPlan:
        account = self._account(statement, hints)
        if account is None:
            return StatementPlan(statement, None)
        entity = self.books.registry.entities[account.entity]
        currency = _currency(statement, account, entity, hints)
        suspense = self._suspense(entity)
        ids = LineIds(account.account_id or account.name)
        drafts = []
        for line in statement.lines:
            line_id = _line_id(ids, statement, line)
            if line_id in self._known:
                continue
            self._known.add(line_id)
            drafts.append(
                drafted(
                    line,
                    entity=entity.name,
                    account=account.name,
                    currency=line.currency or currency,
                    line_id=line_id,
                    src=f"{source} row {line.row}",
                    rule=self._categoriser(entity).decide(line, account.name),
                    suspense=suspense.name,
                )
            )
        _check_opened(drafts, [account, suspense], hints)
        known = len(statement.lines) - len(drafts)
        opening = self._opening(statement, account, currency, source)
        return StatementPlan(statement, account, tuple(drafts), known, opening)

    def _opening(
        self, statement: Statement, account: Account, currency: str, source: str
    ) -> Draft | None:
        """What an account that this run opens held before its first line, if the file says."""
        held = opening_balance(statement)
        if account.name not in self.opened or not held:
            return None
        equity = f"Equity:{account.entity}:OpeningBalances"
        if equity not in self.books.accounts:
            self.opened[equity] = Account(
                equity, account.entity, line="capital", opened=account.opened
            )
        return Draft(
            date=min(line.date for line in statement.lines),
            entity=account.entity,
            account=account.name,
            other=equity,
            number=held,
            currency=currency,
            payee="Opening balance",
            narration="The closing balance less the lines of the statement",
            id=f"{account.account_id or account.name}-opening",
            src=source,
        )

    def _account(self, statement: Statement, hints: Hints) -> Account | None:
        if self.named:
            found = self.books.accounts.get(self.named) or self.opened.get(self.named)
            if found and found.role not in {"bank", "card", "cash"}:
                raise UserError(
                    f"{found.name} is no bank or card account",
                    hint='name one whose open directive has role: "bank", "card" or "cash"',
                )
            return found or self._open(self.ask(statement, hints), statement)
        matches = candidates(statement, hints, self.books)
        matches += [a for a in self.opened.values() if _is_same(a, statement, hints)]
        if len(matches) > 1:
            raise question(matches, statement, hints)
        return matches[0] if matches else self._open(self.ask(statement, hints), statement)

    def _open(self, account: Account | None, statement: Statement) -> Account | None:
        """The account as it will be opened, dated so that every line of the statement fits."""
        if account is None or account.name in self.books.accounts:
            return account
        entity = self.books.registry.entities[account.entity]
        first = min((line.date for line in statement.lines), default=self.books.as_of)
        declared = entity.meta.get("opened") or self._registered(entity)
        account = replace(account, opened=min(first.replace(month=1, day=1), declared or first))
        self.opened[account.name] = account
        return account

    def _registered(self, entity: Entity) -> dt.date | None:
        for entry in self.books.standing:
            if isinstance(entry, data.Custom) and entry.meta is entity.meta:
                return entry.date
        return None

    def _suspense(self, entity: Entity) -> Account:
        for found in (self.books.accounts, self.opened):
            for account in found.values():
                if account.role == "suspense" and account.entity == entity.name:
                    return account
        name = f"Assets:{entity.name}:Suspense"
        registered = self._registered(entity)
        self.opened[name] = Account(
            name, entity.name, role="suspense", line="suspense", opened=registered
        )
        return self.opened[name]

    def _categoriser(self, entity: Entity) -> Categoriser:
        if entity.name not in self._categorisers:
            self._categorisers[entity.name] = load_categoriser(self.home, entity, self.books)
        return self._categorisers[entity.name]


def _is_same(account: Account, statement: Statement, hints: Hints) -> bool:
    """Whether an account this run opens is the one of a further statement."""
    number = (statement.account_id or hints.file.stem).replace("-", "")
    return bool(account.account_id) and account.account_id.rpartition("-")[2] in number


def _currency(statement: Statement, account: Account, entity: Entity, hints: Hints) -> str:
    """The statement's currency, else the account's only one, else the entity's."""
    own = account.currencies[0] if len(account.currencies) == 1 else entity.currency
    if statement.currency and account.currencies and statement.currency not in account.currencies:
        raise UserError(
            f"the statement is in {statement.currency}, {account.name} holds "
            f"{', '.join(account.currencies)}",
            file=str(hints.file),
            hint="name the right account with --account, or add the currency to its open directive",
            code=EXIT_FINDINGS,
        )
    return statement.currency or own


def _line_id(ids: LineIds, statement: Statement, line: StatementLine) -> str:
    if line.bank_id:
        return ids.by_bank(line.bank_id, line.date, line.amount)
    version, columns = statement.identity
    return ids.by_cells(version, columns or tuple(line.cells), line.cells)


def _check_opened(drafts: Iterable[Draft], accounts: Iterable[Account], hints: Hints) -> None:
    first = min((draft.date for draft in drafts), default=None)
    for account in accounts:
        if first and account.opened and first < account.opened:
            raise UserError(
                f"the file has lines from {first}, but {account.name} opens on {account.opened}",
                file=str(hints.file),
                hint=f"date its open directive {first} or earlier",
                code=EXIT_FINDINGS,
            )


def _with_links(files: Sequence[FilePlan], books: Books) -> list[FilePlan]:
    """The files' drafts with links on their crossings: the halves of a pair may be in two files."""
    drafts = linked((d for f in files for s in f.statements for d in s.drafts), books)
    by_id: Mapping[str, Draft] = {draft.id: draft for draft in drafts}
    return [
        replace(
            file,
            statements=tuple(
                replace(s, drafts=tuple(by_id[d.id] for d in s.drafts)) for s in file.statements
            ),
        )
        for file in files
    ]


def changes(
    home: Home, books: Books, drafts: Sequence[Draft], opened: Sequence[Account] = ()
) -> tuple[ChangeSet, list[str]]:
    """The change that books the drafts in their month files and opens accounts; and remarks."""
    blocks = []
    for account in opened:
        entity = books.registry.entities[account.entity]
        block = render(_open_directive(account, books.as_of))
        blocks.append((accounts_file(entity), entity, block))
    for draft in drafts:
        entity = books.registry.entities[draft.entity]
        block = render(transaction(draft))
        blocks.append((month_file(entity, draft.date), entity, block))
    files, remarks = placed(home, books, blocks)
    return ChangeSet(_message(drafts, opened), tuple(files)), remarks


def _message(drafts: Sequence[Draft], opened: Sequence[Account]) -> str:
    accounts = sorted({draft.account for draft in drafts})
    if accounts:
        undecided = sum(1 for draft in drafts if draft.review)
        tail = f", {undecided} to review" if undecided else ""
        return f"Import {len(drafts)} lines of {', '.join(accounts)}{tail}"
    return f"Open {', '.join(account.name for account in opened)}"


def _open_directive(account: Account, as_of: dt.date) -> data.Open:
    meta: dict[str, Any] = {
        key: value
        for key, value in (
            ("role", account.role),
            ("account-id", account.account_id),
            ("title-holder", account.title_holder),
            ("line", account.line),
        )
        if value
    }
    return data.Open(meta, account.opened or as_of, account.name, list(account.currencies), None)


def opening_balance(statement: Statement) -> Decimal:
    """What the account held before the statement's first line: closing balance less the lines.

    Zero where the file states no closing balance, or one that is older than its lines.
    """
    if not statement.lines or statement.balance is None:
        return Decimal(0)
    last = max(line.date for line in statement.lines)
    if statement.balance_date and statement.balance_date < last:
        return Decimal(0)
    return statement.balance - sum((line.amount for line in statement.lines), Decimal(0))


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
