"""Dated policy: what the owner decided, as directives with a date.

``custom "veil-rule" "VEIL-006" "warning"`` sets a rule's severity and, by its metadata, its
thresholds from that date on; ``custom "personal-payee" "Acme" "regular expression"`` names payees
that no company pays (``"*"`` for every company). Without a directive the defaults hold.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from beancount.core import data


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
    """All dated policy of a set of books, oldest first."""

    rules: tuple[RulePolicy, ...] = ()
    personal_payees: tuple[PersonalPayee, ...] = ()

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
    rules, payees = [], []
    for entry in entries:
        if not isinstance(entry, data.Custom):
            continue
        values = [value.value for value in entry.values]
        if entry.type == "veil-rule" and values and all(isinstance(v, str) for v in values):
            meta = {k: v for k, v in entry.meta.items() if k not in {"filename", "lineno"}}
            severity = values[1] if len(values) > 1 else ""
            rules.append(RulePolicy(entry.date, values[0], severity, meta))
        elif entry.type == "personal-payee" and len(values) == 2:
            try:
                pattern = re.compile(str(values[1]), re.IGNORECASE)
            except re.error:
                continue
            payees.append(PersonalPayee(entry.date, str(values[0]), pattern))
    rules.sort(key=lambda rule: rule.date)
    payees.sort(key=lambda personal: personal.date)
    return Policy(tuple(rules), tuple(payees))
