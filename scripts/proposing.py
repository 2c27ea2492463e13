"""A CSV that no profile knows: a proposal is shown, what it leaves open is asked, then it is kept.

Where nobody can be asked, the refusal says what to type.
"""

import shlex
import sys
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import click

from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet, FileChange, content
from core.journal.write import apply
from core.money import at_cents
from importers.csv.profile import Profile
from importers.csv.propose import Proposal, propose
from importers.csv.questions import KINDS, Answers, Question
from importers.csv.written import profile_text
from importers.detect import UnknownColumnsError
from importers.statement import RefusedFileError
from scripts.table import print_table


@dataclass(frozen=True)
class Learner:
    """Makes profiles of unknown files and writes them into the home.

    ``yes`` takes a proposal that leaves nothing open; ``quiet`` shows and asks nothing, for output
    that a program reads; on a ``dry_run`` nothing is written.
    """

    home: Home
    answers: Answers
    yes: bool
    dry_run: bool
    commit: bool
    quiet: bool

    def __call__(
        self, path: Path, unknown: UnknownColumnsError, taken: Collection[str]
    ) -> tuple[str, Profile]:
        """The name and the profile for the file at ``path``.

        Raises RefusedFileError where none can be proposed, and where a question is open and nobody
        is there to answer it.
        """
        try:
            proposal = propose(path.read_bytes(), str(path), self.answers, taken)
        except RefusedFileError as reason:
            where = f"line {reason.line}: " if reason.line else ""
            raise RefusedFileError(
                f"{unknown.message}, and none can be proposed: {where}{reason.message}",
                file=str(path),
                hint=reason.hint,
            ) from reason
        asking = sys.stdin.isatty() and not self.quiet and not self.dry_run
        if not self.quiet:
            _show(path, proposal)
        if asking:
            proposal = _asked(path, proposal)
        accepted = self.yes or self.dry_run
        if proposal.questions or not (accepted or asking):
            raise RefusedFileError(
                f"{unknown.message}; one can be proposed",
                file=str(path),
                hint=_command(path, proposal),
            )
        if asking and not self.yes:
            click.confirm("Read it like this, now and from now on?", abort=True)
        if not self.dry_run:
            self._keep(proposal)
        return proposal.name, proposal.profile

    def _keep(self, proposal: Proposal) -> None:
        path = Path("rules", "sources", f"{proposal.name}.yaml")
        text = profile_text(proposal.profile).encode()
        change = ChangeSet(
            f"Read the files of {proposal.profile.institution}: {path.as_posix()}",
            (FileChange(path, content(self.home.path / path), text),),
        )
        apply(self.home, change, key=str(uuid.uuid4()), actor="import", commit=self.commit)
        if not self.quiet:
            click.echo(f"Wrote {path.as_posix()}: edit it there when the bank changes its files.")


def answers_of(
    books: Books, account: str, *, sign: str, date_order: str, institution: str, kind: str
) -> Answers:
    """What the command line says of an unknown file; the account that it names says the rest."""
    known = books.accounts.get(account)
    if known is not None:
        bank = known.account_id.rpartition("-")[0]
        kind = kind or (known.role if known.role in KINDS else "")
        institution = institution or " ".join(word.capitalize() for word in bank.split("-"))
    elif account:
        kind = kind or ("card" if account.startswith("Liabilities:") else "bank")
    return Answers(date_order, sign, kind, institution)


def _show(path: Path, proposal: Proposal) -> None:
    """The first lines as they would be read, and why."""
    open_ = {question.about for question in proposal.questions}
    date = "date (or month and day turned)" if "date_order" in open_ else "date"
    amount = "amount (or turned)" if "sign" in open_ else "amount"
    click.echo(f"{path.name}: no profile knows its columns. It would be read like this:")
    print_table(
        ("line", date, amount, "currency", "payee", "narration"),
        [
            (
                str(line.row),
                str(line.date),
                at_cents(line.amount),
                line.currency or "",
                line.payee[:40],
                line.narration[:40],
            )
            for line in proposal.samples
        ],
        right=("line", amount),
    )
    for said in proposal.evidence:
        click.echo(f"  - {said}")


def _asked(path: Path, proposal: Proposal) -> Proposal:
    """The proposal with every question answered on the terminal."""
    while proposal.questions:
        question = proposal.questions[0]
        answer = _answer(path, question)
        try:
            proposal = proposal.answered(**{question.about: answer})
        except RefusedFileError as error:
            click.echo(f"{error.message}; {error.hint}")
    return proposal


def _answer(path: Path, question: Question) -> str:
    if question.choices:
        return str(click.prompt(question.text, type=click.Choice(question.choices)))
    named = path.stem.replace("_", " ").replace("-", " ").split()
    default = named[0].capitalize() if named and named[0].isalpha() else None
    return str(click.prompt(question.text, default=default)).strip()


def _command(path: Path, proposal: Proposal) -> str:
    """What to type, with the answers there are and those that are missing."""
    said = [
        f"--{about.replace('_', '-')} {shlex.quote(answer)}"
        for about, answer in vars(proposal.answers).items()
        if answer
    ]
    asked = [question.option for question in proposal.questions]
    words = " ".join(["books import", shlex.quote(str(path)), *said, *asked, "--yes"])
    texts = "".join(f"\n  {question.text}" for question in proposal.questions)
    return f"{words}{texts}"
