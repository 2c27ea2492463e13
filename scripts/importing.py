"""Planning an import with the profiles that come with the product and those of the home."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from core.entity import Account
from core.home import Home
from core.journal.books import Books
from core.memory import collector_paused
from importers.account import Hints
from importers.csv.profile import Profile
from importers.csv.questions import Answers
from importers.csv.words import plain
from importers.detect import UnknownColumnsError, load_profiles, read_statement_file
from importers.pdf.template import load_templates
from importers.plan import Ask, plan_import
from importers.planned import ImportPlan
from importers.statement import RefusedFileError, Statement, StatementFile
from scripts.shipped import SHIPPED

# Gives the name and the profile of a CSV that none knows, or raises RefusedFileError; the names
# that are taken are given to it.
Learn = Callable[[Path, UnknownColumnsError, Collection[str]], tuple[str, Profile]]


def plan_files(
    home: Home,
    books: Books,
    files: Sequence[Path],
    ask: Ask,
    account: str = "",
    *,
    lenient: bool = False,
    keep: bool = True,
    answers: Answers | None = None,
    learn: Learn | None = None,
) -> ImportPlan:
    """What importing ``files`` would do; the home's own profiles go before the shipped ones.

    ``lenient``: a question stays a warning, as a dry run and the start page want it. ``answers``
    leave only the profiles of an institution, or dates of one order; ``learn`` is asked for the
    profile of a CSV that none knows. ``keep``: the files go into the archive.
    """
    reader = reader_of(home, answers, learn)
    with collector_paused():  # a hundred thousand lines are no garbage
        return plan_import(
            files,
            home=home,
            books=books,
            reader=reader,
            ask=ask,
            account=account,
            lenient=lenient,
            keep=keep,
        )


def reader_of(
    home: Home, answers: Answers | None = None, learn: Learn | None = None
) -> Callable[[Path], StatementFile]:
    """What reads a bank's file, with the profiles that an import into ``home`` uses.

    ``answers`` and ``learn`` are as ``plan_files`` takes them.
    """
    found = load_profiles(SHIPPED / "rules" / "sources", home.rules / "sources")
    templates = load_templates(SHIPPED / "rules" / "templates", home.rules / "templates")
    taken = set(found)
    said = answers or Answers()
    profiles = {
        name: profile.dated(said.date_order)
        for name, profile in found.items()
        if not said.institution or plain(profile.institution) == plain(said.institution)
    }

    def read(path: Path) -> StatementFile:
        try:
            file = read_statement_file(path, profiles, templates, shown=str(path))
        except UnknownColumnsError as unknown:
            if learn is None:
                raise
            name, profiles[name] = learn(path, unknown, taken)
            taken.add(name)
            file = read_statement_file(path, profiles, templates, shown=str(path))
        return _not_far_ahead(_of_kind(file, said.kind), str(path))

    return read


def _of_kind(file: StatementFile, kind: str) -> StatementFile:
    """The file with the owner's word for what it does not say: account or card."""
    told = tuple(replace(s, kind=kind) if kind and s.kind == "any" else s for s in file.statements)
    return replace(file, statements=told)


# A bank may date a payment ahead; it does not know the year after next.
_FAR_AHEAD = dt.timedelta(days=2 * 366)


def _not_far_ahead(file: StatementFile, shown: str) -> StatementFile:
    """The file as it is. Raises RefusedFileError where a line is dated years after today."""
    today = dt.datetime.now(dt.UTC).date()
    for line in (line for statement in file.statements for line in statement.lines):
        if line.date - today > _FAR_AHEAD:
            raise RefusedFileError(
                f"is dated {line.date}, and today is {today}",
                file=shown,
                line=line.row,
                hint="correct the file, or the clock of this machine",
            )
    return file


def leave_unknown(_statement: Statement, _hints: Hints) -> Account | None:
    """The answer of someone who is not there: the ledger account stays unknown."""
    return None


def waiting_files(home: Home) -> list[Path]:
    """The files in the inbox folder, whether or not the books know their lines."""
    if not home.inbox.is_dir():
        return []
    return sorted(p for p in home.inbox.iterdir() if p.is_file() and p.name[0] != ".")


def not_yet_imported(home: Home, books: Books) -> list[Path]:
    """The files of the inbox folder that hold something the books do not know."""
    plan = plan_files(home, books, waiting_files(home), leave_unknown, lenient=True)
    return [
        file.path
        for file in plan.files
        if file.refused or any(s.account is None or s.drafts for s in file.statements)
    ]
