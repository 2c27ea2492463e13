"""A bank line with what was decided of it, and the transaction it becomes."""

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from beancount.core import amount, data

from core.journal.books import Books
from core.journal.render import clean_text
from importers.categorise import RuleText
from importers.statement import StatementLine

# Five days of bank transit is what the books allow between the two sides of a pair.
_TRANSIT = dt.timedelta(days=5)
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True)
class Draft:
    """One line on its way into the journal of ``entity``.

    ``number`` is the bank account's side, signed as the owner sees it; ``other`` the account of
    the other side; ``review`` is empty when a rule has decided.
    """

    date: dt.date
    entity: str
    account: str
    other: str
    number: Decimal
    currency: str
    payee: str
    narration: str
    id: str
    src: str
    rule: str = ""
    review: str = ""
    transfer: str = ""
    counterparty: str = ""
    tags: tuple[str, ...] = ()
    link: str = ""


def drafted(
    line: StatementLine,
    *,
    entity: str,
    account: str,
    currency: str,
    line_id: str,
    src: str,
    rule: RuleText | None,
    suspense: str,
) -> Draft:
    """The draft of a line: what its rule decides, else suspense and ``review``."""
    then = rule.then if rule else None
    undecided = then is None or not then.account
    return Draft(
        date=line.date,
        entity=entity,
        account=account,
        other=suspense if then is None or not then.account else then.account,
        number=line.amount,
        currency=currency,
        payee=clean_text(then.payee if then and then.payee else line.payee),
        narration=clean_text(then.narration if then and then.narration else line.narration),
        id=line_id,
        src=src,
        rule=rule.name if rule else "",
        review=(then.review if then else "") or ("categorise" if undecided else ""),
        transfer=then.transfer if then else "",
        counterparty=then.counterparty if then else "",
        tags=then.tags if then else (),
    )


def linked(drafts: Iterable[Draft], books: Books) -> list[Draft]:
    """The drafts, each crossing with its ``^ic-`` link.

    A crossing takes the link of the one half that waits for it: the same class, the opposite
    amount, at most five days apart, in the counterparty's books or among these drafts. Two such
    halves are no answer: then, and where there is none, the link is new.
    """
    waiting = _waiting_halves(books)
    out = []
    for draft in drafts:
        if not draft.transfer or not draft.counterparty:
            out.append(draft)
            continue
        key = (draft.counterparty, draft.entity, draft.transfer, draft.currency, -draft.number)
        near = [half for half in waiting.get(key, []) if abs(half[0] - draft.date) <= _TRANSIT]
        if len(near) == 1:
            waiting[key].remove(near[0])
            out.append(replace(draft, link=near[0][1]))
            continue
        link = new_link(draft.date)
        own = (draft.entity, draft.counterparty, draft.transfer, draft.currency, draft.number)
        waiting.setdefault(own, []).append((draft.date, link))
        out.append(replace(draft, link=link))
    return out


_Half = tuple[str, str, str, str, Decimal]


def _waiting_halves(books: Books) -> dict[_Half, list[tuple[dt.date, str]]]:
    """Transfers in the books whose link has one entity only, by who, to whom, class and amount."""
    waiting: dict[_Half, list[tuple[dt.date, str]]] = {}
    linked: dict[str, list[data.Transaction]] = {}
    for txn in books.select("paired", lambda txn: any(map(_is_pair, txn.links or ()))):
        for link in filter(_is_pair, txn.links or ()):
            linked.setdefault(link, []).append(txn)
    for link, txns in linked.items():
        entities = set().union(*(books.registry.ents(txn) for txn in txns))
        if len(entities) != 1 or len(txns) != 1:
            continue
        txn, (entity,) = txns[0], entities
        party, transfer = txn.meta.get("counterparty"), txn.meta.get("transfer")
        for posting in txn.postings:
            units = posting.units
            if units is None or units.number is None:
                continue
            if books.role(posting.account) not in {"bank", "card", "cash"}:
                continue
            key = (entity, str(party), str(transfer), units.currency, units.number)
            waiting.setdefault(key, []).append((txn.date, link))
    return waiting


def _is_pair(link: str) -> bool:
    return link.startswith("ic-")


def new_link(day: dt.date) -> str:
    """A pair link that two branches never both choose: ``ic-26-`` and six random characters."""
    return f"ic-{day:%y}-" + "".join(secrets.choice(_BASE32) for _ in range(6))


def transaction(draft: Draft) -> data.Transaction:
    """The draft as a Beancount transaction; the line's identity stands on the bank posting."""
    meta = {
        key: value
        for key, value in (
            ("transfer", draft.transfer),
            ("counterparty", draft.counterparty),
            ("rule", draft.rule),
            ("review", draft.review),
        )
        if value
    }
    units = amount.Amount(draft.number, draft.currency)
    other = amount.Amount(-draft.number, draft.currency)
    return data.Transaction(
        meta=meta,
        date=draft.date,
        flag="!" if draft.review else "*",
        payee=draft.payee or None,
        narration=draft.narration,
        tags=frozenset(draft.tags),
        links=frozenset({draft.link} if draft.link else ()),
        postings=[
            data.Posting(
                draft.account, units, None, None, None, {"id": draft.id, "src": draft.src}
            ),
            data.Posting(draft.other, other, None, None, None, None),
        ],
    )
