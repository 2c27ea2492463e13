"""Three made-up banks of the example group, and four nights in October: for ``books demo --plaid``.

The first night says lines that the imported files know already; a restaurant's charge posts with a
tip; a shop corrects its charge; a deposit is taken back.
"""

from collections.abc import Callable
from decimal import Decimal

from importers.plaid.fake.banks import FakeAccount, FakeBank, FakeLine, line

CHASE, BOFA, ALLY = "chase", "bofa", "ally"
# Which account of the books one is, where the bank's own name does not lead to it.
ANSWERS = {"3091": "Assets:Harbor:Bank:Checking"}
# The night on which this bank asks for the login again.
STUCK = (3, ALLY)


def banks() -> list[FakeBank]:
    """The banks, as they are before the first night."""
    return [
        FakeBank(
            CHASE,
            "Chase",
            [
                FakeAccount("checking", "4411", "Business Checking", current=Decimal("54253.09")),
                FakeAccount("card", "7702", "Ink Business", "credit", "credit card"),
            ],
        ),
        FakeBank(BOFA, "Bank of America", [FakeAccount("checking", "3091", "Adv Plus Banking")]),
        FakeBank(
            ALLY,
            "Ally",
            [FakeAccount("checking", "0077", "Spending", current=Decimal("53842.91"))],
        ),
    ]


def nights() -> list[tuple[str, Callable[[dict[str, FakeBank]], None]]]:
    """Each night, and what the banks learn before it."""
    return [
        ("2026-10-16", _first),
        ("2026-10-17", _second),
        ("2026-10-18", _third),
        ("2026-10-19", _fourth),
    ]


def _first(there: dict[str, FakeBank]) -> None:
    there[CHASE].adds(
        _checking("c1", 13, "58.94", "WORKBENCH DEPOT #0214 PORTLAND OR 10/12"),
        _checking("c2", 14, "-940.00", "REMOTE ONLINE DEPOSIT # 1"),
        _checking("c3", 15, "15.00", "MONTHLY SERVICE FEE"),
        _checking("c4", 16, "96.30", "WORKBENCH DEPOT #0214 PORTLAND OR 10/15"),
        line("p1", "card", "2026-10-15", "48.00", "BRIDGETOWN BISTRO", pending=True),
        line("p2", "card", "2026-10-16", "1.00", "PACIFIC FUEL PUMP 4", pending=True),
    )
    _holds(there[CHASE], "96.30")
    there[ALLY].adds(
        line("a1", "checking", "2026-10-14", "1531.80", "AMERICAN EXPRESS ACH PMT 1005"),
        line("a2", "checking", "2026-10-15", "52.77", "FERN HILL GROCERS"),
    )
    _holds(there[ALLY], "52.77")


def _second(there: dict[str, FakeBank]) -> None:
    there[CHASE].removes("p2").posts(
        "p1", line("c5", "card", "2026-10-17", "57.60", "BRIDGETOWN BISTRO", of="p1")
    )
    there[CHASE].adds(_checking("c6", 17, "-310.00", "REMOTE ONLINE DEPOSIT # 2"))
    _holds(there[CHASE], "-310.00")
    there[BOFA].adds(line("b1", "checking", "2026-10-16", "84.15", "CASCADE PLUMBING SUPPLY"))


def _third(there: dict[str, FakeBank]) -> None:
    there[CHASE].modifies(_checking("c4", 16, "69.30", "WORKBENCH DEPOT #0214 PORTLAND OR 10/15"))
    _holds(there[CHASE], "-27.00")
    there[ALLY].adds(line("a3", "checking", "2026-10-17", "18.40", "PINE STREET FUEL"))
    _holds(there[ALLY], "18.40")


def _fourth(there: dict[str, FakeBank]) -> None:
    there[CHASE].removes("c6")
    _holds(there[CHASE], "310.00")


def _checking(key: str, day: int, amount: str, name: str) -> FakeLine:
    return line(key, "checking", f"2026-10-{day:02}", amount, name)


def _holds(bank: FakeBank, less: str) -> None:
    """The bank's checking account holds so much less."""
    account = bank.account("checking")
    account.current = (account.current or Decimal(0)) - Decimal(less)
