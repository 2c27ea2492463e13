"""What an undecided line may be: by likeness, by what was learned, and never by what is unsure."""

import builtins
from collections.abc import Callable
from pathlib import Path

import pytest

from core.home import Home
from core.journal.read import read
from importers.inbox.items import inbox
from importers.inbox.learned import FEWEST
from importers.inbox.likeness import Suggestion, suggestions
from importers.inbox.reviewed import normalised

ACCOUNTS = """\
2020-01-01 open Assets:Acme:Bank:Checking  USD
  role: "bank"
2020-01-01 open Assets:Jane:Bank:Checking  USD
  role: "bank"
2020-01-01 open Expenses:Acme:Lunches
2020-01-01 open Expenses:Acme:Trips
2020-01-01 open Expenses:Jane:Play
"""

Write = Callable[[str, str], Path]


def entry(
    day: int,
    payee: str,
    account: str,
    amount: str = "-20.00",
    flag: str = "*",
    review: str = "",
    entity: str = "Acme",
) -> str:
    said = f'  review: "{review}"\n' if review else ""
    other = amount[1:] if amount.startswith("-") else f"-{amount}"
    return (
        f'2026-09-{day:02} {flag} "{payee}" ""\n{said}'
        f"  Assets:{entity}:Bank:Checking  {amount} USD\n"
        f'    id: "{entity}-{day}-{payee}"\n  {account}  {other} USD\n\n'
    )


def waiting(payee: str, amount: str = "-7.00") -> str:
    return entry(28, payee, "Assets:Acme:Suspense", amount, "!", "categorise")


@pytest.fixture
def told(home: Home, write: Write) -> Callable[[str], tuple[Suggestion, ...]]:
    """Writes Acme's September and gives the suggestions for the one line that waits in it."""
    accounts = home.ledger / "acme/accounts.beancount"
    text = accounts.read_text()
    if "Acme:Suspense" not in text:
        text += '2020-01-01 open Assets:Acme:Suspense\n  role: "suspense"\n'
    accounts.write_text(text + ACCOUNTS)

    def teller(month: str) -> tuple[Suggestion, ...]:
        write("ledger/acme/2026/2026-09.beancount", month)
        books = read(home.main_root)
        assert not [f for f in books.findings if f.code.startswith("BC")]
        (item,) = inbox(books)
        return suggestions([item], books)[item.id]

    return teller


def test_the_same_shop_with_another_number_is_like_it(told) -> None:
    (one,) = told(
        entry(1, "STAPLES #12", "Expenses:Acme:Office")
        + entry(3, "Staples #48", "Expenses:Acme:Office")
        + waiting("STAPLES #7 PORTLAND")
    )
    assert one.account == "Expenses:Acme:Office"
    assert one.reason == "like 'Staples #48' of 2026-09-03, decided so 2 times"


def test_another_name_is_not_like_it(told) -> None:
    assert told(entry(1, "STAPLES", "Expenses:Acme:Office") + waiting("STARLIGHT MOTEL")) == ()


def test_what_was_decided_in_two_ways_is_told_in_both_the_usual_one_first(told) -> None:
    got = told(
        entry(1, "Staples", "Expenses:Acme:Office")
        + entry(2, "Staples", "Expenses:Acme:Office")
        + entry(3, "Staples", "Expenses:Acme:Lunches")
        + waiting("STAPLES")
    )
    assert [s.account for s in got] == ["Expenses:Acme:Office", "Expenses:Acme:Lunches"]
    assert got[0].weight > got[1].weight
    assert got[1].reason.endswith("decided so once of 3")


def test_a_refund_is_like_the_purchase_but_less_sure(told) -> None:
    history = entry(1, "Staples", "Expenses:Acme:Office")
    (refund,) = told(history + waiting("STAPLES", "7.00"))
    (purchase,) = told(history + waiting("STAPLES"))
    assert refund.account == "Expenses:Acme:Office"
    assert refund.weight < purchase.weight


@pytest.mark.parametrize(
    "unsure",
    [
        entry(1, "Staples", "Expenses:Acme:Office", flag="!"),
        entry(1, "Staples", "Assets:Acme:Suspense"),
        entry(1, "Staples", "Expenses:Jane:Play", entity="Jane"),
    ],
    ids=["flagged", "in suspense", "another entity's"],
)
def test_what_nobody_has_reviewed_and_what_others_do_teaches_nothing(told, unsure: str) -> None:
    assert told(unsure + waiting("STAPLES")) == ()


def test_an_entry_that_waits_for_review_teaches_nothing(home: Home, told) -> None:
    from importers.inbox.reviewed import reviewed

    told(waiting("STAPLES"))
    month = home.ledger / "acme/2026/2026-09.beancount"
    sure = entry(1, "Staples", "Expenses:Acme:Office")
    month.write_text(sure + entry(2, "Staples", "Expenses:Acme:Lunches", review="transfer"))
    assert [d.account for d in reviewed(read(home.main_root))] == ["Expenses:Acme:Office"]


def test_a_closed_account_is_not_proposed(told) -> None:
    closing = "2026-09-20 close Expenses:Acme:Lunches\n\n"
    month = entry(1, "Staples", "Expenses:Acme:Lunches") + closing + waiting("STAPLES")
    assert told(month) == ()


def taught() -> str:
    """So many decisions that a model is asked: meals say lunch or dinner, travel says taxi."""
    month = ""
    for day in range(1, FEWEST // 2 + 2):
        name = "abcdefghijklmnopqrstuvwxyz"[day] * 6
        month += entry(day, f"{name} lunch house", "Expenses:Acme:Lunches")
        month += entry(day, f"{name[::-1]} taxi cab", "Expenses:Acme:Trips")
    return month


def test_what_was_learned_is_proposed_with_its_reason_and_the_same_each_time(told) -> None:
    pytest.importorskip("smart_importer")
    month = taught() + waiting("QQQQQQQ ZZ XXXXXXX taxi")
    got = told(month)
    learned = [s for s in got if s.reason.startswith("learned from")]
    assert [(s.account, s.reason) for s in learned] == [
        ("Expenses:Acme:Trips", f"learned from {FEWEST + 2} reviewed entries")
    ]
    assert told(month) == got


def test_the_model_says_nothing_of_words_it_never_saw(told) -> None:
    assert told(taught() + waiting("ZEBRA ORCHID")) == ()


def test_without_the_extra_likeness_is_left(told, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **more: object) -> object:
        if name.startswith(("sklearn", "smart_importer")):
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    history = taught() + entry(2, "Staples", "Expenses:Acme:Office")
    (one,) = told(history + waiting("STAPLES"))
    assert one.account == "Expenses:Acme:Office"


@pytest.mark.parametrize(
    ("payee", "words"),
    [
        ("STAPLES #0012 PORTLAND OR 10/04", "staples portland or"),
        ("SQ *Coffee-Bar", "sq coffee bar"),
        ("4411", ""),
        ("Café 24H", "café"),
    ],
)
def test_a_payee_is_compared_without_its_numbers(payee: str, words: str) -> None:
    assert normalised(payee) == words
