"""Our readers as a beangulp importer, for people who drive beangulp themselves.

No home, no rules and no books are needed: every file that ``books import`` reads becomes the same
transactions, with the same ``id`` and ``src`` on the bank's posting. What nobody has decided is not
there: the transaction has the bank's posting alone, and Beancount refuses it until it is completed.
Users name it ``bulkhead.importers.Importer``::

    import beangulp
    from bulkhead.importers import Importer

    ACCOUNTS = {
        "Assets:Acme:Bank:Checking": "chase-4411",
        "Liabilities:Acme:Card:Amex": "amex-1005",
    }
    if __name__ == "__main__":
        beangulp.Ingest([Importer(ACCOUNTS)])()
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import beangulp
from beancount.core import account as names
from beancount.core import amount, data
from beangulp.exceptions import Error
from beangulp.extract import DUPLICATE

from core.entity import Account
from core.findings import UserError
from core.identity import LineIds, ids_of
from core.journal.books import Books
from importers.account import Hints, candidates, question
from importers.csv.profile import Profile, load_profiles
from importers.detect import is_known_kind, read_statement_file
from importers.draft import Draft, Kept, drafted, transaction
from importers.pdf.template import Template, load_templates
from importers.plan import id_of_line
from importers.planned import StatementPlan
from importers.proof.archive import clean_name, last_day
from importers.rules.categorise import RuleText, Then, When
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

_SHIPPED = Path(__file__).resolve().parents[1] / "rules"
_DAY = dt.timedelta(days=1)
# A line that somebody has written by hand stands a few days beside the bank's at most.
_NEAR = 5
# The other side of a line that nobody has decided, which is then left out; no account is called so.
_OPEN = "?"

Categorise = Callable[[StatementLine], str | None]


class Importer(beangulp.Importer):  # type: ignore[misc]  # beangulp has no types
    """Bank, card and processor files of these accounts.

    ``accounts`` are ledger accounts with their ``account-id`` (``chase-4411``: the first word of
    the bank's name and the account's last digits), by which a file finds its account and which the
    lines' ids begin with; or one account's name alone, which is then the account of every file that
    can be read. ``profiles`` and ``templates`` are folders of one's own, read before the shipped
    ones. ``currency`` is for files that do not say theirs. ``categorise`` says the other account of
    a line, or None; ``fees`` is the account of processors' fees, ``fee_tax`` that of the
    tax on them.

    Raises ValueError for what is no account.
    """

    def __init__(
        self,
        accounts: str | Mapping[str, str],
        *,
        profiles: str | Path | None = None,
        templates: str | Path | None = None,
        currency: str = "USD",
        categorise: Categorise | None = None,
        fees: str = "",
        fee_tax: str = "",
    ) -> None:
        by_name = {accounts: ""} if isinstance(accounts, str) else dict(accounts)
        for name in (*by_name, *filter(None, (fees, fee_tax))):
            if not names.is_valid(name):
                raise ValueError(f"'{name}' is no account: write Assets:Acme:Bank:Checking")
        without = [name for name, account_id in by_name.items() if not account_id]
        if not by_name or (without and len(by_name) > 1):
            raise ValueError('give every account its account-id: {"Assets:Bank": "chase-4411"}')
        self._accounts = {name: _account(name, number) for name, number in by_name.items()}
        self._only = self._accounts[without[0]] if without else None
        self._own = [Path(folder) if folder else None for folder in (profiles, templates)]
        self._currency = currency
        self._categorise = categorise
        self._fees = fees
        self._fee_tax = fee_tax
        self._read: dict[tuple[str, int, int], StatementFile] = {}

    @property
    def name(self) -> str:
        """What beangulp calls it."""
        return "bulkhead.importers.Importer"

    def identify(self, filepath: str) -> bool:
        """Whether the file speaks of one of the accounts.

        Raises beangulp's Error for a file of a known kind that is refused, with the reason: a
        statement that is cut off is not passed over. Also where two accounts may be meant.
        """
        try:
            return bool(self._statements(filepath))
        except RefusedFileError as error:
            if is_known_kind(Path(filepath), self._known[0]):
                raise _said(error) from error
            return False
        except UserError as error:
            raise _said(error) from error

    def account(self, filepath: str) -> str:
        """The account of the file; of several the first, below which the file is archived."""
        return self._told(filepath)[0][1].name

    def date(self, filepath: str) -> dt.date | None:
        """The last day that the file speaks of."""
        told = [last_day(StatementPlan(s, None)) for s, _ in self._told(filepath)]
        return max((day for day in told if day), default=None)

    def filename(self, filepath: str) -> str:
        """The file's name without what an archive may not hold, or a date in front."""
        return clean_name(Path(filepath).name)

    def extract(self, filepath: str, existing: data.Entries) -> data.Entries:  # noqa: ARG002
        """A transaction for each line, and the closing balance of each statement that says one, on
        the day after. Lines that ``existing`` knows are among them: ``deduplicate`` marks them."""
        told = self._told(filepath)
        file = self._file(filepath)
        source = f"{Path(filepath).name} {file.sha256[:8]}"
        entries: data.Entries = []
        ids = {account.name: LineIds(account.account_id or account.name) for _, account in told}
        for statement, account in told:
            currency = statement.currency or self._currency
            for line in statement.lines:
                draft = drafted(
                    line,
                    entity="",
                    account=account.name,
                    currency=line.currency or currency,
                    line_id=id_of_line(ids[account.name], statement, line),
                    src=f"{source} row {line.row}",
                    decide=self._decide,
                    suspense=_OPEN,
                    kept=Kept(self._fees, self._fee_tax),
                )
                entries.append(_entry(draft, filepath, line.row))
            balance = None if file.is_feed else _balance(statement, account, currency, filepath)
            entries += [balance] if balance else []
        return entries

    def deduplicate(self, entries: data.Entries, existing: data.Entries) -> None:
        """Marks what ``existing`` holds: a line by its id, or by account and amount at most five
        days from an entry without ids (each counts once); a balance by account, day, currency."""
        held: dict[object, data.Directive] = {}
        by_hand: dict[object, list[data.Transaction]] = defaultdict(list)
        for entry in existing:
            if isinstance(entry, data.Balance):
                held[entry.account, entry.date, entry.amount.currency] = entry
            if isinstance(entry, data.Transaction):
                for posting in entry.postings:
                    held |= dict.fromkeys(ids_of(posting), entry)
                    if not ids_of(posting):
                        by_hand[posting.account, posting.units].append(entry)
        for entry in entries:
            found: data.Directive | None = None
            if isinstance(entry, data.Balance):
                found = held.get((entry.account, entry.date, entry.amount.currency))
            if isinstance(entry, data.Transaction):
                own = entry.postings[0]
                found = next((held[i] for i in ids_of(own) if i in held), None)
                found = found or _nearest(entry.date, by_hand[own.account, own.units])
            if found is not None:
                entry.meta[DUPLICATE] = found

    @cached_property
    def _known(self) -> tuple[dict[str, Profile], dict[str, Template]]:
        """The profiles and templates: the shipped ones, and one's own before them."""
        profiles, templates = self._own
        return (
            load_profiles(_SHIPPED / "sources", *filter(None, (profiles,))),
            load_templates(_SHIPPED / "templates", *filter(None, (templates,))),
        )

    def _told(self, filepath: str) -> list[tuple[Statement, Account]]:
        """The statements of the accounts; raises beangulp's Error where there is none."""
        try:
            told = self._statements(filepath)
        except UserError as error:
            raise _said(error) from error
        if not told:
            raise Error("The file speaks of none of the importer's accounts.", filepath)
        return told

    def _statements(self, filepath: str) -> list[tuple[Statement, Account]]:
        file = self._file(filepath)
        hints = Hints(Path(filepath), file.institution)
        # The question which account it is is asked of books; these have accounts and no more.
        books = replace(Books.of([], {}), accounts=self._accounts)
        told = []
        for statement in file.statements:
            if statement.kind == "investment":
                continue  # lots and securities need books
            if self._only:
                told.append((statement, self._only))
                continue
            found = candidates(statement, hints, books)
            if len(found) > 1:
                asked = question(found, statement, hints)
                accounts = ", ".join(account.name for account in found)
                raise UserError(
                    asked.message,
                    file=asked.file,
                    hint=f"give the importer one of {accounts}, or put the account's last four "
                    "digits into the file's name",
                )
            told += [(statement, account) for account in found]
        return told

    def _file(self, filepath: str) -> StatementFile:
        """The file as it is read; beangulp asks four times for each."""
        path = Path(filepath)
        try:
            stat = path.stat()
        except OSError as error:
            raise UserError(f"cannot be read: {error.strerror}", file=filepath) from error
        key = (filepath, stat.st_mtime_ns, stat.st_size)
        if key not in self._read:
            self._read[key] = read_statement_file(path, *self._known, shown=filepath)
        return self._read[key]

    def _decide(self, line: StatementLine) -> RuleText | None:
        account = self._categorise(line) if self._categorise else None
        if not account:
            return None
        if not names.is_valid(account):
            raise Error(f"categorise said '{account}', which is no account.")
        then = Then(account=account)
        return RuleText.model_construct(name="", when=When.model_construct(), then=then)


def _account(name: str, account_id: str) -> Account:
    role = "card" if name.startswith("Liabilities:") else "bank"
    return Account(name, "", role=role, account_id=account_id)


def _entry(draft: Draft, filepath: str, row: int) -> data.Transaction:
    """The draft without what nobody has decided, which is no question for an inbox here."""
    decided = tuple(leg for leg in draft.others if leg.account != _OPEN)
    entry = transaction(replace(draft, others=decided, review="", rule=""))
    meta: dict[str, Any] = data.new_metadata(filepath, row)
    return entry._replace(meta=meta | entry.meta)


def _balance(
    statement: Statement, account: Account, currency: str, filepath: str
) -> data.Balance | None:
    """The closing balance on the day after, since Beancount's hold at the start of a day."""
    days = [line.date for line in statement.lines]
    day = statement.balance_date or max(days, default=None)
    if statement.balance is None or day is None:
        return None
    meta = data.new_metadata(filepath, max((line.row for line in statement.lines), default=0) + 1)
    closing = amount.Amount(statement.balance, currency)
    return data.Balance(meta, day + _DAY, account.name, closing, None, None)


def _nearest(day: dt.date, written: list[data.Transaction]) -> data.Transaction | None:
    """Takes the entry of the nearest day out of those written by hand, where it is near."""
    near = min(written, key=lambda entry: abs(entry.date - day), default=None)
    if near is None or abs(near.date - day).days > _NEAR:
        return None
    written.remove(near)
    return near


def _said(error: UserError) -> Error:
    """A refusal as beangulp shows it: without a traceback."""
    return Error(str(error))
