"""Three more groups that are kept properly: a holding, an S corporation, and one with rupees.

Each has what its kind of owner does in a year, with the papers; no rule has anything to say.
"""

from collections.abc import Mapping
from pathlib import Path

from year_books import Year

HOLDERS = {
    "Mae": "Mae Hollis",
    "Crown": "Crown Holding LLC",
    "Elm": "Elm Press LLC",
    "Fir": "Fir Rentals LLC",
    "Ines": "Ines Duarte",
    "Zeta": "Zeta Systems Inc.",
    "Lena": "Lena Brandt",
    "Opal": "Opal Tools LLC",
    "OpalIndia": "Opal Tools India Private Limited",
}


def _entity(year: Year, name: str, kind: str, tax_class: str, **meta: str) -> None:
    lines = [
        f'2026-01-01 custom "entity" "{name}" "{kind}"',
        f'  legal-name: "{HOLDERS[name]}"',
        f'  tax-class: "{tax_class}"',
        *(f"  {key.replace('_', '-')}: {value}" for key, value in meta.items()),
    ]
    year.registry.append("\n".join(lines))


def _owns(year: Year, company: str, shares: Mapping[str, str]) -> None:
    for owner, percent in shares.items():
        year.registry.append(f'2026-01-01 custom "ownership" "{company}" "{owner}" {percent}')


def _bank(year: Year, entity: str, number: str, currency: str = "USD") -> None:
    holder = HOLDERS[entity]
    name = f"Assets:{entity}:Bank"
    year.account(name, "bank", currency, account_id=number, title_holder=holder)
    year.account(f"Assets:{entity}:InTransit", "in-transit", currency)


def _member(year: Year, company: str, owner: str) -> None:
    root = f"Equity:{company}:Members:{owner}"
    year.account(f"{root}:Contributions", "contribution", counterparty=owner)
    year.account(f"{root}:Distributions", "distribution", counterparty=owner)
    year.account(f"Assets:{owner}:InvestIn:{company}", "invest-in", counterparty=company)


def _capital(year: Year, day: str, company: str, owner: str, amount: str, link: str) -> None:
    paper = year.paper(company, "resolutions", f"2026-{day}-consent")
    ours = [
        (f"Assets:{company}:Bank", amount),
        (f"Equity:{company}:Members:{owner}:Contributions", f"-{amount}"),
    ]
    theirs = [
        (f"Assets:{owner}:InvestIn:{company}", amount),
        (f"Assets:{owner}:Bank", f"-{amount}"),
    ]
    for entity, other, rows in ((company, owner, ours), (owner, company, theirs)):
        # A company that gives capital decides that, too.
        gives = entity == owner == "Crown"
        own = year.paper(owner, "resolutions", f"2026-{day}-consent-{company}") if gives else ""
        papers = {"resolution": own or paper} if gives or entity == company else {}
        year.book(day, other, "Capital", *rows, link=link, transfer="contribution",
                  counterparty=other, **papers)  # fmt: skip


def _draw(year: Year, day: str, company: str, owner: str, amount: str, link: str) -> None:
    paper = year.paper(company, "resolutions", f"2026-{day}-consent")
    ours = [
        (f"Equity:{company}:Members:{owner}:Distributions", amount),
        (f"Assets:{company}:Bank", f"-{amount}"),
    ]
    theirs = [
        (f"Assets:{owner}:Bank", amount),
        (f"Assets:{owner}:InvestIn:{company}", f"-{amount}"),
    ]
    year.pair(day, "distribution", link, (owner, ours), (company, theirs), "Distribution",
              resolution=paper)  # fmt: skip


def _household(year: Year, person: str) -> None:
    bank = f"Assets:{person}:Bank"
    for name in ("Food", "Home"):
        year.account(f"Expenses:{person}:{name}")
    year.account(f"Equity:{person}:OpeningBalances")
    year.book("01-01", "Coast Bank", "Opening balance", (bank, "90000.00"),
              (f"Equity:{person}:OpeningBalances", "-90000.00"))  # fmt: skip
    for month in range(1, 13):
        for day, payee, name, amount in (
            ("03", "Landlord Ives", "Home", "1400.00"),
            ("09", "Green Grocer", "Food", "210.40"),
            ("22", "Green Grocer", "Food", "187.15"),
        ):
            year.book(f"{month:02}-{day}", payee, name, (f"Expenses:{person}:{name}", amount),
                      (bank, f"-{amount}"))  # fmt: skip


def _trade(year: Year, company: str, income: str, cost: str, currency: str = "USD") -> None:
    """Income and one larger cost a month, with its receipt."""
    bank = f"Assets:{company}:Bank"
    year.account(f"Income:{company}:Sales", currency=currency)
    year.account(f"Expenses:{company}:Rent", currency=currency)
    for month in range(2, 13):
        year.book(f"{month:02}-06", "Customers", "Sales", (bank, income),
                  (f"Income:{company}:Sales", f"-{income}"), currency=currency)  # fmt: skip
        year.book(f"{month:02}-12", "Foundry Square", "Rent", (f"Expenses:{company}:Rent", cost),
                  (bank, f"-{cost}"), currency=currency, with_receipt=True)  # fmt: skip


def holding(path: Path) -> Year:
    """Mae owns Crown, Crown owns Elm and most of Fir: a note, a shared bill, settlements."""
    year = Year(path, {"Mae": "mae", "Crown": "crown", "Elm": "elm", "Fir": "fir"})
    _entity(year, "Mae", "person", "person")
    year.registry.append('2026-01-01 custom "entity" "Sam" "person"\n  books: FALSE')
    _entity(year, "Crown", "llc", "disregarded", formed="2026-01-02")
    _entity(year, "Elm", "llc", "disregarded", formed="2026-01-02")
    _entity(year, "Fir", "llc", "partnership", formed="2026-01-02")
    _owns(year, "Crown", {"Mae": "100.00"})
    _owns(year, "Elm", {"Crown": "100.00"})
    _owns(year, "Fir", {"Crown": "70.00", "Sam": "30.00"})
    for entity, number in (("Mae", "c-1111"), ("Crown", "s-2222"), ("Elm", "s-3333"),
                           ("Fir", "s-4444")):  # fmt: skip
        _bank(year, entity, number)
    _member(year, "Crown", "Mae")
    _member(year, "Elm", "Crown")
    _member(year, "Fir", "Crown")
    year.account("Equity:Fir:Members:Sam:Contributions", "contribution", counterparty="Sam")
    year.account("Equity:Fir:Members:Sam:Distributions", "distribution", counterparty="Sam")
    _household(year, "Mae")
    _capital(year, "01-05", "Crown", "Mae", "60000.00", "ic-26-001")
    _capital(year, "01-08", "Elm", "Crown", "20000.00", "ic-26-002")
    _capital(year, "01-09", "Fir", "Crown", "14000.00", "ic-26-003")
    paper = year.paper("Fir", "resolutions", "2026-01-09-consent-sam")
    year.book("01-09", "Sam", "Capital", ("Assets:Fir:Bank", "6000.00"),
              ("Equity:Fir:Members:Sam:Contributions", "-6000.00"), link="ic-26-004",
              transfer="contribution", counterparty="Sam", resolution=paper)  # fmt: skip
    _trade(year, "Elm", "5200.00", "1300.00")
    _trade(year, "Fir", "3100.00", "640.00")
    _note(year)
    _shared(year)
    _draw(year, "06-15", "Elm", "Crown", "4000.00", "ic-26-020")
    _draw(year, "06-16", "Fir", "Crown", "2100.00", "ic-26-021")
    paper = year.paper("Fir", "resolutions", "2026-06-16-consent-sam")
    year.book("06-16", "Sam", "Distribution", ("Equity:Fir:Members:Sam:Distributions", "900.00"),
              ("Assets:Fir:Bank", "-900.00"), link="ic-26-022", transfer="distribution",
              counterparty="Sam", resolution=paper)  # fmt: skip
    _draw(year, "06-20", "Crown", "Mae", "5000.00", "ic-26-023")
    return year


def _note(year: Year) -> None:
    """Crown lends Elm 6,000.00 for a year at the federal rate, paid back each month."""
    document = f"crown/{year.paper('Crown', 'notes', '2026-03-01-note-n-1')}"
    year.registry += [
        '2026-01-01 custom "afr" "2026-03" "short" 4.00',
        '2026-03-01 custom "loan" "N-1" "Crown" "Elm" 6000.00 USD\n  rate: 6.00\n  term: 12\n'
        '  start: 2026-03-01\n  first-payment: 2026-04-01\n  schedule: "monthly"\n'
        f'  payment: 516.40 USD\n  document: "{document}"',
    ]
    year.account("Assets:Crown:LoanTo:Elm:N-1", "loan-to", counterparty="Elm")
    year.account("Liabilities:Elm:LoanFrom:Crown:N-1", "loan-from", counterparty="Crown")
    year.account("Expenses:Elm:Interest:Crown", "interest-expense", counterparty="Crown")
    year.account("Income:Crown:Interest:Elm", "interest-income", counterparty="Elm")
    consent = {e: year.paper(e, "resolutions", "2026-02-27-consent-loan") for e in ("Elm", "Crown")}
    for entity, other, rows in (
        ("Elm", "Crown", [("Assets:Elm:Bank", "6000.00"),
                          ("Liabilities:Elm:LoanFrom:Crown:N-1", "-6000.00")]),
        ("Crown", "Elm", [("Assets:Crown:LoanTo:Elm:N-1", "6000.00"),
                          ("Assets:Crown:Bank", "-6000.00")]),
    ):  # fmt: skip
        year.book("03-01", other, "Note N-1", *rows, link="ic-26-010", transfer="loan-advance",
                  counterparty=other, note="N-1", resolution=consent[entity])  # fmt: skip
    owed = 600000
    for number, month in enumerate(range(4, 13), 1):
        interest = (owed * 5 + 500) // 1000  # half a percent a month, in cents, halves up
        principal = 51640 - interest
        owed -= principal
        said = [f"{n // 100}.{n % 100:02}" for n in (principal, interest, 51640)]
        year.pair(
            f"{month:02}-01", "loan-repayment", f"ic-26-n1-{number:02}",
            ("Crown", [("Liabilities:Elm:LoanFrom:Crown:N-1", said[0]),
                       ("Expenses:Elm:Interest:Crown", said[1]),
                       ("Assets:Elm:Bank", f"-{said[2]}")]),
            ("Elm", [("Assets:Crown:Bank", said[2]),
                     ("Assets:Crown:LoanTo:Elm:N-1", f"-{said[0]}"),
                     ("Income:Crown:Interest:Elm", f"-{said[1]}")]),
            f"Note N-1, instalment {number}", note="N-1",
        )  # fmt: skip


def _shared(year: Year) -> None:
    """Elm pays one internet bill for both by their key, and Fir settles it each quarter."""
    key = f"elm/{year.paper('Elm', 'agreements', '2026-01-10-cost-sharing')}"
    year.registry.append(
        f'2026-01-10 custom "allocation" "A1" "Elm" 60.00 "Fir" 40.00\n  document: "{key}"'
    )
    year.account("Assets:Elm:DueFrom:Fir", "due-from", counterparty="Fir")
    year.account("Liabilities:Fir:DueTo:Elm", "due-to", counterparty="Elm")
    for entity in ("Elm", "Fir"):
        year.account(f"Expenses:{entity}:Internet")
    for month in range(2, 12):
        year.pair(
            f"{month:02}-18", "expense-on-behalf", f"ic-26-net{month:02}",
            ("Fir", [("Expenses:Elm:Internet", "48.00"), ("Assets:Elm:DueFrom:Fir", "32.00"),
                     ("Assets:Elm:Bank", "-80.00")]),
            ("Elm", [("Expenses:Fir:Internet", "32.00"), ("Liabilities:Fir:DueTo:Elm", "-32.00")]),
            "Comet Internet", allocation="A1", invoice=f"CI-{month}", with_receipt=True,
        )  # fmt: skip
    for month, amount in ((3, "64.00"), (6, "96.00"), (9, "96.00"), (11, "64.00")):
        year.pair(
            f"{month:02}-25", "settlement", f"ic-26-set{month:02}",
            ("Elm", [("Liabilities:Fir:DueTo:Elm", amount), ("Assets:Fir:Bank", f"-{amount}")]),
            ("Fir", [("Assets:Elm:Bank", amount), ("Assets:Elm:DueFrom:Fir", f"-{amount}")]),
            "Internet, settled",
        )  # fmt: skip


def s_corporation(path: Path) -> Year:
    """Ines owns and runs Zeta: wages, an accountable plan, distributions after both."""
    year = Year(path, {"Ines": "ines", "Zeta": "zeta"})
    _entity(year, "Ines", "person", "person")
    _entity(year, "Zeta", "corporation", "s-corp", formed="2026-01-02")
    _owns(year, "Zeta", {"Ines": "100.00"})
    year.registry.append('2026-01-02 custom "employee" "Zeta" "Ines"\n  officer: TRUE')
    _bank(year, "Ines", "c-5555")
    _bank(year, "Zeta", "s-6666")
    _member(year, "Zeta", "Ines")
    _household(year, "Ines")
    _capital(year, "01-05", "Zeta", "Ines", "30000.00", "ic-26-001")
    _trade(year, "Zeta", "14000.00", "2100.00")
    year.account("Expenses:Zeta:Wages:Ines", "payroll", counterparty="Ines")
    year.account("Liabilities:Zeta:Withheld", "withholding")
    year.account("Income:Ines:Wages:Zeta", "wage-income", counterparty="Zeta")
    year.account("Expenses:Ines:Withheld", "tax-withheld")
    year.account("Liabilities:Zeta:DueTo:Ines", "due-to", counterparty="Ines")
    year.account("Assets:Ines:DueFrom:Zeta", "due-from", counterparty="Zeta")
    year.account("Expenses:Zeta:Travel", travel="TRUE")
    for month in range(2, 13):
        register = year.paper("Zeta", "payroll", f"2026-{month:02}-register")
        year.pair(
            f"{month:02}-26", "payroll", f"ic-26-pay{month:02}",
            ("Ines", [("Expenses:Zeta:Wages:Ines", "5000.00"),
                      ("Liabilities:Zeta:Withheld", "-1150.00"), ("Assets:Zeta:Bank", "-3850.00")]),
            ("Zeta", [("Assets:Ines:Bank", "3850.00"), ("Expenses:Ines:Withheld", "1150.00"),
                      ("Income:Ines:Wages:Zeta", "-5000.00")]),
            "Payroll", document=register,
        )  # fmt: skip
        year.book(f"{month:02}-28", "Treasury", "Withheld",
                  ("Liabilities:Zeta:Withheld", "1150.00"),
                  ("Assets:Zeta:Bank", "-1150.00"))  # fmt: skip
    for month in (3, 7, 10):
        year.pair(
            f"{month:02}-04", "expense-on-behalf", f"ic-26-exp{month:02}",
            ("Ines", [("Expenses:Zeta:Travel", "184.20"),
                      ("Liabilities:Zeta:DueTo:Ines", "-184.20")]),
            ("Zeta", [("Assets:Ines:DueFrom:Zeta", "184.20"), ("Assets:Ines:Bank", "-184.20")]),
            "Train to the client", purpose="Rollout at the client", with_receipt=True,
        )  # fmt: skip
        report = year.paper("Zeta", "expense-reports", f"2026-{month:02}-20")
        year.pair(
            f"{month:02}-24", "reimbursement", f"ic-26-rep{month:02}",
            ("Ines", [("Liabilities:Zeta:DueTo:Ines", "184.20"), ("Assets:Zeta:Bank", "-184.20")]),
            ("Zeta", [("Assets:Ines:Bank", "184.20"), ("Assets:Ines:DueFrom:Zeta", "-184.20")]),
            "Expense report", reported=f"2026-{month:02}-20", document=report,
        )  # fmt: skip
    _draw(year, "12-15", "Zeta", "Ines", "9000.00", "ic-26-020")
    return year


def with_rupees(path: Path) -> Year:
    """Lena's Opal owns nine tenths of a company in India, which pays it a dividend."""
    year = Year(path, {"Lena": "lena", "Opal": "opal", "OpalIndia": "opal-india"})
    _entity(year, "Lena", "person", "person")
    year.registry.append('2026-01-01 custom "entity" "Arun" "person"\n  books: FALSE')
    _entity(year, "Opal", "llc", "disregarded", formed="2026-01-02")
    _entity(year, "OpalIndia", "india-pvt", "india-company", formed="2026-01-10",
            currency='"INR"', fiscal_year_end='"03-31"')  # fmt: skip
    _owns(year, "Opal", {"Lena": "100.00"})
    _owns(year, "OpalIndia", {"Opal": "90.00", "Arun": "10.00"})
    for month in range(1, 13):
        year.registry.append(f"2026-{month:02}-01 price INR 0.01200 USD")
    _bank(year, "Lena", "c-7777")
    _bank(year, "Opal", "s-8888")
    _bank(year, "OpalIndia", "icici-9999", "INR")
    _member(year, "Opal", "Lena")
    _household(year, "Lena")
    _capital(year, "01-05", "Opal", "Lena", "50000.00", "ic-26-001")
    _trade(year, "Opal", "9000.00", "1700.00")
    _trade(year, "OpalIndia", "420000.00", "60000.00", "INR")
    year.account("Assets:Opal:InvestIn:OpalIndia", "invest-in", "INR", counterparty="OpalIndia")
    year.account(
        "Income:Opal:Dividends:OpalIndia", "distribution-income", "INR", counterparty="OpalIndia"
    )
    for owner in ("Opal", "Arun"):
        root = f"Equity:OpalIndia:Members:{owner}"
        year.account(f"{root}:Contributions", "contribution", "INR", counterparty=owner)
        year.account(f"{root}:Distributions", "distribution", "INR", counterparty=owner)
    _shares(year)
    _dividend(year)
    return year


def _shares(year: Year) -> None:
    paper = year.paper("OpalIndia", "resolutions", "2026-01-12-allotment")
    year.book("01-15", "OpalIndia", "Share capital",
              ("Assets:Opal:InvestIn:OpalIndia", "900000.00 INR {0.01200 USD}"),
              ("Assets:Opal:Bank", "-10800.00"), link="ic-26-010", transfer="contribution",
              counterparty="OpalIndia",
              resolution=year.paper("Opal", "resolutions", "2026-01-11-consent"))  # fmt: skip
    year.book("01-15", "Opal", "Share capital", ("Assets:OpalIndia:Bank", "900000.00 INR"),
              ("Equity:OpalIndia:Members:Opal:Contributions", "-900000.00 INR"), link="ic-26-010",
              transfer="contribution", counterparty="Opal", resolution=paper)  # fmt: skip
    year.book("01-15", "Arun", "Share capital", ("Assets:OpalIndia:Bank", "100000.00 INR"),
              ("Equity:OpalIndia:Members:Arun:Contributions", "-100000.00 INR"), link="ic-26-011",
              transfer="contribution", counterparty="Arun", resolution=paper)  # fmt: skip


def _dividend(year: Year) -> None:
    paper = year.paper("OpalIndia", "resolutions", "2026-09-10-dividend")
    for owner, amount, link in (
        ("Opal", "450000.00", "ic-26-020"),
        ("Arun", "50000.00", "ic-26-021"),
    ):
        year.book("09-15", owner, "Interim dividend",
                  (f"Equity:OpalIndia:Members:{owner}:Distributions", f"{amount} INR"),
                  ("Assets:OpalIndia:Bank", f"-{amount} INR"), link=link, transfer="dividend",
                  counterparty=owner, resolution=paper)  # fmt: skip
    year.book("09-15", "OpalIndia", "Interim dividend", ("Assets:Opal:Bank", "5400.00"),
              ("Income:Opal:Dividends:OpalIndia", "-450000.00 INR @ 0.01200 USD"), link="ic-26-020",
              transfer="dividend", counterparty="OpalIndia")  # fmt: skip
