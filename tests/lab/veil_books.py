"""Books of three companies and their owners with one of each thing that the veil statement shows.

Acme gets capital and a loan from Jane, distributes to Jane and Raj, owes Ops since last year,
rents from AcmeHoldings (whose name only begins like its own), and lent Ops 500.00 that Ops has not
booked.
"""

from pathlib import Path

from beancount import loader

from core.journal.books import Books

PAPERS = ("call.txt", "consent.txt", "note.txt", "lease.txt", "report-2026.txt", "ops-bill.txt")

BOOKS = """\
2025-01-01 custom "entity" "Jane" "person"
  legal-name: "Jane Roe"
2025-01-01 custom "entity" "Raj" "person"
  legal-name: "Raj Patel"
  books: FALSE
2025-01-01 custom "entity" "Acme" "llc"
  legal-name: "Acme Widgets LLC"
  jurisdiction: "US-OR"
  tax-class: "partnership"
  formed: 2025-01-01
2025-01-01 custom "entity" "AcmeHoldings" "llc"
2025-01-01 custom "entity" "Ops" "llc"
2025-01-01 custom "ownership" "Acme" "Jane" 60.00
2025-01-01 custom "ownership" "Acme" "Raj" 40.00
2025-01-01 custom "ownership" "AcmeHoldings" "Jane" 100.00
2025-01-01 custom "ownership" "Ops" "Jane" 100.00
2025-01-01 custom "veil-rule" "VEIL-020" "off"
2025-01-01 custom "veil-rule" "VEIL-010" "off"
2025-01-01 custom "obligation" "Acme" "annual-report"
  every: "year"
  first: 2026-05-05
  agency: "Secretary of State"
2026-04-20 custom "fulfilled" "Acme" "annual-report" "2026"
  document: "papers/report-2026.txt"
2025-01-01 custom "obligation" "Acme" "tax-return"
  every: "year"
  first: 2026-03-15
2026-03-01 custom "loan" "N-02" "Jane" "Acme" 1200.00 USD
  rate: 6.00
  start: 2026-03-01
  maturity: 2027-03-01
  schedule: "quarterly"
  document: "papers/note.txt"

2025-01-01 open Assets:Jane:Bank  USD
  role: "bank"
2025-01-01 open Assets:Jane:InvestIn:Acme  USD
  role: "invest-in"
  counterparty: "Acme"
2025-01-01 open Assets:Jane:LoanTo:Acme:N-02  USD
  role: "loan-to"
  counterparty: "Acme"
2025-01-01 open Income:Jane:Interest:Acme  USD
  role: "interest-income"
  counterparty: "Acme"
2025-01-01 open Equity:Jane:Opening  USD
2025-01-01 open Assets:Acme:Bank  USD
  role: "bank"
2025-01-01 open Assets:Acme:DueFrom:Ops  USD
  role: "due-from"
  counterparty: "Ops"
2025-01-01 open Liabilities:Acme:DueTo:Ops  USD
  role: "due-to"
  counterparty: "Ops"
2025-01-01 open Liabilities:Acme:DueTo:AcmeHoldings  USD
  role: "due-to"
  counterparty: "AcmeHoldings"
2025-01-01 open Liabilities:Acme:LoanFrom:Jane:N-02  USD
  role: "loan-from"
  counterparty: "Jane"
2025-01-01 open Equity:Acme:Members:Jane:Contributions  USD
  role: "contribution"
  counterparty: "Jane"
2025-01-01 open Equity:Acme:Members:Jane:Distributions  USD
  role: "distribution"
  counterparty: "Jane"
2025-01-01 open Equity:Acme:Members:Raj:Contributions  USD
  role: "contribution"
  counterparty: "Raj"
2025-01-01 open Equity:Acme:Members:Raj:Distributions  USD
  role: "distribution"
  counterparty: "Raj"
2025-01-01 open Income:Acme:Sales  USD
2025-01-01 open Expenses:Acme:Office  USD
2025-01-01 open Expenses:Acme:Interest:Jane  USD
  role: "interest-expense"
  counterparty: "Jane"
2025-01-01 open Expenses:Acme:Rent:AcmeHoldings  USD
  counterparty: "AcmeHoldings"
2025-01-01 open Assets:AcmeHoldings:Bank  USD
  role: "bank"
2025-01-01 open Assets:AcmeHoldings:DueFrom:Acme  USD
  role: "due-from"
  counterparty: "Acme"
2025-01-01 open Income:AcmeHoldings:Rent:Acme  USD
  counterparty: "Acme"
2025-01-01 open Assets:Ops:Bank  USD
  role: "bank"
2025-01-01 open Assets:Ops:DueFrom:Acme  USD
  role: "due-from"
  counterparty: "Acme"
2025-01-01 open Equity:Ops:Opening  USD

2025-01-02 * "Opening"
  Assets:Jane:Bank  20000.00 USD
  Equity:Jane:Opening
2025-01-02 * "Opening"
  Assets:Ops:Bank  1000.00 USD
  Equity:Ops:Opening
2025-11-03 * "Customer" "Widgets"
  Assets:Acme:Bank  2000.00 USD
  Income:Acme:Sales

2025-12-10 * "Acme" "Ops pays for Acme" ^ic-25-001
  transfer: "expense-on-behalf"
  counterparty: "Acme"
  receipt: "papers/ops-bill.txt"
  allocation: "none"
  Assets:Ops:DueFrom:Acme  300.00 USD
  Assets:Ops:Bank
2025-12-10 * "Ops" "Desks, paid by Ops" ^ic-25-001
  transfer: "expense-on-behalf"
  counterparty: "Ops"
  Expenses:Acme:Office  300.00 USD
  Liabilities:Acme:DueTo:Ops

2026-02-02 * "Acme" "Capital" ^ic-26-001
  transfer: "contribution"
  counterparty: "Acme"
  Assets:Jane:InvestIn:Acme  10000.00 USD
  Assets:Jane:Bank
2026-02-02 * "Jane" "Capital" ^ic-26-001
  transfer: "contribution"
  counterparty: "Jane"
  resolution: "papers/call.txt"
  Assets:Acme:Bank  10000.00 USD
  Equity:Acme:Members:Jane:Contributions

2026-03-01 * "Acme" "Note N-02" ^ic-26-002
  transfer: "loan-advance"
  counterparty: "Acme"
  note: "N-02"
  Assets:Jane:LoanTo:Acme:N-02  1200.00 USD
  Assets:Jane:Bank
2026-03-01 * "Jane" "Note N-02" ^ic-26-002
  transfer: "loan-advance"
  counterparty: "Jane"
  note: "N-02"
  resolution: "papers/consent.txt"
  Assets:Acme:Bank  1200.00 USD
  Liabilities:Acme:LoanFrom:Jane:N-02

2026-03-04 * "Jane" "Draw" ^ic-26-003
  transfer: "distribution"
  counterparty: "Jane"
  resolution: "papers/consent.txt"
  Equity:Acme:Members:Jane:Distributions  600.00 USD
  Assets:Acme:Bank
2026-03-04 * "Acme" "Draw" ^ic-26-003
  transfer: "distribution"
  counterparty: "Acme"
  Assets:Jane:Bank  600.00 USD
  Assets:Jane:InvestIn:Acme
2026-03-04 * "Raj" "Draw" ^ic-26-004
  transfer: "distribution"
  counterparty: "Raj"
  resolution: "papers/lost.txt"
  Equity:Acme:Members:Raj:Distributions  400.00 USD
  Assets:Acme:Bank

2026-05-31 * "AcmeHoldings" "Rent of May" ^ic-26-005
  transfer: "rent"
  counterparty: "AcmeHoldings"
  agreement: "papers/lease.txt"
  invoice: "AH-5"
  Expenses:Acme:Rent:AcmeHoldings  200.00 USD
  Liabilities:Acme:DueTo:AcmeHoldings
2026-05-31 * "Acme" "Rent of May" ^ic-26-005
  transfer: "rent"
  counterparty: "Acme"
  invoice: "AH-5"
  Assets:AcmeHoldings:DueFrom:Acme  200.00 USD
  Income:AcmeHoldings:Rent:Acme
2026-06-05 * "AcmeHoldings" "Rent of May, paid" ^ic-26-006
  transfer: "settlement"
  counterparty: "AcmeHoldings"
  Liabilities:Acme:DueTo:AcmeHoldings  150.00 USD
  Assets:Acme:Bank
2026-06-05 * "Acme" "Rent of May, paid" ^ic-26-006
  transfer: "settlement"
  counterparty: "Acme"
  Assets:AcmeHoldings:Bank  150.00 USD
  Assets:AcmeHoldings:DueFrom:Acme

2026-06-01 * "Jane" "N-02, first instalment" ^ic-26-007
  transfer: "loan-repayment"
  counterparty: "Jane"
  note: "N-02"
  Liabilities:Acme:LoanFrom:Jane:N-02  293.33 USD
  Expenses:Acme:Interest:Jane           18.00 USD
  Assets:Acme:Bank
2026-06-01 * "Acme" "N-02, first instalment" ^ic-26-007
  transfer: "loan-repayment"
  counterparty: "Acme"
  note: "N-02"
  Assets:Jane:Bank  311.33 USD
  Assets:Jane:LoanTo:Acme:N-02  -293.33 USD
  Income:Jane:Interest:Acme      -18.00 USD

2026-07-01 * "Mover" "The removal"
  waive: "VEIL-019 the receipt was lost in the removal"
  waived-by: "Jane Roe"
  Expenses:Acme:Office  900.00 USD
  Assets:Acme:Bank

2026-09-10 * "Ops" "Short advance" ^ic-26-008
  transfer: "settlement"
  counterparty: "Ops"
  Assets:Acme:DueFrom:Ops  500.00 USD
  Assets:Acme:Bank
2026-09-30 * "Customer" "Widgets"
  Assets:Acme:Bank  100.00 USD
  Income:Acme:Sales
"""


def veil_books(folder: Path, text: str = BOOKS) -> Books:
    """The books, written into the folder with their papers."""
    (folder / "papers").mkdir(exist_ok=True)
    for name in PAPERS:
        (folder / "papers" / name).write_text(f"{name}\n")
    root = folder / "books.beancount"
    root.write_text(text)
    entries, errors, options = loader.load_file(str(root))
    assert not errors, errors
    return Books.of(entries, options, base=folder)
