"""The remedy of a finding: each code's own, what a person said, a waiver, or what to do by hand."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from beancount.core import data

from core.findings import EXIT_FINDINGS, Finding, UserError
from core.journal.books import Books
from core.loans.ledger import loans_in
from plugins.rule import Rule
from plugins.veil.remedies import capital, crossings, owners, partners, records
from plugins.veil.remedies.accounts import openings
from plugins.veil.remedies.by_hand import TOLD
from plugins.veil.remedies.remedy import Answer, ByHand, Cure, Paper, Remedy

_OfEntry = Callable[[Finding, data.Transaction, Books, Answer], Remedy]
_OfDirective = Callable[[Finding, Books, Answer], Remedy]
_ENTRIES: Mapping[str, _OfEntry] = {
    "VEIL-001": owners.mixed,
    "VEIL-002": owners.personal,
    "VEIL-003": owners.left_outside,
    "VEIL-004": records.clock,
    "VEIL-005": partners.partner,
    "VEIL-006": crossings.disagreement,
    "VEIL-007": crossings.unclassified,
    "VEIL-008": crossings.contradiction,
    "VEIL-009": capital.unnoted,
    "VEIL-012": records.split,
    "VEIL-014": records.authority,
    "VEIL-016": capital.out_of_proportion,
    "VEIL-019": records.receipt,
    "VEIL-021": records.closed,
    "VEIL-022": records.key,
    "VEIL-023": records.pay,
    "VEIL-025": capital.stale,
    "LN-03": records.split,
}
_DIRECTIVES: Mapping[str, _OfDirective] = {
    "VEIL-017": capital.negative_capital,
    "VEIL-018": records.account_of,
    "VEIL-020": records.month,
    "VEIL-024": records.fulfilled,
}
_KEY = re.compile(r"\bthe key (\S+)")
CODES = frozenset({*_ENTRIES, *_DIRECTIVES, *TOLD})


def remedy(finding: Finding, books: Books, answer: Answer, rule: Rule | None = None) -> Remedy:
    """What mends the finding, by what a person decided so far.

    ``rule`` is the finding's, where it is one of ours. Raises UserError where what was said cannot
    be: a waiver of a rule that takes none, or one without a name.
    """
    if answer.waive or answer.by:
        return _waived(finding, answer, rule)
    if answer.said and not _reads(finding, answer):
        return records.said_lines(finding, answer)
    if finding.code in _DIRECTIVES:
        found = _DIRECTIVES[finding.code](finding, books, answer)
    else:
        place = str(books.base / finding.file), finding.line
        txn = books.standing_at({place}).get(place) if finding.line else None
        asked = _ENTRIES.get(finding.code)
        named = _KEY.search(finding.message)
        if asked and txn is not None:
            found = asked(finding, txn, books, answer)
        elif finding.code == "VEIL-022" and named:
            found = Paper("allocation", (named[1],))
        else:
            found = ByHand(_told(finding, books))
    return _complete(found, books) if isinstance(found, Cure) else found


def _reads(finding: Finding, answer: Answer) -> bool:
    """Whether the remedy reads what is said; of all others it is metadata of the directive."""
    if finding.code == "VEIL-009":
        return bool(answer.chosen)
    if finding.code == "VEIL-020":
        return "closing" in answer.said
    return finding.code in {"VEIL-018", "VEIL-024"}


def _told(finding: Finding, books: Books) -> str:
    """What a person does, with the day and the loan of the finding in the directive to write."""
    lines = [line.removeprefix(";").removeprefix(" ") for line in finding.fix.splitlines()]
    template = "complete this and write it:\n  " + "\n  ".join(lines) if lines else ""
    told = "\n".join(each for each in (template, TOLD.get(finding.code, "")) if each)
    if not told:
        return "the message says what to do; mend it in the file"
    loan = finding.identity[0] if finding.identity else ""
    if loan in loans_in(books).declared.loans:
        told = re.sub(r"\b(NOTE|LOAN)\b", loan, told)
    return re.sub(r"^(\s*)DATE\b", rf"\g<1>{books.as_of}", told, flags=re.MULTILINE)


def _waived(finding: Finding, answer: Answer, rule: Rule | None) -> Cure:
    if rule is not None and not rule.waivable:
        raise UserError(f"no waiver holds against {finding.code}", code=EXIT_FINDINGS)
    if not answer.waive.strip() or not answer.by.strip():
        raise UserError("a waiver has a reason and a name", hint="--waive REASON --by NAME")
    return records.waived(finding, answer)


def _complete(cure: Cure, books: Books) -> Cure:
    """The cure with the accounts opened that it posts to and that are not there."""
    opened = tuple(openings(cure.blocks, cure.edits, books))
    return replace(cure, blocks=(*opened, *cure.blocks))
