"""A little book: a few files that a test can be read with, compared warm and cold."""

from pathlib import Path

from warmth import compare

from core.home import Home
from core.journal.books import Books
from core.journal.read import read

ROOT = 'plugin "bulkhead.veil" "group"\ninclude "*/*.beancount"\ninclude "accounts.beancount"\n'
ACCOUNTS = """\
2020-01-01 open Assets:Bank
2020-01-01 open Assets:Bank:Euro
2020-01-01 open Assets:Stock  GEM  "FIFO"
2020-01-01 open Assets:Other  GEM,USD
2020-01-01 open Income:Gains
2020-01-01 open Equity:Opening
"""
BUY = '{day} * "Buy"\n  Assets:Stock  {units} GEM {{{cost} USD}}\n  Assets:Bank\n'
SELL = '{day} * "Sell"\n  Assets:Stock  -{units} GEM {{}}\n  Assets:Bank  50 USD\n  Income:Gains\n'


class Little:
    """Small books without git: files below ``ledger``, read warm and compared with cold."""

    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self.did: list[str] = []
        self.write("group", ROOT)
        self.write("accounts", ACCOUNTS)
        self.plugins("beancount.plugins.auto_accounts")

    def plugins(self, *names: str) -> None:
        lines = "".join(f"  - {name}\n" for name in ("bulkhead.veil", *names))
        self.home.rules.mkdir(exist_ok=True, parents=True)
        (self.home.rules / "plugins.yaml").write_text(f"version: 1\nallowed:\n{lines}")

    def write(self, name: str, text: str) -> Path:
        """Writes a file and remembers it as an edit."""
        path = self.home.ledger / f"{name}.beancount"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.did.append(f"{name}:\n{text}")
        return path

    def read(self) -> Books:
        """The books, once it is sure that nobody can tell that they are warm."""
        compare(self.home, self.did)
        return read(self.home.main_root, home=self.home)

    def messages(self) -> list[str]:
        return sorted(finding.message for finding in self.read().findings)


def cost_of_sale(books: Books) -> list[str]:
    sales = [txn for txn in books.transactions if txn.narration == "Sell"]
    return [f"{p.units} {p.cost.number}" for txn in sales for p in txn.postings if p.cost]


def buy(day: str, units: int = 1, cost: str = "10.00") -> str:
    return BUY.format(day=day, units=units, cost=cost)


def sell(day: str, units: int = 1) -> str:
    return SELL.format(day=day, units=units)
