"""The fake's answers, field by field as Plaid's published description has them."""

import datetime as dt
from typing import Any

from importers.plaid.fake.banks import FakeAccount, FakeLine, Login

REQUEST = "req000000000000"
_NOWHERE = dict.fromkeys(
    ("address", "city", "region", "postal_code", "country", "lat", "lon", "store_number")
)
_NO_META = dict.fromkeys(
    (
        "reference_number ppd_id payee by_order_of payer payment_method payment_processor reason"
    ).split()
)
# What each kind of liability says where the bank has told nothing.
_CREDIT: dict[str, Any] = {
    "aprs": [],
    "is_overdue": False,
    **dict.fromkeys(
        (
            "last_payment_amount last_payment_date last_statement_issue_date last_statement_balance"
            " minimum_payment_amount next_payment_due_date"
        ).split()
    ),
}
_ADDRESS = dict.fromkeys(("city", "country", "postal_code", "region", "street"))
_MORTGAGE: dict[str, Any] = {
    "interest_rate": {"percentage": None, "type": None},
    "property_address": _ADDRESS,
    **dict.fromkeys(
        (
            "account_number current_late_fee escrow_balance has_pmi has_prepayment_penalty"
            " last_payment_amount last_payment_date loan_type_description loan_term maturity_date"
            " next_monthly_payment next_payment_due_date origination_date past_due_amount"
            " origination_principal_amount ytd_interest_paid ytd_principal_paid"
        ).split()
    ),
}
_STUDENT: dict[str, Any] = {
    "interest_rate_percentage": 0,
    "loan_status": {"end_date": None, "type": None},
    "pslf_status": dict.fromkeys(
        ("estimated_eligibility_date", "payments_made", "payments_remaining")
    ),
    "repayment_plan": {"description": None, "type": None},
    "servicer_address": _ADDRESS,
    **dict.fromkeys(
        (
            "account_number disbursement_dates expected_payoff_date guarantor is_overdue"
            " last_payment_amount last_payment_date last_statement_issue_date loan_name"
            " minimum_payment_amount next_payment_due_date origination_date"
            " origination_principal_amount outstanding_interest_amount payment_reference_number"
            " sequence_number ytd_interest_paid ytd_principal_paid"
        ).split()
    ),
}
_LIABILITIES = {
    "credit card": ("credit", _CREDIT),
    "mortgage": ("mortgage", _MORTGAGE),
    "student": ("student", _STUDENT),
}


def account(login: Login, told: FakeAccount) -> dict[str, Any]:
    """An account with its balances."""
    is_owed = told.type in {"credit", "loan"}
    return {
        "account_id": login.account_id(told.key),
        "balances": {
            "available": None if is_owed else told.current,
            "current": told.current,
            "limit": None,
            "iso_currency_code": told.currency,
            "unofficial_currency_code": None,
        },
        "mask": told.mask,
        "name": told.name,
        "official_name": None,
        "type": told.type,
        "subtype": told.subtype,
    }


def transaction(login: Login, told: FakeLine) -> dict[str, Any]:
    """A line."""
    currency = login.bank.account(told.account).currency
    return {
        "account_id": login.account_id(told.account),
        "account_owner": None,
        "amount": told.amount,
        "iso_currency_code": currency,
        "unofficial_currency_code": None,
        "check_number": None,
        "date": told.date.isoformat(),
        "datetime": None,
        "authorized_date": None,
        "authorized_datetime": None,
        "location": _NOWHERE,
        "name": told.name,
        "merchant_name": None,
        "original_description": told.name.upper(),
        "payment_meta": _NO_META,
        "payment_channel": "other",
        "pending": told.pending,
        "pending_transaction_id": login.line_id(told.of) or None,
        "personal_finance_category": None,
        "transaction_id": login.line_id(told.key),
        "transaction_code": None,
        "transaction_type": "unresolved",
        "counterparties": [],
        **told.more,
    }


def item(login: Login) -> dict[str, Any]:
    """The Item, with the error it is in."""
    return {
        "item_id": login.item_id,
        "institution_id": f"ins_{login.bank.id}",
        "institution_name": login.bank.name,
        "webhook": None,
        "error": problem("ITEM_ERROR", login.error) if login.error else None,
        "available_products": ["balance"],
        "billed_products": list(login.bank.products),
        "products": list(login.bank.products),
        "consent_expiration_time": None,
        "update_type": "background",
    }


def problem(kind: str, code: str, message: str = "") -> dict[str, Any]:
    """An error, as Plaid words it."""
    return {
        "error_type": kind,
        "error_code": code,
        "error_message": message or code.replace("_", " ").lower(),
        "display_message": None,
        "request_id": REQUEST,
    }


def liabilities(login: Login) -> dict[str, Any]:
    """What is owed, by kind; a kind that nobody has is null."""
    found: dict[str, list[dict[str, Any]] | None] = dict.fromkeys(("credit", "mortgage", "student"))
    for told in login.bank.accounts:
        kind, blank = _LIABILITIES.get(told.subtype or "", ("", {}))
        if kind and told.liability:
            form = {**blank, "account_id": login.account_id(told.key), **told.liability}
            found[kind] = [*(found[kind] or []), form]
    return found


def session(login: Login, public_token: str, *, update: bool) -> dict[str, Any]:
    """A person has been at the page of a link and is done."""
    institution = {"name": login.bank.name, "institution_id": f"ins_{login.bank.id}"}
    accounts = [
        {
            "id": login.account_id(a.key),
            "name": a.name,
            "mask": a.mask,
            "type": a.type,
            "subtype": a.subtype or "",
            "verification_status": None,
            "class_type": None,
        }
        for a in login.bank.accounts
    ]
    added = {"public_token": public_token, "accounts": accounts, "institution": institution}
    others = (
        "cra_item_add_results cra_update_results bank_income_results payroll_income_results"
    ).split()
    return {
        "link_session_id": "session-1",
        "started_at": now(),
        "finished_at": now(),
        "results": {
            "item_add_results": [] if update else [added],
            **{name: [] for name in others},
            "document_income_results": None,
        },
    }


def now() -> str:
    """This moment, as Plaid writes it."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
