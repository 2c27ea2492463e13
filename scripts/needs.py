"""What needs the owner: errors in the books, bank files that wait, lines nobody has decided.

The home page shows it and ``books demo`` prints it; each thing comes with the command that mends
it, or with the command that opens the place where it is mended.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from core.findings import Finding, Severity, UserError, counts
from core.home import Home
from core.journal.books import Books
from core.journal.closings import Closings
from core.journal.view import entity_view
from core.money import at_cents
from core.show import by_severity
from importers.feed.connections import connections
from importers.inbox.items import InboxItem, inbox
from importers.proof.freshness import Freshness, freshness
from plugins.run import run_rules
from scripts import books as loading
from scripts.importing import not_yet_imported
from scripts.steps import FIX, IMPORT, cure, import_step
from web.home import AccountState, HomePage, InboxLine, LedgerLink, Need


def needs(home: Home, books: Books, findings: Sequence[Finding]) -> list[Need]:
    """The things that wait for a person, the most urgent first."""
    shown = [f for f in by_severity(findings) if f.severity is not Severity.INFO]
    out = [_finding_need(f, home, books) for f in shown]
    out += _waiting_need(home, books)
    out += _troubled_banks(home)
    items = inbox(books)
    if items:
        total = len(items)
        first = items[0]
        said = first.txn.payee or first.txn.narration or first.id
        out.append(
            Need(
                "inbox",
                f"{total} imported line{'s' if total > 1 else ''} nobody has decided",
                first.account,
                f"'books inbox' lists them; the oldest: {first.txn.date} {said}, "
                f"{at_cents(first.number)} {first.currency}",
                f"books inbox accept {first.id[-8:]} --account ACCOUNT --rule",
            )
        )
    return out


def _troubled_banks(home: Home) -> list[Need]:
    try:
        troubled = [bank for bank in connections(home) if bank.trouble]
    except UserError as error:
        return [
            Need("bank", "The connected banks cannot be read", "", str(error), "books bank list")
        ]
    return [
        Need("bank", bank.trouble, bank.institution, "", f"books bank repair {bank.scope}")
        if bank.needs_owner
        else Need("bank", bank.trouble, bank.institution, "", f"books sync --bank {bank.scope}")
        for bank in troubled
    ]


def _finding_need(finding: Finding, home: Home, books: Books) -> Need:
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    return Need(
        finding.severity.value,
        f"{finding.code} {finding.message}",
        where,
        finding.factor,
        f"books veil fix {finding.fingerprint}" if finding.fix else f"books explain {finding.code}",
        fix=finding.fix,
        step=f"{FIX}/{finding.fingerprint}" if _can_be_done(finding, home, books) else "",
    )


def _can_be_done(finding: Finding, home: Home, books: Books) -> bool:
    """Whether the cure can be computed: anything that is a decision raises."""
    try:
        return bool(finding.fix and cure(finding, home, books).change.files)
    except UserError:
        return False


def _waiting_need(home: Home, books: Books) -> list[Need]:
    try:
        waiting = not_yet_imported(home, books)
    except UserError as error:
        return [
            Need("import", "The waiting bank files cannot be read", "", str(error), "books import")
        ]
    if not waiting:
        return []
    names = ", ".join(path.name for path in waiting)
    title = f"{len(waiting)} bank file{'s' if len(waiting) > 1 else ''} to import"
    return [Need("import", title, "ledger/inbox", names, "books import", step=_import(home, books))]


def _import(home: Home, books: Books) -> str:
    try:
        return IMPORT if import_step(home, books).change.files else ""
    except UserError:
        return ""  # a question comes first: the command asks it


def home_page(home: Home, *, clicks: bool = True) -> HomePage:
    """The home page of ``books serve``, from the books as they are now; ``clicks``: with steps."""
    books = loading.load(home)
    findings = loading.check(books)
    return HomePage(
        title="Bulkhead",
        generated=dt.datetime.now(dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
        needs=tuple(n if clicks else replace(n, step="") for n in needs(home, books, findings)),
        ledgers=tuple(_ledger(root_books) for root_books in _roots(home, books)),
        waiting_files=tuple(path.name for path in not_yet_imported(home, books)),
        inbox=tuple(_inbox_line(item) for item in inbox(books)),
        accounts=tuple(_account_state(one) for one in freshness(books)),
    )


def _inbox_line(item: InboxItem) -> InboxLine:
    return InboxLine(
        item.txn.date.isoformat(),
        item.txn.payee or item.txn.narration or item.id,
        f"{at_cents(item.number)} {item.currency}",
        item.account,
        f"books inbox accept {item.id[-8:]} --account ACCOUNT",
    )


_NEXT = {
    "wrong": "the last balance does not hold: 'books check' says by how much",
    "due": "export the lines since then and 'books import' them",
    "stale": "export the lines since then and 'books import' them, or close the account",
    "empty": "import its first file, or close the account",
}


def _account_state(one: Freshness) -> AccountState:
    line = f"{one.last_line} ({one.age} days)" if one.last_line else "none"
    balance = one.last_balance.isoformat() if one.last_balance else "never"
    return AccountState(one.account, line, balance, one.state, _NEXT.get(one.state, ""))


def _roots(home: Home, main: Books) -> list[Books]:
    """The books of every root, out of the main one's, which are read already."""
    folders = {root.parent.name for root in home.entity_roots if root.resolve() != main.root}
    keepers = [e for e in main.registry.entities.values() if e.folder in folders]
    return [main, *(entity_view(main, e.name, home) for e in keepers)]


def _ledger(books: Books) -> LedgerLink:
    found = counts([*books.findings, *run_rules(books, closed=Closings.of(books))])
    title = str(books.options.get("title") or books.root.parent.name)
    return LedgerLink(
        title, books.root, books.kind, found["error"], found["warning"], found["info"]
    )
