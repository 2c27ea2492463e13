"""The findings that a report can carry."""

from core.codes import Code

CODES = (
    Code(
        "REPORT-LINE",
        "Account without a statement line",
        "an account has no statement line, or one that does not fit it; its balance is shown as "
        "unassigned",
        "give it, or a parent account, line: metadata",
        factor="Absence of records",
    ),
)
