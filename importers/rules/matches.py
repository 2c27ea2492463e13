"""The rules of an entity over many lines: every rule that matches, not the first alone.

Ten years of lines and some hundred rules are millions of searches. A payee comes again and again,
so what matches it is found once; and most patterns are plain words, which are looked for as text.
"""

import re
from collections.abc import Callable, Sequence

from importers.rules.categorise import Categoriser, RuleText, holds
from importers.statement import StatementLine

# A pattern of plain words, perhaps several with "|" between them: no other sign means anything.
_PLAIN = re.compile(r"[A-Za-z0-9 &'/,:;#@%_=-]+(\|[A-Za-z0-9 &'/,:;#@%_=-]+)*")


class Matcher:
    """The rules of ``categoriser``, with what they were found to match."""

    def __init__(self, categoriser: Categoriser) -> None:
        self._rules = categoriser.rules
        self._searches = [None if payee is None else _search(payee) for _, payee, _ in self._rules]
        self._by_payee: dict[str, Sequence[int]] = {}

    def matching(self, line: StatementLine, account: str) -> list[RuleText]:
        """The rules that match a line of the ledger account ``account``, in order."""
        return self._found(line, account, first=False)

    def decide(self, line: StatementLine, account: str) -> RuleText | None:
        """The first rule that matches, as ``Categoriser.decide`` finds it."""
        found = self._found(line, account, first=True)
        return found[0] if found else None

    def _found(self, line: StatementLine, account: str, *, first: bool) -> list[RuleText]:
        found: list[RuleText] = []
        raw = None
        for index in self._with_payee(line.payee):
            rule, _, text = self._rules[index]
            if text is not None:
                raw = raw if raw is not None else " ".join(line.cells.values())
                if not text.search(raw):
                    continue
            if holds(rule.when, line.amount, account):
                found.append(rule)
                if first:
                    break
        return found

    def _with_payee(self, payee: str) -> Sequence[int]:
        """The places of the rules whose payee pattern is absent or found in ``payee``."""
        known = self._by_payee.get(payee)
        if known is None:
            known = [n for n, search in enumerate(self._searches) if not search or search(payee)]
            self._by_payee[payee] = known
        return known


def _search(pattern: re.Pattern[str]) -> Callable[[str], object]:
    """A search that says the same as the pattern's own."""
    if not _PLAIN.fullmatch(pattern.pattern):
        return pattern.search
    words = pattern.pattern.lower().split("|")

    def plain(payee: str) -> object:
        # Outside of ASCII letters have more than one lower case ("K" is also the sign for kelvin).
        if not payee.isascii():
            return pattern.search(payee)
        lower = payee.lower()
        return any(word in lower for word in words)

    return plain
