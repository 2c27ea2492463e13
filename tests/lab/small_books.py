"""Small books on disk, drawn from a seed: of two entities, with all that Beancount can book.

Most entries are right and belong together (lots are bought and sold in other months, halves of a
pair stand in two folders), because what is wrong from the start hides what goes wrong later.
"""

import datetime as dt
import random
from pathlib import Path

from core.home import Home
from scripts import starter

KINDS = ("months", "single", "years")
PLUGINS = "version: 1\nallowed:\n  - bulkhead.veil\n  - beancount.plugins.\n"
MORE = """
2020-01-01 open Assets:{n}:Bank
2020-01-01 open Assets:{n}:Bank:Checking  USD
2020-01-01 open Assets:{n}:Bank:Euro  EUR
2020-01-01 open Assets:{n}:Mixed
2020-01-01 open Assets:{n}:Strict  GEM,COIN  "STRICT"
2020-01-01 open Assets:{n}:Fifo  GEM,COIN  "FIFO"
2020-01-01 open Assets:{n}:Hifo  GEM,COIN  "HIFO"
2020-01-01 open Assets:{n}:Average  GEM  "AVERAGE"
2020-01-01 open Assets:{n}:Free  GEM  "NONE"
2020-01-01 open Income:{n}:Gains
2020-01-01 open Expenses:{n}:Misc
"""
LEAVES = "Bank Bank:Checking Bank:Euro Mixed Strict Fifo Hifo Average Free".split()
# Entries: {d} a day, {n} an entity, {a} and {b} leaves of its accounts, {x} and {y} numbers.
ENTRIES = """
{d} * "Paper"
  Expenses:{n}:Misc  {x} USD
  Assets:{n}:Bank:Checking

{d} * "Paper, with its price" #tag ^link-{y}
  Expenses:{n}:Misc  {x} EUR @ 1.10 USD
  Assets:{n}:Bank:Checking

{d} ! "Two currencies"
  Expenses:{n}:Misc  {x} USD
  Expenses:{n}:Misc  {y} EUR
  Assets:{n}:Mixed

{d} * "Buy"
  Assets:{n}:{a}  {y} GEM {{10.00 USD}}
  Assets:{n}:Bank:Checking

{d} * "Buy for a total"
  Assets:{n}:{a}  {y} GEM {{{{{x} USD}}}}
  Assets:{n}:Bank:Checking

{d} * "Buy, with a label"
  Assets:{n}:{a}  {y} GEM {{11.50 USD, "a"}}
  Assets:{n}:Bank:Checking

{d} * "Sell"
  Assets:{n}:{a}  -1 GEM {{}} @ 12.00 USD
  Assets:{n}:Bank:Checking  12.00 USD
  Income:{n}:Gains

{d} * "Sell a lot"
  Assets:{n}:{a}  -2 GEM {{10.00 USD}}
  Assets:{n}:Bank:Checking  {x} USD
  Income:{n}:Gains

{d} * "Move lots to another account"
  Assets:{n}:{a}  -1 GEM {{}}
  Assets:{n}:{b}  1 GEM {{10.00 USD}}
  Income:{n}:Gains

{d} * "Sell, for what another account may hold"
  Assets:{n}:{a}  -1 GEM {{}}
  Assets:{n}:{b}  {x} USD
  Income:{n}:Gains

{d} * "Plainly out of an account with lots"
  Assets:{n}:{a}  {x} USD
  Assets:{n}:{b}  1 GEM
  Income:{n}:Gains

{d} * "A currency to be found"
  Assets:{n}:{a}  {x}
  Assets:{n}:Bank:Checking  -{x} USD

{d} * "Two currencies to be found"
  Assets:{n}:{a}  {x}
  Assets:{n}:{b}  -{x}

{d} * "A price to be found"
  Assets:{n}:Bank:Euro  {x} EUR @
  Assets:{n}:Bank:Checking  -{y} USD

{d} * "Units to be found"
  Assets:{n}:Bank:Euro  EUR @ 1.10 USD
  Assets:{n}:Bank:Checking  -{y} USD

{d} * "A cost to be found"
  Assets:{n}:{a}  {y} GEM {{}}
  Assets:{n}:Bank:Checking  -{x} USD

{d} * "Not level"
  Expenses:{n}:Misc  {x} USD
  Assets:{n}:Bank:Checking  {y} USD

{d} * "Nothing"

{d} * "Draw" ^ic-26-{y}
  transfer: "distribution"
  Equity:Acme:Members:Jane:Distributions  {x} USD
  Liabilities:Acme:AP

{d} * "Draw" ^ic-26-{y}
  transfer: "distribution"
  Assets:Jane:Cash  {x} USD
  Assets:Jane:InvestIn:Acme

{d} * "Commingled"
  Expenses:Acme:Misc  {x} USD
  Assets:Jane:Cash

{d} balance Assets:{n}:Bank  {x} USD

{d} balance Assets:{n}:Bank:Checking  {x} USD

{d} balance Assets:{n}:{a}  {y} GEM

{d} balance Assets:{n}  {x} ~ 900 USD

{d} pad Assets:{n}:Bank:Checking Equity:{n}:OpeningBalances
{d} balance Assets:{n}:Bank:Checking  {x} USD

{d} pad Assets:{n}:Bank Equity:{n}:OpeningBalances

{d} balance Assets:{n}:Bank:Checking  {x} USD
{d} pad Assets:{n}:Bank:Checking Equity:{n}:OpeningBalances

{d} pad Assets:Acme:Bank:Checking Equity:Acme:OpeningBalances

{d} pad Assets:{n}:{a} Equity:{n}:OpeningBalances

{d} open Assets:{n}:{a}

{d} open Assets:{n}:Fifo  GEM  "LIFO"

{d} close Assets:{n}:{a}

{d} close Expenses:{n}:Misc

{d} open Assets:{n}:New{y}  USD

{d} price GEM  {x} USD

{d} note Assets:{n}:{a} "said" #tag

{d} event "place" "there {y}"

{d} query "all" "SELECT * WHERE x = {y}"

{d} custom "thing" "text" {x} USD TRUE Assets:{n}:{a} {d}
  key: {x}

{d} custom "veil-rule" "VEIL-00{y}" "warning"

{d} document Assets:{n}:{a} "../../../documents/paper.pdf" #tag ^link-{y}

{d} commodity GEM
  name: "Gem"

pushtag #trip-{y}

poptag #trip-{y}

pushmeta place: "there"

popmeta place:
"""
SHAPES = [shape.strip() for shape in ENTRIES.split("\n\n")]
NUMBERS = ("10.00", "12.5", "100", "0.500", "0.00", "(10/4)")
STEADY = SHAPES[:9]  # what books hold to begin with; and a few balances


def new_books(path: Path, kind: str, seed: int) -> Home:
    """Books of Acme and Jane below ``path``: month files, one file, or a file for each year."""
    chance = random.Random(seed)  # noqa: S311 - books, not secrets
    parties = [starter.party("Acme", is_person=False), starter.party("Jane", is_person=True)]
    written = starter.files(parties, dt.date(2020, 1, 1), dt.date(2026, 9, 30), "USD")
    files = {str(at): text for at, text in written.items() if at.suffix == ".beancount"}
    files["rules/plugins.yaml"] = PLUGINS
    for name in ("Acme", "Jane"):
        files[f"ledger/{name.lower()}/accounts.beancount"] += MORE.format(n=name)
        for year, month in ((2025, 12), *((2026, month) for month in range(1, 6))):
            at = f"{year}" if kind == "years" else f"{year}-{month:02}"
            journal = f"ledger/{name.lower()}/{year}/{at}.beancount"
            texts = [entry(chance, name, STEADY, dt.date(year, month, 1)) for _ in range(6)]
            files[journal] = "\n\n".join([files.get(journal, ";; A journal"), *texts]) + "\n"
    if kind == "single":
        files = _in_one(files)
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return Home(path)


def _in_one(files: dict[str, str]) -> dict[str, str]:
    root = "ledger/group.beancount"
    parts = [text for name, text in files.items() if name.endswith(".beancount") and name != root]
    kept = [part for part in [files[root], *parts] if "/main.beancount" not in part]
    lines = "\n\n".join(kept).split("\n")
    seen = [line for line in lines if not line.startswith(("include", "option", "plugin"))]
    head = 'option "title" "All"\noption "operating_currency" "USD"\nplugin "bulkhead.veil" "group"'
    return {
        root: head + "\n\n" + "\n".join(seen),
        "rules/plugins.yaml": files["rules/plugins.yaml"],
    }


def entry(
    chance: random.Random, name: str, shapes: list[str], first: dt.date, days: int = 27
) -> str:
    """An entry of an entity within some days after the first."""
    day = first + dt.timedelta(days=chance.randrange(days))
    a, b = chance.choice(LEAVES[4:]), chance.choice(LEAVES)
    x = chance.choice([*NUMBERS, f"{chance.randrange(99)}.{chance.randrange(99):02}"])
    y = str(chance.randint(1, 9))
    return chance.choice(shapes).format(d=day, n=name, a=a, b=b, x=x, y=y)
