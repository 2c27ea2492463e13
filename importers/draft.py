"""A bank line with what was decided of it, and the transaction it becomes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from beancount.core import amount, data
from beancount.core.position import CostSpec

from core.journal.render import clean_text, totally_priced
from importers.rules.categorise import RuleText
from importers.statement import StatementLine


@dataclass(frozen=True)
class Leg:
    """One posting of a draft: ``number`` is signed as Beancount signs it, None where Beancount
    works it out. ``lines`` are the bank lines that it is, each with its id and its source;
    ``total`` is a price for all of it, as the bank writes it (``@@``)."""

    account: str
    number: Decimal | None
    currency: str
    lines: tuple[tuple[str, str], ...] = ()
    cost: CostSpec | None = None
    price: amount.Amount | None = None
    meta: tuple[tuple[str, Any], ...] = ()
    total: amount.Amount | None = None

    def posting(self) -> data.Posting:
        """The leg as a posting, with ``id``, ``src``, ``id-2``, ``src-2``, … of its lines."""
        units = None if self.number is None else amount.Amount(self.number, self.currency)
        meta = dict(self.meta) | sources(self.lines)
        posting = data.Posting(self.account, units, self.cost, self.price, None, meta or None)
        return totally_priced(posting, self.total) if self.total else posting


def sources(lines: tuple[tuple[str, str], ...], first: int = 1) -> dict[str, str]:
    """The metadata that says which bank lines a posting is; the first has the number ``first``."""
    meta: dict[str, str] = {}
    for number, (line_id, source) in enumerate(lines, start=first):
        suffix = "" if number == 1 else f"-{number}"
        meta |= {f"id{suffix}": line_id, f"src{suffix}": source}
    return meta


@dataclass(frozen=True)
class Kept:
    """Where what a processor keeps is booked: its ``fees``, and the ``tax`` on them that the owner
    may claim. Empty where nobody has said so."""

    fees: str = ""
    tax: str = ""


NOWHERE = Kept()


@dataclass(frozen=True)
class Draft:
    """One line on its way into the journal of ``entity``.

    ``own`` is the posting of the statement's account, signed as the owner sees it; ``others`` are
    the other sides; ``review`` is empty when somebody or something has decided, and ``perhaps``
    names the bank lines that the question is about. ``line`` is what the bank said, None for what
    no line of a statement says.
    """

    date: dt.date
    entity: str
    own: Leg
    others: tuple[Leg, ...]
    payee: str
    narration: str
    rule: str = ""
    review: str = ""
    perhaps: tuple[str, ...] = ()
    transfer: str = ""
    counterparty: str = ""
    tags: tuple[str, ...] = ()
    link: str = ""
    line: StatementLine | None = None

    @property
    def id(self) -> str:
        """The id of the bank line."""
        return self.own.lines[0][0]

    @property
    def account(self) -> str:
        """The statement's account."""
        return self.own.account

    @property
    def number(self) -> Decimal:
        """What the statement's account gained."""
        return self.own.number or Decimal(0)

    @property
    def moved(self) -> Decimal:
        """What the account gained before anything was kept of it: what a transfer moved."""
        return self.line.gross if self.line else self.number

    @property
    def currency(self) -> str:
        """The currency of the statement's account."""
        return self.own.currency


def drafted(
    line: StatementLine,
    *,
    entity: str,
    account: str,
    currency: str,
    line_id: str,
    src: str,
    decide: Callable[[StatementLine], RuleText | None],
    suspense: str,
    kept: Kept = NOWHERE,
) -> Draft:
    """The draft of a line: what its rule decides, else suspense and ``review``.

    ``decide`` is asked once for each part that the file itself splits the line into. What it
    decides is the gross; the fee and the tax on it go where ``kept`` says, or to suspense where
    that is unknown.
    """
    if line.splits:
        return _split(
            line, entity, Leg(account, line.amount, currency, ((line_id, src),)), decide, suspense
        )
    rule = decide(line)
    then = rule.then if rule else None
    other = then.account if then and then.account else suspense
    charged = line.fee or line.fee_tax
    others = [Leg(other, -line.gross, currency)] if line.gross or not charged else []
    undecided = bool(others) and (then is None or not then.account)
    parts = (line.fee, kept.fees, "fee"), (line.fee_tax, kept.tax, "tax on the fee")
    for number, where, said in parts:
        if number:
            undecided = undecided or not where
            note = () if where else (("note", said),)
            others.append(Leg(where or suspense, number, currency, meta=note))
    waits_as = "transfer" if line.kind == "transfer" else "categorise"
    return Draft(
        date=line.date,
        entity=entity,
        own=Leg(account, line.amount, currency, ((line_id, src),)),
        others=tuple(others),
        payee=clean_text(then.payee if then and then.payee else line.payee),
        narration=clean_text(then.narration if then and then.narration else line.narration),
        rule=rule.name if rule else "",
        review=(then.review if then else "") or (waits_as if undecided else ""),
        transfer=then.transfer if then else "",
        counterparty=then.counterparty if then else "",
        tags=then.tags if then else (),
        line=line,
    )


def _split(
    line: StatementLine,
    entity: str,
    own: Leg,
    decide: Callable[[StatementLine], RuleText | None],
    suspense: str,
) -> Draft:
    """The draft of a line that its file splits. A rule for a part says its account and no more; a
    crossing is a decision for a whole line, so that such a part is left for review."""
    others, names = [], []
    for split in line.splits:
        cells = {"category": split.category, "memo": split.narration}
        part = replace(line, amount=split.amount, narration=split.narration, cells=cells, splits=())
        rule = decide(part)
        crosses = rule is not None and bool(rule.then.transfer)
        decided = rule.then.account if rule and not crosses and not rule.then.review else ""
        if rule and decided:
            names.append(rule.name)
        said = clean_text(": ".join(filter(None, (split.category, split.narration))))
        meta = (("note", said),) if said else ()
        others.append(Leg(decided or suspense, -split.amount, own.currency, meta=meta))
    return Draft(
        date=line.date,
        entity=entity,
        own=own,
        others=tuple(others),
        payee=clean_text(line.payee),
        narration=clean_text(line.narration),
        rule=", ".join(dict.fromkeys(names)),
        review="" if len(names) == len(others) else "categorise",
        line=line,
    )


def transaction(draft: Draft) -> data.Transaction:
    """The draft as a Beancount transaction; a line's identity stands on its posting."""
    meta = {
        key: value
        for key, value in (
            ("transfer", draft.transfer),
            ("counterparty", draft.counterparty),
            ("rule", draft.rule),
            ("review", draft.review),
            ("perhaps", ", ".join(draft.perhaps)),
        )
        if value
    }
    return data.Transaction(
        meta=meta,
        date=draft.date,
        flag="!" if draft.review else "*",
        payee=draft.payee or None,
        narration=draft.narration,
        tags=frozenset(draft.tags),
        links=frozenset({draft.link} if draft.link else ()),
        postings=[leg.posting() for leg in (draft.own, *draft.others)],
    )
