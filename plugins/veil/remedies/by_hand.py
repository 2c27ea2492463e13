"""What no program can do: the sentence that says so, and the directive to write then, by code."""

TOLD = {
    "VEIL-010": (
        "sign an amendment that raises the rate, then write it into the registry:\n"
        '  DATE custom "loan-event" "NOTE" "rate" 5.00\n    document: "PATH OF THE AMENDMENT"\n'
        "or book imputed interest at each year's end and keep the computation; where only the "
        'rate is unknown: DATE custom "afr" "2026-01" "mid" PERCENT'
    ),
    "VEIL-011": (
        "pay it, and book the payment by 'books veil loan NOTE --post YYYY-MM'; or sign the "
        "lender's forbearance and write:\n"
        '  DATE custom "loan-forbearance" "NOTE"\n    until: DATE\n    document: "PATH"'
    ),
    "VEIL-013": (
        "have the excess given back and book what the bank shows: books veil pair --from OWNER "
        "--to COMPANY --class distribution; or document a fair value: --say valuation=PATH on the "
        "account's opening. A determination on file does not cure figures that fail"
    ),
    "VEIL-015": (
        "contribute capital: 'books veil document capital-call' drafts the call, and 'books veil "
        "pair --class contribution' books what was paid; or keep a memo of why the capital is "
        "adequate: --say capital-memo=PATH"
    ),
    "VEIL-026": (
        "sign the agreement and write the invoice, then name them: --say agreement=PATH --say "
        "invoice=PATH; for an asset that is another's, a lease:\n"
        '  DATE custom "lease" "ASSET" "OWNER" "USER" 350.00 USD\n'
        '    until: DATE\n    document: "PATH"'
    ),
    "LN-01": (
        "correct the split of the entry that is named, or declare what changed the schedule: "
        'DATE custom "loan-event" "LOAN" "extra" AMOUNT, "rate" PERCENT, "holiday" or "refinance"'
    ),
    "LN-02": "pay it, and book the payment by 'books veil loan LOAN --post YYYY-MM'",
    "LN-04": "book the difference between the two accounts of the loan, or close the current one",
    "LN-05": "book what was paid too much as interest, or as owed back by the lender",
    "LN-06": (
        "only the lender can waive a covenant: ask, and keep the answer as a waiver on the "
        "covenant: --waive 'the lender's letter of DATE' --by NAME"
    ),
}
