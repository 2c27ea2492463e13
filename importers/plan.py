"""From files to a change of the books: what an import would do, computed and not yet done.

Each statement finds its ledger account, each line its id; lines the books know are left alone,
the others are categorised and drafted, and the drafts become one ChangeSet. Nothing is written
here, so that a dry run is the same code.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from core.entity import Account, Entity
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.identity import LineIds, by_feed, known_ids
from core.journal.books import Books
from core.journal.change import FileChange
from core.journal.edit import Edit
from importers.account import Hints, candidates, question
from importers.desk import Desk
from importers.draft import Draft, drafted
from importers.investing.compare import compared
from importers.investing.trader import Trader
from importers.matching.conversions import converted, lone_sides
from importers.matching.crossings import paired
from importers.matching.second_source import recognised
from importers.matching.transfers import transferred
from importers.opening import Opening, earliest
from importers.planned import FilePlan, ImportPlan, Proof, StatementPlan
from importers.processors import fee_warnings, kept_of
from importers.proof.balances import proofs
from importers.proof.paper import papers
from importers.rules.categorise import Categoriser, load_categoriser
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine
from importers.written import changes

# Asked for the account of a statement that none of the books matches; None leaves it unknown.
Ask = Callable[[Statement, Hints], Account | None]


@dataclass(frozen=True)
class Beside:
    """What comes with the lines of a feed: ``edits`` of entries whose lines the bank has changed,
    the ids ``again`` that are drafted anew though the books know them, ``settled`` what a person
    has decided of a draft before, and ``documents`` to be written with the entries."""

    edits: tuple[Edit, ...] = ()
    again: frozenset[str] = frozenset()
    settled: Callable[[Draft], Draft] = lambda draft: draft
    documents: tuple[FileChange, ...] = ()


def plan_import(
    paths: Sequence[Path],
    *,
    home: Home,
    books: Books,
    reader: Callable[[Path], StatementFile],
    ask: Ask,
    account: str = "",
    lenient: bool = False,
    keep: bool = True,
    beside: Beside = Beside(),
) -> ImportPlan:
    """What importing ``paths`` would do to ``books``.

    ``reader`` turns a file into statements or raises RefusedFileError; ``account`` is the ledger
    account the owner named. Raises UserError for a question only the owner can answer; when
    ``lenient``, the question becomes a warning and the ledger account stays unknown. ``keep``: the
    files go into the archive, and the balances that they prove are asserted.
    """
    opening = Opening(books)
    trader = Trader(books, opening)
    run = _Run(home, books, opening, trader, ask, account, lenient, beside)
    files = []
    for path in paths:
        try:
            files.append(run.file(reader(path)))
        except RefusedFileError as error:
            where = f"line {error.line}: " if error.line else ""
            reason = f"{where}{error.message}" + (f" ({error.hint})" if error.hint else "")
            files.append(FilePlan(path, refused=reason))
    files = _with_first_openings(files)
    plans = [s for f in files for s in f.statements]
    desk = Desk(tuple(d for s in plans for d in s.drafts), beside.edits)
    desk = trader.booked(converted(recognised(desk, plans, books), books))
    desk = transferred(desk, books, run.opening)
    desk = paired(desk, books, {**books.accounts, **run.opening.accounts})
    openings = [s.opening for s in plans if s.opening]
    whole = Desk((*openings, *desk.drafts), desk.edits)
    found = proofs(whole, plans, books)
    proven = {id(plan): found.get(place) for place, plan in enumerate(plans)}
    files, shared = compared([_on(desk, file, proven) for file in files], desk, trader)
    blocks, documents = papers(home, books, files) if keep else ([], [])
    documents = [*documents, *beside.documents]
    opened = tuple(run.opening.accounts.values())
    change, remarks = changes(
        home, books, whole.drafts, opened, desk.edits, more=[*shared, *blocks], documents=documents
    )
    return ImportPlan(tuple(files), opened, change, tuple(remarks))


@dataclass
class _Run:
    """The state of one import: ids seen so far and accounts to be opened."""

    home: Home
    books: Books
    opening: Opening
    trader: Trader
    ask: Ask
    named: str
    lenient: bool = False
    beside: Beside = Beside()
    _known: set[str] = field(default_factory=set)
    _categorisers: dict[str, Categoriser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        memo = self.books.memo
        if "ids" not in memo:
            of_files = self.books.by_file("ids", known_ids)
            memo["ids"] = frozenset(line for ids in of_files for line in ids)
        self._known = set(memo["ids"])
        self._known -= self.beside.again

    def file(self, file: StatementFile) -> FilePlan:
        hints = Hints(file.path, file.institution)
        sha256 = file.sha256 or hashlib.sha256(file.path.read_bytes()).hexdigest()
        source = f"{file.path.name} {sha256[:8]}"
        statements, warnings = [], list(file.warnings)
        for statement in file.statements:
            try:
                plan = self._statement(statement, hints, source)
                statements.append(plan)
                new = [draft.line for draft in plan.drafts if draft.line]
                warnings += fee_warnings(new, plan.account) if plan.account else []
            except UserError as error:
                if not self.lenient:
                    raise
                warnings.append(f"{error.message}; {error.hint}" if error.hint else error.message)
                statements.append(StatementPlan(statement, None))
        return FilePlan(
            file.path,
            file.format,
            file.institution,
            statements=tuple(statements),
            warnings=tuple(warnings),
            sha256=sha256,
            is_feed=file.is_feed,
        )

    def _statement(self, statement: Statement, hints: Hints, source: str) -> StatementPlan:
        account = self._account(statement, hints)
        if account is None:
            return StatementPlan(statement, None)
        entity = self.books.registry.entities[account.entity]
        currency = _currency(statement, account, entity, hints)
        suspense = self.opening.suspense(entity, currency)
        kept = kept_of(account, {**self.books.accounts, **self.opening.accounts})
        ids = LineIds(account.account_id or account.name)
        categoriser = self._categoriser(entity)
        drafts, line_ids = [], []
        for line in statement.lines:
            line_id = id_of_line(ids, statement, line)
            line_ids.append(line_id)
            if line_id in self._known:
                continue
            self._known.add(line_id)
            draft = drafted(
                line,
                entity=entity.name,
                account=account.name,
                currency=line.currency or currency,
                line_id=line_id,
                src=f"{source} row {line.row}",
                decide=partial(categoriser.decide, account=account.name),
                suspense=suspense.name,
                kept=kept,
            )
            drafts.append(self.beside.settled(draft))
        _check_opened(drafts, [account, suspense], hints)
        known = len(statement.lines) - len(drafts)
        opening = self.opening.held_before(statement, account, currency, source)
        return StatementPlan(
            statement,
            account,
            tuple(self.trader.named(drafts, account)),
            known,
            opening=opening,
            ids=tuple(line_ids),
            source=source,
        )

    def _account(self, statement: Statement, hints: Hints) -> Account | None:
        if named := statement.account or self.named:
            found = self.books.accounts.get(named) or self.opening.accounts.get(named)
            if found and found.role not in {"bank", "card", "cash"}:
                raise UserError(
                    f"{found.name} is no bank or card account",
                    hint='name one whose open directive has role: "bank", "card" or "cash"',
                )
            return self.opening.bank(found or self.ask(statement, hints), statement)
        matches = candidates(statement, hints, self.books)
        matches += [a for a in self.opening.accounts.values() if _is_same(a, statement, hints)]
        if len(matches) > 1:
            raise question(matches, statement, hints)
        account = matches[0] if matches else self.ask(statement, hints)
        return self.opening.bank(account, statement)

    def _categoriser(self, entity: Entity) -> Categoriser:
        if entity.name not in self._categorisers:
            self._categorisers[entity.name] = load_categoriser(self.home, entity, self.books)
        return self._categorisers[entity.name]


def _is_same(account: Account, statement: Statement, hints: Hints) -> bool:
    """Whether an account this run opens is the one of a further statement."""
    if statement.kind == "processor" and account.account_id.startswith(f"{hints.slug}-"):
        return True
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


def id_of_line(ids: LineIds, statement: Statement, line: StatementLine) -> str:
    """The id of a line, of which ``ids`` has given those of the lines before it."""
    if statement.scope:
        return by_feed(statement.scope, line.bank_id)
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


def _with_first_openings(files: Sequence[FilePlan]) -> list[FilePlan]:
    """The files, each new account with what it held before its very first line and no later."""
    first = {id(d) for d in earliest(s.opening for f in files for s in f.statements if s.opening)}
    return [
        replace(
            file,
            statements=tuple(
                s if id(s.opening) in first else replace(s, opening=None) for s in file.statements
            ),
        )
        for file in files
    ]


def _on(desk: Desk, file: FilePlan, proven: Mapping[int, Proof | None]) -> FilePlan:
    """The file with those of its drafts that are still on the desk, as they are there, and with
    what its statements prove (by the identity of the plan)."""
    drafts = {draft.id: draft for draft in desk.drafts}
    statements = []
    for plan in file.statements:
        left = tuple(drafts[d.id] for d in plan.drafts if d.id in drafts)
        joined, proof = len(plan.drafts) - len(left), proven.get(id(plan))
        statements.append(replace(plan, drafts=left, joined=joined, proof=proof))
    said = lone_sides(draft for plan in statements for draft in plan.drafts)
    return replace(file, statements=tuple(statements), warnings=(*file.warnings, *said))
