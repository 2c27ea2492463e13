"""What Plaid refuses, as what a person is to do about it."""

import json

from importers.feed.contract import FeedError

# The bank asks for the login again, or will soon: only its owner can mend it, in update mode.
LOGIN = frozenset(
    "ITEM_LOGIN_REQUIRED PENDING_EXPIRATION PENDING_DISCONNECT ITEM_LOCKED INVALID_CREDENTIALS"
    " INVALID_MFA INSUFFICIENT_CREDENTIALS USER_SETUP_REQUIRED MFA_NOT_SUPPORTED"
    " USER_INPUT_TIMEOUT ACCESS_NOT_GRANTED".split()
)
# The connection is no more: it has to be made anew.
GONE = frozenset(
    "ITEM_NOT_FOUND INVALID_ACCESS_TOKEN USER_PERMISSION_REVOKED ACCESS_TOKEN_REVOKED".split()
)
# It will do by itself.
LATER = frozenset(
    "INSTITUTION_DOWN INSTITUTION_NOT_RESPONDING INSTITUTION_NOT_AVAILABLE PRODUCT_NOT_READY"
    " INTERNAL_SERVER_ERROR PLANNED_MAINTENANCE RATE_LIMIT_EXCEEDED RATE_LIMIT"
    " TRANSACTIONS_SYNC_LIMIT TRANSACTIONS_LIMIT ACCOUNTS_LIMIT ITEM_GET_LIMIT"
    " LIABILITIES_LIMIT INVESTMENT_HOLDINGS_GET_LIMIT INVESTMENT_TRANSACTIONS_LIMIT".split()
)
# This product is not to be had here; the others are.
WITHOUT = frozenset(
    "PRODUCTS_NOT_SUPPORTED NO_LIABILITY_ACCOUNTS INVALID_PRODUCT ADDITIONAL_CONSENT_REQUIRED"
    " PRODUCT_NOT_ENABLED PRODUCT_UNAVAILABLE NO_ACCOUNTS NO_INVESTMENT_ACCOUNTS"
    " NO_INVESTMENT_AUTH_ACCOUNTS STATEMENTS_NOT_SUPPORTED".split()
)
MUTATION = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"


class PlaidError(FeedError):
    """An answer that is an error; ``error_code`` is Plaid's, empty where there was no answer."""


def read(status: int, body: str | None) -> tuple[str, str]:
    """Plaid's code and its words for an error; a body that is none of Plaid's has no code."""
    try:
        said = json.loads(body or "")
        return str(said["error_code"]), str(said.get("error_message") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", f"HTTP status {status}" if status else "no answer"


def refused(code: str, words: str, bank: str) -> PlaidError:
    """The error for a person; ``bank`` names the connection, and may be empty."""
    whose = bank or "the bank"
    named = f" {bank.rpartition('(')[2].removesuffix(')')}" if bank else ""
    if code in LOGIN:
        return PlaidError(
            f"{whose} asks for the login again ({code}); what was fetched stays as it is",
            code,
            f"mend it, and nothing is connected anew: books bank repair{named}",
        )
    if code in GONE:
        return PlaidError(
            f"the connection to {whose} is no more ({code})",
            code,
            f"forget it here, then connect it again: books bank remove{named}, books bank add",
        )
    if code == "INVALID_API_KEYS":
        return PlaidError(
            "Plaid does not know these keys of its customer (INVALID_API_KEYS)",
            code,
            "set PLAID_CLIENT_ID and PLAID_SECRET, or 'books secrets set'; PLAID_ENV says which "
            "environment they are of",
        )
    if code in LATER or not code:
        said = f" ({code})" if code else f" ({words})"
        return PlaidError(
            f"{whose} cannot be reached now{said}; nothing was written",
            code,
            "run the command again later: it goes on where it was",
            passes=True,
        )
    return PlaidError(
        f"{whose}: Plaid refuses: {words or code} ({code}); nothing was written", code
    )
