"""The Larkin group's year with its sins: forty-two, each with its number above the entry.

``SINS`` says what each is and which rules must find it. The bank's own story is true throughout:
each sin is a wrong word for what happened, a missing half or paper, or nothing at all.
"""

from dataclasses import dataclass
from pathlib import Path

from proper_year import ALDER, BIRCH, CARD, NORA, larkin
from year_books import Year

from core.journal.read import read
from core.seal import NOTHING_BEFORE, seal_of
from plugins.closing.sealed import Sealed


@dataclass(frozen=True)
class Sin:
    """``codes`` are the rules that must find it at its place, the first of them for what it is."""

    number: int
    said: str
    codes: tuple[str, ...]


SINS: list[Sin] = []


def _sin(said: str, *codes: str) -> dict[str, object]:
    """The next sin, as the arguments of its entry."""
    SINS.append(Sin(len(SINS) + 1, said, codes))
    return {"sin": len(SINS), "comment": f"Sin {len(SINS)}: {said}."}


def _also() -> dict[str, object]:
    """The newest sin again, for the entry that is its other part."""
    return {"sin": len(SINS)}


def muddled(path: Path) -> dict[int, list[tuple[str, int]]]:
    """Writes the group with its sins; where each stands."""
    SINS.clear()
    year = larkin(path)
    _more_accounts(year)
    _personal(year)
    _one_sided(year)
    _disagreeing(year)
    _wrong_class(year)
    _loans(year)
    _owners(year)
    _records(year)
    _seal_january(year)
    year.book(
        "01-21",
        "Paper & Pine",
        "Found in a drawer in March",
        ("Expenses:Alder:Supplies", "38.00"),
        ("Liabilities:Alder:AP", "-38.00"),
        **_sin("entered into a closed month", "VEIL-021"),
    )
    places = year.write()
    return places | _standing(year)


def _more_accounts(year: Year) -> None:
    year.account("Expenses:Alder:Household", personal="TRUE")
    year.account("Expenses:Alder:Wages", "payroll")
    year.account("Expenses:Alder:InterestNora", "interest-expense", counterparty="Nora")
    year.account("Income:Nora:InterestAlder", "interest-income", counterparty="Alder")
    year.account("Expenses:Birch:OfficeRentAlder", counterparty="Alder")
    year.account("Income:Alder:OfficeRentBirch", counterparty="Birch")
    for note in ("N-1", "N-2"):
        year.account(f"Liabilities:Alder:LoanFrom:Nora:{note}", "loan-from", counterparty="Nora")
        year.account(f"Assets:Nora:LoanTo:Alder:{note}", "loan-to", counterparty="Alder")
    year.account("Liabilities:Birch:LoanFrom:Nora:N-3", "loan-from", counterparty="Nora")
    year.account("Assets:Nora:LoanTo:Birch:N-3", "loan-to", counterparty="Birch")
    year.policy.append('2026-01-01 custom "personal-payee" "*" "toy shop|veterinar"')
    year.policy.append('2026-01-01 custom "vendor" "Cloud Nine"\n  entity: "Alder"')


def _personal(year: Year) -> None:
    year.book(
        "12-10",
        "Green Grocer",
        "Weekend shopping",
        ("Expenses:Alder:Supplies", "64.20"),
        (CARD, "-64.20"),
        tag="personal",
        **_sin("groceries on the company's card", "VEIL-002"),
    )
    year.book(
        "12-16",
        "Willow Dance School",
        "Lessons",
        ("Expenses:Alder:Household", "48.00"),
        (ALDER, "-48.00"),
        **_sin("a child's lessons from the company's bank", "VEIL-002"),
    )
    year.book(
        "03-12",
        "Green Grocer",
        "Birthday party",
        ("Expenses:Alder:Other", "71.10"),
        (CARD, "-71.10"),
        tag="personal",
        **_sin("a party on the company's card, long ago", "VEIL-002"),
    )
    year.book(
        "12-18",
        "The Toy Shop",
        "Gifts",
        ("Expenses:Birch:Other", "39.90"),
        (BIRCH, "-39.90"),
        **_sin("a payee that is on the personal list", "VEIL-002"),
    )
    year.pair(
        "04-07",
        "expense-on-behalf",
        "ic-26-110",
        ("Nora", [("Assets:Alder:DueFrom:Nora", "310.00"), (ALDER, "-310.00")]),
        (
            "Alder",
            [("Expenses:Nora:Health", "310.00"), ("Liabilities:Nora:DueTo:Alder", "-310.00")],
        ),
        "Dentist, in error",
        tag="personal",
        **_sin("the owner never paid it back", "VEIL-002", "VEIL-025"),
    )
    year.book(
        "12-03",
        "Nora Larkin",
        "Moved some money",
        (ALDER, "-900.00"),
        (NORA, "900.00"),
        **_sin("one entry for two entities", "VEIL-001"),
    )
    year.book(
        "12-08",
        "Grid Power",
        "Alder's meter, paid by Birch",
        ("Expenses:Alder:Utilities", "66.00"),
        (BIRCH, "-66.00"),
        **_sin("Birch pays Alder's bill in one entry", "VEIL-001"),
    )
    year.book(
        "12-05",
        "Print Works",
        "Posters for Alder",
        ("Expenses:Nora:Other", "58.00"),
        ("Liabilities:Nora:Card", "-58.00"),
        for_entity="Alder",
        **_sin("the company's cost left in the household", "VEIL-003"),
    )
    year.book(
        "11-19",
        "Cloud Nine",
        "Hosting, extra",
        ("Expenses:Nora:Other", "22.00"),
        ("Liabilities:Nora:Card", "-22.00"),
        **_sin("a vendor of Alder paid by Nora", "VEIL-003"),
    )


def _one_sided(year: Year) -> None:
    consent = year.paper("Alder", "resolutions", "2026-10-05-consent")
    year.book(
        "10-06",
        "Nora",
        "Draw",
        ("Equity:Alder:Members:Nora:Distributions", "600.00"),
        (ALDER, "-600.00"),
        link="ic-26-120",
        transfer="distribution",
        counterparty="Nora",
        resolution=consent,
        **_sin("the other half stands as other income", "VEIL-005"),
    )
    year.book(
        "10-07", "Alder Studio LLC", "Deposit", (NORA, "600.00"), ("Income:Nora:Other", "-600.00")
    )
    year.book(
        "10-06",
        "Tom Abara",
        "Draw",
        ("Equity:Alder:Members:Tom:Distributions", "400.00"),
        (ALDER, "-400.00"),
        link="ic-26-121",
        transfer="distribution",
        counterparty="Tom",
        resolution=consent,
    )
    year.book(
        "11-10",
        "Alder",
        "Short advance",
        ("Assets:Birch:DueFrom:Alder", "700.00"),
        (BIRCH, "-700.00"),
        transfer="settlement",
        counterparty="Alder",
        **_sin("two halves and no link between them", "VEIL-005"),
    )
    year.book(
        "11-11",
        "Birch",
        "Short advance",
        (ALDER, "700.00"),
        ("Liabilities:Alder:DueTo:Birch", "-700.00"),
        transfer="settlement",
        counterparty="Birch",
        **_also(),
    )
    year.book(
        "11-14",
        "Harbor Mutual",
        "Rider for the studio, paid by Birch",
        ("Assets:Birch:DueFrom:Alder", "41.00"),
        (BIRCH, "-41.00"),
        link="ic-26-122",
        transfer="expense-on-behalf",
        counterparty="Alder",
        allocation="A2",
        **_sin("the cost is missing in Alder's books", "VEIL-005"),
    )
    year.registry.append(
        '2026-01-01 custom "allocation" "A2" "Alder" 100.00\n'
        f'  document: "alder/{year.paper("Alder", "agreements", "2026-01-02-cost-sharing")}"'
    )
    year.book(
        "11-20",
        "Nora",
        "Advance for the fair",
        ("Assets:Alder:DueFrom:Nora", "120.00"),
        (ALDER, "-120.00"),
        link="ic-26-123",
        transfer="settlement",
        counterparty="Nora",
        **_sin("the deposit names nobody", "VEIL-005", "VEIL-025"),
    )
    year.book(
        "11-20",
        "Transfer",
        "From the studio",
        (NORA, "120.00"),
        ("Income:Nora:Other", "-120.00"),
        link="ic-26-123",
        **_also(),
    )


def _disagreeing(year: Year) -> None:
    year.book(
        "10-12",
        "Nora",
        "Trade fair tickets for Alder",
        ("Expenses:Alder:Transport", "54.00"),
        ("Liabilities:Alder:DueTo:Nora", "-54.00"),
        link="ic-26-130",
        transfer="expense-on-behalf",
        counterparty="Nora",
        **_sin("digits changed places", "VEIL-006", "VEIL-025"),
    )
    year.book(
        "10-12",
        "Alder",
        "Trade fair tickets",
        ("Assets:Nora:DueFrom:Alder", "45.00"),
        ("Liabilities:Nora:Card", "-45.00"),
        link="ic-26-130",
        transfer="expense-on-behalf",
        counterparty="Alder",
        **_also(),
    )
    year.book(
        "11-03",
        "Nora",
        "Fair, settled",
        ("Liabilities:Alder:DueTo:Nora", "45.00"),
        (ALDER, "-45.00"),
        link="ic-26-131",
        transfer="settlement",
        counterparty="Nora",
    )
    year.book(
        "11-03",
        "Alder",
        "Fair, settled",
        (NORA, "45.00"),
        ("Assets:Nora:DueFrom:Alder", "-45.00"),
        link="ic-26-131",
        transfer="reimbursement",
        counterparty="Alder",
        **_sin("a settlement here, a reimbursement there", "VEIL-006"),
    )
    year.book(
        "10-30",
        "Nora",
        "Advance, sent",
        ("Assets:Birch:DueFrom:Nora", "250.00"),
        (BIRCH, "-250.00"),
        link="ic-26-132",
        transfer="settlement",
        counterparty="Nora",
        **_sin("the month ended between the two halves", "VEIL-006", "VEIL-025"),
    )
    year.book(
        "11-02",
        "Birch",
        "Advance, arrived",
        (NORA, "250.00"),
        ("Liabilities:Nora:DueTo:Birch", "-250.00"),
        link="ic-26-132",
        transfer="settlement",
        counterparty="Birch",
        **_also(),
    )


def _wrong_class(year: Year) -> None:
    consent = year.paper("Birch", "resolutions", "2026-04-08-capital-call")
    ours = [(BIRCH, "5000.00"), ("Equity:Birch:Members:Nora:Contributions", "-5000.00")]
    theirs = [("Assets:Nora:InvestIn:Birch", "5000.00"), (NORA, "-5000.00")]
    year.book(
        "04-09",
        "Nora",
        "Capital call",
        *ours,
        link="ic-26-140",
        counterparty="Nora",
        resolution=consent,
        **_sin("a late capital call without its class", "VEIL-007"),
    )
    year.book(
        "04-09",
        "Birch",
        "Capital call",
        *theirs,
        link="ic-26-140",
        counterparty="Birch",
        transfer="contribution",
    )
    year.book(
        "10-20",
        "Nora",
        "For the truck",
        ("Assets:Alder:DueFrom:Nora", "180.00"),
        (ALDER, "-180.00"),
        link="ic-26-141",
        counterparty="Nora",
        **_sin("money went over and nobody said as what", "VEIL-007"),
    )
    year.book(
        "10-20",
        "Alder",
        "For the truck",
        (NORA, "180.00"),
        ("Liabilities:Nora:DueTo:Alder", "-180.00"),
        link="ic-26-141",
        counterparty="Alder",
        **_also(),
    )
    paper = year.paper("Alder", "resolutions", "2026-05-01-consent")
    year.pair(
        "05-04",
        "loan-advance",
        "ic-26-142",
        ("Nora", [(ALDER, "4000.00"), ("Equity:Alder:Members:Nora:Contributions", "-4000.00")]),
        ("Alder", [("Assets:Nora:InvestIn:Alder", "4000.00"), (NORA, "-4000.00")]),
        "A loan, they say",
        resolution=paper,
        **_sin("called a loan and booked as capital", "VEIL-008", "VEIL-009"),
    )
    paper = year.paper("Birch", "resolutions", "2026-08-04-consent")
    year.book(
        "08-05",
        "Nora",
        "Salary",
        ("Expenses:Birch:Other", "70.00"),
        (BIRCH, "-70.00"),
        link="ic-26-143",
        transfer="distribution",
        counterparty="Nora",
        resolution=paper,
        **_sin("a salary, booked as a draw", "VEIL-008", "VEIL-006"),
    )
    year.book(
        "08-05",
        "Birch",
        "Salary",
        (NORA, "70.00"),
        ("Assets:Nora:InvestIn:Birch", "-70.00"),
        link="ic-26-143",
        transfer="distribution",
        counterparty="Birch",
        **_also(),
    )


def _loans(year: Year) -> None:
    paper = year.paper("Alder", "resolutions", "2026-06-01-loans")
    for note, amount, rate in (("N-1", "6000.00", "5.00"), ("N-2", "12000.00", "0.00")):
        document = f"alder/{year.paper('Alder', 'agreements', f'2026-06-01-note-{note}')}"
        terms = 'maturity: "demand"'
        if note == "N-1":
            terms = 'maturity: 2027-06-01\n  schedule: "monthly"\n  payment: 513.65 USD'
        text = (
            f'2026-06-01 custom "loan" "{note}" "Nora" "Alder" {amount} USD\n  rate: {rate}\n'
            f"  {terms}\n"
            f'  document: "{document}"'
        )
        year.registry.append(text)
        year.pair(
            "06-01",
            "loan-advance",
            f"ic-26-15{note[-1]}",
            ("Nora", [(ALDER, amount), (f"Liabilities:Alder:LoanFrom:Nora:{note}", f"-{amount}")]),
            ("Alder", [(f"Assets:Nora:LoanTo:Alder:{note}", amount), (NORA, f"-{amount}")]),
            f"Loan {note}",
            resolution=paper,
            note=note,
        )
    for month in ("2026-06", "2026-12"):
        year.registry.append(f'2026-01-01 custom "afr" "{month}" "short" 4.00')
    _sin("interest at nothing", "VEIL-010")
    _sin("instalments that nobody paid", "VEIL-011")
    year.pair(
        "07-01",
        "loan-repayment",
        "ic-26-160",
        ("Nora", [("Liabilities:Alder:LoanFrom:Nora:N-1", "513.65"), (ALDER, "-513.65")]),
        ("Alder", [(NORA, "513.65"), ("Assets:Nora:LoanTo:Alder:N-1", "-513.65")]),
        "N-1, first instalment",
        note="N-1",
        **_sin("an instalment without its interest", "VEIL-012", "LN-01"),
    )
    paper = year.paper("Birch", "resolutions", "2026-07-20-consent")
    year.pair(
        "07-21",
        "loan-advance",
        "ic-26-161",
        ("Nora", [(BIRCH, "2500.00"), ("Liabilities:Birch:LoanFrom:Nora:N-3", "-2500.00")]),
        ("Birch", [("Assets:Nora:LoanTo:Birch:N-3", "2500.00"), (NORA, "-2500.00")]),
        "For the roof",
        resolution=paper,
        note="N-3",
        **_sin("a loan and no note", "VEIL-009"),
    )


def _owners(year: Year) -> None:
    year.pair(
        "02-16",
        "distribution",
        "ic-26-170",
        ("Nora", [("Equity:Birch:Members:Nora:Distributions", "400.00"), (BIRCH, "-400.00")]),
        ("Birch", [(NORA, "400.00"), ("Assets:Nora:InvestIn:Birch", "-400.00")]),
        "Draw",
        **_sin("a draw that nobody decided", "VEIL-014"),
    )
    paper = year.paper("Alder", "resolutions", "2026-05-18-consent")
    year.pair(
        "05-20",
        "distribution",
        "ic-26-171",
        ("Nora", [("Equity:Alder:Members:Nora:Distributions", "1500.00"), (ALDER, "-1500.00")]),
        ("Alder", [(NORA, "1500.00"), ("Assets:Nora:InvestIn:Alder", "-1500.00")]),
        "Extra draw",
        resolution=paper,
        **_sin("one partner drew, the other got nothing", "VEIL-016"),
    )
    year.pair(
        "09-30",
        "payroll",
        "ic-26-172",
        ("Nora", [("Expenses:Alder:Wages", "1100.00"), (ALDER, "-1100.00")]),
        ("Alder", [(NORA, "1100.00"), ("Income:Nora:Salary", "-1100.00")]),
        "Paycheck",
        **_sin("wages to a partner", "VEIL-023", "VEIL-019"),
    )
    year.pair(
        "06-30",
        "guaranteed-payment",
        "ic-26-173",
        ("Nora", [("Expenses:Alder:GuaranteedPayments:Nora", "900.00"), (ALDER, "-900.00")]),
        ("Alder", [(NORA, "900.00"), ("Income:Nora:GuaranteedPayments", "-900.00")]),
        "For design work",
        **_sin("a guaranteed payment without its agreement", "VEIL-023", "VEIL-019"),
    )
    year.pair(
        "05-11",
        "settlement",
        "ic-26-174",
        ("Birch", [("Assets:Alder:DueFrom:Birch", "800.00"), (ALDER, "-800.00")]),
        ("Alder", [(BIRCH, "800.00"), ("Liabilities:Birch:DueTo:Alder", "-800.00")]),
        "Until the rents come",
        **_sin("a due-from that nobody settles", "VEIL-025"),
    )
    year.pair(
        "06-15",
        "rent",
        "ic-26-175",
        ("Birch", [(ALDER, "60.00"), ("Income:Alder:OfficeRentBirch", "-60.00")]),
        ("Alder", [("Expenses:Birch:OfficeRentAlder", "60.00"), (BIRCH, "-60.00")]),
        "A desk in the studio",
        **_sin("rent between the two without a contract", "VEIL-026"),
    )


def _records(year: Year) -> None:
    for entity, bank in (("Alder", ALDER), ("Birch", BIRCH)):
        year.book(
            "06-12",
            "Comet Internet",
            "Half of the bill",
            (f"Expenses:{entity}:Internet", "42.50"),
            (bank, "-42.50"),
            invoice="C-771",
            **(
                _sin("an internet bill, shared by nobody's rule", "VEIL-022")
                if entity == "Alder"
                else _also()
            ),
        )
    year.book(
        "04-21",
        "Office Barn",
        "Chair",
        ("Expenses:Alder:Supplies", "189.00"),
        (CARD, "-189.00"),
        **_sin("no receipt for the chair", "VEIL-019"),
    )
    year.book(
        "05-13",
        "Lumber Yard",
        "Fence",
        ("Expenses:Birch:Repairs", "412.00"),
        (BIRCH, "-412.00"),
        receipt_number="884",
        link="bill-884",
        **_sin("no receipt for the fence", "VEIL-019"),
    )
    year.book(
        "05-27",
        "Print Works",
        "Banners",
        ("Expenses:Alder:Supplies", "145.00"),
        (CARD, "-145.00"),
        receipt="documents/receipts/lost.txt",
        **_sin("a receipt that is not there", "VEIL-019"),
    )
    year.book(
        "07-08",
        "Corner Cafe",
        "Lunch with the museum",
        ("Expenses:Alder:Meals", "38.00"),
        (CARD, "-38.00"),
        purpose="The autumn show",
        **_sin("a lunch, and nobody says with whom", "VEIL-019"),
    )
    year.unproven |= {(CARD, 8), (BIRCH, 9)}
    _sin("a month of the card without its statement", "VEIL-020")
    _sin("a month of Birch's bank without its statement", "VEIL-020")
    year.account("Assets:Birch:Savings", "bank", account_id="salem-5599")
    _sin("an account that does not say its holder", "VEIL-018")
    year.account("Assets:Alder:Paybox", "bank", title_holder="Alder Studio LLC")
    _sin("an account without the bank's number", "VEIL-018")
    year.registry.append(
        '2026-01-02 custom "obligation" "Birch" "registered-agent"\n'
        '  every: "year"\n  due: "09-01"\n  first: 2026-09-01'
    )
    _sin("the registered agent was never renewed", "VEIL-024")
    year.registry.append(
        '2026-01-02 custom "obligation" "Alder" "business-licence"\n'
        '  every: "year"\n  due: "11-15"\n  first: 2026-11-15'
    )
    _sin("the licence lapsed in November", "VEIL-024")


def _seal_january(year: Year) -> None:
    """Closes Alder's January as it was, before somebody put an entry into it."""
    seal = '2026-02-10 custom "close-period" "Alder" "2026-01"\n  hash: "{}"'
    year.registry.append(seal.format("0" * 64))
    entries = {entity: list(of) for entity, of in year.entries.items()}
    year.write()
    books = read(year.home.main_root, home=year.home)
    found = next(e for e in books.standing if getattr(e, "type", "") == "close-period")
    year.registry[-1] = seal.format(Sealed(books).hash_of(seal_of(found), NOTHING_BEFORE))
    year.entries = entries


def _standing(year: Year) -> dict[int, list[tuple[str, int]]]:
    """Where the sins stand that are no transaction: by a word that their line holds."""
    words = {
        "interest at nothing": ("registry", '"N-2" "Nora"'),
        "instalments that nobody paid": ("registry", '"N-1" "Nora"'),
        "a month of the card without its statement": ("alder/accounts", f"open {CARD} "),
        "a month of Birch's bank without its statement": ("birch/accounts", f"open {BIRCH} "),
        "an account that does not say its holder": ("birch/accounts", "Assets:Birch:Savings"),
        "an account without the bank's number": ("alder/accounts", "Assets:Alder:Paybox"),
        "the registered agent was never renewed": ("registry", "registered-agent"),
        "the licence lapsed in November": ("registry", "business-licence"),
    }
    places = {}
    for sin in SINS:
        if sin.said in words:
            name, word = words[sin.said]
            lines = (year.path / f"ledger/{name}.beancount").read_text().split("\n")
            line = next(i for i, text in enumerate(lines, 1) if word in text)
            places[sin.number] = [(f"ledger/{name}.beancount", line)]
    return places


@dataclass(frozen=True)
class Decision:
    """What Nora decides on a finding: of the code, at the entry that ``at`` names."""

    code: str
    at: str
    answer: tuple[str, ...]


DECISIONS = (
    Decision("VEIL-002", "Green Grocer", ("--as", "distribution")),
    Decision("VEIL-002", "2026-04", ("--as", "distribution")),
    Decision("VEIL-006", "ic-26-131", ("--as", "settlement")),
    Decision("VEIL-007", "2026-10", ("--as", "settlement")),
    Decision("VEIL-008", "alder/2026/2026-05", ("--as", "contribution")),
    Decision("VEIL-008", "birch/2026/2026-08", ("--as", "distribution")),
    Decision("VEIL-009", "N-3", ("--as", "contribution")),
    Decision(
        "VEIL-011",
        "instalment 2",
        ("--waive", "she waits until the fair has paid", "--by", "Nora Larkin"),
    ),
    Decision("VEIL-018", "Paybox", ("--say", "account-id=salem-6603")),
    Decision(
        "VEIL-023",
        "wages",
        ("--as", "guaranteed-payment"),
    ),
    Decision(
        "VEIL-023",
        "names no agreement",
        ("--say", "agreement=documents/agreements/2026-01-02-operating-agreement.txt#5.3"),
    ),
    Decision("VEIL-024", "registered-agent", ("--say", "document=documents/filings/agent.txt")),
)
