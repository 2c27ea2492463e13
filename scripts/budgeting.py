"""Which budget a person means, and what they decided on it: shown, confirmed, written, judged."""

import uuid
from collections.abc import Sequence
from pathlib import Path

import click
from beancount.core import data

from core.budget.ledger import budgets_in
from core.budget.terms import Budget
from core.entity import Entity
from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet, FileChange
from core.journal.placement import as_read, month_file, placed
from core.journal.render import render
from core.journal.write import apply
from scripts import books as loading


def budget_of(books: Books, entity: str) -> Budget:
    """The budget of an entity, or the only one there is; raises UserError."""
    known = budgets_in(books)
    if entity:
        found = known.named(entity)
        if found is None and books.registry.entities:
            entity = loading.entity_named(books, entity).name
        what = f"{entity} has no budget"
    else:
        if len(known.budgets) > 1:
            names = ", ".join(known.budgets)
            raise UserError(f"these books have several budgets: {names}", hint="name one: --entity")
        found = next(iter(known.budgets.values()), None)
        what = "these books have no budget"
    if found is None:
        raise UserError(what, hint="'books budget start' proposes one from the last twelve months")
    return found


def tell_problems(books: Books) -> None:
    """Says which directives of budgets were left out, and why."""
    for entry, problem in budgets_in(books).problems:
        file, line = books.where(entry)
        click.echo(f"books: {file}:{line}: left out: {problem}", err=True)


def budget_file(home: Home, books: Books, entity: str) -> Path | None:
    """The entity's file for budgets, relative to the home, where its journal includes one."""
    path = Path("ledger", books.registry.entities[entity].folder, "budget.beancount")
    return path if (home.path / path).resolve() in books.files else None


def _new_file(home: Home, books: Books, owner: Entity) -> tuple[Path | None, list[FileChange]]:
    """A file for the entity's budget, and the line of its journal that includes it; none where
    there is no such journal, or a file that nobody includes."""
    path = Path("ledger", owner.folder, "budget.beancount")
    journal = path.with_name("ledger.beancount")
    before = as_read(home, books, journal)
    if before is None or (home.path / path).exists():
        return None, []
    line = b'include "budget.beancount"\n'
    after = before + (b"" if before.endswith(b"\n") else b"\n") + line
    return path, [FileChange(journal, before, after)]


def write(
    message: str,
    orders: Sequence[data.Custom],
    *,
    entity: str,
    home: Home,
    books: Books,
    key: str,
    dry_run: bool,
    yes: bool,
    commit: bool,
    founds: bool = False,
) -> None:
    """Shows the directives as a change; unless it is a dry run, applies it once it is confirmed,
    and says what the rules find that they did not find before. ``founds``: the entity gets a file
    for budgets where it has none."""
    owner = loading.entity_named(books, entity)
    own_file = budget_file(home, books, owner.name)
    including: list[FileChange] = []
    if founds and own_file is None:
        own_file, including = _new_file(home, books, owner)
    blocks = [(own_file or month_file(owner, o.date), owner, render(o)) for o in orders]
    files, remarks = placed(home, books, blocks)
    change = ChangeSet(message, (*files, *including))
    click.echo(change.diff(), nl=False)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return
    if not yes:
        click.confirm("Write it so?", abort=True)
    before = {finding.fingerprint for finding in loading.check(books)}
    done = apply(home, change, key=key or str(uuid.uuid4()), commit=commit)
    for remark in (*remarks, *done.remarks):
        click.echo(remark)
    after = [f for f in loading.check(loading.load(home)) if f.fingerprint not in before]
    click.echo(f"Written. {len(after) or 'No'} new finding{'' if len(after) == 1 else 's'}.")
    for finding in after:
        click.echo(f"  {finding.severity.value} {finding.code} {finding.message}")
