"""``books import``: bank files into the books, shown first, then done."""

import datetime as dt
import json
import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from core.entity import Account
from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.write import apply
from core.money import at_cents
from importers.account import Hints, proposed
from importers.csv.profile import DATE_ORDERS
from importers.csv.questions import KINDS
from importers.csv.signs import SIGNS
from importers.inbox.pending import keep_pendings
from importers.pdf.text import page_text
from importers.plan import Ask
from importers.planned import FilePlan, ImportPlan, StatementPlan
from importers.statement import Statement
from importers.summary import to_json
from scripts import books as loading
from scripts.completing import accounts, entities
from scripts.importing import plan_files, waiting_files
from scripts.proposing import Learner, answers_of
from scripts.reflowing import Reflowing
from scripts.table import print_table

_DIFF_LINES = 60


@click.command("import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--account",
    shell_complete=accounts,
    default="",
    help="The ledger account, when the file does not say.",
)
@click.option(
    "--entity", "-e", shell_complete=entities, default="", help="Whose account a new one is."
)
@click.option(
    "--archive/--no-archive",
    "keep",
    default=True,
    help="Keep the files in documents/statements/, and assert the balances they prove.  "
    "[default: archive]",
)
@click.option("--institution", default="", help="The bank, when the file could be of several.")
@click.option("--kind", type=click.Choice(KINDS), help="When the file does not say.")
@click.option("--sign", type=click.Choice(SIGNS), help="Of a CSV that no profile knows.")
@click.option(
    "--date-order", type=click.Choice(DATE_ORDERS), help="Where all dates can be read both ways."
)
@click.option(
    "--reflow",
    is_flag=True,
    help="Read no file: make the entries that rules made, and nobody touched since, again.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="With --reflow: only entries of this day and later.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be done and do nothing.")
@click.option(
    "--yes",
    "-y",
    is_flag=True,
    help="Open accounts, take a proposed profile, or reflow, without asking.",
)
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--text", is_flag=True, help="Print the text of PDFs, to write a template by it.")
@click.option("--key", default="", hidden=True, help="The same key again does nothing.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    account: str,
    entity: str,
    keep: bool,
    institution: str,
    kind: str | None,
    sign: str | None,
    date_order: str | None,
    reflow: bool,
    since: dt.datetime | None,
    dry_run: bool,
    yes: bool,
    commit: bool,
    form: str,
    text: bool,
    key: str,
) -> int:
    """Read bank files (CSV, XLSX, OFX, QFX, PDF) into the books; a second run enters nothing twice.

    \b
      books import                              everything in ledger/inbox/
      books import ~/Downloads/Chase4411.CSV
      books import statement.csv --entity acme --yes
      books import --text statement.pdf         its lines and where they stand
      books import unknown.csv --institution Citizens --kind bank --yes
      books import --reflow --dry-run           what edited rules would change

    Of a CSV that no profile knows, one is proposed, with its first lines and what speaks for it;
    what the file does not say is asked, or said by the options.

    A line that no rule decides is booked against Suspense with `review:` and waits in
    `books inbox`. Exit status 1 when a file is refused; the other files are imported.
    """
    home = loading.home_from(ctx)
    if reflow:
        if paths or account:
            raise UserError("--reflow reads no file", hint="leave out the files and --account")
        day = since.date() if since else None
        again = Reflowing(entity, day, dry_run=dry_run, yes=yes, commit=commit, form=form, key=key)
        return again.run(home)
    if since:
        raise UserError("--since goes with --reflow", hint="a file is imported whole, or not")
    files = _files(paths, home)
    if text:
        for path in files:
            click.echo(page_text(path, str(path)), nl=False)
        return EXIT_OK
    books = loading.load(home)
    ask = _asker(books, account, entity, yes=yes, dry_run=dry_run)
    answers = answers_of(
        books,
        account,
        sign=sign or "",
        date_order=date_order or "",
        institution=institution,
        kind=kind or "",
    )
    learn = Learner(home, answers, yes, dry_run, commit, quiet=form == "json")
    given = replace(answers, institution=institution)
    plan = plan_files(
        home, books, files, ask, account, lenient=dry_run, keep=keep, answers=given, learn=learn
    )
    if form == "json":
        click.echo(json.dumps(to_json(plan), indent=2, ensure_ascii=False))
    else:
        _show(plan)
    if not dry_run:
        _do(home, plan, key, commit=commit, quiet=form == "json")
    elif form == "text":
        click.echo("Dry run: nothing was written.")
    return EXIT_FINDINGS if plan.refused else EXIT_OK


def _files(paths: Sequence[Path], home: Home) -> list[Path]:
    """The files to read: those named, the contents of folders named, else the inbox folder."""
    if not paths and not home.inbox.is_dir():
        raise UserError(
            "which files?", hint=f"books import FILE…, or put the bank's exports into {home.inbox}"
        )
    found: list[Path] = []
    for path in paths or (home.inbox,):
        if path.is_dir():
            found += waiting_files(home) if path == home.inbox else _inside(path)
        elif path.exists():
            found.append(path)
        else:
            raise UserError("there is no such file", file=str(path))
    return found


def _inside(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_file() and p.name[0] != ".")


def _asker(books: Books, named: str, entity: str, *, yes: bool, dry_run: bool) -> Ask:
    """How a statement without a ledger account gets one."""

    def ask(statement: Statement, hints: Hints) -> Account | None:
        owner = loading.entity_named(books, entity) if entity else None
        if named:
            parts = named.split(":")
            owner = loading.entity_named(books, parts[1]) if len(parts) > 1 else None
        if owner is None:
            companies = [e for e in books.registry.entities.values() if e.books]
            owner = companies[0] if len(companies) == 1 else None
        if owner is None:
            if dry_run:
                return None
            raise UserError(
                "no account of yours matches this file",
                file=str(hints.file),
                hint="say whose it is: --entity NAME --yes opens the account; or name it: "
                "--account Assets:NAME:Bank:Checking",
                code=EXIT_FINDINGS,
            )
        if dry_run and not yes:
            return None
        if statement.kind == "any" and not named:
            raise UserError(
                f"{hints.institution} writes accounts and cards alike: which is it?",
                file=str(hints.file),
                hint="--kind bank or --kind card; or name it: --account NAME",
                code=EXIT_FINDINGS,
            )
        account = _proposal(statement, hints, owner.name, books, named)
        if yes:
            return account
        if not sys.stdin.isatty():
            raise UserError(
                f"no account of yours matches this file; {account.name} would fit",
                file=str(hints.file),
                hint="add --yes to open it, or name another: --account NAME",
                code=EXIT_FINDINGS,
            )
        click.confirm(f"{hints.file}: open {account.name} for it?", abort=True)
        return account

    return ask


def _proposal(statement: Statement, hints: Hints, entity: str, books: Books, named: str) -> Account:
    owner = books.registry.entities[entity]
    if not named:
        return proposed(statement, hints, owner)
    if named.split(":", maxsplit=1)[0] not in {"Assets", "Liabilities"}:
        raise UserError(f"{named} is no bank or card account", hint="Assets:… or Liabilities:…")
    try:
        base = proposed(statement, hints, owner)
    except UserError:
        is_card = named.startswith("Liabilities:")
        base = Account(
            named,
            entity,
            role="card" if is_card else "bank",
            title_holder=owner.legal_name or entity,
            line="cards" if is_card else "cash-and-equivalents",
            currencies=(statement.currency or owner.currency,),
        )
    return replace(base, name=named)


def _show(plan: ImportPlan) -> None:
    """The table of files and lines, then the diff."""
    rows = []
    for file in plan.files:
        for s in file.statements:
            review = sum(1 for draft in s.drafts if draft.review)
            name = s.account.name if s.account else "unknown; --account NAME"
            new = str(len(s.drafts)) if s.account else "?"
            known = str(s.known) if s.account else "?"
            lines, joined = str(len(s.statement.lines)), str(s.joined)
            rows.append((file.path.name, name, lines, new, known, joined, str(review)))
    # Joined: the second source of a line, or the other side of a transfer.
    numbers = ("lines", "new", "known", "joined", "to review")
    if rows:
        print_table(("file", "account", *numbers), rows, right=numbers)
    for file in plan.files:
        if file.refused:
            click.echo(f"{file.path.name}: refused: {file.refused}")
        for warning in file.warnings:
            click.echo(f"{file.path.name}: {warning}")
        for s in file.statements:
            _show_proof(file, s)
            if s.opening:
                held = f"{at_cents(s.opening.number)} {s.opening.currency}"
                click.echo(f"{file.path.name}: held {held} before its first line")
    for account in plan.opened:
        click.echo(f"opens {account.name} from {account.opened}")
    diff = plan.change.effective().diff().splitlines()
    if diff:
        click.echo("")
        click.echo("\n".join(diff[:_DIFF_LINES]))
    if len(diff) > _DIFF_LINES:
        click.echo(f"… and {len(diff) - _DIFF_LINES} more lines of the same kind")


def _show_proof(file: FilePlan, plan: StatementPlan) -> None:
    """``opening + rows = closing``, and where a gap may come from."""
    proof, statement = plan.proof, plan.statement
    if proof is not None:
        click.echo(f"{file.path.name}: {proof.account}: {proof.sentence}")
        for row in proof.rows_near:
            click.echo(f"  {row}")
        if not proof.holds and not file.is_feed:
            click.echo("  no balance was asserted")
    elif statement.balance is not None:
        dated = f" on {statement.balance_date}" if statement.balance_date else ""
        click.echo(f"{file.path.name}: closing balance {at_cents(statement.balance)}{dated}")


def _do(home: Home, plan: ImportPlan, key: str, *, commit: bool, quiet: bool) -> None:
    done = apply(home, plan.change, key=key or str(uuid.uuid4()), actor="import", commit=commit)
    keep_pendings(home, plan)
    if quiet:
        return
    for remark in (*plan.remarks, *done.remarks):
        click.echo(remark)
    if not done.files and plan.refused:
        click.echo("Nothing was written.")
        return
    if not done.files:
        click.echo("Nothing new: the books know every line.")
        return
    review = sum(1 for draft in plan.drafts if draft.review)
    if not plan.drafts:
        said = "Nothing new but what the files prove"
    else:
        said = f"Booked {len(plan.drafts)} {'line' if len(plan.drafts) == 1 else 'lines'}"
    said += f" (commit {done.commit[:9]})" if done.commit else ""
    click.echo(said + (f"; {review} wait in 'books inbox'." if review else "."))
