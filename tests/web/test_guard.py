"""What the guard lets through, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.test import Client, TestResponse

from core.findings import UserError
from web.app import create_app
from web.home import HomePage
from web.routes import inside, is_open, reads_only

PORT = 5123
BASE = f"http://localhost:{PORT}"


@pytest.fixture
def client(books) -> Client:
    """A browser on this machine."""
    return Client(books.app())


def get(client: Client, path: str, **kwargs) -> TestResponse:
    """A GET under the served name."""
    return client.get(path, base_url=kwargs.pop("base_url", BASE), **kwargs)


PAGES = (
    "/ /home /home/ /acme/income_statement/ /acme/balance_sheet/ /acme/trial_balance/"
    " /acme/journal/ /acme/query/ /acme/holdings/ /acme/holdings/by_account/ /acme/documents/"
    " /acme/errors/ /acme/options/ /acme/statistics/ /acme/editor/ /acme/help/ /acme/help/features"
    " /acme/account/Assets:Acme:Bank:Checking/ /acme/download-journal/ /acme/api/changed"
    " /acme/api/income_statement /acme/api/journal /acme/api/journal_page?page=1&order=desc"
    " /acme/api/ledger_data /acme/api/options /acme/api/source /acme/api/statistics"
    " /acme/api/query?query_string=SELECT%20account"
    " /acme/download-query/query_result.csv?query_string=select%20account"
    " /jane/income_statement/ /static/app.css /static/app.js"
).split()


@pytest.mark.parametrize("path", PAGES)
def test_reading_pages_open_with_the_policy(client, path) -> None:
    answer = get(client, path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/acme/income_statement/", "/acme/api/changed"])
def test_head_is_a_get_without_a_body(client, path) -> None:
    answer = client.head(path, base_url=BASE)
    assert answer.status_code == 200
    assert answer.data == b""


def test_a_ledgers_first_page_leads_to_its_income_statement(client) -> None:
    answer = get(client, "/acme/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/acme/income_statement/"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost",
        "localhost:5124",
        "localhost.:5123",
        "localhost:5123.evil.example",
        "127.0.0.1.evil.example:5123",
        "127.0.0.2:5123",
        "0.0.0.0:5123",
        "user@localhost:5123",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/acme/journal/"])
def test_another_host_is_misdirected(client, host, path) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert b"books serve" in answer.data


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_this_machines_names_are_served(client, host) -> None:
    assert client.get("/", headers={"Host": f"{host}:{PORT}"}).status_code == 200


def test_port_zero_means_the_port_that_the_server_listens_on(books) -> None:
    client = Client(books.app(port=0))
    environ = {"SERVER_PORT": "40404"}
    for port, status in ((40404, 200), (5123, 421)):
        headers = {"Host": f"localhost:{port}"}
        assert client.get("/", headers=headers, environ_overrides=environ).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:5124"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_is_refused(client, headers) -> None:
    answer = get(client, "/acme/api/ledger_data", headers=headers)
    assert answer.status_code == 403
    assert "address bar" in answer.json["error"]


@pytest.mark.parametrize("headers", [{"Origin": BASE}, {"Sec-Fetch-Site": "same-origin"}, {}])
def test_our_own_pages_may_ask(client, headers) -> None:
    assert get(client, "/acme/api/changed", headers=headers).status_code == 200


METHODS = "PUT POST DELETE PATCH OPTIONS TRACE CONNECT PROPFIND".split()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/", "/acme/journal/", "/acme/api/source"])
def test_other_methods_are_refused(books, client, method, path) -> None:
    before = snapshot(books.acme)
    answer = client.open(path, method=method, base_url=BASE)
    assert answer.status_code == 403
    assert "nothing was changed" in answer.get_data(as_text=True)
    assert snapshot(books.acme) == before


WRITES = (
    "add_document add_entries attach_document document format_source move source source_slice"
    " upload_import_file"
).split()


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_every_write_endpoint_is_refused(books, client, name, method) -> None:
    before = snapshot(books.acme)
    receipt = next(books.acme.parent.rglob("*receipt.txt"))
    answer = client.open(
        f"/acme/api/{name}?filename={receipt}",
        method=method,
        base_url=BASE,
        json={"file_path": str(books.acme), "source": "", "sha256sum": "", "entries": []},
    )
    assert answer.status_code == 403
    assert snapshot(books.acme) == before


@pytest.mark.parametrize("name", [*sorted(set(WRITES) - {"source", "source_slice"}), "extract"])
@pytest.mark.parametrize("end", ["", "/"])
def test_names_that_only_write_are_refused_for_reading_too(client, name, end) -> None:
    assert get(client, f"/acme/api/{name}{end}").status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/acme/extension/Money/run", 403),
        ("/acme/extension_js_module/Money.js", 403),
        ("/jump?time=2026", 404),
        ("/acme/import/", 404),
        ("/acme/api/", 404),
        ("/acme/api/new_in_a_later_fava", 404),
        ("/acme//api/move", 404),
        ("/acme/../static/app.js", 404),
        ("/nobody/journal/", 404),
        ("/acme/download-query/../api/move", 404),
        ("/static/../../../etc/passwd", 404),
        ("/static/%2e%2e/%2e%2e/application.py", 404),
    ],
)
def test_what_is_not_a_reading_page_is_closed(client, path, status) -> None:
    assert get(client, path).status_code == status


SHELL = (
    ".run",
    ".run x",
    ".output /tmp/written-by-a-query",
    ".explain SELECT 1",
    ".set format csv",
    ".help",
    ".EOF",
    "..output x",
    ". output x",
    "  .output x",
    "\t.output x",
    "\n.OUTPUT x",
    "\x1f.output x",
    "\u00a0.output x",
    "\u2003.output x",
    "\ufeff.output x",
    "run x",
    "RUN x",
    "RuN x",
    "exit",
    "quit",
    "help",
    "?",
    "?select",
    "!ls",
    "set boxed true",
    "errors",
    "history",
    "clear",
    "parse SELECT 1",
    "reload",
    "explain select 1",
    "print.output x",
    "select.output x",
    "selectrun x",
    "ſelect account",
    "CREATE TABLE t (a int) USING 'csv:/etc/passwd'",
    "INSERT INTO t (a) VALUES (1)",
    "; .output x",
    "-- select\n.output x",
    "'select'",
    "(select 1)",
    "EOF",
)


@pytest.mark.parametrize("query", SHELL)
@pytest.mark.parametrize(
    "path", ["/acme/api/query", "/acme/query/", "/acme/download-query/query_result.csv"]
)
def test_shell_commands_are_refused(client, query, path) -> None:
    answer = get(client, f"{path}?query_string={quote(query)}")
    assert answer.status_code == 403
    assert "SELECT" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "query",
    [
        "query_string=%2Erun",
        "query_string=%20%2Eoutput%20x",
        "query_string=+.output+x",
        "query_string=%0d%0a.output%20x",
        "query%5Fstring=.run",
        "query_string=select%20account&query_string=.run",
        "query_string=.run&query_string=select%20account",
        "time=2026&query_string=.run",
        "query_string=%252Erun",
        "query_string=%EF%BC%8Erun",
    ],
)
def test_encodings_do_not_hide_a_command(client, query) -> None:
    assert get(client, f"/acme/api/query?{query}").status_code == 403


def test_output_by_get_writes_nothing(client, tmp_path: Path) -> None:
    target = tmp_path / "written"
    get(client, f"/acme/api/query?query_string=.output%20{target}")
    assert not target.exists()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT account, sum(position) GROUP BY account",
        "  select date",
        "\nSELECT\n account",
        "balances",
        "BALANCES FROM year = 2026",
        "journal 'Checking'",
        "print",
        "select(account)",
        "SELECT*",
    ],
)
def test_reading_statements_run(query) -> None:
    assert reads_only(query)


def test_a_stored_query_is_linked_by_its_text(client) -> None:
    journal = journal_of(client)
    assert "query_string=SELECT" in journal
    assert "query_string=run" not in journal


def test_documents_inside_are_served_and_cannot_act(books, client) -> None:
    for name, kind, shown in (
        ("receipt.txt", "text/plain", "inline"),
        ("evil.js", "application/octet-stream", "attachment"),
        ("evil.html", "application/octet-stream", "attachment"),
    ):
        path = next(books.acme.parent.rglob(f"*{name}"))
        answer = get(client, f"/acme/document/?filename={path}")
        assert answer.status_code == 200
        assert answer.mimetype == kind
        assert answer.headers["Content-Disposition"].startswith(shown)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_documents_outside_are_refused(books, client) -> None:
    folder = next(books.acme.parent.rglob("*receipt.txt")).parent
    link = folder / "2026-01-08.link.txt"
    for name in (
        str(books.outside),
        str(link),
        f"{books.acme.parent}/../../outside.txt",
        "/etc/passwd",
        "main.beancount",
        "/etc/passwd%00.txt",
    ):
        answer = get(client, f"/acme/document/?filename={name}")
        assert answer.status_code == 403
        assert "That file is outside" in answer.get_data(as_text=True)


def test_a_document_is_not_served_for_another_ledgers_file(books, client) -> None:
    answer = get(client, f"/acme/document/?filename={books.jane}")
    assert answer.status_code == 404


def test_statements_are_served_from_inside_only(client) -> None:
    entries = get(client, "/acme/api/journal").json["data"]
    found = {}
    for entry in entries:
        if entry["t"] == "Transaction" and "document" in entry["meta"]:
            url = f"/acme/statement/?entry_hash={entry['entry_hash']}&key=document"
            found[entry["payee"]] = get(client, url)
    assert found["Landlord"].status_code == 200
    assert found["Landlord"].data == b"a receipt\n"
    assert found["Out"].status_code != 200
    assert b"not for the web" not in found["Out"].data


def test_an_entry_that_claims_another_file_is_not_quoted(books, client) -> None:
    with books.acme.open("a") as out:
        out.write(f'2026-01-20 * "Claims" "A file"\n  filename: "{books.outside}"\n')
        out.write("  Expenses:Acme:Rent  1.00 USD\n  Assets:Acme:Bank:Checking\n")
    entries = get(client, "/acme/api/journal").json["data"]
    entry = next(e for e in entries if e.get("payee") == "Claims")
    answer = get(client, f"/acme/api/source_slice?entry_hash={entry['entry_hash']}")
    assert answer.status_code != 200
    assert b"not for the web" not in answer.data


def test_the_journal_escapes_what_the_books_say(client) -> None:
    journal = journal_of(client)
    account = get(client, "/acme/api/account_report?a=Expenses:Acme:Rent&r=journal").json["data"]
    for text in (journal, json.dumps(account)):
        assert "<img" not in text
        assert "<script" not in text
        assert "&lt;img src=x onerror" in text
    assert "<svg" not in journal
    assert "<b>" not in journal
    assert "Widgets &amp; sundries" in journal
    assert "<a href='/acme/account/Expenses:Acme:Rent/'>" in journal
    assert "&lt;span" not in journal
    assert "&amp;lt;" not in journal


def test_code_that_the_books_name_is_not_run(books, tmp_path) -> None:
    folder = books.acme.parent
    mark = tmp_path / "ran"
    code = f"from pathlib import Path\nPath({str(mark)!r}).write_text('ran')\nCONFIG = []\n"
    (folder / "evil_ext.py").write_text(code)
    with books.acme.open("a") as out:
        out.write('2026-01-01 custom "fava-extension" "evil_ext"\n')
        out.write('2026-01-01 custom "fava-option" "import-config" "evil_ext.py"\n')
        out.write('2026-01-01 custom "fava-option" "import_config" "evil_ext.py"\n')
        out.write('2026-01-01 custom "fava-option" "import-dirs" "/"\n')
    client = Client(books.app())
    assert get(client, "/acme/income_statement/").status_code == 200
    assert not mark.exists()
    options = get(client, "/acme/api/options").json["data"]["fava_options"]
    assert options["import-config"] == "None"
    assert options["import-dirs"] == "[]"


def test_a_ledger_that_is_not_served_is_not_named(books) -> None:
    client = Client(create_app([books.jane], books.home_page, PORT))
    page = get(client, "/jane/income_statement/")
    assert b"Acme" not in page.data
    assert get(client, "/acme/income_statement/").status_code == 404


def test_the_start_page_says_what_needs_you(client) -> None:
    page = get(client, "/").get_data(as_text=True)
    assert "What needs you (3)" in page
    assert "books pair --entity Acme --date 2026-01-09" in page
    assert "12.00 USD off &lt;b&gt;" in page
    assert 'href="/acme/income_statement/"' in page
    assert 'href="/jane/journal/"' in page
    assert "<script" not in page
    assert "onclick" not in page


def _user_error() -> HomePage:
    raise UserError("the registry is torn", file="ledger/main.beancount", line=3, hint="mend <it>")


def _fault() -> HomePage:
    raise RuntimeError("a secret detail")


@pytest.mark.parametrize(
    ("home_page", "said"), [(_user_error, "mend &lt;it&gt;"), (_fault, "fault of the program")]
)
def test_a_start_page_that_fails_is_readable(
    books, home_page: Callable[[], HomePage], said: str
) -> None:
    client = Client(create_app(books.roots, home_page, PORT))
    answer = get(client, "/")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert said in text
    assert 'href="/acme/income_statement/"' in text
    assert "Traceback" not in text
    assert "a secret detail" not in text


def test_ledgers_of_one_name_get_different_addresses(tmp_path) -> None:
    roots = []
    for folder in ("a/books", "b/books", "c/static"):
        root = tmp_path / folder / "main.beancount"
        root.parent.mkdir(parents=True)
        root.write_text(f'option "title" "{folder}"\n')
        roots.append(root)
    client = Client(create_app(roots, lambda: HomePage("T", "now"), PORT))
    for slug, title in (("books", "a/books"), ("books-2", "b/books"), ("static-2", "c/static")):
        assert title in get(client, f"/{slug}/journal/").get_data(as_text=True)


def test_nothing_to_serve_is_said() -> None:
    with pytest.raises(UserError, match="no books to serve"):
        create_app([], lambda: HomePage("T", "now"), PORT)


def test_paths_are_compared_by_component(tmp_path) -> None:
    (tmp_path / "books").mkdir()
    assert inside(str(tmp_path / "books" / "a.pdf"), [tmp_path / "books"])
    assert not inside(str(tmp_path / "books-other" / "a.pdf"), [tmp_path / "books"])
    assert not inside("a.pdf", [tmp_path])
    for path in ("acme/journal/", "//evil.example/", "//", "/acme//journal/", "/./acme/", ""):
        assert not is_open(path)


def journal_of(client: Client) -> str:
    """The HTML of the first journal page."""
    answer = get(client, "/acme/api/journal_page?page=1&order=desc")
    assert answer.status_code == 200
    return str(answer.json["data"]["journal"])


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file beside the root file, with its bytes."""
    return {str(p): p.read_bytes() for p in root.parent.rglob("*") if p.is_file()}
