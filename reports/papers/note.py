"""BH-N1: the promissory note of a declared loan, with its schedule of payments."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.findings import UserError
from core.journal.books import Books
from reports.papers.drafted import Attachment, Drafted, as_link, for_entity
from reports.papers.paper import Facts, Heading, Paper, Part, Signatures, Table, Text, said_day
from reports.papers.parties import Party, party
from reports.papers.schedule import Instalment, Loan, instalments, loan_named
from reports.papers.words import both, figures, percent

ZERO = Decimal(0)


@dataclass(frozen=True)
class Note:
    """The facts of a note: the loan's directive, its parties and its payments. ``kept_by`` is the
    party in whose folder it lies; ``security`` is empty for an unsecured note."""

    loan: Loan
    lender: Party
    borrower: Party
    payments: tuple[Instalment, ...]
    security: str
    date: dt.date
    kept_by: Party

    def paper(self) -> Paper:
        """The note, worded."""
        loan = self.loan
        return Paper(
            form="BH-N1",
            title=f"Promissory note {loan.name}",
            entity=self.kept_by.name,
            legal_name=self.borrower.legal_name,
            date=self.date,
            kind="notes",
            slug=loan.name,
            size=self.borrower.size,
            parts=(
                Facts(
                    (
                        ("Borrower", self.borrower.described),
                        ("Lender", self.lender.described),
                        ("Principal", figures(loan.principal, loan.currency)),
                        ("Interest", f"{percent(loan.rate)} a year"),
                        ("First day", said_day(loan.start)),
                        ("Maturity", said_day(loan.maturity) if loan.maturity else "on demand"),
                        ("Security", self.security or "none; this note is unsecured"),
                    )
                ),
                Heading("Terms"),
                *(Text(clause, numbered=True) for clause in self._clauses()),
                Heading("Signatures"),
                Signatures(
                    (
                        self.borrower.signature("Borrower"),
                        self.lender.signature("Lender, accepting this note"),
                    )
                ),
                *self._schedule(),
            ),
        )

    def _clauses(self) -> tuple[str, ...]:
        loan = self.loan
        amount = both(loan.principal, loan.currency)
        place = self.borrower.place or self.lender.place
        law = (
            f"The law of {place} governs this note."
            if place
            else "The law that governs this note: ____________________."
        )
        return (
            f"For value received, {self.borrower.legal_name} (the borrower) promises to pay to "
            f"{self.lender.legal_name} (the lender) the principal of {amount}, with interest on "
            f"the unpaid balance at {percent(loan.rate)} a year from the day on which it is paid "
            "out.",
            *self._payment(),
            "The borrower may pay early, wholly or in part, without a charge. A payment counts "
            "first towards interest that is due, then towards principal.",
            "Payments are made from the borrower's own account to the lender's own account, and "
            "both keep a record of each payment divided into interest and principal.",
            "Where a payment is more than ten days late, the lender may ask in writing for it "
            "within another ten days; after that the whole unpaid balance with its interest may be "
            "called due. A delay in asking gives up no right. A forbearance, an extension or any "
            "other change holds only when it is written and signed by both.",
            "The borrower waives presentment, protest and notice of dishonour, as far as the law "
            "allows it. This note may be assigned only in writing, with notice to the borrower.",
            law,
        )

    def _payment(self) -> tuple[str, ...]:
        loan = self.loan
        if self.payments:
            first, last = self.payments[0], self.payments[-1]
            level = both(first.payment, loan.currency)
            return (
                f"The borrower makes {len(self.payments)} monthly payments, the first on "
                f"{said_day(first.due)}: {len(self.payments) - 1} of {level}, and the last, on "
                f"{said_day(last.due)}, of {both(last.payment, loan.currency)}. Each is divided as "
                "the schedule of this note shows. Interest is reckoned by months of thirty days in "
                "a year of 360, rounded to the cent.",
            )
        if loan.maturity is None:
            return (
                "The principal with its interest is payable within thirty days after the lender "
                "asks for it in writing. Until then the borrower pays the interest at least once "
                "in every twelve months.",
            )
        return (
            f"The borrower pays the principal with its interest by {said_day(loan.maturity)}, and "
            "the interest at least once in every twelve months until then.",
        )

    def _schedule(self) -> tuple[Part, ...]:
        if not self.payments:
            return ()
        rows = [
            (
                str(each.number),
                said_day(each.due),
                figures(each.payment),
                figures(each.interest),
                figures(each.principal),
                figures(each.balance),
            )
            for each in self.payments
        ]
        paid = sum((each.payment for each in self.payments), ZERO)
        interest = sum((each.interest for each in self.payments), ZERO)
        sums = (figures(paid), figures(interest), figures(self.loan.principal))
        rows.append(("Total", "", *sums, ""))
        return (
            Heading(f"Schedule of payments, in {self.loan.currency}", on_new_page=True),
            Table(
                ("No.", "Due", "Payment", "Interest", "Principal", "Balance after"),
                tuple(rows),
                first_amount=2,
                totals=1,
                wide=1,
            ),
        )


def note(books: Books, name: str) -> Drafted:
    """The note of the loan that the registry declares as ``name``. Its link is ``loan-`` and the
    name, and it carries the links of the entries that paid the loan out. Raises UserError for what
    the directive or the registry lacks."""
    loan = loan_named(books, name)
    if books.registry.named(loan.lender) is None:
        raise UserError(
            f"the lender of {loan.name}, “{loan.lender}”, is not registered",
            hint="the note of a bank is the bank's own paper; a lender of yours is registered with "
            'custom "entity"',
        )
    lender, borrower = party(books, loan.lender), party(books, loan.borrower)
    keeping = [p for p in (borrower, lender) if books.registry.entities[p.name].books]
    if not keeping:
        raise UserError(f"neither {loan.lender} nor {loan.borrower} keeps books here")
    security, signed = (loan.entry.meta.get(key) for key in ("security", "signed"))
    date = signed if isinstance(signed, dt.date) else loan.entry.date
    facts = Note(
        loan=loan,
        lender=lender,
        borrower=borrower,
        payments=instalments(loan),
        security=security if isinstance(security, str) else "",
        date=date,
        kept_by=keeping[0],
    )
    paid_out = [
        txn
        for txn in books.transactions
        if txn.meta.get("note") == loan.name and txn.meta.get("transfer") == "loan-advance"
    ]
    links = {link for txn in paid_out for link in txn.links or () if link.startswith("ic-")}
    return Drafted(
        facts.paper(),
        tuple(_attached(books, p, loan, date) for p in keeping),
        frozenset((as_link(f"loan-{loan.name}"), *links)),
        remarks=(
            "when it is signed, name the signed note in the loan directive (document:) with the "
            "day of its signature (signed:)",
        ),
    )


def _attached(books: Books, keeper: Party, loan: Loan, date: dt.date) -> Attachment:
    """On the account that the loan is kept on, where there is one by its name."""
    of_loan = [
        account.name
        for account in books.accounts.values()
        if account.entity == keeper.name
        and account.name.endswith(f":{loan.name}")
        and account.is_open(date)
    ]
    if of_loan:
        return Attachment(keeper.name, min(of_loan))
    return for_entity(books, keeper.name, date)
