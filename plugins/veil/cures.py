"""Cures that several rules write: pairs with due-from and due-to, ready to paste."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal

from beancount.core import data

from core.entity import Account
from core.journal.books import Books
from core.money import at_cents
from plugins.veil.receipts import OWN_LINES

_OTHER_CLASSES = {
    "payroll": "wages",
    "withholding": "wages",
    "tax-withheld": "wages",
    "guaranteed-payment": "a guaranteed payment",
    "distribution": "a distribution",
}


def between(entity: str, other: str, books: Books, *, owed: bool) -> str:
    """The due-from (``owed``: the other owes this entity) or due-to account of the two."""
    role = "due-from" if owed else "due-to"
    for account in books.accounts.values():
        if account.entity == entity and account.role == role and account.counterparty == other:
            return account.name
    return f"Assets:{entity}:DueFrom:{other}" if owed else f"Liabilities:{entity}:DueTo:{other}"


def pair_link(txn: data.Transaction) -> str:
    """The entry's pair link, or one made of its day and line."""
    known = next((link for link in txn.links or () if link.startswith("ic-")), "")
    return known or f"ic-{txn.date:%y}-{txn.date:%m%d}{int(txn.meta.get('lineno', 0)) % 100:02}"


def quoted(text: str | None) -> str:
    """Text as it stands between quotes."""
    return (text or "").replace("\\", "\\\\").replace('"', '\\"')


def other_class(txn: data.Transaction, books: Books) -> str:
    """What the entry does besides that makes it no expense on behalf (wages, a guaranteed payment,
    a distribution), in a word; empty for nothing. A pair has one class: somebody has to take the
    two apart first, and only the payer knows which money was which."""
    words = (_OTHER_CLASSES.get(books.role(posting.account), "") for posting in txn.postings)
    return next((word for word in words if word), "")


def is_converted(txn: data.Transaction) -> bool:
    """Whether a price or a cost makes the entry balance."""
    return any(posting.price or posting.cost for posting in txn.postings)


def on_behalf(
    txn: data.Transaction,
    payer: str,
    other: str,
    costs: Collection[data.Posting],
    books: Books,
    *,
    said: str,
) -> str:
    """The pair that books ``costs`` of the payer's ``txn`` as owed by ``other``, whose they are.

    ``said`` is the narration where the entry has none. Empty where ``other`` has no account for it,
    and where the entry converts: a pair is of one currency, and at what rate only people know.
    """
    expense = expense_of(other, txn.date, books)
    if not expense or is_converted(txn):
        return ""
    owed = between(payer, other, books, owed=True)
    link = pair_link(txn)
    tags = "".join(f" #{tag}" for tag in sorted(txn.tags or ()))
    payee = quoted(txn.payee)
    narration = quoted(txn.narration) or said
    out = [f'{txn.date} {txn.flag} "{payee}" "{narration}" ^{link}{tags}']
    out += ['  transfer: "expense-on-behalf"', f'  counterparty: "{other}"', *kept(txn)]
    moved: dict[str, Decimal] = {}
    for posting in txn.postings:
        if posting.units is None or posting.units.number is None:
            continue
        number, currency = posting.units.number, posting.units.currency
        if posting in costs:
            moved[currency] = moved.get(currency, Decimal(0)) + number
            out.append(f"  {owed}  {at_cents(number)} {currency}")
        else:
            out.append(f"  {posting.account}  {at_cents(number)} {currency}")
            out += line_of(posting)
    out += ["", f'{txn.date} {txn.flag} "{payee}" "{narration}" ^{link}{tags}']
    out += ['  transfer: "expense-on-behalf"', f'  counterparty: "{payer}"']
    for currency, number in moved.items():
        out.append(f"  {expense}  {at_cents(number)} {currency}")
        due_to = between(other, payer, books, owed=False)
        out.append(f"  {due_to}  {at_cents(-number)} {currency}")
    return "\n".join(out)


def kept(txn: data.Transaction) -> list[str]:
    """The entry's own text metadata, which its cure must not lose."""
    own = {"filename", "transfer", "counterparty", "waive", "waived-by"}
    return [
        f'  {key}: "{quoted(value)}"'
        for key, value in txn.meta.items()
        if isinstance(value, str) and key not in own and not key.startswith("__")
    ]


def line_of(posting: data.Posting) -> list[str]:
    """The metadata by which a bank posting is known again."""
    meta = posting.meta or {}
    return [f'    {k}: "{meta[k]}"' for k in ("id", "src") if isinstance(meta.get(k), str)]


def expense_of(entity: str, day: dt.date, books: Books) -> str:
    """Where the entity books it until somebody says better: Other, else its first open account for
    what is bought from anybody; empty where it has none."""
    known = books.registry.named(entity)
    may_be_personal = known is not None and known.is_person
    own = [
        a.name
        for a in books.accounts.values()
        if a.entity == entity
        and a.name.startswith("Expenses:")
        and a.is_open(day)
        and _is_plain(a)
        and (may_be_personal or not a.personal)
    ]
    return next((name for name in own if name.endswith((":Other", ":Misc"))), (own or [""])[0])


def _is_plain(account: Account) -> bool:
    """Whether an expense account has no meaning of its own: none of interest, pay, taxes or
    depreciation, none about another entity."""
    has_other = account.role or account.counterparty or account.meta.get("tax") in OWN_LINES
    return not has_other
