"""The guard in front of Fava: this machine only, reading only, and nothing but the books.

Fava has no login, no check of the Host header and no content policy, and its read-only mode does
not cover everything that a GET can do. So every request passes here first, and every answer gets
the headers that keep a script in the books' text from running.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from web import routes
from web.style import page as whole_page

MOST_FORM_BYTES = 4096
MOST_WEBHOOK_BYTES = 64 * 1024
NAMES = ("localhost", "127.0.0.1", "[::1]")

CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# A document is somebody else's file: it may be looked at inside Fava's page and do nothing else.
DOCUMENT_CSP = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; object-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
INERT = frozenset(
    "application/pdf image/gif image/jpeg image/png image/webp text/csv text/plain".split()
)


@dataclass(frozen=True)
class Refusal:
    """A request that is not let through: what is wrong, and what to do instead."""

    status: int
    title: str
    instead: str


class Guard:
    """A WSGI app that lets reading requests of this machine's own browser through to ``app``.

    ``port`` is the served port; 0 means the one that the server says it listens on. ``trees`` are
    the folders that documents may be served from. ``webhooks``: one address more is open, to
    programs from anywhere, whose signature is checked behind it.
    """

    def __init__(
        self, app: WSGIApplication, port: int, trees: Sequence[Path], *, webhooks: bool = False
    ) -> None:
        self._app = app
        self._port = port
        self._trees = tuple(trees)
        self._webhooks = webhooks

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or refuse it."""
        request = Request(environ)
        path = _path(environ)
        is_webhook = path == routes.WEBHOOK and self._webhooks
        refusal = _webhook(request) if is_webhook else self._refusal(request, path)
        if refusal:
            answer: WSGIApplication = _refused(refusal, as_json=routes.is_api(path))
        else:
            answer = self._app
        # Fava's read-only mode refuses HEAD; a HEAD is a GET whose body is left out.
        head = request.method == "HEAD"
        inner = {**environ, "REQUEST_METHOD": "GET"} if head and not refusal else environ
        body = answer(inner, _with_headers(start_response, path))
        if not head:
            return body
        close = getattr(body, "close", None)
        if close:
            close()
        return []

    def _refusal(self, request: Request, path: str) -> Refusal | None:
        checks = (
            self._host(request),
            self._origin(request),
            _method(request, path),
            _form(request),
            _place(path),
            _query(request),
            self._document(request, path),
        )
        return next((found for found in checks if found), None)

    def _hosts(self, request: Request) -> frozenset[str]:
        # The server sets SERVER_PORT from its own socket, not from what the client sent.
        port = self._port or int(request.environ.get("SERVER_PORT") or 0)
        names = {f"{name}:{port}" for name in NAMES}
        return frozenset(names | set(NAMES)) if port == 80 else frozenset(names)

    def _host(self, request: Request) -> Refusal | None:
        """A page elsewhere can have its own name lead to this machine; its Host tells."""
        host = str(request.environ.get("HTTP_HOST", "")).lower()
        if host in self._hosts(request):
            return None
        return Refusal(
            421,
            "These books are not served under that name",
            "Open them at http://localhost: and the port that 'books serve' printed.",
        )

    def _origin(self, request: Request) -> Refusal | None:
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site")
        ours = {f"http://{host}" for host in self._hosts(request)}
        if (origin is None or origin.lower() in ours) and site in {None, "same-origin", "none"}:
            return None
        return Refusal(
            403,
            "Another site asked for this page",
            "Type the address into the address bar, or use a bookmark.",
        )

    def _document(self, request: Request, path: str) -> Refusal | None:
        if not (routes.serves_file(path) or path.endswith("/api/source")):
            return None
        if all(not name or routes.inside(name, self._trees) for name in _args(request, "filename")):
            return None
        return Refusal(
            403,
            "That file is outside the books' folder",
            "Move the document into the folder of the books, and its 'document' line with it.",
        )


def _path(environ: WSGIEnvironment) -> str:
    raw = str(environ.get("PATH_INFO", ""))
    return raw.encode("latin-1", "replace").decode("utf-8", "replace")


def _args(request: Request, name: str) -> list[str]:
    return request.args.getlist(name)


def _webhook(request: Request) -> Refusal | None:
    """A program of a bank's, through whatever leads here: it has a signature and no browser."""
    is_browser = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
    is_json = request.mimetype == "application/json"
    small = (request.content_length or 0) <= MOST_WEBHOOK_BYTES
    if request.method == "POST" and is_json and small and not is_browser:
        return None
    return Refusal(403, "That is not a webhook", "This address is for Plaid alone.")


def _method(request: Request, path: str) -> Refusal | None:
    if request.method == "POST" and routes.step_of(path):
        return None
    if request.method not in {"GET", "HEAD"} or routes.is_write(path):
        return Refusal(
            403,
            "These pages only read: nothing was changed",
            "Change the books with the 'books' commands or an editor; the page then reloads.",
        )
    return None


def _form(request: Request) -> Refusal | None:
    """What clicks a step is a small form of our own page: a browser says where it comes from."""
    if request.method != "POST":
        return None
    small = (request.content_length or 0) <= MOST_FORM_BYTES
    ours = request.headers.get("Origin") is not None
    if small and ours and request.mimetype == "application/x-www-form-urlencoded":
        return None
    return Refusal(
        403, "That is not the form of the start page", "Open the step again and click its button."
    )


def _place(path: str) -> Refusal | None:
    if routes.is_home(path) or routes.is_open(path) or routes.step_of(path) or path == routes.KEYS:
        return None
    if routes.is_import(path):
        return Refusal(
            403,
            "Bank files are not imported from this page",
            "Run 'books import' in a terminal; the page then reloads.",
        )
    if routes.is_extension(path):
        return Refusal(
            403,
            "Fava extensions do not run here",
            "They are code that the books name. Use 'fava' itself on books that you trust.",
        )
    return Refusal(
        404, "There is no such page", "Go back to the start page and follow a link from there."
    )


def _query(request: Request) -> Refusal | None:
    # An empty query is the query page before anything was typed.
    texts = [text.strip() for text in _args(request, "query_string")]
    if all(not text or routes.reads_only(text) for text in texts):
        return None
    return Refusal(
        403,
        "Only SELECT, BALANCES, JOURNAL and PRINT queries run here",
        "Shell commands such as .run or .output are refused, for some of them write files. "
        "Paste the text of a stored query instead of its name.",
    )


def _refused(refusal: Refusal, *, as_json: bool) -> Response:
    if as_json:  # Fava's scripts show the text of "error"
        text = json.dumps({"error": f"{refusal.title}. {refusal.instead}"})
        return Response(text, refusal.status, mimetype="application/json")
    body = (
        '<header><span class="name">Books</span></header>\n<main>'
        f"<h1>{escape(refusal.title)}</h1>\n<p>{escape(refusal.instead)}</p>\n"
        '<p><a href="/">To the start page</a></p></main>'
    )
    return Response(whole_page(refusal.title, body), refusal.status, mimetype="text/html")


def _with_headers(start_response: StartResponse, path: str) -> StartResponse:
    """``start_response`` that adds the policy to whatever the app answers."""

    def start(status: str, headers: list[tuple[str, str]], exc_info=None, /):  # type: ignore[no-untyped-def]
        kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
        if routes.serves_file(path) and status.startswith("200"):
            kept, policy, frame = _as_document(kept), DOCUMENT_CSP, "SAMEORIGIN"
        else:
            policy, frame = CSP, "DENY"
        kept += [
            ("Content-Security-Policy", policy),
            ("X-Frame-Options", frame),
            ("X-Content-Type-Options", "nosniff"),
            # without a referrer a browser does not say either where a form comes from
            ("Referrer-Policy", "same-origin" if routes.step_of(path) else "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ]
        if not path.startswith("/static/"):
            kept.append(("Cache-Control", "no-store"))
        return start_response(status, kept, exc_info)

    return start


_OURS = frozenset(
    "content-security-policy x-frame-options x-content-type-options referrer-policy"
    " cross-origin-resource-policy cross-origin-opener-policy".split()
)


def _as_document(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A document that a browser could run is saved instead of shown.

    Its type changes too: a script from the books' folder would else count as one of our own.
    """
    kind = next((v for k, v in headers if k.lower() == "content-type"), "").split(";")[0].strip()
    if kind in INERT:
        return headers
    out = []
    for name, value in headers:
        if name.lower() == "content-type":
            out.append((name, "application/octet-stream"))
        elif name.lower() == "content-disposition":
            out.append((name, value.replace("inline", "attachment", 1)))
        else:
            out.append((name, value))
    return out
