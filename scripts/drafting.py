"""The papers that a crossing wants, drafted with it: entries and papers are one change."""

from collections.abc import Iterator, Sequence

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.working import WorkingCopy
from core.loans.ledger import loans_in
from plugins.veil.remedies.remedy import Paper
from reports.papers.drafted import Drafted
from reports.papers.linked import movements, of_links

# The classes whose company side is decided by the owners; of what is distributed, the giver alone.
_DECIDED = frozenset({"contribution", "loan-advance"})
_DISTRIBUTED = frozenset({"distribution", "tax-distribution", "dividend"})


def with_papers(
    home: Home, books: Books, change: ChangeSet, links: Sequence[str], *, consent: bool
) -> tuple[ChangeSet, list[str]]:
    """The change with drafts of the papers that its entries want, and remarks for a person.

    ``books`` are those that the change was made from, ``links`` those of its entries; ``consent``
    says whether the owners' consent is wanted, or is on file. Where the registry does not say
    enough for a paper, the entries stay without it and a remark says why.
    """
    from reports.papers.filing import filed_with
    from scripts.papers import drafted

    before = {file.path: file.before for file in change.files}
    now = {file.path: file.after for file in change.files if file.after is not None}
    copy = WorkingCopy(home, books, before, now)
    then = copy.books()
    wanted = [*(_consents(then, links) if consent else ()), *_notes(then, links)]
    drafts: list[Drafted] = []
    remarks: list[str] = []
    for paper in wanted:
        try:
            drafts.append(drafted(then, paper))
        except UserError as error:
            remarks.append(_undrafted(f"the {paper.kind}", error))
    if not drafts:
        return change, remarks
    try:
        done, more = filed_with(change, copy, then, drafts)
    except UserError as error:  # such as another version of the draft, which is not replaced
        return change, [*remarks, _undrafted(" and ".join(d.paper.title for d in drafts), error)]
    return done, [*remarks, *more]


def _undrafted(what: str, error: UserError) -> str:
    return f"{what} was not drafted: {error}"


def _consents(books: Books, links: Sequence[str]) -> Iterator[Paper]:
    """One for each company that decides on what the entries move."""
    txns = of_links(books, links)
    names = sorted({name for txn in txns for name in books.registry.ents(txn)})
    for name in names:
        if books.registry.entities[name].is_person:
            continue
        moved = movements(books, txns, name)
        given = any(m.kind in _DISTRIBUTED and m.gives for m in moved)
        if given or any(m.kind in _DECIDED for m in moved):
            yield Paper("resolution", tuple(links), name)


def _notes(books: Books, links: Sequence[str]) -> Iterator[Paper]:
    """The note of each declared loan that is lent and names no document."""
    loans = loans_in(books)
    lent = [t for t in of_links(books, links) if t.meta.get("transfer") == "loan-advance"]
    for name in dict.fromkeys(loans.note_of(txn) for txn in lent):
        loan = loans.declared.loans.get(name)
        if loan is not None and "document" not in loan.said:
            yield Paper("note", (name,))
