"""The Larkin group in 2026: a studio of two partners, rentals, and the owner's household, all as it
should be. ``muddled_year`` is the same group with its sins."""

from pathlib import Path

from year_books import Year

FOLDERS = {"Alder": "alder", "Birch": "birch", "Nora": "nora"}
ALDER, BIRCH, NORA = "Assets:Alder:Bank", "Assets:Birch:Bank", "Assets:Nora:Bank"
CARD = "Liabilities:Alder:Card"
# What comes back each month: day, payee, what, account, amount, whether there is a receipt.
ALDER_COSTS = (
    ("02", "Foundry Square", "Studio rent", "Rent", "1450.00", True),
    ("04", "Cloud Nine", "Hosting", "Hosting", "58.00", False),
    ("09", "Grid Power", "Electricity", "Utilities", "71.40", False),
    ("17", "Mutual of Salem", "Liability insurance", "Insurance", "132.50", True),
)
ALDER_CARD = (
    ("06", "Paper & Pine", "Paper, toner", "Supplies", "46.20"),
    ("12", "Typekit House", "Fonts", "Software", "39.00"),
    ("19", "Paper & Pine", "Sample boards", "Supplies", "63.75"),
    ("24", "Transit Authority", "Tickets to clients", "Transport", "28.00"),
)
BIRCH_COSTS = (
    ("03", "Salem Water", "Water and sewer", "Utilities", "64.10", False),
    ("11", "Brightside Cleaning", "Stairs and yard", "Cleaning", "70.00", False),
    ("18", "Harbor Mutual", "Building insurance", "Insurance", "188.00", True),
    ("22", "Fix & Co", "Small repairs", "Repairs", "94.00", True),
)
HOUSEHOLD = (
    ("03", "Green Grocer", "Groceries", "Groceries", "112.35"),
    ("07", "Pacific Gas", "Gas", "Utilities", "48.20"),
    ("10", "Green Grocer", "Groceries", "Groceries", "96.70"),
    ("14", "Corner Cafe", "Lunch", "Dining", "23.40"),
    ("18", "Green Grocer", "Groceries", "Groceries", "104.15"),
    ("21", "Landlord Ives", "Rent", "Rent", "1250.00"),
    ("25", "Green Grocer", "Groceries", "Groceries", "88.60"),
    ("27", "Fuel Stop", "Fuel", "Transport", "41.90"),
)


def larkin(path: Path) -> Year:
    """The group with everything proper, not written yet."""
    year = Year(path, FOLDERS)
    _registry(year)
    _accounts(year)
    _beginning(year)
    for month in range(1, 13):
        _month(year, f"{month:02}")
    for month in ("03", "06", "09", "12"):
        _quarter(year, month)
    year.book("12-31", "Coast Bank", "Interest of the year", (NORA, "31.18"),
              ("Income:Nora:Other", "-31.18"))  # fmt: skip
    return year


def _registry(year: Year) -> None:
    agreement = f"alder/{year.paper('Alder', 'agreements', '2026-01-02-operating-agreement')}"
    year.registry += [
        '2026-01-01 custom "entity" "Nora" "person"\n  legal-name: "Nora Larkin"\n'
        '  tax-class: "person"\n  jurisdiction: "US-OR"',
        '2026-01-01 custom "entity" "Tom" "person"\n  legal-name: "Tom Abara"\n'
        '  tax-class: "person"\n  books: FALSE',
        '2026-01-01 custom "entity" "Alder" "llc"\n  legal-name: "Alder Studio LLC"\n'
        '  tax-class: "partnership"\n  jurisdiction: "US-OR"\n  formed: 2026-01-02',
        '2026-01-01 custom "entity" "Birch" "llc"\n  legal-name: "Birch Rentals LLC"\n'
        '  tax-class: "disregarded"\n  jurisdiction: "US-OR"\n  formed: 2026-01-02',
        '2026-01-01 custom "ownership" "Alder" "Nora" 60.00\n'
        '2026-01-01 custom "ownership" "Alder" "Tom" 40.00\n'
        '2026-01-01 custom "ownership" "Birch" "Nora" 100.00',
        '2026-01-01 custom "allocation" "A1" "Alder" 50.00 "Birch" 50.00\n'
        f'  document: "{agreement}"',
    ]
    for entity in ("Alder", "Birch"):
        paper = year.paper(entity, "filings", "2026-03-20-annual-report")
        year.registry.append(
            f'2026-01-02 custom "obligation" "{entity}" "annual-report"\n'
            '  every: "year"\n  due: "04-15"\n  first: 2026-04-15'
        )
        year.registry.append(
            f'2026-03-20 custom "fulfilled" "{entity}" "annual-report" "2026"\n'
            f'  document: "{FOLDERS[entity]}/{paper}"'
        )


def _accounts(year: Year) -> None:
    holders = {"Alder": "Alder Studio LLC", "Birch": "Birch Rentals LLC", "Nora": "Nora Larkin"}
    for entity, number in (
        ("Alder", "salem-4410"),
        ("Birch", "salem-5521"),
        ("Nora", "coast-0093"),
    ):
        year.account(
            f"Assets:{entity}:Bank", "bank", account_id=number, title_holder=holders[entity]
        )
        year.account(f"Assets:{entity}:InTransit", "in-transit")
    year.account(CARD, "card", account_id="salem-7714", title_holder=holders["Alder"])
    year.account(
        "Liabilities:Nora:Card", "card", account_id="coast-3308", title_holder=holders["Nora"]
    )
    for one, other in (("Alder", "Nora"), ("Birch", "Nora"), ("Alder", "Birch")):
        for entity, about in ((one, other), (other, one)):
            year.account(f"Assets:{entity}:DueFrom:{about}", "due-from", counterparty=about)
            year.account(f"Liabilities:{entity}:DueTo:{about}", "due-to", counterparty=about)
    for company, owners in (("Alder", ("Nora", "Tom")), ("Birch", ("Nora",))):
        for owner in owners:
            root = f"Equity:{company}:Members:{owner}"
            year.account(f"{root}:Contributions", "contribution", counterparty=owner)
            year.account(f"{root}:Distributions", "distribution", counterparty=owner)
        year.account(f"Assets:Nora:InvestIn:{company}", "invest-in", counterparty=company)
        year.account(f"Liabilities:{company}:AP", "ap")
        names = (
            "Rent Hosting Utilities Insurance Supplies Software Transport Cleaning Repairs"
            " Internet Fees Meals Other"
        ).split()
        for name in names:
            year.account(
                f"Expenses:{company}:{name}", **({"meals": "TRUE"} if name == "Meals" else {})
            )
        year.account(f"Income:{company}:Services")
    year.account(
        "Expenses:Alder:GuaranteedPayments:Nora", "guaranteed-payment", counterparty="Nora"
    )
    year.account(
        "Income:Nora:GuaranteedPayments", "guaranteed-payment-income", counterparty="Alder"
    )
    year.account("Income:Nora:Salary", "wage-income")
    for name in "Other".split():
        year.account(f"Income:Nora:{name}")
    for name in "Groceries Utilities Dining Rent Transport Health Other".split():
        year.account(f"Expenses:Nora:{name}")
    year.account("Equity:Nora:OpeningBalances")


def _beginning(year: Year) -> None:
    agreement = "documents/agreements/2026-01-02-operating-agreement.txt"
    consent = year.paper("Birch", "resolutions", "2026-01-02-consent")
    year.book(
        "01-01",
        "Coast Bank",
        "Opening balance",
        (NORA, "60000.00"),
        ("Equity:Nora:OpeningBalances", "-60000.00"),
    )
    for company, link, amount, paper in (
        ("Alder", "ic-26-001", "24000.00", agreement),
        ("Birch", "ic-26-002", "15000.00", consent),
    ):
        year.pair(
            "01-05", "contribution", link,
            ("Nora", [(f"Assets:{company}:Bank", amount),
                      (f"Equity:{company}:Members:Nora:Contributions", f"-{amount}")]),
            (company, [(f"Assets:Nora:InvestIn:{company}", amount), (NORA, f"-{amount}")]),
            "Initial capital", resolution=paper,
        )  # fmt: skip
    year.book("01-05", "Tom Abara", "Initial capital", (ALDER, "16000.00"),
              ("Equity:Alder:Members:Tom:Contributions", "-16000.00"), link="ic-26-003",
              transfer="contribution", counterparty="Tom", resolution=agreement)  # fmt: skip


def _month(year: Year, month: str) -> None:
    for day, payee, amount in (
        ("08", "Marlow & Sons", "3800.00"),
        ("23", "City Museum", "2650.00"),
    ):
        year.book(
            f"{month}-{day}",
            payee,
            "Design work",
            (ALDER, amount),
            ("Income:Alder:Services", f"-{amount}"),
        )
    for day, payee, text, name, amount, receipt in ALDER_COSTS:
        year.book(
            f"{month}-{day}",
            payee,
            text,
            (f"Expenses:Alder:{name}", amount),
            (ALDER, f"-{amount}"),
            with_receipt=receipt,
        )
    spent = 0
    for day, payee, text, name, amount in ALDER_CARD:
        year.book(
            f"{month}-{day}", payee, text, (f"Expenses:Alder:{name}", amount), (CARD, f"-{amount}")
        )
    spent = "176.95"
    year.book(f"{month}-28", "Salem Bank", "Card paid", (CARD, spent), (ALDER, f"-{spent}"))
    for day, payee, amount in (("06", "Tenant Ruiz", "1150.00"), ("07", "Tenant Okoye", "1080.00")):
        year.book(
            f"{month}-{day}",
            payee,
            "Rent",
            (BIRCH, amount),
            ("Income:Birch:Services", f"-{amount}"),
        )
    for day, payee, text, name, amount, receipt in BIRCH_COSTS:
        year.book(
            f"{month}-{day}",
            payee,
            text,
            (f"Expenses:Birch:{name}", amount),
            (BIRCH, f"-{amount}"),
            with_receipt=receipt,
        )
    year.book(
        f"{month}-26",
        "Oak Hospital",
        "Salary",
        (NORA, "3100.00"),
        ("Income:Nora:Salary", "-3100.00"),
    )
    for day, payee, text, name, amount in HOUSEHOLD:
        paid = "Liabilities:Nora:Card" if name == "Dining" else NORA
        year.book(
            f"{month}-{day}", payee, text, (f"Expenses:Nora:{name}", amount), (paid, f"-{amount}")
        )
    year.book(f"{month}-29" if month != "02" else "02-27", "Coast Bank", "Card paid",
              ("Liabilities:Nora:Card", "23.40"), (NORA, "-23.40"))  # fmt: skip


def _quarter(year: Year, month: str) -> None:
    """Each quarter 2,000 to the partners of Alder by their shares, and 1,500 from Birch."""
    for number, (company, owner, amount) in enumerate(
        (("Alder", "Nora", "1200.00"), ("Alder", "Tom", "800.00"), ("Birch", "Nora", "1500.00"))
    ):
        paper = year.paper(company, "resolutions", f"2026-{month}-10-consent-{number}")
        link = f"ic-26-q{month}{number}"
        ours = [
            (f"Equity:{company}:Members:{owner}:Distributions", amount),
            (f"Assets:{company}:Bank", f"-{amount}"),
        ]
        if owner == "Nora":
            theirs = [(NORA, amount), (f"Assets:Nora:InvestIn:{company}", f"-{amount}")]
            year.pair(f"{month}-15", "distribution", link, (owner, ours), (company, theirs),
                      f"Distribution of quarter {int(month) // 3}", resolution=paper)  # fmt: skip
        else:
            year.book(f"{month}-15", "Tom Abara", "Distribution", *ours, link=link,
                      transfer="distribution", counterparty=owner, resolution=paper)  # fmt: skip
