"""BH-N1: the promissory note of a declared loan, with its schedule of payments."""

from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.findings import UserError
from core.journal.books import Books
from core.loans.ledger import loans_in
from core.loans.schedule import INSTALMENT, Row, schedule
from core.loans.terms import ACT_365, THIRTY_360, Loan
from reports.papers.drafted import Attachment, Drafted, as_link, for_entity
from reports.papers.paper import Facts, Heading, Paper, Part, Signatures, Table, Text, said_day
from reports.papers.parties import Party, party
from reports.papers.words import both, figures, percent

ZERO = Decimal(0)
_EVERY = {1: "monthly", 3: "quarterly", 6: "half-yearly", 12: "yearly"}
_BY = {
    THIRTY_360: "Interest is reckoned by months of thirty days in a year of 360, rounded to the "
    "cent.",
    ACT_365: "Interest is reckoned by the days that have run, in a year of 365, rounded to the "
    "cent.",
}


@dataclass(frozen=True)
class Note:
    """The facts of a note: the loan's directive, its parties and its payments. ``kept_by`` is the
    party in whose folder it lies; ``security`` is empty for an unsecured note."""

    loan: Loan
    lender: Party
    borrower: Party
    payments: tuple[Row, ...]
    security: str
    kept_by: Party

    @property
    def rate(self) -> Decimal:
        """Percent a year."""
        return self.loan.rate or ZERO

    def paper(self) -> Paper:
        """The note, worded."""
        loan = self.loan
        return Paper(
            form="BH-N1",
            title=f"Promissory note {loan.id}",
            entity=self.kept_by.name,
            legal_name=self.borrower.legal_name,
            date=loan.signed_on,
            kind="notes",
            slug=loan.id,
            size=self.borrower.size,
            parts=(
                Facts(
                    (
                        ("Borrower", self.borrower.described),
                        ("Lender", self.lender.described),
                        ("Principal", figures(loan.principal, loan.currency)),
                        ("Interest", f"{percent(self.rate)} a year"),
                        ("First day", said_day(loan.began)),
                        ("Maturity", said_day(loan.ends) if loan.ends else "on demand"),
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
            f"the unpaid balance at {percent(self.rate)} a year from the day on which it is paid "
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
        if loan.runs_by_days:
            return (
                "The principal with its interest is payable within thirty days after the lender "
                "asks for it in writing. Until then the borrower pays the interest at least once "
                f"in every twelve months. {_BY[loan.day_count]}",
            )
        first, last = self.payments[0], self.payments[-1]
        ending = f"on {said_day(last.due)}, of {both(last.payment, loan.currency)}"
        if len(self.payments) == 1:
            return (
                f"The borrower pays the principal with all its interest in one payment, {ending}. "
                f"{_BY[loan.day_count]}",
            )
        before = len(self.payments) - 1
        begins = f"the first on {said_day(first.due)}"
        if {each.payment for each in self.payments[:-1]} == {first.payment}:
            paid = f"{before} of {both(first.payment, loan.currency)}, {begins}, and the last"
        else:
            paid = f"{begins}, the next as the schedule of this note shows, and the last"
        return (
            f"The borrower makes {len(self.payments)} {_EVERY[loan.every]} payments: {paid}, "
            f"{ending}. Each is divided as the schedule of this note shows. {_BY[loan.day_count]}",
        )

    def _schedule(self) -> tuple[Part, ...]:
        if len(self.payments) < 2:
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
    """The note of the loan that the registry declares as ``name``, as agreed: without what events
    changed later. Its link is ``loan-`` and the name, and it carries the links of the entries that
    paid the loan out. Raises UserError for what the directive or the registry lacks."""
    loan = _declared(books, name)
    if books.registry.named(loan.lender) is None:
        raise UserError(
            f"the lender of {loan.id}, “{loan.lender}”, is not registered",
            hint="the note of a bank is the bank's own paper; a lender of yours is registered with "
            'custom "entity"',
        )
    lender, borrower = party(books, loan.lender), party(books, loan.borrower)
    keeping = [p for p in (borrower, lender) if books.registry.entities[p.name].books]
    if not keeping:
        raise UserError(f"neither {loan.lender} nor {loan.borrower} keeps books here")
    security = loan.entry.meta.get("security")
    rows = () if loan.runs_by_days else schedule(loan)
    facts = Note(
        loan=loan,
        lender=lender,
        borrower=borrower,
        payments=tuple(row for row in rows if row.what == INSTALMENT),
        security=security if isinstance(security, str) else "",
        kept_by=keeping[0],
    )
    paid_out = [
        txn
        for txn in books.transactions
        if txn.meta.get("note") == loan.id and txn.meta.get("transfer") == "loan-advance"
    ]
    links = {link for txn in paid_out for link in txn.links or () if link.startswith("ic-")}
    return Drafted(
        facts.paper(),
        tuple(_attached(books, p, loan) for p in keeping),
        frozenset((as_link(f"loan-{loan.id}"), *links)),
        remarks=(
            "when it is signed, name the signed note in the loan directive (document:) with the "
            "day of its signature (signed:)",
        ),
    )


def _declared(books: Books, name: str) -> Loan:
    """The loan of that name, fit for a note; raises UserError for what the directive lacks."""
    said = loans_in(books).declared
    found = {loan_id.casefold(): loan for loan_id, loan in said.loans.items()}.get(name.casefold())
    for entry, problem in said.problems:
        if entry.values and str(entry.values[0].value).casefold() == name.casefold():
            raise _unfit(books, entry, problem, "correct it, then draft the note")
    if found is None:
        raise UserError(
            f"there is no loan '{name}'",
            hint=f"known: {', '.join(sorted(said.loans)) or 'none'}; one is declared by "
            f'custom "loan" "{name}" "LENDER" "BORROWER" 10000.00 USD with rate:, maturity:',
        )
    if found.rate is None:
        raise _unfit(books, found.entry, f"{found.id} does not say its rate", "add: rate: 5.00")
    if not found.runs_by_days and not schedule(found):
        hint = 'add: maturity: 2028-02-01 (or "demand"), or term: 24'
        raise _unfit(books, found.entry, f"{found.id} does not say when it is paid back", hint)
    return found


def _unfit(books: Books, entry: data.Custom, problem: str, hint: str) -> UserError:
    file, line = books.where(entry)
    return UserError(problem, file=file, line=line, hint=hint)


def _attached(books: Books, keeper: Party, loan: Loan) -> Attachment:
    """On the account that the loan is kept on, where there is one."""
    day = loan.signed_on
    for account in loans_in(books).accounts[loan.id]:
        if books.registry.ent(account) == keeper.name and books.accounts[account].is_open(day):
            return Attachment(keeper.name, account)
    return for_entity(books, keeper.name, day)
