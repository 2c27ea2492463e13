"""Dated policy: what the owner decided, as directives with a date.

``custom "veil-rule" "VEIL-006" "warning"`` sets a rule's severity and, by its metadata, its
thresholds from that date on; ``custom "personal-payee" "Acme" "regular expression"`` names payees
that no company pays (``"*"`` for every company). ``custom "as-of" 2026-04-30`` is the day that date
rules compare with: no clock is asked, so that an old state of the books is judged as it was then.
Without a directive the defaults hold.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

AS_OF = "as-of"
SEVERITIES = ("error", "warning", "info", "off")
_WHOLE, _NUMBER, _SUM, _FLAG = (
    "a whole number",
    "a number",
    "a number or an amount",
    "TRUE or FALSE",
)
_THRESHOLDS: Mapping[str, Mapping[str, str]] = {
    "VEIL-002": {"due-from-days": _WHOLE},
    "VEIL-004": {"owners": _FLAG},
    "VEIL-006": {"amount-tolerance": _NUMBER, "date-tolerance": _WHOLE},
    "VEIL-008": {"fee-share": _NUMBER},
    "VEIL-010": {"de-minimis": _SUM},
    "VEIL-011": {"grace-days": _WHOLE, "error-days": _WHOLE},
    "VEIL-013": {"horizon-days": _WHOLE},
    "VEIL-015": {"max-related-debt": _NUMBER, "strict": _FLAG},
    "VEIL-016": {"prorata-tolerance": _SUM, "catch-up-days": _WHOLE},
    "VEIL-019": {"receipt-threshold": _SUM},
    "VEIL-020": {"recon-lag": _WHOLE},
    "VEIL-025": {"due-max-days": _WHOLE},
    "LN-02": {"grace-days": _WHOLE},
    "BILL-06": {"grace-days": _WHOLE},
}
_IN_A_CURRENCY = re.compile(r"(receipt-threshold)-[a-z]+")  # receipt-threshold-inr


@dataclass(frozen=True)
class RulePolicy:
    """From ``date`` on: a rule's severity (empty: as catalogued) and thresholds."""

    date: dt.date
    code: str
    severity: str
    thresholds: Mapping[str, Any]


@dataclass(frozen=True)
class PersonalPayee:
    """A payee pattern that is personal for ``entity`` (``*``: every company) from ``date`` on."""

    date: dt.date
    entity: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Policy:
    """All dated policy of a set of books, oldest first. ``as_of`` is the day that date rules
    compare with, where a directive says one."""

    rules: tuple[RulePolicy, ...] = ()
    personal_payees: tuple[PersonalPayee, ...] = ()
    as_of: dt.date | None = None

    def rule(self, code: str, day: dt.date) -> RulePolicy | None:
        """The newest directive for ``code`` on or before ``day``."""
        found = None
        for rule in self.rules:
            if rule.code == code and rule.date <= day:
                found = rule
        return found

    def threshold(self, code: str, name: str, day: dt.date, default: Any) -> Any:
        """A rule's threshold on ``day``: from the newest directive that has it, else ``default``.

        A directive that does not name the threshold leaves the one before it in force.
        """
        value = default
        for rule in self.rules:
            if rule.code == code and rule.date <= day and name in rule.thresholds:
                value = rule.thresholds[name]
        return value

    def is_personal_payee(self, entity: str, payee: str, day: dt.date) -> bool:
        """Whether a company's policy calls this payee personal on ``day``."""
        return any(
            personal.date <= day
            and personal.entity.casefold() in {"*", entity.casefold()}
            and personal.pattern.search(payee)
            for personal in self.personal_payees
        )


def policy_of(entries: Iterable[data.Directive]) -> Policy:
    """The policy that the ``custom`` directives among ``entries`` declare; malformed ones are
    left out here and reported by the registry's lint."""
    rules, payees, days = [], [], []
    for entry in entries:
        if not isinstance(entry, data.Custom):
            continue
        values = [value.value for value in entry.values]
        if entry.type == "veil-rule" and values and all(isinstance(v, str) for v in values):
            meta = {
                k: v
                for k, v in entry.meta.items()
                if k not in {"filename", "lineno"} and not _misfit(values[0], k, v)
            }
            severity = values[1] if len(values) > 1 else ""
            rules.append(RulePolicy(entry.date, values[0], severity, meta))
        elif entry.type == "personal-payee" and len(values) == 2:
            try:
                pattern = re.compile(str(values[1]), re.IGNORECASE)
            except re.error:
                continue
            payees.append(PersonalPayee(entry.date, str(values[0]), pattern))
        elif entry.type == AS_OF and not as_of_problem(entry):
            days.append((entry.date, values[0]))
    rules.sort(key=lambda rule: rule.date)
    payees.sort(key=lambda personal: personal.date)
    # Of two that are written on one day the later holds, whichever file is read first.
    _, day = max(days, default=(None, None))
    return Policy(tuple(rules), tuple(payees), day)


def as_of_problem(entry: data.Custom) -> str:
    """What is wrong with a ``custom "as-of"`` directive; empty for nothing. What is wrong sets no
    day."""
    values = [value.value for value in entry.values]
    if len(values) == 1 and type(values[0]) is dt.date:
        return ""
    return (
        "the day that date rules compare with is one date, without quotation marks: "
        f'{entry.date} custom "as-of" {entry.date}'
    )


def rule_problems(entry: data.Custom, codes: Collection[str]) -> Iterator[str]:
    """What is wrong with a ``custom "veil-rule"`` directive: its form, a code that is not one of
    ``codes``, a severity or a threshold that is none. What is wrong sets nothing."""
    values = [value.value for value in entry.values]
    if not 1 <= len(values) <= 2 or not all(isinstance(value, str) for value in values):
        yield 'a rule is written: custom "veil-rule" "VEIL-019" "warning", its thresholds beneath'
        return
    code, *severity = values
    if code not in codes:
        yield f"“{code}” is no rule{_near(code, codes)}"
        return
    if severity and severity[0].casefold() not in SEVERITIES:
        yield f"“{severity[0]}” is no severity ({', '.join(SEVERITIES)})"
    known = _THRESHOLDS.get(code, {})
    for name, value in entry.meta.items():
        wanted = _misfit(code, name, value)
        if wanted:
            yield f"{name}: of {code} must be {wanted}"
        elif name not in known and not _IN_A_CURRENCY.fullmatch(name) and _near(name, known):
            yield f"{code} has no threshold “{name}”{_near(name, known)}"


def _misfit(code: str, name: str, value: object) -> str:
    """What the value of a threshold should be and is not; empty where it is, or is no threshold."""
    currency = _IN_A_CURRENCY.fullmatch(name)
    wanted = _THRESHOLDS.get(code, {}).get(currency[1] if currency else name, "")
    fits = {
        _WHOLE: isinstance(value, Decimal) and value >= 0 and value == value.to_integral_value(),
        _NUMBER: isinstance(value, Decimal) and value >= 0,
        _SUM: isinstance(value, Decimal | Amount),
        _FLAG: isinstance(value, bool),
    }
    return wanted if wanted and not fits[wanted] else ""


def _near(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
