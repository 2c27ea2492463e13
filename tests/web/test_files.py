"""What the books say and name reaches the browser as text, or not at all."""

import json

from werkzeug.test import Client


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
        answer = client.read(f"/acme/document/?filename={path}")
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
        answer = client.read(f"/acme/document/?filename={name}")
        assert answer.status_code == 403
        assert "That file is outside" in answer.get_data(as_text=True)


def test_a_document_is_not_served_for_another_ledgers_file(books, client) -> None:
    answer = client.read(f"/acme/document/?filename={books.jane}")
    assert answer.status_code == 404


def test_statements_are_served_from_inside_only(client) -> None:
    entries = client.read("/acme/api/journal").json["data"]
    found = {}
    for entry in entries:
        if entry["t"] == "Transaction" and "document" in entry["meta"]:
            url = f"/acme/statement/?entry_hash={entry['entry_hash']}&key=document"
            found[entry["payee"]] = client.read(url)
    assert found["Landlord"].status_code == 200
    assert found["Landlord"].data == b"a receipt\n"
    assert found["Out"].status_code == 404
    assert b"not for the web" not in found["Out"].data


def test_an_entry_that_claims_another_file_is_not_quoted(books, client) -> None:
    with books.acme.open("a") as out:
        out.write(f'2026-01-20 * "Claims" "A file"\n  filename: "{books.outside}"\n')
        out.write("  Expenses:Acme:Rent  1.00 USD\n  Assets:Acme:Bank:Checking\n")
    entries = client.read("/acme/api/journal").json["data"]
    entry = next(e for e in entries if e.get("payee") == "Claims")
    answer = client.read(f"/acme/api/source_slice?entry_hash={entry['entry_hash']}")
    assert answer.status_code != 200
    assert b"not for the web" not in answer.data


def test_the_journal_escapes_what_the_books_say(client) -> None:
    journal = journal_of(client)
    account = client.read("/acme/api/account_report?a=Expenses:Acme:Rent&r=journal").json["data"]
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


def journal_of(client: Client) -> str:
    """The HTML of the first journal page."""
    answer = client.read("/acme/api/journal_page?page=1&order=desc")
    assert answer.status_code == 200
    return str(answer.json["data"]["journal"])
