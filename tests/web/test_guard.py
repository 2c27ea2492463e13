"""Who may ask for what: hosts, origins, methods and paths."""

from pathlib import Path

import pytest

from web.routes import inside, is_open

PORT = 5123
BASE = f"http://localhost:{PORT}"


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
    answer = client.read(path)
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
    answer = client.read("/acme/")
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


def test_port_zero_means_the_port_that_the_server_listens_on(books, visitor) -> None:
    client = visitor(books.app(port=0))
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
    answer = client.read("/acme/api/ledger_data", headers=headers)
    assert answer.status_code == 403
    assert "address bar" in answer.json["error"]


@pytest.mark.parametrize("headers", [{"Origin": BASE}, {"Sec-Fetch-Site": "same-origin"}, {}])
def test_our_own_pages_may_ask(client, headers) -> None:
    assert client.read("/acme/api/changed", headers=headers).status_code == 200


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
    assert client.read(f"/acme/api/{name}{end}").status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/acme/extension/Money/run", 403),
        ("/acme/extension_js_module/Money.js", 403),
        ("/jump?time=2026", 404),
        ("/acme/import/", 403),
        ("/acme/api/imports", 403),
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
    assert client.read(path).status_code == status


def test_paths_are_compared_by_component(tmp_path) -> None:
    (tmp_path / "books").mkdir()
    assert inside(str(tmp_path / "books" / "a.pdf"), [tmp_path / "books"])
    assert not inside(str(tmp_path / "books-other" / "a.pdf"), [tmp_path / "books"])
    assert not inside("a.pdf", [tmp_path])
    for path in ("acme/journal/", "//evil.example/", "//", "/acme//journal/", "/./acme/", ""):
        assert not is_open(path)


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file beside the root file, with its bytes."""
    return {str(p): p.read_bytes() for p in root.parent.rglob("*") if p.is_file()}
