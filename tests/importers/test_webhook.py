"""18. Webhooks: Plaid's begins a sync, and none of anybody else's does anything."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import hooks
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hooks import KID, Signer, by_hand, news

from core.findings import UserError
from importers.plaid.webhook import MOST_BYTES, Event, RefusedWebhookError, Verifier

NOW = 1_790_000_000
BODY = news("item-1")
PLAID = Signer()
OTHER = Signer()


class Plaid:
    """What answers with keys; ``asked`` are the names that it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.keys = {KID: dict(PLAID.jwk)}
        self.moment = float(NOW)

    def key(self, kid: str) -> bytes:
        self.asked.append(kid)
        if kid not in self.keys:
            raise UserError("no such key")
        return json.dumps({"key": self.keys[kid]}).encode()

    def verifier(self) -> Verifier:
        return Verifier(self.key, lambda: self.moment)


@pytest.fixture
def plaid() -> Plaid:
    return Plaid()


def test_18_a_webhook_of_plaids_is_believed(plaid: Plaid) -> None:
    event = plaid.verifier().verified(PLAID.signed(BODY, NOW), BODY)
    assert event == Event("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", "item-1")


@pytest.mark.parametrize("seconds", [-5, 0, 1, 299, 300])
def test_18_five_minutes_are_not_too_old(plaid: Plaid, seconds: int) -> None:
    assert plaid.verifier().verified(PLAID.signed(BODY, NOW - seconds), BODY)


def claims(**more) -> dict:
    return {"iat": NOW, "request_body_sha256": hashlib.sha256(BODY).hexdigest(), **more}


def with_hs256(secret: bytes) -> str:
    unsigned = by_hand({"alg": "HS256", "kid": KID}, claims()).rpartition(".")[0]
    mark = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
    return f"{unsigned}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def other_half(token: str) -> str:
    """The same signature, written in the other way that an elliptic curve allows."""
    head, _, mark = token.rpartition(".")
    raw = base64.urlsafe_b64decode(mark + "==")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    turned = r.to_bytes(32, "big") + (order - s).to_bytes(32, "big")
    assert decode_dss_signature(encode_dss_signature(r, order - s)) == (r, order - s)
    return f"{head}.{base64.urlsafe_b64encode(turned).rstrip(b'=').decode()}"


PUBLIC = json.dumps(PLAID.jwk).encode()
P384 = Signer(curve=ec.SECP384R1())
TOKEN = PLAID.signed(BODY, NOW)
FORGERIES: dict[str, tuple[str, bytes]] = {
    "no signature": ("", BODY),
    "no token": ("x", BODY),
    "three empty parts": ("..", BODY),
    "a very long one": ("a" * 5000, BODY),
    "alg none": (by_hand({"alg": "none", "kid": KID}, claims()), BODY),
    "alg None": (by_hand({"alg": "None", "kid": KID}, claims()), BODY),
    "no alg": (by_hand({"kid": KID}, claims()), BODY),
    "HS256 with the public key": (with_hs256(PUBLIC), BODY),
    "HS256 with nothing": (with_hs256(b""), BODY),
    "ES384": (P384.signed(BODY, NOW, "ES384"), BODY),
    "somebody else's key under Plaid's name": (OTHER.signed(BODY, NOW), BODY),
    "a key that Plaid does not know": (Signer("another").signed(BODY, NOW), BODY),
    "a key whose name is a path": (Signer("../../item/get").signed(BODY, NOW), BODY),
    "a key without a name": (by_hand({"alg": "ES256"}, claims(), b"0" * 64), BODY),
    "a key whose name is a list": (by_hand({"alg": "ES256", "kid": [KID]}, claims()), BODY),
    "its own key in the head": (
        by_hand({"alg": "ES256", "kid": KID, "jwk": OTHER.jwk}, claims(), b"1" * 64),
        BODY,
    ),
    "a signature cut short": (TOKEN[:-4], BODY),
    "a signature of zeros": (by_hand({"alg": "ES256", "kid": KID}, claims(), b"\0" * 64), BODY),
    "claims changed": (
        ".".join((TOKEN.split(".")[0], by_hand({}, claims(iat=NOW + 1)).split(".")[1], "x")),
        BODY,
    ),
    "another body": (TOKEN, news("item-2")),
    "a blank more in the body": (TOKEN, BODY + b" "),
    "no body": (TOKEN, b""),
    "six minutes old": (PLAID.signed(BODY, NOW - 360), BODY),
    "one second too old": (PLAID.signed(BODY, NOW - 301), BODY),
    "of the future": (PLAID.signed(BODY, NOW + 60), BODY),
    "of a far future": (PLAID.signed(BODY, NOW + 10**9), BODY),
    "of no time": (PLAID.signed(BODY, None), BODY),
    "of a time in words": (by_hand({"alg": "ES256", "kid": KID}, claims(iat="now")), BODY),
    "of a fraction": (PLAID.signed(BODY, NOW + 0.5), BODY),
    "of True": (PLAID.signed(BODY, True), BODY),
    "a hash of nothing": (PLAID.signed(BODY, NOW, request_body_sha256=""), BODY),
    "no hash": (by_hand({"alg": "ES256", "kid": KID}, {"iat": NOW}), BODY),
    "a hash that is a number": (PLAID.signed(BODY, NOW, request_body_sha256=7), BODY),
    "a hash in capitals": (
        PLAID.signed(BODY, NOW, request_body_sha256=hashlib.sha256(BODY).hexdigest().upper()),
        BODY,
    ),
    "too large": (PLAID.signed(b" " * (MOST_BYTES + 1), NOW), b" " * (MOST_BYTES + 1)),
    "no JSON": (PLAID.signed(b"news", NOW), b"news"),
    "a list": (PLAID.signed(b"[]", NOW), b"[]"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_18_a_forgery_is_refused(plaid: Plaid, name: str) -> None:
    token, body = FORGERIES[name]
    with pytest.raises(RefusedWebhookError):
        plaid.verifier().verified(token, body)


def test_18_a_replay_is_refused_however_its_signature_is_written(plaid: Plaid) -> None:
    verifier = plaid.verifier()
    verifier.verified(TOKEN, BODY)
    for again in (TOKEN, other_half(TOKEN)):
        with pytest.raises(RefusedWebhookError, match="before"):
            verifier.verified(again, BODY)
    plaid.moment += 400  # forgotten by then, and too old
    with pytest.raises(RefusedWebhookError, match="five minutes"):
        verifier.verified(TOKEN, BODY)
    assert verifier.verified(PLAID.signed(BODY, NOW + 400), BODY)


def test_18_the_other_way_to_write_a_signature_is_a_signature(plaid: Plaid) -> None:
    assert plaid.verifier().verified(other_half(TOKEN), BODY)


def test_18_a_key_that_has_expired_is_refused_within_the_hour(plaid: Plaid) -> None:
    verifier = plaid.verifier()
    verifier.verified(TOKEN, BODY)
    plaid.keys[KID]["expired_at"] = NOW
    plaid.moment += 3601
    with pytest.raises(RefusedWebhookError, match="no longer"):
        verifier.verified(PLAID.signed(BODY, NOW + 3601), BODY)


def test_18_a_key_is_asked_for_once(plaid: Plaid) -> None:
    verifier = plaid.verifier()
    for number in range(5):
        body = news(f"item-{number}")
        verifier.verified(PLAID.signed(body, NOW), body)
    assert plaid.asked == [KID]


def test_18_forged_names_of_keys_are_not_all_asked_for(plaid: Plaid) -> None:
    verifier = plaid.verifier()
    for number in range(100):
        with pytest.raises(RefusedWebhookError):
            verifier.verified(Signer(f"made-up-{number}").signed(BODY, NOW), BODY)
    assert len(plaid.asked) <= 6
    plaid.moment += 61
    assert verifier.verified(PLAID.signed(BODY, NOW + 61), BODY)


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"{}", b'{"key": null}', b'{"key": {"kid": "x", "expired_at": null}}']
)
def test_18_an_odd_answer_about_a_key_refuses(plaid: Plaid, answer: bytes) -> None:
    ask: Callable[[str], bytes] = lambda _: answer  # noqa: E731
    with pytest.raises(RefusedWebhookError):
        Verifier(ask, lambda: NOW).verified(TOKEN, BODY)


def test_the_lab_signs_as_plaid_describes_its_keys() -> None:
    assert set(PLAID.jwk) >= {"alg", "crv", "kid", "kty", "use", "x", "y", "expired_at"}
    assert hooks.NEWS["webhook_code"] == "SYNC_UPDATES_AVAILABLE"
