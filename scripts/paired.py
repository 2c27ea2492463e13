"""A composed pair as a change: both halves in both journals, shown, applied once, and judged."""

import datetime as dt
import hashlib
import os
import re
import uuid
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import click
from beancount.core import data
from beancount.core.amount import Amount

from core.entity import Entity
from core.findings import UserError
from core.home import Home
from core.journal import keys
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.placement import month_file, placed
from core.journal.render import render
from core.journal.write import apply
from core.money import at_cents, parse_decimal, plain
from scripts import books as loading

# A number, and perhaps the code of its currency: 500.00, 500.00 EUR, 500EUR, EUR 500.
_AMOUNT = re.compile(
    r"(?:(?P<before>[A-Za-z]{3}) ?)?(?P<number>[^A-Za-z$€£¥₹]+?)"
    r"(?: (?P<after>[A-Za-z][A-Za-z0-9'._-]*)|(?P<behind>[A-Za-z]{3}))?"
)


def day_of(text: str) -> dt.date:
    """The day that a person means, today where they say none; raises UserError."""
    try:
        given = dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UserError(f"'{text}' is not a date", hint="write it as 2026-09-30") from error
    return given or dt.datetime.now(dt.UTC).astimezone().date()


def amount_of(text: str, entity: Entity) -> Amount:
    """The amount that ``500.00`` (in the entity's currency) or ``500.00 EUR`` means, at cents;
    raises UserError."""
    number, currency = _said(text)
    if number <= 0:
        raise UserError("the amount is not positive", hint="turn the two sides round instead")
    if number != number.quantize(Decimal("0.01")):
        raise UserError(f"{plain(number)} cannot be paid", hint="write it in whole cents")
    return Amount(Decimal(at_cents(number)), currency or entity.currency)


def converted(text: str, other: Amount, entity: Entity) -> Amount | None:
    """What ``--received`` or ``--paid`` means beside the ``other`` amount, None where nothing was
    said; raises UserError where that is the same currency: no bank has converted."""
    if not text:
        return None
    given = amount_of(text, entity)
    if given.currency != other.currency:
        return given
    if given == other:
        return None
    raise UserError(
        f"{given} and {other} are of one currency, so no bank has converted",
        hint="book what the bank kept as a cost of who bore it",
    )


def number_of(text: str, entity: Entity) -> Decimal:
    """The number that a person means in the entity's own currency; raises UserError for another."""
    number, currency = _said(text)
    if currency not in {"", entity.currency}:
        raise UserError(
            f"{entity.name} keeps books in {entity.currency}, not in {currency}",
            hint=f"write --amount in {entity.currency}",
        )
    return number


def _said(text: str) -> tuple[Decimal, str]:
    """The number and the currency's code, empty where none was said; what was said is never
    dropped. Raises UserError."""
    hint = 'write --amount 500.00 or "500.00 EUR"'
    match = _AMOUNT.fullmatch(" ".join(text.split()))
    codes = [match[name] for name in ("before", "after", "behind") if match[name]] if match else []
    if match is None or len(codes) > 1:
        raise UserError(f"'{text.strip()}' is not an amount", hint=hint)
    try:
        number = parse_decimal(match["number"])
    except ValueError as error:
        raise UserError(f"'{text.strip()}' is not an amount: {error}", hint=hint) from error
    return number, (codes[0].upper() if codes else "")


def two(books: Books, one: str, other: str) -> tuple[str, str]:
    """The two entities that a person names, of which one keeps books; raises UserError."""
    first, second = (loading.entity_named(books, name) for name in (one, other))
    if first.name == second.name:
        raise UserError(f"{first.name} cannot pay itself", hint="name two entities")
    if not (first.books or second.books):
        raise UserError(f"neither {first.name} nor {second.name} keeps books here")
    return first.name, second.name


def was_done(home: Home, key: str) -> bool:
    """Whether the change with this key was made before; then it says so."""
    known = keys.files_of(home, key) if key else None
    if known is not None:
        click.echo(f"Done before: {', '.join(path.as_posix() for path in known)}")
    return known is not None


def document(paper: Path, half: data.Transaction, home: Home, books: Books) -> data.Document:
    """A paper as evidence of a pair: it carries the pair's link and the file's SHA-256, its path
    is relative to the month file of ``half``. Raises UserError where it does not lie in the books.
    """
    full = next((p for p in (Path.cwd() / paper, home.path / paper) if p.is_file()), None)
    if full is None:
        raise UserError("there is no such file", file=str(paper))
    full = full.resolve()
    (entity,) = (books.registry.entities[name] for name in books.registry.ents(half))
    folder = home.ledger.resolve() / entity.folder
    if not full.is_relative_to(home.ledger.resolve()):
        raise UserError(
            "is not among the papers of the books",
            file=str(paper),
            hint=f"put it into {folder / 'documents'} and name it there",
        )
    beside = (home.path / month_file(entity, half.date)).resolve().parent
    digest = hashlib.sha256(full.read_bytes()).hexdigest()
    return data.Document(
        {"sha256": digest},
        half.date,
        half.postings[0].account,
        os.path.relpath(full, beside),
        None,
        half.links,
    )


def write(
    message: str,
    entries: Sequence[data.Transaction | data.Document],
    *,
    home: Home,
    books: Books,
    key: str,
    dry_run: bool,
    commit: bool,
    papers: bool = False,
) -> None:
    """Shows the entries as one change of all journals; unless it is a dry run, applies it and says
    what the rules find that they did not find before. With ``papers`` those that the entries want
    are drafted in the same change, the owners' consent where no document is among the entries."""
    blocks = []
    for entry in entries:
        account = entry.account if isinstance(entry, data.Document) else entry.postings[0].account
        entity = books.registry.entities[books.registry.ent(account) or ""]
        blocks.append((month_file(entity, entry.date), entity, render(entry)))
    files, remarks = placed(home, books, blocks)
    change = ChangeSet(message, tuple(files))
    if papers:
        from scripts.drafting import with_papers

        links = sorted({link for entry in entries for link in entry.links or ()})
        consent = not any(isinstance(entry, data.Document) for entry in entries)
        change, more = with_papers(home, books, change, links, consent=consent)
        remarks += more
    click.echo(change.diff(), nl=False)
    for account in _in_transit(entries, books):
        click.echo(
            f"By way of {account}: a later statement has proven the bank's balance without this "
            "payment; its bank line moves it on."
        )
    for remark in remarks:
        click.echo(remark)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return
    done = apply(home, change, key=key or str(uuid.uuid4()), commit=commit)
    for remark in done.remarks:
        click.echo(remark)
    click.echo("Written. ", nl=False)  # said at once: who stops the rest must not do it again
    now = loading.load(home)
    # On the same day: what time alone has brought is no doing of this change.
    before = {finding.fingerprint for finding in loading.check(replace(books, as_of=now.as_of))}
    after = [f for f in loading.check(now) if f.fingerprint not in before]
    click.echo(f"{len(after) or 'No'} new finding{'' if len(after) == 1 else 's'}.")
    for finding in after:
        click.echo(f"  {finding.severity.value} {finding.code} {finding.message}")


def _in_transit(entries: Sequence[data.Transaction | data.Document], books: Books) -> list[str]:
    postings = [p for e in entries if isinstance(e, data.Transaction) for p in e.postings]
    return [p.account for p in postings if books.role(p.account) == "in-transit"]
