"""Amounts as banks write them, and what is none."""

from decimal import Decimal

import pytest

from core.money import at_cents, parse_decimal, round_half_up


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-$3320.05", "-3320.05"),
        ("$-3.50", "-3.50"),
        ("- $9.00", "-9.00"),
        ("+ $12.00", "12.00"),
        ("(1,234.56)", "-1234.56"),
        ("12.00-", "-12.00"),
        ("USD 1,000", "1000"),
        ("5.00 EUR", "5.00"),
        ("12,34,567.00", "1234567.00"),
        (".50", "0.50"),
    ],
)
def test_an_amount_is_read(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "-", "12..34", "12$34", "12 34", "1,23", "1.2.3", "-5-", "5 apples", "1e5", "NaN"]
)
def test_what_is_no_amount_is_never_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        parse_decimal(text)


def test_more_digits_than_arithmetic_keeps_are_refused() -> None:
    assert parse_decimal("1" * 19 + ".25") == Decimal("1" * 19 + ".25")
    with pytest.raises(ValueError, match="has more than 21 digits"):
        parse_decimal("1" * 20 + ".25")
    with pytest.raises(ValueError, match="has 9000000 characters: no amount"):
        parse_decimal("1" * 9_000_000)


def test_a_number_that_nobody_owns_is_shown_all_the_same() -> None:
    product = Decimal(9_999_999_999) ** 30
    assert at_cents(product).endswith("0.00")
    assert len(at_cents(product)) == 303
    assert round_half_up(product) == product
