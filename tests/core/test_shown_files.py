"""A file is shown relative to the base of its books, however its name is written."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.journal.books import Books

BOOKS = replace(Books.of([], {}), base=Path("/home/jane/books"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/home/jane/books/ledger/acme.beancount", "ledger/acme.beancount"),
        ("/home/jane/books//ledger/acme.beancount", "ledger/acme.beancount"),
        ("/home/jane/books/./ledger/acme.beancount", "ledger/acme.beancount"),
        ("/home/jane/bookshelf/acme.beancount", "/home/jane/bookshelf/acme.beancount"),
        ("<string>", "<string>"),
        ("", ""),
    ],
)
def test_a_file_is_shown_relative_to_the_base(name: str, shown: str) -> None:
    assert BOOKS.relative(name) == shown
