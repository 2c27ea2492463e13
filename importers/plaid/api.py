"""Plaid's own client, asked for bytes: what it makes of numbers would be binary fractions.

Every answer comes back as it was sent. What passes by itself is tried again a few times; what only
a person can mend is a ``PlaidError``. Nothing here keeps or prints a token.
"""

import datetime as dt
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import plaid
import urllib3
from plaid.api.plaid_api import PlaidApi
from plaid.model.accounts_get_request import AccountsGetRequest
from plaid.model.country_code import CountryCode
from plaid.model.item_get_request import ItemGetRequest
from plaid.model.item_public_token_exchange_request import ItemPublicTokenExchangeRequest
from plaid.model.item_remove_request import ItemRemoveRequest
from plaid.model.liabilities_get_request import LiabilitiesGetRequest
from plaid.model.link_token_create_hosted_link import LinkTokenCreateHostedLink
from plaid.model.link_token_create_request import LinkTokenCreateRequest
from plaid.model.link_token_create_request_user import LinkTokenCreateRequestUser
from plaid.model.link_token_get_request import LinkTokenGetRequest
from plaid.model.link_token_transactions import LinkTokenTransactions
from plaid.model.products import Products
from plaid.model.transactions_sync_request import TransactionsSyncRequest
from plaid.model.transactions_sync_request_options import TransactionsSyncRequestOptions

from core.findings import UserError
from core.masked import Secret, masked
from importers.plaid import errors

HOSTS = {"production": "https://production.plaid.com", "sandbox": "https://sandbox.plaid.com"}
# The most that a bank may give, and that cannot be asked for later.
DAYS = 730
_COUNT = 500
_TIMEOUT = 60
# Seconds between attempts; a bank that says how long is believed up to the last of them.
_PAUSES = (1, 4, 15)
_LONGEST_PAUSE = 60


@dataclass(frozen=True)
class Credentials:
    """What Plaid knows its customer by, and where it is: one of ``HOSTS``, or on loopback."""

    client_id: Secret
    secret: Secret
    host: str

    def __post_init__(self) -> None:
        said = urlsplit(self.host)
        if self.host not in HOSTS.values() and not (
            said.scheme == "http" and _is_loopback(said.hostname or "")
        ):
            raise UserError(
                f"{self.host} is no address of Plaid's",
                hint="PLAID_ENV is one of production and sandbox",
            )


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass
class Api:
    """The calls that this program makes; ``bank`` is whom errors speak of."""

    credentials: Credentials
    bank: str = ""
    sleep: Callable[[int], None] = time.sleep
    _client: PlaidApi | None = field(default=None, repr=False)

    def sync(self, token: Secret, cursor: str) -> bytes:
        """A page of changes since ``cursor``; empty: from the beginning."""
        more = {"cursor": cursor} if cursor else {}
        options = TransactionsSyncRequestOptions(
            include_original_description=True, days_requested=DAYS
        )
        request = TransactionsSyncRequest(
            access_token=token.reveal(), count=_COUNT, options=options, **more
        )
        return self._call("transactions_sync", request)

    def accounts(self, token: Secret) -> bytes:
        """The accounts with their balances, and the Item."""
        return self._call("accounts_get", AccountsGetRequest(access_token=token.reveal()))

    def liabilities(self, token: Secret) -> bytes:
        """What is owed on cards and loans."""
        return self._call("liabilities_get", LiabilitiesGetRequest(access_token=token.reveal()))

    def item(self, token: Secret) -> bytes:
        """The Item and its health."""
        return self._call("item_get", ItemGetRequest(access_token=token.reveal()))

    def remove(self, token: Secret) -> None:
        """Ends the Item, and what it costs."""
        self._call("item_remove", ItemRemoveRequest(access_token=token.reveal()))

    def exchange(self, public_token: Secret) -> bytes:
        """The access token for what a person has permitted: asked for once."""
        request = ItemPublicTokenExchangeRequest(public_token=public_token.reveal())
        return self._call("item_public_token_exchange", request, once=True)

    def link(self, user: str, products: tuple[str, ...] = (), token: Secret | None = None) -> bytes:
        """A page of Plaid's for a person: to permit ``products``, or to mend the login of
        ``token``. ``user`` is a name for this home that says nothing."""
        more: dict[str, Any] = {}
        if token is not None:
            more["access_token"] = token.reveal()
        else:
            more["products"] = [Products("transactions")]
            more["transactions"] = LinkTokenTransactions(days_requested=DAYS)
            if products:
                more["required_if_supported_products"] = [Products(name) for name in products]
        request = LinkTokenCreateRequest(
            client_name="Bulkhead books",
            language="en",
            country_codes=[CountryCode("US")],
            user=LinkTokenCreateRequestUser(client_user_id=user),
            hosted_link=LinkTokenCreateHostedLink(),
            **more,
        )
        return self._call("link_token_create", request)

    def link_status(self, link_token: Secret) -> bytes:
        """What has become of such a page."""
        return self._call("link_token_get", LinkTokenGetRequest(link_token=link_token.reveal()))

    def _call(self, name: str, request: object, *, once: bool = False) -> bytes:
        for pause in (*_PAUSES, None):
            code, words, wait, sent = "", "", None, True
            try:
                answer = getattr(self._api(), name)(
                    request, _preload_content=False, _request_timeout=_TIMEOUT
                )
                return bytes(answer.data)
            except plaid.ApiException as error:
                code, words = errors.read(error.status or 0, error.body)
                wait = _retry_after(error.headers)
                sent = error.status != 429
                passes = error.status == 429 or (error.status or 500) >= 500 or code in errors.LATER
            except urllib3.exceptions.HTTPError as error:
                # Its own words quote the address, and may quote what was sent.
                words, passes = type(error).__name__, True
            if not passes or pause is None or (once and sent):
                break
            self.sleep(pause if wait is None else min(wait, _LONGEST_PAUSE))
        raise errors.refused(code, masked(words), self.bank)

    def _api(self) -> PlaidApi:
        if self._client is None:
            keys = {
                "clientId": self.credentials.client_id.reveal(),
                "secret": self.credentials.secret.reveal(),
                "plaidVersion": "2020-09-14",
            }
            configuration = plaid.Configuration(host=self.credentials.host, api_key=keys)
            # Attempts are ours to count, and keys follow no redirection to anywhere.
            configuration.retries = urllib3.Retry(total=0, redirect=0)
            self._client = PlaidApi(plaid.ApiClient(configuration))
        return self._client


def _retry_after(headers: Any) -> int | None:
    said = str((headers or {}).get("Retry-After") or "")
    return int(said) if said.isascii() and said.isdigit() else None


def today() -> dt.date:
    """The day that balances are of: Plaid says them as they are now."""
    return dt.datetime.now(dt.UTC).astimezone().date()
