"""What must hold before a period is closed: each line a check of the machine (DOMAIN D1).

A check says what it looked at, so that whoever reviews the closing need not look again. What an
entity does not have (no receivables, no loan) is met, and says that there is none.

Depreciation and prepaid expenses have no schedule in the books: where the period before moved such
an account and it is not zero, this one must move it as well.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import convert, data, prices

from core.findings import Finding, Severity
from core.journal.books import Books
from core.money import plain
from core.period import Period
from core.seal import seals_of
from plugins.closing.figures import ByMonth, by_month, closing
from plugins.veil.interentity import disagreements
from plugins.veil.reconciliation import months_unproven

_DAY = dt.timedelta(days=1)
_LOANS = frozenset({"VEIL-011", "VEIL-012"})
_FILINGS, _DEBTS = "VEIL-024", "VEIL-025"
_PRICE_AGE = dt.timedelta(days=7)
_TOLERANCE = Decimal("0.005")  # what rounding leaves in a sum of weights, for each posting


@dataclass(frozen=True)
class Check:
    """One line of the checklist: ``said`` is what was found, ``lacking`` what stands against it."""

    name: str
    said: str
    lacking: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        return not self.lacking


@dataclass(frozen=True)
class Closing:
    """What the checks look at: the books, whose period it is, all findings, each account's changes
    by month, and what is remarked at the closing."""

    books: Books
    entity: str
    period: Period
    findings: Sequence[Finding]
    changes: ByMonth
    note: str = ""

    def held(self, role: str = "", line: str = "") -> Mapping[tuple[str, str], Decimal]:
        """What the entity's accounts of a role or a statement line hold at the period's end."""
        wanted = self._accounts(role, line)
        return {k: n for k, n in closing(self.changes, self.period.last).items() if k[0] in wanted}

    def moved(self, line: str, first: dt.date, last: dt.date) -> set[str]:
        """The accounts of a statement line that were posted to between two days."""
        wanted, months = self._accounts("", line), (f"{first:%Y-%m}", f"{last:%Y-%m}")
        return {
            account
            for month, of in self.changes.items()
            if months[0] <= month <= months[1]
            for account, _ in of
            if account in wanted
        }

    def _accounts(self, role: str, line: str) -> set[str]:
        return {
            account.name
            for account in self.books.accounts.values()
            if account.entity == self.entity
            and (not role or account.role == role)
            and (not line or account.line == line)
        }

    def transactions(self) -> Iterator[data.Transaction]:
        """The entity's transactions up to the period's end."""
        for txn in self.books.transactions:
            if txn.date <= self.period.last and self.entity in self.books.registry.ents(txn):
                yield txn


def checklist(
    books: Books,
    entity: str,
    period: Period,
    findings: Sequence[Finding],
    *,
    today: dt.date,
    note: str = "",
) -> tuple[Check, ...]:
    """Every check of DOMAIN D1 for closing a period of an entity, in its order.

    ``findings`` are all of the books of the whole group; ``today`` the day of closing. A ``note``
    on the seal explains debts on which both sides do not agree at the period's end.
    """
    if note:
        findings = [f for f in findings if (f.code, f.date) != (_DEBTS, period.last)]
    changes = by_month(books).get(entity, {})
    of = Closing(books, entity, period, findings, changes, note)
    return (is_over(of, today), in_order(of), *(check(of) for check in _CHECKS))


def is_over(of: Closing, today: dt.date) -> Check:
    """Whether the last day of the period is past."""
    name, last = "the period is over", of.period.last
    return Check(name, f"it ended on {last}", () if last < today else (f"it ends on {last}",))


def in_order(of: Closing) -> Check:
    """Whether the period before is closed, and this one is not."""
    name = "closed in order"
    closed = seals_of(of.books.standing).get(of.entity, ())
    if any(s.period.first <= of.period.last and of.period.first <= s.period.last for s in closed):
        return Check(name, "", (f"{of.period.name} is closed already; to change it, reopen it",))
    if not closed:
        before = min(of.changes, default=f"{of.period.first:%Y-%m}")
        first = f"{of.period.first:%Y-%m}"
        older = f"; its entries since {before} were never closed" if before < first else ""
        return Check(name, f"the first period that {of.entity} closes{older}")
    newest = closed[-1].period
    if newest.after == of.period.first:
        return Check(name, f"{newest.name} is closed")
    lacking = f"the newest closed period is {newest.name}: close what begins on {newest.after}"
    return Check(name, "", (lacking,))


def _reconciled(of: Closing) -> Check:
    proven = [a for a in of.books.accounts.values() if a.role in {"bank", "card"}]
    mine = [a for a in proven if a.entity == of.entity and a.is_open(of.period.last)]
    lacking = tuple(
        why
        for account, last, _, why in months_unproven(of.books, of.period.last)
        if account.entity == of.entity and last >= of.period.first
    )
    return Check("bank and card accounts reconciled", f"{len(mine)} by their statements", lacking)


def _no_errors(of: Closing) -> Check:
    return Check("no error", "none up to the period's end", _found(of, {Severity.ERROR}))


def _found(
    of: Closing, severities: set[Severity], wanted: Callable[[str], bool] = lambda _: True
) -> tuple[str, ...]:
    return tuple(
        f"{finding.file}:{finding.line}: {finding.code} {finding.message}"
        for finding in of.findings
        if finding.severity in severities
        and wanted(finding.code)
        and (of.entity in finding.entities or not finding.entities)
        and (finding.date is None or finding.date <= of.period.last)
    )


def _decided(of: Closing) -> Check:
    left = {**of.held("suspense"), **of.held("in-transit")}
    lacking = [f"{account} holds {_amount(n, unit)}" for (account, unit), n in left.items()]
    lacking += [
        f"{':'.join(map(str, of.books.where(txn)))}: nobody has decided “{txn.payee or ''}” yet"
        for txn in of.transactions()
        if txn.date >= of.period.first and "review" in txn.meta
    ]
    return Check("nothing undecided or in transit", "suspense and in-transit are 0", tuple(lacking))


def _agreed(of: Closing) -> Check:
    lacking = tuple(
        f"{debt.debtor} owes {debt.creditor} {_amount(owed, debt.currency)} by its own books, and "
        f"{_amount(due, debt.currency)} by the other's"
        for debt, due, owed in disagreements(of.books, of.period.last)
        if of.entity in {debt.creditor, debt.debtor}
    )
    name = "what entities owe each other agrees"
    if of.note and lacking:
        return Check(name, f"explained by the note: {'; '.join(lacking)}")
    return Check(name, "both sides say the same", lacking)


def _open_items(role: str, name: str, what: str) -> Callable[[Closing], Check]:
    def check(of: Closing) -> Check:
        loose: dict[tuple[str, str], Decimal] = {}
        for txn in of.transactions():
            for posting in txn.postings if not _invoices(txn) else ():
                if of.books.role(posting.account) == role and posting.units:
                    key = posting.account, posting.units.currency
                    loose[key] = loose.get(key, Decimal(0)) + (posting.units.number or Decimal(0))
        lacking = tuple(
            f"{account} holds {_amount(number, unit)} that no {what}- link explains"
            for (account, unit), number in sorted(loose.items())
            if number
        )
        return Check(name, f"{_counted(len(of.held(role)))} by open links", lacking)

    return check


def _invoices(txn: data.Transaction) -> bool:
    """Whether a link says which open item it is of: an invoice, a bill, an order, or an accrual of
    ``books adjust``, which its reversal takes back by the same link."""
    return any(link.startswith(("inv-", "bill-", "po-", "so-", "adj-")) for link in txn.links or ())


def _stock(of: Closing) -> Check:
    held = of.held("inventory")
    on_hand: dict[tuple[str, str], Decimal] = {}
    for (account, unit), number in held.items():
        key = account, unit.split(" ")[0]
        on_hand[key] = on_hand.get(key, Decimal(0)) + number
    lacking = tuple(
        f"{account} holds {_amount(number, item)}"
        for (account, item), number in sorted(on_hand.items())
        if number < 0
    )
    return Check("no stock below zero", f"{len(on_hand)} on hand" if on_hand else "none", lacking)


def _loans(of: Closing) -> Check:
    wanted = {Severity.ERROR, Severity.WARNING}
    lacking = _found(of, wanted, lambda code: code in _LOANS or code.startswith("LN-"))
    return Check("loans by their schedules", "instalments and interest are booked", lacking)


def _as_before(line: str, name: str, what: str) -> Callable[[Closing], Check]:
    def check(of: Closing) -> Check:
        days = of.period.last - of.period.first
        last = of.period.first - _DAY
        before = of.moved(line, last - days + dt.timedelta(days=3), last)
        now = of.moved(line, of.period.first, of.period.last)
        left = {account for account, _ in of.held(line=line)}
        lacking = tuple(
            f"{account} was {what} in the period before, and not in this one"
            for account in sorted((before & left) - now)
        )
        return Check(name, f"{_counted(len(now))} {what}", lacking)

    return check


def _filed(of: Closing) -> Check:
    lacking = list(_found(of, {Severity.ERROR, Severity.WARNING}, lambda code: code == _FILINGS))
    for role in ("payroll", "withholding", "tax-withheld"):
        for (account, unit), number in of.held(role).items():
            if account.startswith("Liabilities:") and number > 0:
                lacking.append(f"{account} was paid {_amount(number, unit)} more than was withheld")
    return Check("taxes and filings", "nothing overdue, nothing overpaid", tuple(lacking))


def _rates(of: Closing) -> Check:
    currency = of.books.registry.entities[of.entity].currency
    last = of.period.last
    foreign = {
        unit
        for (account, unit), _ in closing(of.changes, last).items()
        if account.startswith(("Assets:", "Liabilities:")) and " " not in unit and unit != currency
    }
    known = prices.build_price_map(of.books.standing) if foreign else {}
    lacking = []
    for unit in sorted(foreign):
        day = prices.get_price(known, (unit, currency), last)[0] if foreign else None
        if day is None or last - day > _PRICE_AGE:
            lacking.append(f"no price of {unit} in {currency} from the week up to {last}")
    said = f"closing prices of {', '.join(sorted(foreign))}" if foreign else "no foreign currency"
    return Check("closing rates", said, tuple(lacking))


def _balanced(of: Closing) -> Check:
    sums: dict[str, Decimal] = {}
    count = 0
    for txn in of.transactions():
        for posting in txn.postings:
            if of.books.registry.ent(posting.account) == of.entity:
                weight = convert.get_weight(posting)
                count += 1
                sums[weight.currency] = sums.get(weight.currency, Decimal(0)) + weight.number
    lacking = tuple(
        f"all accounts together hold {_amount(number, unit)}"
        for unit, number in sorted(sums.items())
        if abs(number) > _TOLERANCE * count
    )
    return Check("trial balance", f"{count:,} postings add up to 0 in each currency", lacking)


_CHECKS: tuple[Callable[[Closing], Check], ...] = (
    _reconciled,
    _no_errors,
    _decided,
    _agreed,
    _open_items("ar", "receivables are open invoices", "inv"),
    _open_items("ap", "payables are open bills", "bill"),
    _stock,
    _loans,
    _as_before("accumulated-depreciation", "depreciation", "depreciated"),
    _as_before("prepaid", "prepaid expenses", "written off"),
    _filed,
    _rates,
    _balanced,
)


def _counted(accounts: int) -> str:
    return f"{accounts} account{'' if accounts == 1 else 's'}" if accounts else "none"


def _amount(number: Decimal, unit: str) -> str:
    return f"{plain(number)} {unit}"
