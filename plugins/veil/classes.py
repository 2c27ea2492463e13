"""What the class of a transfer allows its entries to post to: the class matrix.

A loan that is booked as capital is neither: Estate of Mixon v. United States, 464 F.2d 394 (5th
Cir. 1972), asks what it is by objective facts, of which the books are one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import convert, data

from core.findings import Finding
from core.journal.books import Books
from plugins.rule import Rule, Scope, about, described
from plugins.veil.transfers import crosses, is_mixed, parties, posting_party

_FACTOR = "Disguised distribution; unreliable records"
# Where money lies or is on its way; what nobody has decided contradicts nothing yet.
_MONEY = {"bank", "card", "cash", "in-transit", "suspense"}


@dataclass(frozen=True)
class _Side:
    """What one side of a class posts to, besides money: one of ``needs``, and of ``may`` any.

    An account counts by its role, and without one by its root (``expense``, ``asset``, …).
    """

    needs: frozenset[str]
    may: frozenset[str] = frozenset()

    def fits(self, kinds: set[str]) -> bool:
        """Whether accounts of these kinds are a side of the class."""
        return bool(kinds & self.needs) and kinds <= self.needs | self.may


def _side(needs: str, may: str = "") -> _Side:
    return _Side(frozenset(needs.split()), frozenset(may.split()))


# What may stand in for money: things in kind, and debts between the two that are settled so.
_THINGS = "asset fixed-asset inventory"
_DEBTS = "due-from due-to"
_MATRIX: dict[str, tuple[_Side, ...]] = {
    # An owner may pay a cost or a debt of the company in its stead, or turn one into capital.
    "contribution": (
        _side("invest-in", f"{_THINGS} {_DEBTS} loan-to"),
        _side("contribution", f"{_THINGS} {_DEBTS} loan-from expense liability ap"),
    ),
    # What was paid for the owner becomes the owner's cost when it is booked as a distribution.
    "distribution": (
        _side("distribution", f"{_THINGS} {_DEBTS} withholding liability ap"),
        _side("invest-in distribution-income", f"{_THINGS} {_DEBTS} tax-withheld expense"),
    ),
    "dividend": (
        _side("distribution", f"{_THINGS} {_DEBTS} withholding liability ap"),
        _side("distribution-income", f"{_THINGS} {_DEBTS} tax-withheld"),
    ),
    # What is owed already may become a note.
    "loan-advance": (_side("loan-to", _DEBTS), _side("loan-from", _DEBTS)),
    # Interest may have been accrued, in accounts without a role.
    "loan-repayment": (
        _side("loan-from interest-expense liability", f"withholding {_DEBTS}"),
        _side("loan-to interest-income", f"asset tax-withheld {_DEBTS}"),
    ),
    "expense-on-behalf": (_side(_DEBTS, f"expense {_THINGS} liability ap interest-expense"),),
    "reimbursement": (_side(_DEBTS),),
    "settlement": (_side(_DEBTS),),
    "payroll": (
        _side("payroll", f"withholding liability expense {_DEBTS}"),
        _side("wage-income", f"tax-withheld asset expense {_DEBTS}"),
    ),
    "guaranteed-payment": (
        _side("guaranteed-payment", f"withholding liability {_DEBTS}"),
        _side("guaranteed-payment-income", f"tax-withheld {_DEBTS}"),
    ),
    "rent": (
        _side(f"expense {_THINGS} due-to", "liability withholding"),
        _side("income due-from", "liability tax-withheld asset"),
    ),
    "sale": (
        _side(f"expense {_THINGS} due-to", "liability withholding"),
        _side("income due-from", f"liability tax-withheld expense {_THINGS}"),
    ),
    # At book value; between companies under common control the difference is equity.
    "asset-transfer": (
        _side(
            "fixed-asset inventory",
            f"asset liability equity capital contribution distribution invest-in {_DEBTS}",
        ),
    ),
}
_MATRIX["tax-distribution"] = _MATRIX["distribution"]
_MATRIX["service"] = _MATRIX["rent"]


def contradiction(books: Books) -> Iterator[Finding]:
    """VEIL-008: the accounts of a transfer are none that its class posts to.

    A fee or a difference of exchange beside it (an income or expense of nobody) counts only beyond
    ``fee-share`` percent (10) of what crosses.
    """
    for txn in books.transactions:
        sides = _MATRIX.get(str(txn.meta.get("transfer")))
        if sides is None or is_mixed(txn, books) or not parties(txn, books):
            continue
        kinds = _kinds(txn, books)
        if not kinds or any(side.fits(kinds) for side in sides):
            continue
        without_fees = _kinds(txn, books, fees=False)
        if any(side.fits(without_fees) for side in sides):
            continue
        wanted = " or ".join(sorted({kind for side in sides for kind in side.needs}))
        allowed = {kind for side in sides for kind in side.needs | side.may}
        wrong = [p.account for p in txn.postings if _kind(p, books) not in allowed | _MONEY]
        said = (
            f"posts to {', '.join(wrong)}, which that class does not"
            if wrong
            else "has the accounts of neither side of it"
        )
        yield about(
            books,
            txn,
            code="VEIL-008",
            factor=_FACTOR,
            message=f"{described(txn)} is called {txn.meta['transfer']} and {said}; that class "
            f"takes an account with the role {wanted}: correct the class, or the account",
            evidence=("the paper that shows what it is",),
        )


def fitting(txn: data.Transaction, books: Books) -> set[str]:
    """The classes whose accounts the entry posts to."""
    kinds = _kinds(txn, books, fees=False)
    return {name for name, sides in _MATRIX.items() if any(side.fits(kinds) for side in sides)}


def _kind(posting: data.Posting, books: Books) -> str:
    role = books.role(posting.account)
    if role:
        return role
    root = posting.account.partition(":")[0].casefold()
    return {"assets": "asset", "liabilities": "liability", "expenses": "expense"}.get(root, root)


def _kinds(txn: data.Transaction, books: Books, *, fees: bool = True) -> set[str]:
    """What the entry posts to besides money; without small fees where they do not count."""
    found: set[str] = set()
    small, crossing = Decimal(0), Decimal(0)
    for posting in txn.postings:
        kind = _kind(posting, books)
        if kind in _MONEY or posting.units is None:
            continue
        if fees:
            found.add(kind)
            continue
        number = abs(convert.get_weight(posting).number or Decimal(0))
        if kind in {"expense", "income"} and not posting_party(posting, books):
            small += number
        else:
            crossing = max(crossing, number)
            found.add(kind)
    if fees:
        return found
    percent = Decimal(books.policy.threshold("VEIL-008", "fee-share", txn.date, 10))
    return set() if small * 100 > crossing * percent else found


RULES = (
    Rule(
        "VEIL-008",
        "Class contradicts accounts",
        _FACTOR,
        Scope.LINK,
        True,
        contradiction,
        meaning="the accounts of a transfer do not have the roles that its class takes: a "
        "loan-advance that posts to capital, a distribution that posts to an expense. Money, "
        "in-transit and suspense accounts contradict nothing; a fee or a difference of exchange "
        "up to fee-share: (10) percent of what crosses does not either",
        cure="correct the class, or move the posting to an account with the right role",
        reference="Estate of Mixon v. United States, 464 F.2d 394 (5th Cir. 1972); IRC 385(b)",
        looks_at=crosses,
    ),
)
