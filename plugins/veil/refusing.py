"""What is refused before a crossing is composed: closed days, and classes that cannot be."""

import datetime as dt
from collections.abc import Iterable, Mapping

from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.seal import closed_until
from core.soft_close import soft_seals

# Classes whose halves are more than one payment between two accounts, and how they are booked.
BY_HAND: Mapping[str, str] = {
    "payroll": "wages have withholdings: book both halves from the payroll register, the gross on "
    "an account of the role payroll and of wage-income, what was withheld on withholding and "
    "tax-withheld",
    "asset-transfer": "no money moves: book the asset out of the one and into the other at its "
    "book value, and the difference on the owners' capital",
}
_PAID_TO_OWNERS = ("distribution", "tax-distribution", "dividend", "guaranteed-payment")
_DIVIDEND = {"distribution": "dividend", "tax-distribution": "dividend"}
_DRAW = {"dividend": "distribution"}
# What a company of a tax class pays its owners, where the class that was said is not that.
_PROPER = {
    "c-corp": _DIVIDEND,
    "india-company": _DIVIDEND,
    "partnership": _DRAW,
    "disregarded": _DRAW,
}


def refuse_by_hand(transfer: str, link: str) -> None:
    """Raises UserError for a class that no single payment makes, with how it is booked."""
    if transfer in BY_HAND:
        raise UserError(
            f"{transfer} is no single payment; {BY_HAND[transfer]}",
            hint=f'write both entries by hand, with ^{link} and transfer: "{transfer}"',
        )


def refuse_closed(books: Books, entities: Iterable[str], day: dt.date) -> None:
    """Raises UserError where that day lies in or before an entity's last closed period, or in a
    soft-closed one: an entry there changes what was sealed, or is no adjusting one."""
    closed, soft = closed_until(books.standing), soft_seals(books.standing)
    for entity in entities:
        for seal in soft.get(entity, ()):
            if seal.period.first <= day <= seal.period.last:
                raise UserError(
                    f"{entity} {seal.period.name} is soft-closed: only adjusting entries come in",
                    hint=f"give a --date after {seal.period.last}",
                    code=EXIT_FINDINGS,
                )
        last = closed.get(entity.casefold())
        if last is not None and day <= last:
            raise UserError(
                f"{entity} is closed up to {last}",
                hint="give a --date in an open period",
                code=EXIT_FINDINGS,
            )


def refuse_nonsense(transfer: str, parties: tuple[str, str], day: dt.date, books: Books) -> None:
    """Raises UserError where the class cannot be between giver and receiver: what is put into a
    company comes from an owner, what is distributed goes to one, and a corporation distributes
    dividends."""
    if transfer not in {"contribution", *_PAID_TO_OWNERS}:
        return
    owner, company = parties if transfer == "contribution" else parties[::-1]
    owners = books.registry.owners(company, day)
    word = transfer.replace("-", " ")
    if owners and not _among(owner, owners):
        reverse = _among(company, books.registry.owners(owner, day))
        hint = f"{company} owns {owner}: turn --from and --to round" if reverse else ""
        raise UserError(
            f"{owner} is no owner of {company} on {day}, so this is no {word}",
            hint=hint
            or f"its owners are {', '.join(owners)}; choose another --class, or register "
            "the ownership first",
        )
    if books.registry.entities[company].is_person:
        raise UserError(f"{company} is a person, whom nobody owns, so this is no {word}")
    tax_class = books.registry.entities[company].tax_class
    proper = _PROPER.get(tax_class, {}).get(transfer)
    if proper:
        raise UserError(
            f"{company} is taxed as {tax_class}: what it pays its owners is a {proper}",
            hint=f"write --class {proper}",
        )


def _among(name: str, names: Iterable[str]) -> bool:
    return name.casefold() in {each.casefold() for each in names}
