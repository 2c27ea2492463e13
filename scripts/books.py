"""Loading books for a command: the home, its roots, the entity a person named, all findings."""

import datetime as dt
from pathlib import Path

import click

from core.actions import record
from core.entity import Entity
from core.findings import EXIT_FINDINGS, Finding, Severity, UserError, fingerprinted
from core.home import Home, find_home, home_of
from core.journal.books import Books
from core.journal.closings import Closings
from core.journal.read import read
from core.journal.recovery import recover
from core.journal.view import entity_view, own_findings
from plugins.run import run_rules

# What is found where an entry, or a whole file, is missing from the books that were read.
_LOST = frozenset(
    {"LINT-CONFLICT", "LINT-CUT", "LINT-FILE", "LINT-INCLUDE", "LINT-SIZE"}
    | {f"BC-{kind}" for kind in ("LEXER", "LOAD", "PARSER", "PARSER-SYNTAX")}
    | {f"BC-{kind}" for kind in ("AMBIGUOUS-MATCH", "BOOKING", "CATEGORIZATION", "INTERPOLATION")}
)


def home_from(ctx: click.Context) -> Home:
    """The home that ``--home``, the environment or the working directory names."""
    given = ctx.find_root().obj
    home = find_home(given)
    here = home_of(Path.cwd() / "x")
    if not given and here and here != home:
        click.echo(f"books: in {home.path} ($BOOKS_HOME), not in {here.path} around you", err=True)
    finished = recover(home)
    if finished:
        names = ", ".join(path.as_posix() for path in finished.files)
        click.echo(f"books: finished a change that was interrupted: {names}", err=True)
        for remark in finished.remarks:
            click.echo(f"  {remark}", err=True)
    return home


def remember(home: Home, what: str, **details: str) -> None:
    """Puts an action into the log of the home; where that cannot be written, says so."""
    try:
        record(home, what, **details)
    except UserError as error:
        click.echo(f"books: the log of actions {error.message}", err=True)


def check(books: Books) -> list[Finding]:
    """Every finding of the books: the lint's, Beancount's and the rules', fingerprinted."""
    return fingerprinted([*books.findings, *run_rules(books, closed=Closings.of(books))])


def refuse_unread(books: Books) -> None:
    """Raises UserError where a part of the books could not be read: figures that something is
    decided by would be wrong without a sign of it."""
    errors = (f for f in books.findings if f.severity is Severity.ERROR)
    lost = next((f for f in errors if f.code in _LOST), None)
    if lost is not None:
        raise UserError(
            f"the books cannot be read wholly, and figures would be wrong: {lost.message}",
            file=lost.file,
            line=lost.line,
            hint="mend that first; 'books check' names all of it",
            code=EXIT_FINDINGS,
        )


def entity_named(books: Books, name: str) -> Entity:
    """The entity a person means, by its name or its folder, without regard to case; raises
    UserError for none."""
    folders = {each.folder.casefold(): each for each in books.registry.entities.values()}
    entity = books.registry.named(name) or folders.get(name.casefold())
    if entity is None:
        known = ", ".join(books.registry.entities) or "none is registered"
        raise UserError(f"there is no entity '{name}'", hint=f"known: {known}")
    return entity


def load(
    home: Home, *, file: Path | None = None, entity: str = "", as_of: dt.date | None = None
) -> Books:
    """The books of ``file``, else of one entity, else of the home's main root."""
    if file is not None:
        return read(file, as_of=as_of)
    books = read(home.main_root, home=home, as_of=as_of)
    if not entity:
        return books
    owner = entity_named(books, entity)
    root = home.ledger / owner.folder / "main.beancount"
    if books.parts is not None and root in home.entity_roots:
        alone = read(root, home=home, as_of=as_of)  # says the same, and what is kept is shared
        return alone.with_findings(own_findings(alone, owner.name, home))
    return entity_view(books, owner.name, home, as_of=as_of)
