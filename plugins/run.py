"""Runs the rules on books: severities by dated policy, waivers, fingerprints."""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from beancount.core import data

from core.findings import Finding, Severity, fingerprinted
from core.journal.books import Books
from core.memory import collector_paused
from plugins import bills, loan_checks
from plugins.budget import entries as budget_entries
from plugins.budget import months as budget_months
from plugins.closing.naming import named
from plugins.closing.verifying import Closed, nobody_knows
from plugins.registry import registry_findings
from plugins.rule import Rule
from plugins.scoped import all_findings
from plugins.veil import (
    accountable_plan,
    agreements,
    authority,
    capital,
    classes,
    closed,
    commingling,
    federal_rate,
    formalities,
    interentity,
    loans,
    notes,
    owner_pay,
    paid_personally,
    pairs,
    proportion,
    receipts,
    reconciliation,
    shared_costs,
    solvency,
    undercapitalised,
)

_LOG = logging.getLogger("bulkhead")
RULES: tuple[Rule, ...] = (
    *commingling.RULES,
    *paid_personally.RULES,
    *accountable_plan.RULES,
    *pairs.RULES,
    *classes.RULES,
    *notes.RULES,
    *federal_rate.RULES,
    *loans.RULES,
    *loan_checks.RULES,
    *solvency.RULES,
    *authority.RULES,
    *undercapitalised.RULES,
    *proportion.RULES,
    *capital.RULES,
    *receipts.RULES,
    *reconciliation.RULES,
    *closed.RULES,
    *shared_costs.RULES,
    *owner_pay.RULES,
    *formalities.RULES,
    *interentity.RULES,
    *agreements.RULES,
    *budget_months.RULES,
    *budget_entries.RULES,
    *bills.RULES,
)

_CODES = frozenset(rule.code for rule in RULES)


def run_rules(books: Books, only: str = "", *, closed: Closed = nobody_knows) -> list[Finding]:
    """Every finding of every rule, in reading order; of the rules whose codes begin with ``only``,
    and then without the registry's.

    ``closed`` gives the books at a closing: where a closed period is not as it was sealed, its
    findings name what was added, changed or removed since. It is asked for nothing else, and what
    the rules themselves find (and what is kept of that) does not depend on it.

    A directive ``custom "veil-rule" "VEIL-006" "warning"`` sets the severity of findings dated on
    or after it (``off`` drops them; an info stays one; what is worse than a rule's usual finding
    stays a step worse), except that rules without a waiver keep theirs. A waiver on the entry or
    directive found (``waive:`` naming the rule and a reason, and ``waived-by:``) makes an info.
    """
    began = time.perf_counter()
    rules = [rule for rule in RULES if rule.code.startswith(only)]
    found = [] if only else list(registry_findings(books, _CODES))
    with collector_paused():
        found += all_findings(rules, books, _judged)
        found = fingerprinted(named(found, books, closed))
    seconds = time.perf_counter() - began
    _LOG.info("rules: %d, findings: %d, %.2f s", len(rules), len(found), seconds)
    return found


def _judged(rule: Rule, books: Books) -> Iterator[Finding]:
    """What a rule says of the books, by policy and with waivers."""
    found = list(_by_policy(rule, rule.check(books), books))
    waiving = _waiving(found, books) if found and rule.waivable else {}
    for finding in found:
        entry = waiving.get((finding.file, finding.line))
        reason = _waiver(entry, rule) if entry else ""
        yield replace(finding, severity=Severity.INFO, waived=reason) if reason else finding


_Place = tuple[str, int]  # a file as findings show it, and a line


def _waiving(found: Iterable[Finding], books: Books) -> Mapping[_Place, data.Directive]:
    """The entries with a waiver that something was found about: nearly always the rule has seen
    them, else they are looked up."""
    seen, waiving = _seen(books)
    unseen = {(f.file, f.line) for f in found if f.line} - seen
    if not unseen:
        return waiving
    elsewhere = books.standing_at((str(books.base / file), line) for file, line in unseen)
    return {**waiving, **{books.where(t): t for t in elsewhere.values() if "waive" in t.meta}}


def _seen(books: Books) -> tuple[set[_Place], dict[_Place, data.Directive]]:
    """Where the entries stand that rules see in these books, and those of them with a waiver."""
    known: tuple[set[_Place], dict[_Place, data.Directive]] | None = books.memo.get("waiving")
    if known is None:
        places = {books.where(entry): entry for entry in books.entries}
        waiving = {place: e for place, e in places.items() if "waive" in e.meta}
        known = books.memo["waiving"] = set(places), waiving
    return known


def _by_policy(rule: Rule, findings: Iterable[Finding], books: Books) -> Iterator[Finding]:
    for finding in findings:
        policy = books.policy.rule(rule.code, finding.date or books.as_of)
        wanted = policy.severity.casefold() if policy and rule.waivable else ""
        if wanted == "off":
            continue
        # An info is no fault yet (a day that is still to come): no severity makes one of it.
        is_judged = wanted in _SEVERITIES and finding.severity is not Severity.INFO
        yield _graded(rule, finding, Severity(wanted)) if is_judged else finding


_SEVERITIES = {severity.value for severity in Severity}
_STEPS = (Severity.INFO, Severity.WARNING, Severity.ERROR)


def _graded(rule: Rule, finding: Finding, wanted: Severity) -> Finding:
    """The finding with the severity that the policy wants of the rule; as much worse as it was
    worse than the rule's usual ones: what ``strict`` or a closed period makes an error is not
    softened by the word that everybody has in the policy for all the others."""
    worse = max(_STEPS.index(finding.severity) - _STEPS.index(rule.usual), 0)
    step = min(_STEPS.index(wanted) + worse, len(_STEPS) - 1)
    return replace(finding, severity=_STEPS[step])


def _waiver(entry: data.Directive, rule: Rule) -> str:
    """The reason of a valid waiver of ``rule``, or an empty string.

    It names this rule, gives a reason, and says who waived: anything less waives nothing.
    """
    waive, by = entry.meta.get("waive"), entry.meta.get("waived-by")
    if not isinstance(waive, str) or not isinstance(by, str) or not by.strip():
        return ""
    code, _, reason = waive.strip().partition(" ")
    return f"{reason.strip()} ({by.strip()})" if code == rule.code and reason.strip() else ""
