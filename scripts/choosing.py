"""Choosing one of many on a terminal: typing narrows the list, Enter takes what is marked."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process
from rich.console import Console
from rich.text import Text

from scripts.keyboard import END, INTERRUPT, Keys

_SHOWN = 8
# Below this, in percent, a name has some letters of what was typed and nothing else.
_LIKE = 60
_UP, _DOWN = ("\x1b[A", "\x1bOA"), ("\x1b[B", "\x1bOB", "\t")
_ERASE, _ENTER, _BACK = ("\x7f", "\x08"), ("\r", "\n"), ("\x1b", INTERRUPT, END)


def ranked(typed: str, names: Sequence[str], limit: int = _SHOWN) -> list[str]:
    """The names that ``typed`` may mean: those with all of its words in them, those that end with
    it or hold it whole before the others, then those that are merely like it."""
    words = typed.casefold().split()
    whole = [name for name in names if all(word in name.casefold() for word in words)]
    # Who types "office" means the account that ends so, not everything below it.
    text = typed.casefold().strip()
    whole.sort(key=lambda name: (not name.casefold().endswith(text), text not in name.casefold()))
    if words and len(whole) < limit:
        scored = process.extract(
            typed, names, scorer=fuzz.WRatio, processor=str.casefold, score_cutoff=_LIKE
        )
        whole += [name for name, _, _ in scored if name not in whole]
    return whole[:limit]


def choose(title: str, names: Sequence[str], console: Console, keys: Keys) -> str | None:
    """The name that somebody chooses; None where they go back, or there are no names."""
    if not names:
        return None
    typed, marked = "", 0
    while True:
        found = ranked(typed, names)
        marked = min(marked, max(len(found) - 1, 0))
        drawn = _draw(title, typed, found, marked, console)
        key = keys()
        console.file.write(f"\x1b[{drawn}A\x1b[J")
        if key in _BACK:
            return None
        if key in _ENTER and found:
            return found[marked]
        if key in _UP:
            marked = max(marked - 1, 0)
        elif key in _DOWN:
            marked += 1
        elif key in _ERASE:
            typed, marked = typed[:-1], 0
        elif key.isprintable():
            typed, marked = typed + key, 0


def _draw(title: str, typed: str, found: Sequence[str], marked: int, console: Console) -> int:
    """Draws the list; the number of lines that it takes."""
    lines = [Text(f"{title} {typed}▏", style="bold")]
    for place, name in enumerate(found):
        style = "reverse" if place == marked else ""
        lines.append(Text(f"  {name}", style=style))
    if not found:
        lines.append(Text("  nothing like it is open", style="dim"))
    lines.append(Text("  Enter takes the marked one, Tab or arrows move, Esc goes back", "dim"))
    for line in lines:
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    return len(lines)
