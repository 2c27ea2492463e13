"""The findings of VEIL-021 on a period that is not as it was closed, hard or soft: at the entry, or
at the directive where none can be named."""

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import Books
from core.seal import Seal
from plugins.rule import about, described

CODE = "VEIL-021"
FACTOR = "Backdating; unreliable records"


def broken(seal: Seal, books: Books, *, entries: bool) -> Finding:
    """A closed period that is not as it was sealed, where nothing in it can be named: its figures,
    or its ``entries`` as well."""
    if seal.is_soft:
        return at_seal(seal, books, _other_than_soft_closed(seal))
    return at_seal(seal, books, _other_figures(seal) if entries else _other_entries(seal))


def _other_than_soft_closed(seal: Seal) -> str:
    return (
        f"the entries of {seal.entity} in {seal.period.name} are not those of its soft close, and "
        f"only adjusting ones may come in since; compare them with the tag {seal.tag}, take the "
        "change back, and let an accountant adjust, with #adjusting and approved-by:"
    )


def _other_entries(seal: Seal) -> str:
    entity, name = seal.entity, seal.period.name
    return (
        f"the entries of {entity} in {name} are not those that were sealed; compare "
        f"them with the commit of the closing (tag close/{entity}/{name}), take the "
        f"change back, and book a correction in an open period with #adjusting and "
        f'applies-to: "{name}"'
    )


def _other_figures(seal: Seal) -> str:
    name = f"{seal.entity} {seal.period.name}"
    return (
        f"the entries of {name} are those that were sealed, its figures are not: a pad, a price of "
        "the period, an option, or an entry before it was changed; 'books verify' names which: "
        "take it back"
    )


def at_seal(seal: Seal, books: Books, message: str) -> Finding:
    """A finding at the seal itself, where no entry can be named."""
    file, line = books.where(seal.entry)
    return Finding(
        CODE,
        Severity.ERROR,
        message,
        factor=FACTOR,
        entities=(seal.entity,),
        date=seal.period.last,
        file=file,
        line=line,
        evidence=(f"the entries as they were closed: tag {seal.tag}",),
        identity=(seal.entity, seal.period.name, message),
    )


def added_to(seal: Seal, entry: data.Directive, books: Books) -> Finding:
    """An entry that was added to a closed period."""
    message = f"{in_words(entry)} of {entry.date} was added to {seal.entity} {seal.period.name} "
    if seal.is_soft:
        message += (
            "after it was soft-closed, when only adjusting entries come in; date it in an open "
            "period, or let an accountant adjust, with #adjusting and approved-by:"
        )
    else:
        message += (
            "after it was closed; date it in an open period, with #adjusting and "
            f'applies-to: "{seal.period.name}"'
        )
    if isinstance(entry, data.Transaction):
        return about(books, entry, code=CODE, factor=FACTOR, message=message)
    file, line = books.where(entry)
    return Finding(
        CODE,
        Severity.ERROR,
        message,
        factor=FACTOR,
        entities=(seal.entity,),
        date=entry.date,
        file=file,
        line=line,
    )


def in_words(entry: data.Directive) -> str:
    """An entry in a few words."""
    if isinstance(entry, data.Transaction):
        return described(entry)
    return f"the {type(entry).__name__.casefold()} directive"
