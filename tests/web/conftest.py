"""Two small ledgers, one of them with text that tries to be more than text, and the app."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from wsgiref.types import WSGIApplication
from zlib import compress, crc32

import pytest
from werkzeug.test import Client, TestResponse

from web.app import create_app
from web.home import AccountState, HomePage, InboxLine, LedgerLink, Need

PORT = 5123

ACME = """\
option "title" "Acme Widgets LLC"
option "operating_currency" "USD"
option "documents" "documents"
2026-01-01 open Assets:Acme:Bank:Checking USD
2026-01-01 open Income:Acme:Sales USD
2026-01-01 open Expenses:Acme:Rent USD
2026-01-05 * "Blue Door Cafe" "Widgets & sundries"
  Assets:Acme:Bank:Checking  1200.00 USD
  Income:Acme:Sales
2026-01-09 * "<img src=x onerror=\\"window.ran=1\\">" "<script>window.ran=2</script>"
  note: "<img src=x onerror='window.ran=3'>"
  Expenses:Acme:Rent  300.00 USD
  Assets:Acme:Bank:Checking
2026-01-10 note Assets:Acme:Bank:Checking "<svg onload='window.ran=4'></svg>"
2026-01-11 custom "reminder" "<img src=x onerror='window.ran=5'>"
2026-01-12 query "all <b>sales</b>" "SELECT account, sum(position) GROUP BY account"
2026-01-13 * "Landlord" "Named receipt"
  document: "2026-01-05.receipt.txt"
  Expenses:Acme:Rent  10.00 USD
  Assets:Acme:Bank:Checking
"""

JANE = """\
option "title" "Jane Doe"
option "operating_currency" "USD"
2026-01-01 open Assets:Jane:Bank:Checking USD
2026-01-01 open Income:Jane:Salary USD
2026-01-15 * "Employer" "Pay"
  Assets:Jane:Bank:Checking  900.00 USD
  Income:Jane:Salary
"""

NEEDS = (
    Need(
        "error",
        "A card of Acme paid Jane's groceries",
        "ledger/acme/2026.beancount:42",
        "Company money bought something personal, and no entry says that Jane owes it back.",
        "books pair --entity Acme --date 2026-01-09",
    ),
    Need("warning", "The bank's balance is 12.00 USD off <b>", "Assets:Acme:Bank:Checking"),
    Need("import", "Two bank files wait", why="They came on Monday.", command="books import"),
)


INBOX = tuple(
    InboxLine(f"2026-01-0{day}", f"Shop <{day}>", "12.00 USD", "Assets:Acme:Bank:Checking", "books")
    for day in (1, 2, 3)
)
ACCOUNTS = (
    AccountState("Assets:Acme:Bank:Checking", "2026-01-15 (2 days)", "never", "fresh"),
    AccountState("Liabilities:Jane:Card:Visa", "none", "never", "empty", "import its first file"),
)


@dataclass(frozen=True)
class Books:
    """The files of the two ledgers, and a file outside them."""

    acme: Path
    jane: Path
    outside: Path

    @property
    def roots(self) -> Sequence[Path]:
        return (self.acme, self.jane)

    def home_page(self) -> HomePage:
        return HomePage(
            "Doe household",
            "2026-01-31 09:00",
            NEEDS,
            (
                LedgerLink("Acme Widgets LLC", self.acme, "llc", errors=1, warnings=1),
                LedgerLink("Jane Doe", self.jane, "person", infos=2),
            ),
            ("inbox/checking-2026-01.csv", "inbox/card-2026-01.ofx"),
            INBOX,
            ACCOUNTS,
        )

    def app(self, port: int = PORT) -> WSGIApplication:
        return create_app(self.roots, self.home_page, port)


class Visitor(Client):
    """A browser on this machine."""

    def read(self, path: str, **kwargs) -> TestResponse:
        """A GET under the served name."""
        return self.get(path, base_url=f"http://localhost:{PORT}", **kwargs)


@pytest.fixture
def visitor() -> type[Visitor]:
    """Makes a browser for an app."""
    return Visitor


@pytest.fixture
def client(books) -> Visitor:
    """A browser that looks at the two ledgers."""
    return Visitor(books.app())


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Ledgers on the disk; the document links lead in, out, and out by a symbolic link."""
    outside = tmp_path / "outside.txt"
    outside.write_text("not for the web\n")
    files = []
    for name, text in (("acme", ACME), ("jane", JANE)):
        folder = tmp_path / "ledger" / name
        folder.mkdir(parents=True)
        (folder / "main.beancount").write_text(text)
        files.append(folder / "main.beancount")
    documents = files[0].parent / "documents/Assets/Acme/Bank/Checking"
    documents.mkdir(parents=True)
    (documents / "2026-01-05.receipt.txt").write_text("a receipt\n")
    (documents / "2026-01-06.evil.js").write_text("window.ran = 6\n")
    (documents / "2026-01-07.evil.html").write_text("<script>window.ran = 7</script>\n")
    (documents / "2026-01-06.scan.png").write_bytes(dot())
    (documents / "2026-01-08.link.txt").symlink_to(outside)
    with files[0].open("a") as out:
        out.write(f'2026-01-14 document Assets:Acme:Bank:Checking "{outside}"\n')
        out.write('2026-01-15 * "Out" "Named outside"\n')
        out.write(f'  document: "{outside}"\n')
        out.write("  Expenses:Acme:Rent  1.00 USD\n  Assets:Acme:Bank:Checking\n")
    return Books(files[0], files[1], outside)


def dot() -> bytes:
    """A PNG of one grey pixel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + check

    header = (1).to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", compress(b"\0\x80"))
        + chunk(b"IEND", b"")
    )
