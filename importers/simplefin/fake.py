"""A SimpleFIN bridge on loopback, for tests: accounts with lines, a token that works once."""

import base64
import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

NAME, WORD = "demo-user", "demo-password-of-nobody"


def moment(day: str) -> int:
    """Noon of a day (ISO), as SimpleFIN says moments."""
    return int(dt.datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp())


def line(line_id: str, day: str, amount: str, text: str, **more: Any) -> dict[str, Any]:
    """A line; negative is money out."""
    return {
        "id": line_id,
        "posted": moment(day),
        "amount": amount,
        "description": text,
        **more,
    }


@dataclass
class Bridge:
    """``accounts`` are SimpleFIN's JSON, each with all its lines; ``fails`` are statuses to answer
    with, one after another; ``claims`` counts the tokens that were used."""

    accounts: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    fails: list[int] = field(default_factory=list)
    claims: int = 0
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def account(
        self, key: str, bank: str, name: str, balance: str, day: str
    ) -> list[dict[str, Any]]:
        """Adds an account; its lines, to be filled."""
        lines: list[dict[str, Any]] = []
        org = {"domain": f"{bank.lower()}.example", "name": bank}
        self.accounts.append(
            {
                "org": org,
                "id": key,
                "name": name,
                "currency": "USD",
                "balance": balance,
                "balance-date": moment(day),
                "transactions": lines,
            }
        )
        return lines

    @property
    def setup_token(self) -> str:
        """What the bridge shows to a person."""
        return base64.b64encode(f"{self.address}/claim".encode()).decode()

    @property
    def access(self) -> str:
        """The access address that a claim gives."""
        return self.address.replace("://", f"://{NAME}:{WORD}@") + "/simplefin"

    def answer(self, method: str, path: str, key: str) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        said = urlsplit(path)
        self.asked.append(said.query)
        if method == "POST" and said.path == "/claim":
            self.claims += 1
            return (200, self.access.encode()) if self.claims == 1 else (403, b"used")
        if self.fails:
            return self.fails.pop(0), b""
        if base64.b64decode(key.removeprefix("Basic ")).decode() != f"{NAME}:{WORD}":
            return 403, b""
        query = parse_qs(said.query)
        first, last = int(query["start-date"][0]), int(query["end-date"][0])
        told = []
        for account in self.accounts:
            within = [
                each
                for each in account["transactions"]
                if first <= (each["posted"] or each["transacted_at"]) < last
            ]
            told.append({**account, "transactions": within})
        return 200, json.dumps({"errors": self.errors, "accounts": told}).encode()


@contextmanager
def served(bridge: Bridge) -> Iterator[str]:
    """Serves the bridge on a free port of 127.0.0.1; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            key = self.headers.get("Authorization") or "Basic "
            status, content = bridge.answer(self.command, self.path, key)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _any  # noqa: N815 - http.server calls these

        def log_message(self, *_args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    bridge.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield bridge.address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
