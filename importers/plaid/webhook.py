"""Plaid's webhooks: believed only where Plaid has signed them, and then no more than a hint.

What one says is not used; the bank it names is synced as it would be at night. So a webhook that
never comes costs nothing but time, and one that is forged nothing at all.
"""

import hashlib
import hmac
import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from core.findings import UserError
from importers.feed import exact

MOST_BYTES = 64 * 1024
HEADER = "Plaid-Verification"
_ALGORITHM = "ES256"
# Seconds: how old one may be, how far clocks may differ, how long a key is believed unasked.
_OLDEST, _SKEW, _FRESH = 300, 10, 3600
_LONGEST_TOKEN = 4096
_KID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Forged names of keys are asked for no more often than this in a minute.
_ASKS = 6
_REMEMBERED = 10_000


class RefusedWebhookError(Exception):
    """A webhook that Plaid has not sent, or not now; the reason is for our log alone."""


@dataclass(frozen=True)
class Event:
    """A webhook that is Plaid's: its type, its code, and the Item that it is about."""

    type: str
    code: str
    item_id: str


@dataclass
class Verifier:
    """Tells Plaid's webhooks from all others; ``ask`` gets a key of Plaid's by its name, as JSON.

    ``now`` is the time in seconds. It may be used by several threads.
    """

    ask: Callable[[str], bytes]
    now: Callable[[], float] = time.time
    _keys: dict[str, tuple[float, Mapping[str, Any]]] = field(default_factory=dict)
    _asked: list[float] = field(default_factory=list)
    _seen: OrderedDict[bytes, float] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def verified(self, token: str, body: bytes) -> Event:
        """What a webhook is about. Raises RefusedWebhookError for one that is not Plaid's, is
        older than five minutes or of the future, or has been here before."""
        if len(body) > MOST_BYTES or not 0 < len(token) <= _LONGEST_TOKEN:
            raise RefusedWebhookError("too large, or without a signature")
        claims = self._signed(token)
        moment = self.now()
        issued = claims.get("iat")
        if isinstance(issued, bool) or not isinstance(issued, int):
            raise RefusedWebhookError("it does not say when it was made")
        if not -_SKEW <= moment - issued <= _OLDEST:
            raise RefusedWebhookError("it was not made within five minutes")
        said = claims.get("request_body_sha256")
        own = hashlib.sha256(body).hexdigest()
        if not isinstance(said, str) or not hmac.compare_digest(said.encode(), own.encode()):
            raise RefusedWebhookError("its body is not the one that was signed")
        # What was signed, and not the signature: that can be written in two ways.
        self._once(hashlib.sha256(token.rpartition(".")[0].encode()).digest(), moment)
        return _event(body)

    def _signed(self, token: str) -> Mapping[str, Any]:
        try:
            head = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise RefusedWebhookError("its signature is none") from error
        kid = head.get("kid")
        if head.get("alg") != _ALGORITHM:
            raise RefusedWebhookError("it is signed in another way")
        if not isinstance(kid, str) or not _KID.fullmatch(kid):
            raise RefusedWebhookError("its key has no name")
        try:
            key = jwt.PyJWK(dict(self._key(kid)), algorithm=_ALGORITHM)
            # Its age is judged by ours: the library takes any that is old.
            options: Any = {"verify_iat": False, "verify_aud": False}
            return jwt.decode(token, key, algorithms=[_ALGORITHM], options=options)
        except jwt.PyJWTError as error:
            raise RefusedWebhookError("its signature is not Plaid's") from error

    def _key(self, kid: str) -> Mapping[str, Any]:
        with self._lock:
            moment = self.now()
            known = self._keys.get(kid)
            if known and 0 <= moment - known[0] < _FRESH:
                return known[1]
            self._asked = [at for at in self._asked if 0 <= moment - at < 60]
            if len(self._asked) >= _ASKS:
                raise RefusedWebhookError("too many keys were asked for")
            self._asked.append(moment)
            self._keys.pop(kid, None)
            try:
                key = exact.loads(self.ask(kid))["key"]
                expired, named = key["expired_at"], key["kid"]
            except (UserError, ValueError, KeyError, TypeError) as error:
                raise RefusedWebhookError("Plaid does not say its key") from error
            if expired is not None or named != kid:
                raise RefusedWebhookError("its key is no longer Plaid's")
            self._asked.pop()  # it is a key of Plaid's: asking for it was no waste
            self._keys[kid] = (moment, key)
            return self._keys[kid][1]

    def _once(self, what: bytes, moment: float) -> None:
        with self._lock:
            while self._seen and (
                moment - next(iter(self._seen.values())) > _OLDEST + _SKEW
                or len(self._seen) > _REMEMBERED
            ):
                self._seen.popitem(last=False)
            if what in self._seen:
                raise RefusedWebhookError("it has been here before")
            self._seen[what] = moment


def _event(body: bytes) -> Event:
    try:
        said = json.loads(body)
        item = said.get("item_id") or ""
        return Event(str(said["webhook_type"]), str(said["webhook_code"]), str(item))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedWebhookError("its body is not understood") from error
