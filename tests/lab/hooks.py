"""Webhooks as Plaid signs them, with a key of a test's own."""

import base64
import hashlib
import json

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

KID = "6c5516e1-92dc-479e-a8ff-5a51992e0001"
NEWS = {"webhook_type": "TRANSACTIONS", "webhook_code": "SYNC_UPDATES_AVAILABLE"}


class Signer:
    """Signs as Plaid does; ``jwk`` is the key as Plaid hands it out."""

    def __init__(self, kid: str = KID, curve: ec.EllipticCurve | None = None) -> None:
        self.kid = kid
        self.private = ec.generate_private_key(curve or ec.SECP256R1())
        self.jwk = {
            **json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key())),
            "alg": "ES256",
            "use": "sig",
            "kid": kid,
            "created_at": 1560466150,
            "expired_at": None,
        }

    def signed(self, body: bytes, iat: object, algorithm: str = "ES256", **claims) -> str:
        said = {"iat": iat, "request_body_sha256": hashlib.sha256(body).hexdigest(), **claims}
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, self.private, algorithm, headers={"kid": self.kid})


def news(item_id: str, **more) -> bytes:
    """The body of a webhook that says that there is something new."""
    return json.dumps({**NEWS, "item_id": item_id, "environment": "sandbox", **more}).encode()


def by_hand(head: dict, claims: dict, signature: bytes = b"") -> str:
    """A token put together without any library."""
    parts = [json.dumps(head).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
