"""Many lines, the same answers: the quick matcher decides as the rules themselves do."""

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from importers.rules.categorise import RuleText, categoriser_of
from importers.rules.matches import Matcher
from importers.statement import StatementLine

BANK = "Assets:Acme:Bank:Checking"
LETTERS = "aAbBkK \u212aſ#1"  # the kelvin sign and the long s are letters of two cases, too
PATTERNS = ["a", "b|k", "A B", "^a", "a.b", "s", "#1", r"\bk", "K|ab|1", "-", "[ab]k"]


def rule(number: int, when: dict[str, str]) -> RuleText:
    return RuleText.model_validate({"name": f"r{number}", "when": when, "then": {}})


def line(payee: str, amount: Decimal = Decimal(-5), cells: str = "") -> StatementLine:
    return StatementLine(dt.date(2026, 9, 3), amount, "USD", payee, "", 1, {"Text": cells})


whens = st.fixed_dictionaries(
    {"payee": st.sampled_from(PATTERNS)},
    optional={
        "text": st.sampled_from(PATTERNS),
        "direction": st.sampled_from(["in", "out"]),
        "amount-min": st.sampled_from(["1.00", "5.00", "9.00"]),
        "account": st.sampled_from([BANK, "Assets:Acme:Bank:Savings"]),
    },
)


@given(
    whens=st.lists(whens, max_size=6),
    payees=st.lists(st.text(LETTERS, max_size=6), max_size=6),
    amount=st.sampled_from([Decimal(5), Decimal(-5), Decimal(-9)]),
    cells=st.text(LETTERS, max_size=6),
)
def test_the_matcher_decides_as_the_rules_do(
    whens: list[dict[str, str]], payees: list[str], amount: Decimal, cells: str
) -> None:
    rules = categoriser_of(rule(number, when) for number, when in enumerate(whens))
    matcher = Matcher(rules)
    for payee in payees:
        one = line(payee, amount, cells)
        first = rules.decide(one, BANK)
        assert matcher.decide(one, BANK) == first
        matching = matcher.matching(one, BANK)
        assert matching[:1] == ([first] if first else [])
        alone = [r for r, _, _ in rules.rules if categoriser_of([r]).decide(one, BANK)]
        assert matching == alone


def test_a_letter_with_two_lower_cases_is_found_as_the_pattern_finds_it() -> None:
    matcher = Matcher(categoriser_of([rule(1, {"payee": "kelvin"})]))
    assert matcher.decide(line("\u212aELVIN"), BANK)
