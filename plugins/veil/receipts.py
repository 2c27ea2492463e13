"""Receipts: what a company spends is on paper.

Reg. 1.274-5(c)(2)(iii): documentary evidence for lodging, and for any other expense of 75 dollars
or more; IRC 6001: records for all of them.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal

from beancount.core import data
from beancount.core.amount import Amount

from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from core.loans.ledger import loans_in
from core.money import at_cents
from plugins.rule import Rule, Scope, about, described
from plugins.veil.declared import CompanyExpenses, is_closed, worth
from plugins.veil.evidence import evidence, has_evidence, resolved
from plugins.veil.transfers import is_half_unseen, pair_links, posting_party

_FACTOR = "Absence of records"
_RECEIPT = ("receipt", "document")
_EVIDENCE = ("document", "receipt", "note", "resolution", "agreement")
# Roles and tax lines of expenses that nobody gives a receipt for: they have evidence of their own.
_OWN_ROLES = {"payroll", "guaranteed-payment", "interest-expense", "withholding", "tax-withheld"}
OWN_LINES = {"depreciation", "wages", "officer-pay", "guaranteed-payments", "taxes-licenses"}
OWN_LINES |= {"interest-mortgage", "interest-other"}
_OWN_PAPERS = "the payroll register, the lender's statement, the assessment or the invoice"
_SCHEDULE = "the depreciation schedule or the computation"
_PAID_FROM = {"bank", "card", "cash", "due-from", "in-transit", "contribution", "suspense"}
_WITH_PURPOSE = ("travel", "meals", "gifts")
_WITH_ATTENDEES = ("meals", "gifts")


def missing_receipt(books: Books) -> Iterator[Finding]:
    """VEIL-019: an expense of a company from the threshold on that no paper shows."""
    for txn in books.transactions:
        costs = _costs(txn, books)
        if not costs:
            continue
        entity = books.registry.ent(costs[0].account) or ""
        severity = Severity.ERROR if is_closed(entity, txn.date, books) else Severity.WARNING
        if _is_without_paper(txn, costs, books):
            yield _found(txn, entity, costs, books, severity)
        for key, kinds in (("purpose", _WITH_PURPOSE), ("attendees", _WITH_ATTENDEES)):
            kind = next((k for k in kinds for p in costs if _is(k, p.account, books)), "")
            if kind and not _says(txn, costs, key):
                yield about(
                    books,
                    txn,
                    code="VEIL-019",
                    factor=_FACTOR,
                    severity=severity,
                    message=f"{described(txn)} is {kind}, and {entity} does not say its {key}; "
                    f"add {key}: to it",
                    evidence=(f"the {key} in the entry",),
                )


def looks_at(shape: Shape, books: Books) -> bool:
    """Expenses of companies, and papers of halves of pairs."""
    if "ic" in shape.links and not shape.keys.isdisjoint(_EVIDENCE):
        return True
    is_expense = CompanyExpenses.of(books)
    return any(is_expense[account] for account in shape.accounts)


def may_need_receipt(txn: data.Transaction, books: Books) -> bool:
    """Of these: what may reach the threshold, and papers that a partner's entry may have."""
    is_expense, is_special = CompanyExpenses.of(books), _of_kinds(books)
    spent: dict[str, Decimal] = {}
    for posting in txn.postings:
        if not is_expense[posting.account] or posting.units is None:
            continue
        number, currency = posting.units
        if not number:
            continue
        least, unit = _threshold(txn.date, currency, books)
        spent[currency] = spent.get(currency, Decimal(0)) + abs(number)
        if posting.account in is_special or unit != currency or spent[currency] >= least:
            return True
    return len(spent) > 1 or _has_partners_paper(txn)


def too_small(shape: Shape, books: Books) -> Callable[[data.Transaction], bool] | None:
    """Of entries with one expense, as nearly all have: whether it is below the threshold of every
    day, which is not worth asking what that was on its own."""
    is_expense = CompanyExpenses.of(books)
    costs = [place for place, account in enumerate(shape.accounts) if is_expense[account]]
    if shape.links or len(costs) != 1 or shape.accounts[costs[0]] in _of_kinds(books):
        return None
    (place,) = costs
    least = _Least.of(books)

    def is_small(txn: data.Transaction) -> bool:
        units = txn.postings[place].units
        if units is None or units.number is None:
            return False
        low, high = least[units.currency]
        return low < units.number < high

    return is_small


class _Least(dict[str, tuple[Decimal, Decimal]]):
    """Between which amounts of a currency a receipt is needed on no day; where that would take a
    rate there are none."""

    def __init__(self, books: Books) -> None:
        super().__init__()
        self._books = books
        self._days = {dt.date.min, *(rule.date for rule in books.policy.rules)}

    def __missing__(self, currency: str) -> tuple[Decimal, Decimal]:
        found = [_threshold(day, currency, self._books) for day in self._days]
        least = min(number if unit == currency else Decimal(0) for number, unit in found)
        self[currency] = -least, least
        return self[currency]

    @classmethod
    def of(cls, books: Books) -> "_Least":
        """Those of the books."""
        known: _Least | None = books.memo.get("least for a receipt")
        if known is None:
            known = books.memo["least for a receipt"] = cls(books)
        return known


def _of_kinds(books: Books) -> frozenset[str]:
    """The accounts that need a paper, or words, whatever the amount."""
    known: frozenset[str] | None = books.memo.get("accounts of kinds")
    if known is None:
        kinds = ("lodging", *_WITH_PURPOSE)
        found = (a for a in books.accounts if any(_is(kind, a, books) for kind in kinds))
        known = books.memo["accounts of kinds"] = frozenset(found)
    return known


def _has_partners_paper(txn: data.Transaction) -> bool:
    meta = txn.meta
    return bool(txn.links) and any(key in meta for key in _EVIDENCE) and bool(pair_links(txn))


def _costs(txn: data.Transaction, books: Books) -> list[data.Posting]:
    """The expense postings of companies."""
    is_expense = CompanyExpenses.of(books)
    found = [posting for posting in txn.postings if is_expense[posting.account]]
    return [posting for posting in found if posting.units and posting.units.number]


def _amount(posting: data.Posting) -> tuple[Decimal, str]:
    units = posting.units
    return (units.number or Decimal(0), units.currency) if units else (Decimal(0), "")


def _totals(costs: list[data.Posting]) -> dict[str, Decimal]:
    """The sum of each currency."""
    totals: dict[str, Decimal] = {}
    for posting in costs:
        number, currency = _amount(posting)
        totals[currency] = totals.get(currency, Decimal(0)) + number
    return totals


def _is(kind: str, name: str, books: Books) -> bool:
    """Whether the account says of itself that it is for this: ``lodging: TRUE``, or ``tax:``."""
    account = books.accounts.get(name)
    meta = account.meta if account else {}
    return meta.get(kind) is True or meta.get("tax") == kind


def _says(txn: data.Transaction, costs: list[data.Posting], key: str) -> bool:
    said = [txn.meta.get(key), *((posting.meta or {}).get(key) for posting in costs)]
    return any(isinstance(text, str) and text.strip() for text in said)


def _is_without_paper(txn: data.Transaction, costs: list[data.Posting], books: Books) -> bool:
    if is_half_unseen(txn, books) or _has_receipt(txn, costs, books):
        return False
    if _has_evidence(txn, books):
        costs = [posting for posting in costs if not _has_own(posting, txn, books)]
    lodging = any(
        _is("lodging", p.account, books) and abs(_amount(p)[0]) >= Decimal("0.01") for p in costs
    )
    return lodging or _reaches_threshold(txn, costs, books)


def _has_receipt(txn: data.Transaction, costs: list[data.Posting], books: Books) -> bool:
    """Whether a receipt is named that is there, on the entry or on each of its expenses."""
    if has_evidence(txn, books, _RECEIPT):
        return True
    if any(evidence(other, books, _RECEIPT) for other in _partners(txn, books)):
        return True
    return all(_posting_receipt(posting, txn, books) for posting in costs)


def _posting_receipt(posting: data.Posting, txn: data.Transaction, books: Books) -> bool:
    said = [(posting.meta or {}).get(key) for key in _RECEIPT]
    return any(isinstance(text, str) and resolved(text, txn.meta, books) for text in said)


def _partners(txn: data.Transaction, books: Books) -> Iterator[data.Transaction]:
    """The other entries of its pair: the paper of a crossing may lie with one of them."""
    for link in pair_links(txn):
        yield from (other for other in books.by_link.get(link, ()) if other is not txn)


def _has_evidence(txn: data.Transaction, books: Books) -> bool:
    entries = (txn, *_partners(txn, books))
    return any(evidence(entry, books, _EVIDENCE) for entry in entries) or _has_note(txn, books)


def _has_note(txn: data.Transaction, books: Books) -> bool:
    """Whether it pays a declared loan whose note is there: the schedule shows the interest."""
    loans = loans_in(books)
    loan = loans.declared.loans.get(loans.note_of(txn))
    return loan is not None and bool(evidence(loan.entry, books, ("document",)))


def _has_own(posting: data.Posting, txn: data.Transaction, books: Books) -> bool:
    """Whether it is a cost with evidence of its own instead of a receipt: depreciation and other
    entries that nobody is paid by, interest, payroll, taxes, and what crosses between entities."""
    account = books.accounts.get(posting.account)
    if posting_party(posting, books) or (account and account.role in _OWN_ROLES):
        return True
    if account and account.meta.get("tax") in OWN_LINES:
        return True
    return not _pays_somebody(txn, books)


def _pays_somebody(txn: data.Transaction, books: Books) -> bool:
    """Whether somebody is paid, or owed: by depreciation and accruals of one's own nobody is."""
    return any(
        p.account.startswith("Liabilities:") or books.role(p.account) in _PAID_FROM
        for p in txn.postings
    )


def _reaches_threshold(txn: data.Transaction, costs: list[data.Posting], books: Books) -> bool:
    """Whether the sum is at or above the threshold; one that cannot be converted may be."""
    reached = Decimal(0)  # as a part of the threshold, which may differ by currency
    for currency, number in _totals(costs).items():
        least, unit = _threshold(txn.date, currency, books)
        converted = worth(number, currency, unit, txn.date, books)
        if converted is None or not least:
            return True
        reached += converted / least
    return bool(costs) and abs(reached) >= 1


def _threshold(day: dt.date, currency: str, books: Books) -> tuple[Decimal, str]:
    """The amount and its currency: ``receipt-threshold-inr`` for rupees, else
    ``receipt-threshold``, on that day. A number alone is in the currency it is for."""
    known: dict[tuple[dt.date, str], tuple[Decimal, str]]
    known = books.memo.setdefault("receipt thresholds", {})
    if (day, currency) not in known:
        known[day, currency] = _threshold_on(day, currency, books)
    return known[day, currency]


def _threshold_on(day: dt.date, currency: str, books: Books) -> tuple[Decimal, str]:
    own = f"receipt-threshold-{currency.casefold()}"
    for name, unit in ((own, currency), ("receipt-threshold", "USD")):
        said = books.policy.threshold("VEIL-019", name, day, None)
        if isinstance(said, Amount) and said.number is not None:
            return said.number, said.currency
        if isinstance(said, Decimal):
            return said, unit
    return Decimal(75), "USD"


def _found(
    txn: data.Transaction,
    entity: str,
    costs: list[data.Posting],
    books: Books,
    severity: Severity,
) -> Finding:
    spent = " and ".join(f"{at_cents(n)} {c}" for c, n in sorted(_totals(costs).items()))
    named = next((t for key in _RECEIPT if isinstance(t := txn.meta.get(key), str) and t), "")
    if all(_has_own(posting, txn, books) for posting in costs):
        why = f"the paper {named} is not there" if named else "no paper shows it"
        what = f"{entity} booked {spent} for {described(txn)}, and {why}; "
        is_paid = _pays_somebody(txn, books)
        wanted = _OWN_PAPERS if is_paid else _SCHEDULE
        what += f"nobody gives a receipt for such a cost: name {wanted} by document:"
        what += "" if is_paid else "; if somebody was paid after all, attach the receipt"
    else:
        why = f"names the receipt {named}, which is not there" if named else "has no receipt"
        what = f"{entity} spent {spent} at {described(txn)}, which {why}; attach it, or name an "
        what += 'affidavit: receipt: "affidavit:PATH"'
        wanted = "the receipt, or an affidavit that it is missing"
    return about(
        books,
        txn,
        code="VEIL-019",
        factor=_FACTOR,
        severity=severity,
        message=what,
        evidence=(wanted,),
    )


RULES = (
    Rule(
        "VEIL-019",
        "Missing receipt",
        _FACTOR,
        Scope.ENTITY,
        True,
        missing_receipt,
        meaning="the expenses of a company's entry come to receipt-threshold: (75.00 USD, "
        "converted at the day's price; receipt-threshold-inr: sets one for rupees) or more, and "
        "no receipt: or document: names a file that is there, no document shares a link, and the "
        "other side of the pair has none either. Depreciation and other entries that pay nobody, "
        "interest, payroll, taxes and what crosses between entities need evidence of their own "
        "instead (interest of a declared loan: its note). Accounts with lodging: TRUE need a "
        "receipt for any amount; those with travel: TRUE, meals: TRUE or gifts: TRUE (or the same "
        "in tax:) a purpose:, meals and gifts attendees: too. A warning; an error where the period "
        "is closed",
        cure='attach the receipt, or an affidavit: receipt: "affidavit:documents/…"',
        reference="Reg. 1.274-5(c)(2)(iii); IRC 6001; CGST Rule 46",
        looks_at=looks_at,
        looks_closer=may_need_receipt,
        dismisses=too_small,
        usual=Severity.WARNING,
    ),
)
