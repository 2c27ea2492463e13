"""Beancount's errors in the words of the books: what is wrong, and what to do next.

Beancount says what it found as its own programmer needs it. What people meet often is said here
in a sentence that ends with the next step; anything else is passed on as it is.
"""

import difflib
import re
from collections.abc import Callable, Collection, Mapping

from core.entity import Account
from core.journal.codes import BEANCOUNT_CODES

_NOT_CODE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_KNOWN = {code.code for code in BEANCOUNT_CODES}
_OTHER = "BC-OTHER"
Accounts = Mapping[str, Account]


def code_of(error_name: str) -> str:
    """The code of a Beancount error class: ``ValidationError`` is ``BC-VALIDATION``.

    An error that Beancount itself does not have is a plugin's: ``BC-OTHER``.
    """
    code = f"BC-{_NOT_CODE.sub('-', error_name.removesuffix('Error')).upper()}"
    return code if code in _KNOWN else _OTHER


def said(error_name: str, message: str, accounts: Accounts) -> str:
    """Beancount's ``message`` as a person needs it, on one line."""
    message = " ".join(message.split())
    if code_of(error_name) == _OTHER:
        return f"{error_name}: {message}"
    for pattern, words in _WORDS:
        if match := pattern.fullmatch(message):
            return words(match, accounts)
    return message


def near_account(name: str, known: Collection[str]) -> str:
    """The known account that ``name`` is most likely a misspelling of, or an empty string."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.9)
    return close[0] if close else ""


def _unknown(match: re.Match[str], accounts: Accounts) -> str:
    near = near_account(match[1], accounts)
    meant = f" (did you mean {near}?)" if near else ""
    return f"no account {match[1]} is open{meant}; correct the name, or open the account"


def _inactive(match: re.Match[str], accounts: Accounts) -> str:
    account = accounts.get(match[1])
    opened = f"from {account.opened}" if account and account.opened else ""
    closed = f" to {account.closed}" if account and account.closed else ""
    when = f" (it is open {opened}{closed})" if opened else ""
    return (
        f"{match[1]} is not open on that day{when}; correct the date or the account, or the date "
        "of its open or close directive"
    )


def _currency(match: re.Match[str], accounts: Accounts) -> str:
    account = accounts.get(match[2])
    takes = f", only {', '.join(account.currencies)}" if account and account.currencies else ""
    return (
        f"{match[2]} takes no {match[1]}{takes}; correct the currency, or add {match[1]} to the "
        "open directive"
    )


def _balance(match: re.Match[str], _: Accounts) -> str:
    account, expected, there, gap, way = match.groups()
    return (
        f"{account} should hold {expected} at the start of the day and holds {there}, {gap} {way}; "
        "look for an entry that is missing, doubled or wrong before it"
    )


def _syntax(match: re.Match[str], _: Accounts) -> str:
    met = _TOKENS.get(match[1], match[1].lower())
    return (
        f"this is not Beancount: {met} was not expected here; look for a missing quote, amount or "
        "currency on this line, or a wrong indentation on the next"
    )


_TOKENS = {
    "end of file": "the end of the file",
    "EOL": "the end of the line",
    "INDENT": "an indented line",
    "DEDENT": "a line that is not indented",
    "ASTERISK": "*",
    "COMMA": "a comma",
    "COLON": "a colon",
    "STRING": "a text in quotes",
    "NUMBER": "a number",
    "CURRENCY": "a currency or word in capitals",
    "ACCOUNT": "an account",
    "DATE": "a date",
    "KEY": "a metadata key",
    "LINK": "a link",
    "TAG": "a tag",
    "FLAG": "a flag",
}

_PLUGIN = {"importing": "cannot be loaded", "applying plugin": "failed"}

_WORDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Accounts], str]], ...] = (
    (re.compile(r"Invalid reference to unknown account '([^']+)'"), _unknown),
    (re.compile(r"Invalid reference to inactive account '([^']+)'"), _inactive),
    (re.compile(r"Invalid currency '?([^' ]+)'? for account '([^']+)'"), _currency),
    (
        re.compile(
            r"Balance failed for '([^']+)': expected (.+) != accumulated (.+) \((.+) (too .+)\)"
        ),
        _balance,
    ),
    (re.compile(r"syntax error, unexpected (end of file|\w+).*"), _syntax),
    (
        re.compile(r"Transaction does not balance: \((.+)\)"),
        lambda m, _: (
            f"the postings do not add up to zero, {m[1]} is left over; correct an amount, "
            "or leave one out and it is computed"
        ),
    ),
    (
        re.compile(r"Invalid account name: (.+)"),
        lambda m, _: (
            f"{m[1]} is no account name: the first part is Assets, Liabilities, Equity, "
            "Income or Expenses, every other begins with a capital letter or a digit"
        ),
    ),
    (
        re.compile(r'File does not exist: "(.+)"'),
        lambda m, _: (
            f"there is no file {m[1]}; correct the path, which is relative to this "
            "journal, or put the document there"
        ),
    ),
    (
        re.compile(r"Duplicate open directive for (.+)"),
        lambda m, _: f"{m[1]} is opened a second time; remove one of the two open directives",
    ),
    (
        re.compile(r"Unopened account (.+) is being closed"),
        lambda m, _: f"{m[1]} is closed and was never opened; correct the name, or open it",
    ),
    (
        re.compile(r"Booking stopped: (\w+)"),
        lambda m, _: (
            f"Beancount cannot compute this entry and it was left out ({m[1]}); look for a cost or "
            "price of zero, a total cost of no units, or a number with too many digits"
        ),
    ),
    (
        re.compile(r"Transaction has incomplete elements"),
        lambda _, __: (
            "an amount is incomplete and cannot be computed from the others, so the entry was left "
            "out; write its number and currency"
        ),
    ),
    (
        re.compile(r"Unused Pad entry"),
        lambda _, __: "no later balance needs this pad; remove it, or put the balance after it",
    ),
    (
        re.compile(r"Too many missing numbers for currency group '(.+)'"),
        lambda m, _: (
            f"more than one amount in {m[1]} is missing; write all amounts but one"
            if m[1]
            else "more than one amount is missing; write all amounts but one"
        ),
    ),
    (
        re.compile(r"You may not have more than one auto-posting per currency"),
        lambda _, __: "more than one posting has no amount; write all amounts but one",
    ),
    (
        re.compile(r"Invalid token: '(\".*)'"),
        lambda m, _: f"the quote of {m[1]} is not closed; put one at the end of the text",
    ),
    (
        re.compile(r"ValueError: day is out of range for month|ValueError: month must be .*"),
        lambda _, __: "no calendar has this day; correct the date",
    ),
    (
        re.compile(r"Failed to categorize posting (\d+)"),
        lambda m, _: f"posting {m[1]} does not say its currency; write the amount as 12.00 USD",
    ),
    (
        re.compile(r"Invalid token: '(.*)'"),
        lambda m, _: (
            f"“{m[1]}” cannot be read; write amounts as 12.00 USD, dates as 2026-09-30, "
            "and texts in double quotes"
        ),
    ),
    (
        re.compile(r"No position matches .Posting\(account='([^']+)'.* against balance \((.*)\)"),
        lambda m, _: (
            f"{m[1]} holds no such lot, only {m[2] or 'nothing'}; correct the cost, the date "
            "or the number, or book the purchase first"
        ),
    ),
    (
        re.compile(r'Error (importing|applying plugin) "([^"]+)": (?:.* )?((?:\w+\.)*\w+: .*)'),
        lambda m, _: (
            f"the plugin {m[2]} {_PLUGIN[m[1]]} ({m[3]}); mend or install it, or remove its line"
        ),
    ),
    (
        re.compile(r"Renamed to '(.+)'\.|.*deprecated.*|.*go away eventually.*"),
        lambda _, __: "this option is out of use; remove the line",
    ),
    (
        re.compile(r"Invalid option: '(.+)'"),
        lambda m, _: f"there is no option {m[1]}; correct the name, or remove the line",
    ),
    (
        re.compile(r'Ambiguous matches for "(.+)": (.+)'),
        lambda m, _: (
            f"{m[1]} could be taken from several lots: {m[2]}; name one by its cost, date "
            "or label in braces"
        ),
    ),
)
