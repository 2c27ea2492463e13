"""Edits of small books, drawn from a seed, as people and programs make them."""

import datetime as dt
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from small_books import LEAVES, SHAPES, entry

from core.home import Home

SPECS = (
    '{10.00 USD}|{}|{11.50 USD, 2026-01-05}|{{100.00 USD}}|{12 # 9.95 USD}|{"a"}|{2026-01-05}|'
    '{*}|{EUR}|{10.00 # USD}|{10.0 USD}|{9 EUR}|{10.00 USD, "a"}'
).split("|")
OPTIONS = (
    'booking_method" "FIFO|booking_method" "STRICT|booking_method" "NONE|title" "Other|'
    'operating_currency" "EUR|documents" "../documents|documents" "nowhere|render_commas" "TRUE|'
    'inferred_tolerance_default" "USD:0.05|infer_tolerance_from_cost" "TRUE|name_assets" "Things|'
    'tolerance_multiplier" "0.50|nothing" "at all'
).split("|")
ALLOWED = ("auto_accounts", "implicit_prices", "check_commodity")
GARBAGE = ('"', "{", "2026-01-", "* x", "}}", "(1/0)", "\x00", "(2/3)", "pushtag #t", "poptag #t")

_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")
_NUMBER = re.compile(r"(?<=  )-?\d+(?:\.\d+)?(?= [A-Z])")
_ACCOUNT = re.compile(r"\b(?:Assets|Expenses|Income|Equity|Liabilities)(?::[A-Z]\w*)+")
_CURRENCY = re.compile(r"\b(?:USD|EUR|GEM|COIN)\b")
_SPEC = re.compile(r"\{+[^{}]*\}+")
_AMOUNT = re.compile(r"^(  [A-Z]\S+:\S+)  .*$", re.MULTILINE)


class Editor:
    """Edits the books of a home, one at a time, and remembers how to take back what it did."""

    def __init__(self, home: Home, seed: int) -> None:
        self.home = home
        self.chance = random.Random(seed)  # noqa: S311
        self.did: list[str] = []
        self._undo: list[dict[Path, bytes | None]] = []
        self._now: dict[Path, bytes | None] = {}

    def edit(self) -> str:
        """One edit, and what it was."""
        self._now = {}
        deed = self.chance.choice(DEEDS)
        told = deed(self) or ""
        if self._now:
            self._undo.append(self._now)
        self.did.append(f"{deed.__name__} {told}")
        return self.did[-1]

    def overlay(self) -> dict[Path, bytes]:
        """What the door could ask for: a journal with another's content, and a new one."""
        path, other = self._pick(), self._pick()
        return {path: other.read_bytes(), path.with_name("2026-99.beancount"): path.read_bytes()}

    def back_to_the_start(self) -> None:
        """Takes everything back."""
        while self._undo:
            self._take_back()
        self.did.append("back to the start")

    def _take_back(self) -> None:
        for path, raw in self._undo.pop().items():
            if raw is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(raw)

    def files(self) -> list[Path]:
        return sorted(self.home.ledger.rglob("*.beancount"))

    def _pick(self) -> Path:
        """A journal; one with transactions more often than not."""
        files = self.files()
        journals = [path for path in files if path.parent.name.startswith("20")]
        return self.chance.choice(journals if journals and self.chance.random() < 0.85 else files)

    def _write(self, path: Path, text: str | None) -> str:
        before = path.read_bytes() if path.exists() else None
        self._now.setdefault(path, before)
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return path.relative_to(self.home.path).as_posix()

    def _text(self, path: Path) -> str:
        return path.read_bytes().decode()

    def _blocks(self, path: Path) -> list[str]:
        return self._text(path).split("\n\n")

    def _one_of(self, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> str:
        """Replaces one thing in one file by a new one."""
        path = self._pick()
        text = self._text(path)
        found = list(pattern.finditer(text))
        if not found:
            return ""
        match = self.chance.choice(found)
        became = new(match)
        shown = self._write(path, text[: match.start()] + became + text[match.end() :])
        return f"{shown}: {match.group()!r} -> {became!r} at {match.start()}"

    # The deeds.

    def insert(self) -> str:
        path = self._pick()
        owner = "Jane" if "jane" in path.parts else "Acme"
        name = owner if self.chance.random() < 0.9 else self.chance.choice(["Acme", "Jane"])
        text = entry(self.chance, name, SHAPES, dt.date(2025, 12, 1), 180)
        blocks = self._blocks(path)
        at = self.chance.randint(1, len(blocks))
        return f"{self._write(path, _joined([*blocks[:at], text, *blocks[at:]]))}: {text!r}"

    def delete(self) -> str:
        path = self._pick()
        blocks = self._blocks(path)
        gone = blocks.pop(self.chance.randrange(len(blocks)))
        return f"{self._write(path, _joined(blocks))}: {gone!r}"

    def duplicate(self) -> str:
        path = self._pick()
        blocks = self._blocks(path)
        blocks.insert(0, self.chance.choice(blocks))
        return self._write(path, _joined(blocks))

    def swap(self) -> str:
        path = self._pick()
        blocks = self._blocks(path)
        self.chance.shuffle(blocks)
        return self._write(path, _joined(blocks))

    def move(self) -> str:
        source, target = self._pick(), self._pick()
        blocks = self._blocks(source)
        moved = blocks.pop(self.chance.randrange(len(blocks)))
        shown = self._write(source, _joined(blocks))
        return f"{shown} -> {self._write(target, _joined([*self._blocks(target), moved]))}"

    def number(self) -> str:
        return self._one_of(_NUMBER, lambda m: self.chance.choice(["7", "-3.50", "0", "10.000"]))

    def date(self) -> str:
        def new(match: re.Match[str]) -> str:
            day = dt.date.fromisoformat(match.group())
            return str(day + dt.timedelta(days=self.chance.choice([-40, -1, 1, 7, 31])))

        return self._one_of(_DATE, new)

    def account(self) -> str:
        names = [f"Assets:{n}:{leaf}" for n in ("Acme", "Jane") for leaf in (*LEAVES, "Nowhere")]
        return self._one_of(_ACCOUNT, lambda m: self.chance.choice(names))

    def currency(self) -> str:
        return self._one_of(_CURRENCY, lambda m: self.chance.choice(["USD", "EUR", "GEM", ""]))

    def spec(self) -> str:
        return self._one_of(_SPEC, lambda m: self.chance.choice(SPECS))

    def no_amount(self) -> str:
        return self._one_of(_AMOUNT, lambda m: m[1])

    def no_number(self) -> str:
        return self._one_of(_NUMBER, lambda m: "")

    def rename(self) -> str:
        path = self._pick()
        if path == self.home.main_root:
            return ""
        new = path.with_name(f"{path.stem}-{self.chance.randint(1, 9)}.beancount")
        text = self._text(path)
        return f"{self._write(path, None)} -> {self._write(new, text)}"

    def include(self) -> str:
        path, other = self._pick(), self._pick()
        text = self._text(path)
        without = re.sub(r'^include ".*"\n', "", text, count=1, flags=re.MULTILINE)
        if without != text and self.chance.random() < 0.3:
            return f"{self._write(path, without)}: one less"
        there = os.path.relpath(other, path.parent)
        return self._write(path, f'include "{there}"\n{text}') + f": {there}"

    def option(self) -> str:
        path = self.home.main_root if self.chance.random() < 0.8 else self._pick()
        line = f'option "{self.chance.choice(OPTIONS)}"\n'
        return f"{self._write(path, line + self._text(path))}: {line!r}"

    def plugin(self) -> str:
        path = self.home.main_root
        name = f"beancount.plugins.{self.chance.choice(ALLOWED)}"
        line = f'plugin "{self.chance.choice([name, "os", "bulkhead.veil"])}"\n'
        return f"{self._write(path, self._text(path) + line)}: {line!r}"

    def no_directive(self) -> str:
        """Without the options and plugins that were added to the root."""
        path = self.home.main_root
        lines = self._text(path).split("\n")
        kept = [line for line in lines if "beancount.plugins" not in line and '"os"' not in line]
        return self._write(path, "\n".join(kept))

    def garbage(self) -> str:
        path = self._pick()
        text = self._text(path)
        at = self.chance.randint(0, len(text))
        waste = self.chance.choice(GARBAGE)
        return f"{self._write(path, text[:at] + waste + text[at:])}: {waste!r} at {at}"

    def clash(self) -> str:
        """Metadata called as what Beancount itself notes of an entry."""
        line = self.chance.choice(["lineno: 3", 'filename: "elsewhere"', 'lineno: "x"'])
        return self._one_of(_AMOUNT, lambda m: f"{m.group()}\n    {line}")

    def empty(self) -> str:
        return self._write(self._pick(), "")

    def undo(self) -> str:
        for _ in range(min(len(self._undo), self.chance.randint(1, 6))):
            self._take_back()
        return ""

    def touch(self) -> str:
        path = self._pick()
        path.touch()
        return path.name

    def same_size(self) -> str:
        return self._one_of(re.compile(r"\d(?=\.\d\d USD)"), lambda m: str((int(m[0]) + 1) % 10))

    def document(self) -> str:
        name, leaf = self.chance.choice(["Acme", "Jane"]), self.chance.choice(LEAVES)
        day = self.chance.choice(["2026-01-05", "2026-03-17", "2026-13-05", "paper"])
        path = self.home.path / "documents" / "Assets" / name / leaf.replace(":", "/")
        path /= f"{day}.statement.pdf"
        return self._write(path, None if path.exists() else "pages")


def _joined(blocks: list[str]) -> str:
    return "\n\n".join(blocks)


def _weighted() -> Iterator[Callable[[Editor], str]]:
    one = Editor
    yield from (one.insert,) * 12
    yield from (one.delete, one.number, one.date, one.undo, one.spec, one.same_size) * 4
    yield from (one.account, one.currency, one.move, one.no_amount, one.no_number) * 2
    yield from (one.duplicate, one.swap, one.rename, one.include, one.option, one.plugin)
    yield from (one.no_directive,) * 3
    yield from (one.garbage, one.empty, one.touch, one.document, one.clash)


DEEDS = tuple(_weighted())
