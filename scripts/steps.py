"""The steps that the start page offers: cures that can be computed, and the files that wait."""

from core.findings import Finding, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.recovery import Applied
from core.journal.repair import repair
from core.journal.write import apply
from scripts import books as loading
from scripts.importing import leave_unknown, plan_files, waiting_files
from web.steps import Step

IMPORT, FIX = "import", "fix"


class HomeSteps:
    """The steps of one home, computed from its books as they are at that moment."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def step(self, name: str) -> Step:
        """``fix/<fingerprint>`` mends a finding, ``import`` books the files of ledger/inbox."""
        kind, _, what = name.partition("/")
        books = loading.load(self._home)
        if kind == FIX and what:
            return self._cure(books, what)
        if name == IMPORT:
            return import_step(self._home, books)
        raise UserError(f"there is no step '{name}'", hint="go back to the start page")

    def do(self, step: Step, key: str) -> Applied:
        """Applies the step as a commit of the start page's."""
        return apply(self._home, step.change, key=key, actor="home page")

    def _cure(self, books: Books, fingerprint: str) -> Step:
        found = [f for f in loading.check(books) if f.fingerprint == fingerprint]
        if not found:
            raise UserError("that finding is gone", hint="it was mended, or its entry has changed")
        return cure(found[0], self._home, books)


def cure(finding: Finding, home: Home, books: Books) -> Step:
    """What mends the finding. Raises UserError where that is a decision."""
    change, remarks = repair(finding, home=home, books=books)
    return Step(f"Mend {finding.code}: {finding.message}", change, tuple(remarks))


def import_step(home: Home, books: Books) -> Step:
    """What imports the files that wait; what no rule decides goes to suspense for review.

    Raises UserError where a file is refused or its account is not known: those are questions.
    """
    plan = plan_files(home, books, waiting_files(home), leave_unknown)
    for file in plan.files:
        if file.refused:
            raise UserError(file.refused, file=file.path.name, hint="run 'books import'")
    undecided = sum(1 for draft in plan.drafts if draft.review)
    lines = f"{len(plan.drafts)} bank line{'' if len(plan.drafts) == 1 else 's'}"
    title = f"Import {lines}, {undecided} of them to be decided afterwards"
    return Step(title, plan.change, tuple(plan.remarks))
