"""The papers that a finding asks for, by kind, as ``books veil document`` drafts them."""

from core.findings import UserError
from core.journal.books import Books
from plugins.veil.remedies.remedy import Paper
from reports.papers.affidavit import affidavit
from reports.papers.allocation import allocation
from reports.papers.consent import consent
from reports.papers.distribution import KINDS, distribution
from reports.papers.drafted import Drafted
from reports.papers.linked import movements, of_links
from reports.papers.note import note


def drafted(books: Books, paper: Paper) -> Drafted:
    """The draft that the finding asks for; raises UserError where the books do not say enough."""
    if paper.kind == "resolution":
        moved = movements(books, of_links(books, paper.names), paper.entity)
        kinds = {m.kind for m in moved if m.gives}
        if kinds and kinds <= KINDS:
            return distribution(books, paper.names, paper.entity, None)
        return consent(books, paper.names, paper.entity, None)
    if paper.kind == "affidavit":
        return affidavit(books, paper.names[0])
    if paper.kind == "note":
        return note(books, paper.names[0])
    if paper.kind == "allocation":
        return allocation(books, paper.names[0])
    raise UserError(f"there is no paper of the kind '{paper.kind}'")
