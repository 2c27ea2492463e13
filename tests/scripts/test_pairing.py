"""``books veil pair`` and ``books veil settle``: both halves, once, or what is missing."""

from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from beancount.core import convert, data

from core import git
from core.findings import Finding
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from plugins.run import run_rules
from scripts.main import main

OPENED = """
2020-01-01 open Assets:{name}:Bank  USD
  role: "bank"
  account-id: "{id}"
  title-holder: "{title}"
2020-01-01 custom "veil-rule" "VEIL-020" "off"
"""
MONTH = {"Acme": "ledger/acme/2026/2026-09.beancount", "Jane": "ledger/jane/2026/2026-09.beancount"}
LENT = """
2026-09-01 * "Jane" "Her groceries" ^ic-26-000001
  transfer: "expense-on-behalf"
  Assets:Acme:DueFrom:Jane  80.00 USD
  Assets:Acme:Bank
"""
BORROWED = """
2026-09-01 * "Acme" "Groceries" ^ic-26-000001
  transfer: "expense-on-behalf"
  Expenses:Jane:Other  80.00 USD
  Liabilities:Jane:DueTo:Acme
"""
SPENT = """
2026-09-02 * "Acme" "Paper for Acme" ^ic-26-000002
  transfer: "expense-on-behalf"
  Assets:Jane:DueFrom:Acme  30.00 USD
  Assets:Jane:Bank
"""
OWED = """
2026-09-02 * "Jane" "Paper" ^ic-26-000002
  transfer: "expense-on-behalf"
  Expenses:Acme:Office  30.00 USD
  Liabilities:Acme:DueTo:Jane
"""


@pytest.fixture
def books(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs a command in the home, and gives what it said."""
    monkeypatch.delenv("BOOKS_HOME", raising=False)
    monkeypatch.chdir(home.path)

    def run(*args: str, code: int = 0) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["veil", *args])
        said = capsys.readouterr()
        assert ended.value.code == code, said.out + said.err
        return said.out + said.err

    return run


@pytest.fixture
def banks(home: Home) -> Home:
    """The home, where both have a bank account."""
    for name, number, title in (("Acme", "chase-1", "Acme LLC"), ("Jane", "ally-2", "Jane")):
        path = home.ledger / name.lower() / "accounts.beancount"
        path.write_text(path.read_text() + OPENED.format(name=name, id=number, title=title))
    git.commit(home.path, [Path()], "Banks", {})
    return home


@pytest.fixture
def debts(banks: Home) -> Home:
    """Jane owes Acme 80, and Acme owes Jane 30."""
    add(banks, {"Acme": LENT + OWED, "Jane": BORROWED + SPENT})
    return banks


def add(home: Home, entries: dict[str, str]) -> None:
    for name, text in entries.items():
        path = home.path / MONTH[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text() if path.exists() else ""
        path.write_text(f"{before}{text}")
    git.commit(home.path, [Path()], "Entries", {})


def loaded(home: Home) -> Books:
    return read(home.main_root, home=home)


def newest(home: Home) -> list[data.Transaction]:
    """The two halves of the newest pair, Acme's first."""
    found = loaded(home)
    day = found.transactions[-1].date
    halves = [txn for txn in found.transactions if txn.date == day]
    return sorted(halves, key=lambda txn: str(found.registry.ents(txn)))


def postings(txn: data.Transaction) -> list[tuple[str, str]]:
    return [(p.account, str(p.units.number)) for p in txn.postings if p.units]


def balance(home: Home, account: str) -> Decimal:
    every = (p for txn in loaded(home).transactions for p in txn.postings)
    return sum((p.units.number for p in every if p.account == account and p.units), Decimal(0))


DRAW = ("pair", "--from", "acme", "--to", "JANE", "--amount", "1000", "--class", "distribution")
DRAW += ("--date", "2026-09-10")


def of_pairs(home: Home) -> list[Finding]:
    """What the rules about crossings find; that these small books have no other paper is not asked
    here."""
    codes = {"VEIL-001", "VEIL-005", "VEIL-006", "VEIL-007", "VEIL-008", "VEIL-025"}
    return [finding for finding in run_rules(loaded(home)) if finding.code in codes]


def test_a_pair_is_both_halves_with_one_link_in_one_commit(
    banks: Home, books: Callable[..., str]
) -> None:
    said = books(*DRAW)
    assert f"+++ b/{MONTH['Acme']}" in said
    assert f"+++ b/{MONTH['Jane']}" in said
    assert "Written." in said
    ours, hers = newest(banks)
    assert ours.links == hers.links
    assert postings(ours) == [
        ("Equity:Acme:Members:Jane:Distributions", "1000.00"),
        ("Assets:Acme:Bank", "-1000.00"),
    ]
    assert postings(hers) == [
        ("Assets:Jane:InvestIn:Acme", "-1000.00"),
        ("Assets:Jane:Bank", "1000.00"),
    ]
    assert {ours.meta["transfer"], hers.meta["transfer"]} == {"distribution"}
    assert (ours.meta["counterparty"], hers.meta["counterparty"]) == ("Jane", "Acme")
    assert git.dirty(banks.path, [Path(name) for name in MONTH.values()]) == []
    assert of_pairs(banks) == []


def test_a_dry_run_shows_the_diff_and_writes_nothing(
    banks: Home, books: Callable[..., str]
) -> None:
    said = books(*DRAW, "--dry-run")
    assert "+  Assets:Jane:InvestIn:Acme" in said
    assert "nothing was written" in said
    assert loaded(banks).transactions == ()


def test_the_same_key_again_does_nothing(banks: Home, books: Callable[..., str]) -> None:
    books(*DRAW, "--key", "draw-1")
    assert "Done before" in books(*DRAW, "--key", "draw-1")
    assert len(loaded(banks).transactions) == 2
    books(*DRAW, "--key", "draw-2")
    assert len(loaded(banks).transactions) == 4


def test_what_is_missing_is_said_with_what_to_open(home: Home, books: Callable[..., str]) -> None:
    said = books(*DRAW, code=1)
    for name in ("Acme", "Jane"):
        assert f"2026-09-10 open Assets:{name}:Bank  USD" in said
        assert f"ledger/{name.lower()}/accounts.beancount" in said
    lent = [*DRAW[:-3], "loan-advance", *DRAW[-2:], "--note", "N-7"]
    said = books(*lent, code=1)
    assert "2026-09-10 open Assets:Acme:LoanTo:Jane:N-7  USD" in said
    assert '    role: "loan-from"\n      counterparty: "Acme"' in said
    assert loaded(home).transactions == ()


def test_what_a_proven_bank_has_not_seen_is_in_transit(
    banks: Home, books: Callable[..., str]
) -> None:
    add(banks, {"Acme": "2026-09-20 balance Assets:Acme:Bank  0.00 USD\n"})
    assert "By way of Assets:Acme:InTransit" in books(*DRAW)
    assert balance(banks, "Assets:Acme:InTransit") == -1000
    assert balance(banks, "Assets:Jane:Bank") == 1000
    assert loaded(banks).findings == ()


def test_a_resolution_is_evidence_by_the_link(banks: Home, books: Callable[..., str]) -> None:
    paper = banks.ledger / "acme/documents/consent.txt"
    paper.parent.mkdir()
    paper.write_text("The members consent.\n")
    books(*DRAW, "--resolution", str(paper))
    (document,) = [e for e in loaded(banks).entries if isinstance(e, data.Document)]
    assert Path(document.filename) == paper
    assert document.links == newest(banks)[0].links
    assert len(document.meta["sha256"]) == 64
    elsewhere = banks.path.parent / "consent.txt"
    elsewhere.write_text("x")
    assert "is not among the papers" in books(*DRAW, "--resolution", str(elsewhere), code=2)


@pytest.fixture
def known(banks: Home) -> Home:
    """The same, and where Acme was formed: papers say it."""
    path = banks.ledger / "registry.beancount"
    said = '  legal-name: "Acme LLC"\n'
    path.write_text(path.read_text().replace(said, f'{said}  jurisdiction: "US-WY"\n'))
    git.commit(banks.path, [Path()], "Where Acme is", {})
    return banks


def drafts(home: Home) -> list[tuple[str, str]]:
    """The papers attached: form and status; each hash is its file's."""
    found = [e for e in loaded(home).entries if isinstance(e, data.Document)]
    for each in found:
        assert each.meta["sha256"] == sha256(Path(each.filename).read_bytes()).hexdigest()
    return [(str(e.meta.get("form")), str(e.meta.get("status"))) for e in found]


def test_the_consent_that_the_class_wants_is_drafted_in_the_same_commit(
    known: Home, books: Callable[..., str]
) -> None:
    said = books(*DRAW)
    assert "is a draft: it counts for nothing until it is signed" in said
    assert "warning VEIL-014" in said
    assert drafts(known) == [("BH-R3", "draft")]
    (paper,) = [e for e in loaded(known).entries if isinstance(e, data.Document)]
    assert paper.links == newest(known)[0].links
    assert git.dirty(known.path, [Path("ledger")]) == []
    assert loaded(known).findings == ()
    again = ["document", "resolution", *(paper.links or ()), "-y"]
    assert "Nothing to do" in books(*again)  # the same bytes


def test_no_paper_is_drafted_where_there_is_one_or_none_is_wanted(
    known: Home, books: Callable[..., str]
) -> None:
    books(*DRAW, "--no-paper")
    books(*DRAW[:-3], "settlement", *DRAW[-2:])
    assert drafts(known) == []
    paper = known.ledger / "acme/documents/consent.txt"
    paper.parent.mkdir()
    paper.write_text("The members consent.\n")
    books(*DRAW, "--resolution", str(paper))
    assert drafts(known) == [("None", "None")]


def test_a_loan_gets_its_consent_and_its_note(known: Home, books: Callable[..., str]) -> None:
    accounts = {
        "acme": ("Liabilities:Acme:LoanFrom:Jane:N-1", "loan-from", "Jane"),
        "jane": ("Assets:Jane:LoanTo:Acme:N-1", "loan-to", "Acme"),
    }
    for folder, (name, role, other) in accounts.items():
        path = known.ledger / folder / "accounts.beancount"
        opened = f'2020-01-01 open {name}\n  role: "{role}"\n  counterparty: "{other}"\n'
        path.write_text(path.read_text() + opened)
    registry = known.ledger / "registry.beancount"
    declared = '2026-09-10 custom "loan" "N-1" "Jane" "Acme" 900.00 USD\n  rate: 5.00\n  term: 9\n'
    registry.write_text(registry.read_text() + declared)
    lent = ("pair", "--from", "jane", "--to", "acme", "--amount", "900", "--class", "loan-advance")
    books(*lent, "--date", "2026-09-10", "--note", "N-1")
    assert sorted(drafts(known)) == [("BH-N1", "draft"), ("BH-N1", "draft"), ("BH-R1", "draft")]
    assert loaded(known).findings == ()


def test_a_paper_that_cannot_be_drafted_keeps_nothing_from_being_booked(
    banks: Home, books: Callable[..., str]
) -> None:
    said = books(*DRAW)
    assert "the resolution was not drafted: ledger/registry.beancount:3: Acme has no juris" in said
    assert 'add below the entity directive: jurisdiction: "US-OR"' in said
    assert len(loaded(banks).transactions) == 2
    assert drafts(banks) == []


def test_what_time_brings_is_not_said_to_be_new(banks: Home, books: Callable[..., str]) -> None:
    for name in ("acme", "jane"):  # months without statements are asked for in these books
        path = banks.ledger / name / "accounts.beancount"
        path.write_text(path.read_text().replace('"VEIL-020" "off"', '"VEIL-020" "warning"'))
    books(*DRAW[:-1], "2026-07-10")
    assert "VEIL-020" not in books(*DRAW)
    assert any(f.code == "VEIL-020" for f in run_rules(loaded(banks)))


def test_an_expense_on_behalf_asks_which_and_books_no_money_of_the_other(
    banks: Home, books: Callable[..., str]
) -> None:
    paid = ("pair", "--from", "jane", "--to", "acme", "--amount", "42.50 USD", "--class")
    paid += ("expense-on-behalf", "--date", "2026-09-10")
    assert "which expense was it?" in books(*paid, code=1)
    books(*paid, "--account-to", "Expenses:Acme:Office", "--text", "Paper")
    ours, hers = newest(banks)
    assert postings(ours) == [
        ("Liabilities:Acme:DueTo:Jane", "-42.50"),
        ("Expenses:Acme:Office", "42.50"),
    ]
    assert postings(hers) == [("Assets:Jane:DueFrom:Acme", "42.50"), ("Assets:Jane:Bank", "-42.50")]
    assert of_pairs(banks) == []


def test_income_and_expense_accounts_without_a_party_get_one_on_the_posting(
    banks: Home, books: Callable[..., str]
) -> None:
    rent = ("pair", "--from", "acme", "--to", "jane", "--amount", "300", "--class", "rent")
    rent += ("--date", "2026-09-10")
    assert "which income account?" in books(*rent, code=1)
    books(*rent, "--account-from", "Expenses:Acme:Office", "--account-to", "Income:Jane:Other")
    for half, party in zip(newest(banks), ("Jane", "Acme"), strict=True):
        assert (half.postings[0].meta or {})["counterparty"] == party
    assert of_pairs(banks) == []


def test_a_settlement_pays_what_is_owed_and_no_more(debts: Home, books: Callable[..., str]) -> None:
    paid = ("pair", "--from", "jane", "--to", "acme", "--class", "settlement")
    paid += ("--date", "2026-09-10", "--amount")
    assert "Jane owes Acme 80.00 USD, less than 80.01" in books(*paid, "80.01", code=1)
    books(*paid, "80")
    assert balance(debts, "Assets:Acme:DueFrom:Jane") == 0
    assert balance(debts, "Liabilities:Jane:DueTo:Acme") == 0


def test_a_settlement_of_nothing_owed_is_an_advance(banks: Home, books: Callable[..., str]) -> None:
    books(*DRAW[:-3], "settlement", *DRAW[-2:])
    assert balance(banks, "Assets:Acme:DueFrom:Jane") == 1000
    assert balance(banks, "Liabilities:Jane:DueTo:Acme") == -1000


def test_settling_clears_both_debts_and_pays_the_difference(
    debts: Home, books: Callable[..., str]
) -> None:
    assert "nothing was written" in books(
        "settle", "acme", "jane", "--date", "2026-09-30", "--dry-run"
    )
    said = books("settle", "acme", "jane", "--date", "2026-09-30", "--key", "s-1")
    assert "Jane owes 80.00 USD and is owed 30.00: Jane pays Acme 50.00 USD." in said
    ours, hers = newest(debts)
    assert postings(ours) == [
        ("Liabilities:Acme:DueTo:Jane", "30.00"),
        ("Assets:Acme:DueFrom:Jane", "-80.00"),
        ("Assets:Acme:Bank", "50.00"),
    ]
    assert postings(hers) == [
        ("Liabilities:Jane:DueTo:Acme", "80.00"),
        ("Assets:Jane:DueFrom:Acme", "-30.00"),
        ("Assets:Jane:Bank", "-50.00"),
    ]
    assert of_pairs(debts) == []
    assert "Done before" in books("settle", "acme", "jane", "--date", "2026-09-30", "--key", "s-1")
    assert "owe each other nothing" in books("settle", "jane", "acme", "--date", "2026-09-30")
    assert len(loaded(debts).transactions) == 6


def test_settling_is_as_of_a_day(debts: Home, books: Callable[..., str]) -> None:
    said = books("settle", "acme", "jane", "--date", "2026-09-01", "--dry-run")
    assert "Jane pays Acme 80.00 USD" in said
    assert "owe each other nothing" in books("settle", "acme", "jane", "--date", "2026-08-31")


def test_equal_debts_are_set_off_without_money(debts: Home, books: Callable[..., str]) -> None:
    add(
        debts,
        {
            "Acme": OWED.replace("30.00", "50.00").replace("000002", "000003"),
            "Jane": SPENT.replace("30.00", "50.00").replace("000002", "000003"),
        },
    )
    assert "no money moves" in books("settle", "acme", "jane", "--date", "2026-09-30")
    assert [account for account, _ in postings(newest(debts)[0])] == [
        "Liabilities:Acme:DueTo:Jane",
        "Assets:Acme:DueFrom:Jane",
    ]


def test_books_that_disagree_are_not_settled(debts: Home, books: Callable[..., str]) -> None:
    path = debts.path / MONTH["Jane"]
    path.write_text(path.read_text().replace("80.00", "79.00"))
    said = books("settle", "acme", "jane", "--date", "2026-09-30", code=1)
    assert "Acme has 80.00 USD due from Jane, whose books owe 79.00" in said
    assert len(loaded(debts).transactions) == 4


def test_settling_without_a_bank_says_what_to_open(home: Home, books: Callable[..., str]) -> None:
    cash = (LENT.replace("Acme:Bank", "Acme:Bank:Old"), BORROWED)
    opened = (
        '2020-01-01 open Assets:Acme:Bank:Old\n2020-01-01 custom "veil-rule" "VEIL-020" "off"\n'
    )
    add(home, {"Acme": opened + cash[0], "Jane": cash[1]})
    said = books("settle", "acme", "jane", "--date", "2026-09-30", code=1)
    assert "2026-09-30 open Assets:Acme:Bank  USD" in said
    assert "2026-09-30 open Assets:Jane:Bank  USD" in said
    assert len(loaded(home).transactions) == 2


def test_a_journal_that_is_no_text_is_named_as_such(debts: Home, books: Callable[..., str]) -> None:
    with (debts.path / MONTH["Acme"]).open("ab") as file:
        file.write(b";; caf\xe9\n")
    for command in (DRAW, ("settle", "acme", "jane", "--date", "2026-09-30")):
        assert "is not UTF-8 text" in books(*command, code=1)


def test_nothing_is_booked_into_a_closed_month(debts: Home, books: Callable[..., str]) -> None:
    seal = f'2026-10-05 custom "close-period" "Jane" "2026-09"\n  hash: "{"0" * 64}"\n'
    add(debts, {"Jane": seal})
    assert "Jane is closed up to 2026-09-30" in books(*DRAW, code=1)
    assert "Jane is closed up to 2026-09-30" in books(
        "settle", "acme", "jane", "--date", "2026-09-30", code=1
    )
    before = [*DRAW[:-1], "2026-08-31"]  # opening balances of the closed month
    assert "Jane is closed up to 2026-09-30" in books(*before, code=1)
    books(*DRAW[:-1], "2026-10-01")


def test_what_was_settled_later_is_not_settled_again_on_an_earlier_day(
    debts: Home, books: Callable[..., str]
) -> None:
    books("settle", "acme", "jane", "--date", "2026-09-30")
    said = books("settle", "acme", "jane", "--date", "2026-09-20", code=1)
    assert "of the 80.00 USD that Jane owed Acme on 2026-09-20, 80.00 were settled later" in said
    assert "--date 2026-09-30 or later" in said
    paid = ("pair", "--from", "jane", "--to", "acme", "--class", "settlement", "--amount", "80")
    said = books(*paid, "--date", "2026-09-20", code=1)
    assert "Jane owes Acme 80.00 USD, of which 80.00 were settled later" in said
    assert balance(debts, "Assets:Acme:DueFrom:Jane") == 0


@pytest.mark.parametrize("amount", ["1000 USD", "1000USD", "USD 1000", "1,000.00 usd"])
def test_a_currency_is_read_wherever_it_stands(
    banks: Home, books: Callable[..., str], amount: str
) -> None:
    books(*DRAW, "--amount", amount)
    assert postings(newest(banks)[1])[1] == ("Assets:Jane:Bank", "1000.00")


@pytest.mark.parametrize("amount", ["1000 EUR", "1000EUR", "EUR 1000", "1000 eur"])
def test_another_currency_is_never_booked_as_the_own_one(
    banks: Home, books: Callable[..., str], amount: str
) -> None:
    said = books(*DRAW, "--amount", amount, code=1)
    assert "Acme has no open EUR account" in said
    assert "open Assets:Acme:Bank:EUR  EUR" in said  # the shorter name is taken
    assert loaded(banks).transactions == ()


def test_a_class_that_cannot_be_is_refused(banks: Home, books: Callable[..., str]) -> None:
    lent = ("pair", "--from", "acme", "--to", "jane", "--amount", "5", "--date", "2026-09-10")
    said = books(*lent, "--class", "contribution", code=2)
    assert "Acme is no owner of Jane" not in said  # nobody is registered as one
    assert "Jane is a person, whom nobody owns" in said
    assert "Acme is taxed as disregarded" in books(*lent, "--class", "dividend", code=2)
    registry = banks.ledger / "registry.beancount"
    text = registry.read_text().replace('"disregarded"', '"c-corp"')
    raj = '2020-01-01 custom "entity" "Raj" "person"\n  books: FALSE\n'
    registry.write_text(text + raj)
    assert "is a dividend" in books(*lent, "--class", "distribution", code=2)
    said = books(*lent, "--to", "raj", "--class", "dividend", code=2)
    assert "Raj is no owner of Acme on 2026-09-10, so this is no dividend" in said
    assert "its owners are Jane" in said
    assert loaded(banks).transactions == ()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--to", "acme"), "Acme cannot pay itself"),
        (("--to", "nobody"), "there is no entity 'nobody'"),
        (("--amount", "-5"), "is not positive"),
        (("--amount", "lots"), "'lots' is not an amount"),
        (("--amount", "€5"), "'€5' is not an amount"),
        (("--amount", "EUR 5 USD"), "'EUR 5 USD' is not an amount"),
        (("--amount", "1e3"), "'1e3' is not an amount"),
        (("--amount", "1.005"), "1.005 cannot be paid"),
        (("--class", "gift"), "Invalid value for '--class'"),
        (("--class", "payroll"), "book both halves from the payroll register"),
        (("--class", "asset-transfer"), "at its book value"),
        (("--date", "10.9.2026"), "'10.9.2026' is not a date"),
        (("--account-from", "Assets:Jane:Bank"), "is no account of Acme"),
        (("--account-from", "Assets:Acme:Shed"), "Assets:Acme:Shed is not open"),
        (("--resolution", "nowhere.pdf"), "there is no such file"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    banks: Home, books: Callable[..., str], args: tuple[str, ...], said: str
) -> None:
    assert said in books(*DRAW, *args, code=2)
    assert loaded(banks).transactions == ()


def test_an_outside_owner_gets_no_half(banks: Home, books: Callable[..., str]) -> None:
    registry = banks.ledger / "registry.beancount"
    text = registry.read_text().replace('"Jane" 100.00', '"Jane" 60.00')
    raj = '2020-01-01 custom "entity" "Raj" "person"\n  books: FALSE\n'
    registry.write_text(text + raj + '2020-01-01 custom "ownership" "Acme" "Raj" 40.00\n')
    accounts = banks.ledger / "acme/accounts.beancount"
    equity = '2020-01-01 open Equity:Acme:Members:Raj:Distributions\n  role: "distribution"\n'
    accounts.write_text(f'{accounts.read_text()}{equity}  counterparty: "Raj"\n')
    books(*DRAW, "--to", "raj")
    (half,) = newest(banks)
    assert half.postings[0].account == "Equity:Acme:Members:Raj:Distributions"


RUPEES = """
2020-01-01 open Assets:Jane:Rupees  INR
  role: "bank"
  account-id: "sbi-3"
  title-holder: "Jane"
2020-01-01 custom "veil-rule" "VEIL-020" "off"
"""
HUNDRED = ("--amount", "100.00 USD", "--received", "8300.00 INR", "--date", "2026-09-10")
TO_JANE = ("pair", "--from", "acme", "--to", "jane", *HUNDRED, "--class")


@pytest.fixture
def abroad(home: Home) -> Home:
    """Acme has a bank account in dollars, Jane one in rupees; a dollar is 83 rupees."""
    add_to_accounts(home, "acme", OPENED.format(name="Acme", id="chase-1", title="Acme LLC"))
    add_to_accounts(home, "jane", RUPEES + "2026-09-01 price USD  83.00 INR\n")
    git.commit(home.path, [Path()], "Banks", {})
    return home


def add_to_accounts(home: Home, folder: str, text: str) -> None:
    path = home.ledger / folder / "accounts.beancount"
    path.write_text(path.read_text() + text)


def weights(txn: data.Transaction) -> list[tuple[str, str, str]]:
    """Each posting with its units, and what it weighs at cents."""
    found = [(p, convert.get_weight(p)) for p in txn.postings]
    return [(p.account, str(p.units), f"{w.number:.2f} {w.currency}") for p, w in found]


@pytest.mark.parametrize("held", ["INR", "USD"])
def test_what_a_bank_converts_is_booked_in_each_ones_own_currency_where_it_has_an_account(
    abroad: Home, books: Callable[..., str], held: str
) -> None:
    if held == "INR":
        path = abroad.ledger / "jane/accounts.beancount"
        path.write_text(path.read_text().replace("InvestIn:Acme  USD", "InvestIn:Acme  INR"))
    said = books(*TO_JANE, "distribution", "--no-paper")
    assert "8300.00 INR @@ 100.00 USD" in said
    assert "Look again" not in said
    ours, hers = newest(abroad)
    assert weights(ours) == [
        ("Equity:Acme:Members:Jane:Distributions", "100.00 USD", "100.00 USD"),
        ("Assets:Acme:Bank", "-100.00 USD", "-100.00 USD"),
    ]
    invested = "-8300.00 INR" if held == "INR" else "-100.00 USD"
    assert weights(hers) == [
        ("Assets:Jane:InvestIn:Acme", invested, "-100.00 USD"),
        ("Assets:Jane:Rupees", "8300.00 INR", "100.00 USD"),
    ]
    assert not of_pairs(abroad)


@pytest.mark.parametrize(
    ("received", "told"),
    [
        ("8715.00 INR", ""),
        ("7885.00 INR", ""),
        ("8715.01 INR", "8300.00 INR, more than 5 percent off"),
        ("7884.99 INR", "8300.00 INR, more than 5 percent off"),
        ("90.00 EUR", "no price of USD in EUR"),
    ],
)
def test_a_rate_that_is_far_off_is_said_and_written_all_the_same(
    abroad: Home, books: Callable[..., str], received: str, told: str
) -> None:
    currency = received[-3:]
    path = abroad.ledger / "jane/accounts.beancount"
    path.write_text(path.read_text().replace("Rupees  INR", f"Rupees  {currency}"))
    command = [received if word == HUNDRED[3] else word for word in TO_JANE]
    said = books(*command, "distribution", "--no-paper")
    assert ("Look again" in said) == bool(told)
    assert told in said
    assert not of_pairs(abroad)


def test_a_debt_that_a_bank_converts_stays_in_its_currency(
    abroad: Home, books: Callable[..., str]
) -> None:
    """An advance in dollars, paid back in dollars out of rupees."""
    books(*TO_JANE, "settlement")
    ours, hers = newest(abroad)
    assert weights(ours)[0] == ("Assets:Acme:DueFrom:Jane", "100.00 USD", "100.00 USD")
    assert weights(hers) == [
        ("Liabilities:Jane:DueTo:Acme", "-100.00 USD", "-100.00 USD"),
        ("Assets:Jane:Rupees", "8300.00 INR", "100.00 USD"),
    ]
    back = ("pair", "--from", "jane", "--to", "acme", "--class", "settlement", "--date")
    books(*back, "2026-09-20", "--amount", "8400.00 INR", "--received", "100.00 USD")
    ours, hers = newest(abroad)
    assert weights(hers) == [
        ("Liabilities:Jane:DueTo:Acme", "100.00 USD", "100.00 USD"),
        ("Assets:Jane:Rupees", "-8400.00 INR", "-100.00 USD"),
    ]
    assert balance(abroad, "Liabilities:Jane:DueTo:Acme") == 0
    assert balance(abroad, "Assets:Acme:DueFrom:Jane") == 0
    assert balance(abroad, "Assets:Jane:Rupees") == Decimal("-100.00")
    assert not of_pairs(abroad)


def test_more_than_is_owed_is_refused_in_the_currency_of_the_debt(
    abroad: Home, books: Callable[..., str]
) -> None:
    books(*TO_JANE, "settlement")
    back = ("pair", "--from", "jane", "--to", "acme", "--class", "settlement", "--date")
    said = books(*back, "2026-09-20", "--amount", "8400.00 INR", "--received", "100.01 USD", code=1)
    assert "Jane owes Acme 100.00 USD, less than 100.01" in said


def test_settling_by_way_of_a_bank_that_converts(abroad: Home, books: Callable[..., str]) -> None:
    books(*TO_JANE, "settlement")
    settle = ("settle", "acme", "jane", "--date", "2026-09-20")
    assert "say both amounts: --received (of" in books(*settle, code=1)
    said = books(*settle, "--paid", "8400.00 INR")
    assert "Jane pays Acme 100.00 USD (8400.00 INR left its bank)." in said
    ours, hers = newest(abroad)
    assert weights(ours) == [
        ("Assets:Acme:DueFrom:Jane", "-100.00 USD", "-100.00 USD"),
        ("Assets:Acme:Bank", "100.00 USD", "100.00 USD"),
    ]
    assert weights(hers) == [
        ("Liabilities:Jane:DueTo:Acme", "100.00 USD", "100.00 USD"),
        ("Assets:Jane:Rupees", "-8400.00 INR", "-100.00 USD"),
    ]
    assert not of_pairs(abroad)


def test_two_amounts_of_one_currency_are_no_conversion(
    abroad: Home, books: Callable[..., str]
) -> None:
    command = ["99.00 USD" if word == HUNDRED[3] else word for word in TO_JANE]
    said = books(*command, "distribution", code=2)
    assert "no bank has converted" in said
    assert len(loaded(abroad).transactions) == 0


def test_two_payments_cannot_be_said_to_be_one_conversion(
    debts: Home, books: Callable[..., str]
) -> None:
    add_to_accounts(debts, "jane", RUPEES)
    add(
        debts,
        {
            "Acme": LENT.replace("80.00 USD", "80.00 EUR").replace("000001", "000009"),
            "Jane": BORROWED.replace("80.00 USD", "80.00 EUR").replace("000001", "000009"),
        },
    )
    for folder in ("acme", "jane"):
        path = debts.ledger / folder / "accounts.beancount"
        path.write_text(path.read_text().replace("  USD", "  USD,EUR"))
    settle = ("settle", "acme", "jane", "--date", "2026-09-20", "--paid", "8400.00 INR")
    assert "there are 2 payments" in books(*settle, code=2)
