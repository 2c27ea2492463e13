"""What needs the owner: errors in the books, bank files that wait, lines nobody has decided.

The home page shows it and ``books demo`` prints it; each thing comes with the command that mends
it, or with the command that opens the place where it is mended.
"""

import datetime as dt
from collections.abc import Sequence

from core.findings import Finding, Severity, UserError, counts
from core.home import Home
from core.journal.books import Books
from core.journal.view import entity_view
from core.money import at_cents
from importers.inbox import inbox
from plugins.run import run_rules
from scripts import books as loading
from scripts.importing import not_yet_imported
from web.home import HomePage, LedgerLink, Need


def needs(home: Home, books: Books, findings: Sequence[Finding]) -> list[Need]:
    """The things that wait for a person, the most urgent first."""
    out = [_finding_need(f) for f in findings if f.severity is Severity.ERROR]
    out += _waiting_need(home, books)
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


def _finding_need(finding: Finding) -> Need:
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    command = f"books veil fix {finding.fingerprint}" if finding.fix else "books check"
    return Need("error", f"{finding.code} {finding.message}", where, finding.factor, command)


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
    return [Need("import", title, "ledger/inbox", names, "books import")]


def home_page(home: Home) -> HomePage:
    """The home page of ``books serve``, from the books as they are now."""
    books = loading.load(home)
    findings = loading.check(books)
    return HomePage(
        title="Bulkhead",
        generated=dt.datetime.now(dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
        needs=tuple(needs(home, books, findings)),
        ledgers=tuple(_ledger(root_books) for root_books in _roots(home, books)),
        waiting_files=tuple(path.name for path in not_yet_imported(home, books)),
        inbox_count=len(inbox(books)),
    )


def _roots(home: Home, main: Books) -> list[Books]:
    """The books of every root, out of the main one's, which are read already."""
    folders = {root.parent.name for root in home.entity_roots if root.resolve() != main.root}
    keepers = [e for e in main.registry.entities.values() if e.folder in folders]
    return [main, *(entity_view(main, e.name, home) for e in keepers)]


def _ledger(books: Books) -> LedgerLink:
    found = counts([*books.findings, *run_rules(books)])
    title = str(books.options.get("title") or books.root.parent.name)
    return LedgerLink(
        title, books.root, books.kind, found["error"], found["warning"], found["info"]
    )
