"""The fake itself: one method for each address, what it remembers between them, and its faults."""

import base64
import datetime as dt
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from importers.plaid.fake import forms
from importers.plaid.fake.banks import FakeBank, FakeLine, Login

CLIENT_ID, SECRET = "fake-client-id", "fake-secret-of-nobody"
_LONGEST_CURSOR = 256


class RefusedError(Exception):
    """An answer that is an error: its status and Plaid's words."""

    def __init__(self, status: int, kind: str, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.body = forms.problem(kind, code, message)


@dataclass
class Fault:
    """What goes wrong at an address ``times`` times, after ``after`` calls that went well.

    ``status`` 0 breaks the connection; ``body`` replaces the answer,
    ``location`` is where it sends to; ``seconds`` delay it.
    """

    path: str
    status: int = 400
    kind: str = "API_ERROR"
    code: str = ""
    times: int = 1
    after: int = 0
    body: bytes | None = None
    seconds: int = 0
    retry_after: int | None = None
    location: str = ""


@dataclass
class _Link:
    token: str
    login: Login | None
    asked: Mapping[str, Any]
    sessions: list[dict[str, Any]] = field(default_factory=list)


class FakePlaid:
    """A Plaid with a few banks. ``asked`` and ``answered`` are every call, for who checks them."""

    def __init__(self, *banks: FakeBank, address: str = "http://127.0.0.1") -> None:
        self.banks = {bank.id: bank for bank in banks}
        self.address = address
        self.logins: list[Login] = []
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answered: list[tuple[str, int, dict[str, Any]]] = []
        self.exchanged: list[str] = []
        self.removed: list[str] = []
        self._links: dict[str, _Link] = {}
        self._public: dict[str, Login] = {}
        self._lock = threading.RLock()

    def login(self, bank: FakeBank) -> Login:
        """A login of a bank, as if a person had been at the page."""
        number = sum(1 for login in self.logins if login.bank is bank) + 1
        made = Login(bank, number)
        self.logins.append(made)
        return made

    def chosen(self, link_token: str, bank_id: str) -> None:
        """A person opens the page of a link, chooses a bank and is done; or mends a login."""
        with self._lock:
            link = self._links[link_token]
            update = link.login is not None
            login = link.login or Login(self.banks[bank_id], self._next(bank_id))
            login.error = ""
            public = f"public-sandbox-{secrets.token_hex(16)}"
            if not update:
                self._public[public] = login
            link.sessions.append(forms.session(login, public, update=update))

    def left(self, link_token: str) -> None:
        """A person closes the page of a link."""
        exit_ = {"error": None, "metadata": None}
        session = {"link_session_id": "session-1", "finished_at": forms.now(), "exit": exit_}
        self._links[link_token].sessions.append(session)

    def answer(self, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the answer of a call. Raises no more than KeyError for an odd body."""
        with self._lock:
            self.asked.append((path, dict(body)))
            try:
                routes = _ROUTES.get(path)
                if routes is None:
                    raise RefusedError(404, "INVALID_REQUEST", "NOT_FOUND")
                said = 200, routes(self, body) | {"request_id": forms.REQUEST}
            except RefusedError as refused:
                said = refused.status, refused.body
            self.answered.append((path, *said))
            return said

    def fault(self, path: str) -> Fault | None:
        """What goes wrong with this call, if anything."""
        with self._lock:
            for fault in self.faults:
                if fault.path == path and fault.times:
                    if fault.after:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None

    def broken(self, fault: Fault, path: str) -> tuple[int, dict[str, Any]]:
        """The answer of a fault that has a code."""
        said = fault.status, forms.problem(fault.kind, fault.code)
        self.answered.append((path, *said))
        return said

    def _next(self, bank_id: str) -> int:
        known = [*self.logins, *self._public.values()]
        return sum(1 for login in known if login.bank.id == bank_id) + 1

    def _login(self, body: Mapping[str, Any]) -> Login:
        for login in self.logins:
            if login.access_token == body.get("access_token"):
                if login.item_id in self.removed:
                    raise RefusedError(400, "ITEM_ERROR", "ITEM_NOT_FOUND")
                return login
        raise RefusedError(400, "INVALID_INPUT", "INVALID_ACCESS_TOKEN")

    def _healthy(self, body: Mapping[str, Any]) -> Login:
        login = self._login(body)
        if login.error:
            raise RefusedError(400, "ITEM_ERROR", login.error)
        return login

    def link_token_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        token = f"link-sandbox-{secrets.token_hex(8)}"
        update = "access_token" in body
        if update and body.get("products"):
            raise RefusedError(
                400, "INVALID_REQUEST", "INVALID_FIELD", "no products in update mode"
            )
        self._links[token] = _Link(token, self._login(body) if update else None, body)
        return {
            "link_token": token,
            "expiration": _later(),
            "hosted_link_url": f"{self.address}/link/{token}",
        }

    def link_token_get(self, body: Mapping[str, Any]) -> dict[str, Any]:
        link = self._links.get(str(body["link_token"]))
        if link is None:
            raise RefusedError(400, "INVALID_INPUT", "INVALID_LINK_TOKEN")
        return {
            "link_token": link.token,
            "created_at": forms.now(),
            "expiration": _later(),
            "link_sessions": link.sessions,
            "metadata": {
                "initial_products": list(link.asked.get("products") or []),
                "webhook": None,
                "country_codes": list(link.asked["country_codes"]),
                "language": link.asked["language"],
                "redirect_uri": None,
                "client_name": link.asked["client_name"],
            },
        }

    def exchange(self, body: Mapping[str, Any]) -> dict[str, Any]:
        login = self._public.pop(str(body["public_token"]), None)
        if login is None:
            raise RefusedError(400, "INVALID_INPUT", "INVALID_PUBLIC_TOKEN")
        self.exchanged.append(login.item_id)
        self.logins.append(login)
        return {"access_token": login.access_token, "item_id": login.item_id}

    def item_get(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {"item": forms.item(self._login(body)), "status": None}

    def item_remove(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.removed.append(self._login(body).item_id)
        return {}

    def accounts_get(self, body: Mapping[str, Any]) -> dict[str, Any]:
        login = self._healthy(body)
        return {"accounts": _accounts(login), "item": forms.item(login)}

    def liabilities_get(self, body: Mapping[str, Any]) -> dict[str, Any]:
        login = self._healthy(body)
        if "liabilities" not in login.bank.products:
            raise RefusedError(400, "ITEM_ERROR", "PRODUCTS_NOT_SUPPORTED")
        return {
            "accounts": _accounts(login),
            "item": forms.item(login),
            "liabilities": forms.liabilities(login),
        }

    def transactions_sync(self, body: Mapping[str, Any]) -> dict[str, Any]:
        login = self._healthy(body)
        bank, cursor = login.bank, str(body.get("cursor") or "")
        answer = {"transactions_update_status": bank.ready, "accounts": _accounts(login)}
        kinds: dict[str, list[dict[str, Any]]] = {"added": [], "modified": [], "removed": []}
        if bank.ready == "NOT_READY":
            return {**answer, **kinds, "next_cursor": "", "has_more": False}
        at, until = _opened(cursor)
        if until is not None and until != len(bank.events):
            raise RefusedError(
                400, "TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
            )
        end = min(at + min(bank.page, int(body.get("count", 100))), len(bank.events))
        for kind, told in bank.events[at:end]:
            kinds[kind].append(_told(login, told))
        has_more = end < len(bank.events)
        following = _sealed(end, len(bank.events) if has_more else None)
        return {**answer, **kinds, "next_cursor": following, "has_more": has_more}

    def sandbox_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        bank = self.banks.get(str(body["institution_id"]).removeprefix("ins_"))
        if bank is None:
            raise RefusedError(400, "INVALID_INPUT", "INVALID_INSTITUTION")
        public = f"public-sandbox-{secrets.token_hex(16)}"
        self._public[public] = Login(bank, self._next(bank.id))
        return {"public_token": public}

    def sandbox_reset(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self._login(body).error = "ITEM_LOGIN_REQUIRED"
        return {"reset_login": True}


_ROUTES = {
    "/link/token/create": FakePlaid.link_token_create,
    "/link/token/get": FakePlaid.link_token_get,
    "/item/public_token/exchange": FakePlaid.exchange,
    "/item/get": FakePlaid.item_get,
    "/item/remove": FakePlaid.item_remove,
    "/accounts/get": FakePlaid.accounts_get,
    "/liabilities/get": FakePlaid.liabilities_get,
    "/transactions/sync": FakePlaid.transactions_sync,
    "/sandbox/public_token/create": FakePlaid.sandbox_create,
    "/sandbox/item/reset_login": FakePlaid.sandbox_reset,
}


def _accounts(login: Login) -> list[dict[str, Any]]:
    return [forms.account(login, told) for told in login.bank.accounts]


def _told(login: Login, told: FakeLine | str) -> dict[str, Any]:
    if isinstance(told, FakeLine):
        return forms.transaction(login, told)
    account = login.bank.accounts[0].key
    return {"transaction_id": login.line_id(told), "account_id": login.account_id(account)}


def _sealed(at: int, until: int | None) -> str:
    return base64.b64encode(json.dumps([at, until]).encode()).decode()


def _opened(cursor: str) -> tuple[int, int | None]:
    if not cursor:
        return 0, None
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError("too long")
        at, until = json.loads(base64.b64decode(cursor, validate=True))
    except ValueError as error:
        raise RefusedError(400, "INVALID_INPUT", "INVALID_FIELD", "no cursor of ours") from error
    return int(at), until


def _later() -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
