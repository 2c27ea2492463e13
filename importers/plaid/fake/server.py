"""The fake on loopback: what comes in as HTTP is answered by a ``FakePlaid``."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from importers.feed import exact
from importers.plaid.fake import forms
from importers.plaid.fake.plaid import CLIENT_ID, SECRET, FakePlaid


@contextmanager
def served(plaid: FakePlaid) -> Iterator[str]:
    """Serves the fake on a free port of 127.0.0.1; gives its address."""

    class Handler(_Handler):
        fake = plaid

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    plaid.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield plaid.address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    fake: FakePlaid
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """A call of the API."""
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        keys = (self.headers.get("PLAID-CLIENT-ID"), self.headers.get("PLAID-SECRET"))
        if keys != (CLIENT_ID, SECRET):
            return self._send(400, forms.problem("INVALID_INPUT", "INVALID_API_KEYS"))
        fault = self.fake.fault(self.path)
        if fault is not None:
            time.sleep(fault.seconds)
        if fault is not None and fault.body is not None:
            return self._raw(fault.status, fault.body, location=fault.location)
        if fault is not None and not fault.status and not fault.seconds:
            self.close_connection = True
            return None
        if fault is not None and fault.code:
            status, answer = self.fake.broken(fault, self.path)
            return self._send(status, answer, fault.retry_after)
        status, answer = self.fake.answer(self.path, json.loads(content or b"{}"))
        return self._send(status, answer)

    def do_GET(self) -> None:
        """The page of a link: ``?bank=`` is the bank that a person chooses."""
        said = urlsplit(self.path)
        token = said.path.removeprefix("/link/")
        bank = parse_qs(said.query).get("bank")
        if bank:
            self.fake.chosen(token, bank[0])
        names = "".join(
            f'<li><a href="?bank={b.id}">{b.name}</a></li>' for b in self.fake.banks.values()
        )
        page = "Done." if bank else f"<title>Which bank?</title><ul>{names}</ul>"
        self._raw(200, page.encode(), kind="text/html")

    def log_message(self, *_args: Any) -> None:
        """Says nothing: who asks keeps the answers."""

    def _send(self, status: int, answer: dict[str, Any], retry_after: int | None = None) -> None:
        self._raw(status, exact.dumps(answer).encode(), retry_after=retry_after)

    def _raw(
        self,
        status: int,
        content: bytes,
        kind: str = "application/json",
        retry_after: int | None = None,
        location: str = "",
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if retry_after is not None:
            self.send_header("Retry-After", str(retry_after))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        with suppress(ConnectionError):  # who asked may not have waited
            self.wfile.write(content)
