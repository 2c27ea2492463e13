"""Books of two companies and their owners, small enough to figure by hand, for their papers."""

from beancount import loader

from core.journal.books import Books

REGISTRY = """
2026-01-01 custom "entity" "Jane" "person"
  legal-name: "Jane Roe"
  currency: "USD"
2026-01-01 custom "entity" "Raj" "person"
  legal-name: "Raj Patel"
  books: FALSE
2026-01-01 custom "entity" "Acme" "llc"
  legal-name: "Acme Widgets LLC"
  jurisdiction: "US-OR"
2026-01-01 custom "entity" "Pune" "india-pvt"
  legal-name: "Pune Fittings Private Limited"
  jurisdiction: "IN-MH"
  currency: "USD"
2026-01-01 custom "ownership" "Acme" "Jane" 60.00
2026-01-01 custom "ownership" "Acme" "Raj" 40.00
2026-01-01 custom "ownership" "Pune" "Acme" 100.00
2026-01-01 custom "allocation" "A1" "Acme" 75.00 "Pune" 25.00
  basis: "hours booked by each"
2026-02-01 custom "loan" "N-02" "Jane" "Acme" 10000.00 USD
  rate: 5.00
  maturity: 2028-02-01
  schedule: "monthly"
  payment: 438.71 USD
2026-05-05 custom "fulfilled" "Acme" "annual-report" "2026"

2026-01-01 open Assets:Acme:Bank  USD
  role: "bank"
  account-id: "chase-4411"
2026-01-01 open Assets:Acme:AR  USD
  role: "ar"
2026-01-01 open Assets:Acme:DueFrom:Pune  USD
  role: "due-from"
  counterparty: "Pune"
2026-01-01 open Liabilities:Acme:AP  USD
  role: "ap"
2026-01-01 open Liabilities:Acme:DueTo:Jane  USD
  role: "due-to"
  counterparty: "Jane"
2026-01-01 open Liabilities:Acme:LoanFrom:Jane:N-02  USD
  role: "loan-from"
  counterparty: "Jane"
2026-01-01 open Equity:Acme:Members:Jane:Contributions  USD
  role: "contribution"
  counterparty: "Jane"
2026-01-01 open Equity:Acme:Members:Jane:Distributions  USD
  role: "distribution"
  counterparty: "Jane"
2026-01-01 open Equity:Acme:Members:Raj:Distributions  USD
  role: "distribution"
  counterparty: "Raj"
2026-01-01 open Income:Acme:Sales  USD
2026-01-01 open Expenses:Acme:Travel  USD
2026-01-01 open Expenses:Acme:Rent  USD
2026-01-01 open Equity:Pune:Members:Acme:Contributions  USD
2026-01-01 open Assets:Jane:Bank  USD
  role: "bank"
2026-01-01 open Assets:Jane:LoanTo:Acme:N-02  USD
  role: "loan-to"
  counterparty: "Acme"
2026-01-01 open Assets:Jane:InvestIn:Acme  USD
  role: "invest-in"
  counterparty: "Acme"
"""
# At the end of June 30, before the distribution of 6,000: cash 20,000 + 10,000 - 4,000 + 3,000
# - 300 = 28,700, and 5,000 owed by a customer (due August 1): assets 33,700. Liabilities: the note,
# 10,000, and the landlord's bill of 2,500 (due July 15): 12,500. In 90 days three payments on the
# note fall due (July, August, September 1), 1,316.13.
ENTRIES = """
2026-01-05 * "Jane Roe" "Capital" ^ic-26-aaaaaa
  transfer: "contribution"
  counterparty: "Jane"
  Assets:Acme:Bank   20000.00 USD
  Equity:Acme:Members:Jane:Contributions
2026-01-05 * "Acme" "Capital" ^ic-26-aaaaaa
  transfer: "contribution"
  counterparty: "Acme"
  Assets:Jane:InvestIn:Acme   20000.00 USD
  Assets:Jane:Bank
2026-02-02 * "Jane Roe" "Loan" ^ic-26-bbbbbb
  transfer: "loan-advance"
  counterparty: "Jane"
  note: "N-02"
  Assets:Acme:Bank   10000.00 USD
  Liabilities:Acme:LoanFrom:Jane:N-02
2026-03-01 * "Landlord" "Rent"
  allocation: "A1"
  Expenses:Acme:Rent   4000.00 USD
  Assets:Acme:Bank
    id: "chase-4411-1"
2026-03-11 * "Swift Air" "Flight to the fair" ^ic-26-cccccc
  transfer: "expense-on-behalf"
  counterparty: "Jane"
  purpose: "Trade fair in Denver"
  Expenses:Acme:Travel   300.00 USD
  Liabilities:Acme:DueTo:Jane
2026-03-23 * "Jane Roe" "Expense report" ^ic-26-dddddd
  transfer: "reimbursement"
  counterparty: "Jane"
  expense-date: 2026-03-11
  reported: 2026-03-17
  Liabilities:Acme:DueTo:Jane   300.00 USD
  Assets:Acme:Bank
2026-04-01 * "Client" "Sale for cash"
  Assets:Acme:Bank   3000.00 USD
  Income:Acme:Sales
2026-06-02 * "Client" "Invoice 7" ^inv-7
  due: 2026-08-01
  Assets:Acme:AR   5000.00 USD
  Income:Acme:Sales
2026-06-15 * "Landlord" "Bill 9" ^bill-9
  due: 2026-07-15
  Expenses:Acme:Rent   2500.00 USD
  Liabilities:Acme:AP
2026-06-30 * "Jane Roe" "Distribution, 60 %" ^ic-26-eeeeee
  transfer: "distribution"
  counterparty: "Jane"
  Equity:Acme:Members:Jane:Distributions   3600.00 USD
  Assets:Acme:Bank
2026-06-30 * "Raj Patel" "Distribution, 40 %" ^ic-26-ffffff
  transfer: "distribution"
  counterparty: "Raj"
  Equity:Acme:Members:Raj:Distributions   2400.00 USD
  Assets:Acme:Bank
2026-12-31 * "Bank" "The year ends"
  Expenses:Acme:Rent   1.00 USD
  Assets:Acme:Bank
"""
PAID = ("ic-26-eeeeee", "ic-26-ffffff")


def paper_books(entries: str = ENTRIES, registry: str = REGISTRY) -> Books:
    """The books that the text makes, which must load without an error."""
    loaded, errors, options = loader.load_string(registry + entries)
    assert not errors, errors
    return Books.of(loaded, options)
