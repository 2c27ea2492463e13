"""The findings of the reader: the lint's, the placement's and Beancount's own."""

from core.codes import Code
from core.findings import Severity

_SAFETY = "Safety of the books"
_ENTRY = "Double entry"

SAFETY_CODES = (
    Code(
        "LINT-CACHE",
        "Pickle cache in the books",
        "a file that ends in .picklecache lies in the books; loading one can run code",
        "delete it; nothing is lost, since the journals are the books",
        factor=_SAFETY,
    ),
    Code(
        "LINT-CHARS",
        "Hidden character",
        "a character that nobody sees, that turns the direction of the text, or a quotation mark "
        "or semicolon behind which text and code change places: what is read is not what is shown",
        "delete it, or write the line again",
        factor=_SAFETY,
    ),
    Code(
        "LINT-CONFLICT",
        "Unfinished merge",
        "git's conflict markers stand in a journal: both versions of the lines between them are "
        "there",
        "keep the right lines, delete the markers, and finish the merge",
        factor=_SAFETY,
    ),
    Code(
        "LINT-CUSTOM",
        "Directive that runs code",
        "a directive that makes other programs run code (fava-extension, import-config)",
        "remove it",
        factor=_SAFETY,
    ),
    Code(
        "LINT-CUT",
        "Journal without its end",
        "a journal is only the beginning of what the last commit holds; a full disk, a crash of "
        "another program or a slip of the hand took the rest",
        "bring the rest back with 'git restore FILE'; if you took it away yourself, commit",
        factor="Absence of records",
        severity=Severity.WARNING,
    ),
    Code(
        "LINT-DATE",
        "Date out of range",
        "an entry is dated before 1700 or after 2199, where calendars and due dates end",
        "correct the year",
        factor=_SAFETY,
    ),
    Code(
        "LINT-DIVISION",
        "Division that may not end well",
        "an amount is divided by zero, or by something other than a plain number; Beancount ends "
        "the whole process on it",
        "write the result of the division",
        factor=_SAFETY,
    ),
    Code(
        "LINT-FILE",
        "File not read",
        "a journal could not be read, or was kept from the parser because of another finding; "
        "what stands in it is missing from the books, so other findings may only follow from it",
        "do what the finding says, then check again",
        factor=_SAFETY,
    ),
    Code(
        "LINT-INCLUDE",
        "Include that leads nowhere good",
        "an include leaves the tree of the books, is a link, is encrypted, comes twice, or matches "
        "no file",
        "correct the path; it is relative to the file that includes",
        factor=_SAFETY,
    ),
    Code(
        "LINT-META",
        "Metadata that hides a place",
        "metadata is called filename or lineno, under which Beancount keeps where an entry stands: "
        "every message about it would name another place",
        "give it another name",
        factor=_SAFETY,
    ),
    Code(
        "LINT-OPTION",
        "Option that weakens a check",
        "an option that switches one of Beancount's own checks off, or widens its tolerance",
        "remove the line",
        factor=_SAFETY,
    ),
    Code(
        "LINT-PATH",
        "Entry in the wrong folder",
        "a transaction stands outside the folder of its entity",
        "move it into the month file of its entity",
        factor="Commingling",
    ),
    Code(
        "LINT-PLUGIN",
        "Plugin that is not allowed",
        "a plugin is a program; these books do not allow this one, and it was not run",
        "remove the line, or allow the plugin in rules/plugins.yaml",
        factor=_SAFETY,
    ),
    Code(
        "LINT-SIZE",
        "Line too long or too deep",
        "a line or a nesting of parentheses that is beyond any that a person writes",
        "break it up, or write the result",
        factor=_SAFETY,
    ),
)

BEANCOUNT_CODES = (
    Code(
        "BC-AMBIGUOUS-MATCH",
        "Which lot?",
        "a sale or reduction fits several lots, or more than there are",
        "name the lot by its cost, date or label: {185.20 USD} or {2026-03-04}",
        factor=_ENTRY,
    ),
    Code(
        "BC-BALANCE",
        "Balance does not hold",
        "a balance directive says another amount than the entries before that day add up to; it "
        "holds at the start of the day",
        "look for the entry that is missing, doubled or wrong since the last balance that held",
        factor=_ENTRY,
    ),
    Code(
        "BC-BOOKING",
        "Entry that cannot be computed",
        "Beancount stops while it computes the entry, which was left out of the books: a total "
        "cost of no units, a cost or price of zero, or more digits than it computes with",
        "correct the number",
        factor=_ENTRY,
    ),
    Code(
        "BC-CATEGORIZATION",
        "Currency cannot be told",
        "a posting leaves out so much that its currency or group cannot be told, or two postings "
        "leave out their amount",
        "write the amounts and currencies out",
        factor=_ENTRY,
    ),
    Code(
        "BC-DEPRECATED",
        "Old spelling",
        "an option or spelling that Beancount has given up",
        "write what the message names instead",
        factor=_ENTRY,
    ),
    Code(
        "BC-DOCUMENT",
        "Document that is not there",
        "a document directive, or the folder option, names a file that does not exist",
        "correct the path; it is relative to the journal that names it",
        factor="Absence of records",
    ),
    Code(
        "BC-INTERPOLATION",
        "Amount cannot be computed",
        "Beancount fills in one missing number of a transaction, and more are missing",
        "write all amounts but one",
        factor=_ENTRY,
    ),
    Code(
        "BC-LEXER",
        "Unreadable word",
        "a word, number or date on the line is none that Beancount knows",
        "correct the spelling; texts stand in double quotes, dates are 2026-09-30",
        factor=_ENTRY,
    ),
    Code(
        "BC-LOAD",
        "Plugin that does not work",
        "a plugin that these books allow is not installed, or failed",
        "install it, or remove its line",
        factor=_ENTRY,
    ),
    Code(
        "BC-OTHER",
        "Finding of a plugin",
        "a Beancount plugin that these books use found something",
        "see the plugin's documentation; the message begins with the name of its error",
        factor=_ENTRY,
    ),
    Code(
        "BC-PAD",
        "Pad without use",
        "a pad directive has no balance after it that needs it, or pads what has a cost",
        "remove it, or put a balance directive for the same account after it",
        factor=_ENTRY,
    ),
    Code(
        "BC-PARSER",
        "Directive with a mistake in it",
        "a directive can be read, but says something that cannot be: an account outside the five "
        "roots, an unknown option, a tag that is popped and was never pushed",
        "correct what the message names",
        factor=_ENTRY,
    ),
    Code(
        "BC-PARSER-SYNTAX",
        "Not Beancount",
        "the line is not Beancount: a quote, an amount, a currency or the indentation is amiss",
        "compare it with an entry that is read, and correct it; the mistake may stand a line above",
        factor=_ENTRY,
    ),
    Code(
        "BC-REDUCTION",
        "No such lot",
        "a sale or reduction names a lot that the account does not hold",
        "correct the cost, the date or the number, or book the purchase first",
        factor=_ENTRY,
    ),
    Code(
        "BC-VALIDATION",
        "Entry that does not hold together",
        "a transaction does not add up to zero, or an account is used that is not open, is closed, "
        "or does not take the currency",
        "correct the entry, or the open directive of the account",
        factor=_ENTRY,
    ),
)
