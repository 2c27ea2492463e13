"""Where a path in an entry's metadata leads, and what is no evidence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.home import Home
from core.journal.read import read
from plugins.veil.evidence import evidence, has_evidence

ENTRY = """\
2026-09-03 * "Cloud Nine" "Hosting"{link}
  {key}: "{path}"
  Expenses:Acme:Hosting  20.00 USD
  Liabilities:Acme:AP
"""


@pytest.fixture
def found(home: Home, write: Callable[[str, str], Path]) -> Callable[..., tuple[str, bool]]:
    """The evidence of one entry of Acme's September: its file relative to the home, if any."""
    write("ledger/acme/documents/bill.pdf", "a bill")
    write("agreements/lease.pdf", "a lease")
    (home.path.parent / "outside.pdf").write_text("not ours")

    def look(path: str, key: str = "receipt", link: str = "", more: str = "") -> tuple[str, bool]:
        text = ENTRY.format(path=path, key=key, link=link)
        write("ledger/acme/2026/2026-09.beancount", text + more)
        books = read(home.main_root)
        (txn,) = books.transactions
        named = [p.relative_to(home.path.resolve()) for p in evidence(txn, books).values()]
        return (named[0].as_posix() if named else "", has_evidence(txn, books))

    return look


BILL = "ledger/acme/documents/bill.pdf"


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("../documents/bill.pdf", BILL),
        ("documents/bill.pdf", BILL),
        ("affidavit: documents/bill.pdf", BILL),
        ("documents/bill.pdf#page-2", BILL),
        ("agreements/lease.pdf", "agreements/lease.pdf"),
        ("documents/none.pdf", ""),
        ("../../../../outside.pdf", ""),
        ("/etc/hostname", ""),
        ("documents", ""),
        ("#page-2", ""),
    ],
)
def test_a_path_is_looked_for_from_the_entry_up_to_the_home(
    found: Callable[..., tuple[str, bool]], path: str, there: str
) -> None:
    assert found(path) == (there, bool(there))


def test_another_key_is_no_evidence(found: Callable[..., tuple[str, bool]]) -> None:
    assert found("documents/bill.pdf", key="remark") == ("", False)


def test_a_document_with_the_same_link_is_evidence(found: Callable[..., tuple[str, bool]]) -> None:
    paper = '2026-09-03 document Liabilities:Acme:AP "../documents/bill.pdf" ^bill-7\n'
    assert found("", link=" ^bill-7", more=paper) == ("", True)
    assert found("", link=" ^bill-8", more=paper) == ("", False)


def test_a_paper_is_evidence_once_it_is_signed(found: Callable[..., tuple[str, bool]]) -> None:
    paper = '2026-09-03 document Liabilities:Acme:AP "../documents/bill.pdf" ^bill-7\n'
    assert found("", link=" ^bill-7", more=f'{paper}  status: "draft"\n') == ("", False)
    assert found("", link=" ^bill-7", more=f'{paper}  status: "signed"\n') == ("", True)
