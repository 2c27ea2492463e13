"""Our own pages, and which books are loaded."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.findings import UserError
from web.app import create_app
from web.home import HomePage

PORT = 5123


def test_code_that_the_books_name_is_not_run(books, tmp_path, visitor) -> None:
    folder = books.acme.parent
    mark = tmp_path / "ran"
    code = f"from pathlib import Path\nPath({str(mark)!r}).write_text('ran')\nCONFIG = []\n"
    (folder / "evil_ext.py").write_text(code)
    with books.acme.open("a") as out:
        out.write('2026-01-01 custom "fava-extension" "evil_ext"\n')
        out.write('2026-01-01 custom "fava-option" "import-config" "evil_ext.py"\n')
        out.write('2026-01-01 custom "fava-option" "import_config" "evil_ext.py"\n')
        out.write('2026-01-01 custom "fava-option" "import-dirs" "/"\n')
    client = visitor(books.app())
    assert client.read("/acme/income_statement/").status_code == 200
    assert not mark.exists()
    options = client.read("/acme/api/options").json["data"]["fava_options"]
    assert options["import-config"] == "None"
    assert options["import-dirs"] == "[]"


def test_a_ledger_that_is_not_served_is_not_named(books, visitor) -> None:
    client = visitor(create_app([books.jane], books.home_page, PORT))
    page = client.read("/jane/income_statement/")
    assert b"Acme" not in page.data
    assert client.read("/acme/income_statement/").status_code == 404


def test_the_start_page_says_what_needs_you(client) -> None:
    page = client.read("/").get_data(as_text=True)
    assert "What needs you (3)" in page
    assert "books pair --entity Acme --date 2026-01-09" in page
    assert "12.00 USD off &lt;b&gt;" in page
    assert 'href="/acme/income_statement/"' in page
    assert 'href="/jane/journal/"' in page
    assert page.count("<script") == page.count('<script src="/keys.js" defer>') == 1
    assert "onclick" not in page
    assert "Shop &lt;1&gt;" in page
    assert "3 entries wait for a decision" in page
    assert "import its first file" in page


def _user_error() -> HomePage:
    raise UserError("the registry is torn", file="ledger/main.beancount", line=3, hint="mend <it>")


def _fault() -> HomePage:
    raise RuntimeError("a secret detail")


@pytest.mark.parametrize(
    ("home_page", "said"), [(_user_error, "mend &lt;it&gt;"), (_fault, "fault of the program")]
)
def test_a_start_page_that_fails_is_readable(
    books, home_page: Callable[[], HomePage], said: str, visitor
) -> None:
    client = visitor(create_app(books.roots, home_page, PORT))
    answer = client.read("/")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert said in text
    assert 'href="/acme/income_statement/"' in text
    assert "Traceback" not in text
    assert "a secret detail" not in text


def test_books_that_must_not_be_loaded_are_not(books, visitor) -> None:
    broken = [False]

    def load(root: Path) -> None:
        if broken[0] and root == books.acme:
            raise UserError("divides by zero", file=str(root), line=9, hint="write the number")

    client = visitor(create_app(books.roots, books.home_page, PORT, load=load))
    assert client.read("/acme/journal/").status_code == 200
    broken[0] = True
    touch(books.acme)
    for _ in range(2):
        page = client.read("/acme/journal/")
        assert page.status_code == 503
        assert "write the number" in page.get_data(as_text=True)
        answer = client.read("/acme/api/changed")
        assert answer.status_code == 503
        assert "divides by zero" in answer.json["error"]
        assert client.read("/jane/journal/").status_code == 200
    broken[0] = False
    assert client.read("/acme/journal/").status_code == 200


def test_a_new_payee_is_offered_after_the_next_reload(books, visitor) -> None:
    client = visitor(create_app(books.roots, books.home_page, PORT))
    assert "Newly met" not in client.read("/acme/income_statement/").get_data(as_text=True)
    text = books.acme.read_text()
    entry = '2026-09-30 * "Newly met" "Lunch"\n  Assets:Acme:Nowhere  1.00 USD\n'
    books.acme.write_text(f"{text}\n{entry}")
    touch(books.acme)
    assert "Newly met" in client.read("/acme/income_statement/").get_data(as_text=True)


def test_one_ledger_that_cannot_be_loaded_leaves_the_others(books, visitor) -> None:
    def load(root: Path) -> None:
        if root == books.acme:
            raise UserError("divides by zero")

    client = visitor(create_app(books.roots, books.home_page, PORT, load=load))
    assert client.read("/").status_code == 200
    assert client.read("/jane/income_statement/").status_code == 200
    assert client.read("/acme/income_statement/").status_code == 503


def test_ledgers_of_one_name_get_different_addresses(tmp_path, visitor) -> None:
    roots = []
    for folder in ("a/books", "b/books", "c/static"):
        root = tmp_path / folder / "main.beancount"
        root.parent.mkdir(parents=True)
        root.write_text(f'option "title" "{folder}"\n')
        roots.append(root)
    client = visitor(create_app(roots, lambda: HomePage("T", "now"), PORT))
    for slug, title in (("books", "a/books"), ("books-2", "b/books"), ("static-2", "c/static")):
        assert title in client.read(f"/{slug}/journal/").get_data(as_text=True)


def test_nothing_to_serve_is_said() -> None:
    with pytest.raises(UserError, match="no books to serve"):
        create_app([], lambda: HomePage("T", "now"), PORT)


def touch(path: Path) -> None:
    """Make a file newer than Fava last saw it."""
    later = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(later, later))
