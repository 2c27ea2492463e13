"""A forge on loopback: the pull requests of one repository, as GitHub, Gitea or GitLab say them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

TOKEN = "forge-token-of-nobody"  # noqa: S105 - of nobody


class FakeForge:
    """``requests`` are what was opened; ``asked`` each method and place; ``refuses`` a status."""

    def __init__(self, kind: str) -> None:
        self.kind, self.address = kind, ""
        self.requests: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.refuses = 0

    def told(self, number: int) -> dict[str, object]:
        said = self.requests[number - 1]
        head, state = said["head"], said["state"]
        if self.kind == "gitlab":
            return {
                "iid": number,
                "state": "opened" if state == "open" else state,
                "web_url": f"{self.address}/mr/{number}",
                "sha": said["sha"],
                "source_branch": head,
            }
        return {
            "number": number,
            "state": "closed" if state == "merged" else state,
            "merged" if self.kind == "gitea" else "merged_at": state == "merged" or None,
            "html_url": f"{self.address}/pr/{number}",
            "head": {"ref": head, "sha": said["sha"]},
        }

    def answer(self, method: str, path: str, key: str, body: dict[str, str]) -> tuple[int, object]:
        place = unquote(path.partition("?")[0])
        self.asked.append(f"{method} {place}")
        if TOKEN not in key:
            return 401, {"message": f"Bad credentials {key}"}
        if self.refuses:
            return self.refuses, {"message": "not allowed"}
        if method == "GET":
            return 200, [self.told(n + 1) for n in reversed(range(len(self.requests)))]
        if method == "POST":
            head = body.get("head") or body["source_branch"]
            base = body.get("base") or body["target_branch"]
            made = {"head": head, "base": base, "state": "open", "sha": "", "title": body["title"]}
            self.requests.append(made)
            return 201, self.told(len(self.requests))
        number = int(place.rpartition("/")[2])
        self.requests[number - 1] |= {"title": body["title"]}
        return 200, self.told(number)


@contextmanager
def forge(kind: str) -> Iterator[FakeForge]:
    """A forge, served on a free port of 127.0.0.1."""
    fake = FakeForge(kind)

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size) or b"{}")
            key = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""
            status, said = fake.answer(self.command, self.path, key, body)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = _any  # noqa: N815

        def log_message(self, *_args) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
