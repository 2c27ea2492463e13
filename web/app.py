"""The app that ``books serve`` serves: our start page, and Fava behind the guard."""

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from fava.application import create_app as create_fava
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from core.findings import UserError
from web.guard import MOST_WEBHOOK_BYTES, Guard
from web.home import HomePage, LedgerLink, render_home, render_trouble
from web.ledgers import EscapingTemplates, Ledgers
from web.loading import Load
from web.routes import KEYS, WEBHOOK, is_api, is_home, step_of
from web.steps import StepPages, Steps

_LOG = logging.getLogger(__name__)
# Given the signature and the body of a webhook; whether it is believed.
Webhook = Callable[[str, bytes], bool]


def create_app(
    roots: Sequence[Path],
    home_page: Callable[[], HomePage],
    port: int,
    *,
    trees: Sequence[Path] = (),
    load: Load | None = None,
    steps: Steps | None = None,
    webhook: Webhook | None = None,
) -> WSGIApplication:
    """A WSGI app with our page at ``/`` and ``/home`` and a read-only Fava for each root file.

    ``home_page`` is called at each visit of the start page. Files are served only from the folders
    of ``roots`` and from ``trees``. ``load`` reads a root file in Fava's place, and raises
    UserError where it must not be shown; the page then says so. ``port`` 0 stands for
    whatever port the server gets. An app of some ledgers knows nothing of the others. ``steps``
    are what the start page may do by a click; without them every page only reads. ``webhook`` is
    given what comes to ``/webhooks/plaid``, which without it is no address.
    """
    if not roots:
        raise UserError(
            "there are no books to serve",
            hint="'books init DIR --person Jane --llc Acme' writes some",
        )
    files = [root.absolute() for root in roots]
    folders = tuple(dict.fromkeys((*(f.parent for f in files), *(t.absolute() for t in trees))))
    ledgers = Ledgers(files, folders, load)
    site = _Site(_fava(ledgers), ledgers, home_page, steps, webhook)
    return Guard(site, port, folders, webhooks=webhook is not None)


def _fava(ledgers: Ledgers) -> WSGIApplication:
    app: Any = create_fava([str(path) for path in ledgers.paths.values()], read_only=True)
    app.config["LEDGERS"] = ledgers
    app.jinja_loader = EscapingTemplates(app.jinja_loader)
    app.register_error_handler(UserError, _not_loaded)
    wsgi: WSGIApplication = app
    return wsgi


def _not_loaded(error: UserError) -> Response:
    if is_api(request.path):  # Fava's scripts show the text of "error"
        return Response(json.dumps({"error": str(error)}), 503, mimetype="application/json")
    return Response(render_trouble(_bare(()), str(error)), 503, mimetype="text/html")


def _bare(links: tuple[LedgerLink, ...]) -> HomePage:
    now = datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    return HomePage("Books", now, ledgers=links)


def _keys() -> Response:
    script = Path(__file__).with_name("keys.js").read_text(encoding="utf-8")
    return Response(script, mimetype="text/javascript")


class _Site:
    """Our page where Fava would redirect to its first ledger, Fava everywhere else."""

    def __init__(
        self,
        fava_app: WSGIApplication,
        ledgers: Ledgers,
        home_page: Callable[[], HomePage],
        steps: Steps | None,
        webhook: Webhook | None,
    ) -> None:
        self._webhook = webhook
        self._fava = fava_app
        self._steps = StepPages(steps) if steps else None
        self._home_page = home_page
        self._hrefs = {path.resolve(): f"/{slug}/" for slug, path in ledgers.paths.items()}
        # Fava keeps one query shell for each ledger, whose output two requests would mix, and
        # reloads in the middle of requests.
        self._one_at_a_time = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if is_home(path):
            return self._home()(environ, start_response)
        if path == KEYS:
            return _keys()(environ, start_response)
        if path == WEBHOOK and self._webhook:
            return self._called(Request(environ), self._webhook)(environ, start_response)
        if step_of(path):
            return self._step(Request(environ), step_of(path))(environ, start_response)
        with self._one_at_a_time:
            return self._fava(environ, start_response)

    def _called(self, request: Request, webhook: Webhook) -> Response:
        """Who is refused is not told why: only a forger would want to know."""
        request.max_content_length = MOST_WEBHOOK_BYTES
        try:
            body = request.get_data()
        except HTTPException:
            return Response("{}", 413, mimetype="application/json")
        accepted = webhook(request.headers.get("Plaid-Verification") or "", body)
        return Response("{}", 200 if accepted else 401, mimetype="application/json")

    def _step(self, request: Request, name: str) -> Response:
        if self._steps is None:
            return self._trouble("These pages only read: 'books serve --read-only' was asked for.")
        with self._one_at_a_time:
            return self._steps.answer(request, name)

    def _home(self) -> Response:
        try:
            text = render_home(self._home_page(), self._hrefs)
        except UserError as error:
            return self._trouble(str(error))
        except Exception as error:
            _LOG.exception("the start page could not be made")
            return self._trouble(
                f"{type(error).__name__}: this is a fault of the program, not of the books.\n"
                "The terminal where 'books serve' runs shows more."
            )
        return Response(text, mimetype="text/html")

    def _trouble(self, message: str) -> Response:
        links = tuple(LedgerLink(href.strip("/"), path) for path, href in self._hrefs.items())
        text = render_trouble(_bare(links), message, self._hrefs)
        return Response(text, 503, mimetype="text/html")
