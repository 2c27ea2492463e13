"""The start page: what needs somebody, and where the books are.

Whoever knows the books fills a ``HomePage``; this only makes HTML of it. Every text is escaped,
and no script is on the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from web.style import page as whole_page


@dataclass(frozen=True)
class Need:
    """One thing that waits for a person, with the command that mends it.

    ``kind`` is a word or two ("error", "warning", "import", …); ``where`` is a file and a line,
    or an account.
    """

    kind: str
    title: str
    where: str = ""
    why: str = ""
    command: str = ""


@dataclass(frozen=True)
class LedgerLink:
    """A root file that Fava shows, and how many findings its books have."""

    title: str
    root: Path
    kind: str = ""
    errors: int = 0
    warnings: int = 0
    infos: int = 0


@dataclass(frozen=True)
class HomePage:
    """What the start page says.

    ``generated`` is the time as people read it; ``waiting_files`` are bank files that wait to be
    imported; ``inbox_count`` is how many imported entries wait for a decision.
    """

    title: str
    generated: str
    needs: tuple[Need, ...] = ()
    ledgers: tuple[LedgerLink, ...] = ()
    waiting_files: tuple[str, ...] = ()
    inbox_count: int = 0


def render_home(
    page: HomePage,
    hrefs: Mapping[Path, str] | None = None,
) -> str:
    """The start page as HTML.

    ``hrefs`` gives the address of a root file's Fava, such as ``/acme/``, by its resolved path.
    """
    body = "\n".join(
        part
        for part in (
            _header(page),
            '<main id="main">',
            _needs(page.needs),
            _waiting(page.waiting_files, page.inbox_count),
            _ledgers(page.ledgers, hrefs or {}),
            "</main>",
        )
        if part
    )
    return whole_page(f"{page.title}: what needs you", body)


def render_trouble(
    page: HomePage,
    message: str,
    hrefs: Mapping[Path, str] | None = None,
) -> str:
    """The start page when the books could not be read: the message, and the ledgers."""
    body = "\n".join(
        (
            _header(page),
            '<main id="main"><h1>The books could not be read</h1>',
            f'<pre role="alert">{escape(message)}</pre>',
            "<p>Mend what it says and reload this page. Nothing was changed.</p>",
            _ledgers(page.ledgers, hrefs or {}, counted=False),
            "</main>",
        )
    )
    return whole_page(f"{page.title}: the books could not be read", body)


def _header(page: HomePage) -> str:
    return (
        '<a class="skip" href="#main">Skip to what needs you</a>\n'
        f'<header><span class="name">{escape(page.title)}</span>'
        f'<span class="time">As of {escape(page.generated)}</span></header>'
    )


def _needs(needs: tuple[Need, ...]) -> str:
    if not needs:
        return (
            "<h1>What needs you</h1>\n"
            '<p class="calm">Nothing. The checks found nothing that waits for you.</p>'
        )
    items = "\n".join(_need(need) for need in needs)
    return f'<h1>What needs you ({len(needs)})</h1>\n<ol class="needs">\n{items}\n</ol>'


def _need(need: Need) -> str:
    # Only words that the style knows become a class.
    mark = f' class="{need.kind}"' if need.kind in {"error", "warning"} else ""
    parts = [
        f'<span class="kind">{escape(need.kind)}</span>',
        f"<h3>{escape(need.title)}</h3>",
        f'<p class="where">{escape(need.where)}</p>' if need.where else "",
        f"<p>{escape(need.why)}</p>" if need.why else "",
        _command(need.command) if need.command else "",
    ]
    return f"<li{mark}>{''.join(parts)}</li>"


def _command(command: str) -> str:
    return f'<pre class="command" title="One click selects it all">{escape(command)}</pre>'


def _waiting(files: tuple[str, ...], inbox_count: int) -> str:
    if not files and not inbox_count:
        return ""
    parts = ["<h2>Waiting in the inbox</h2>"]
    if files:
        names = "".join(f"<li><code>{escape(name)}</code></li>" for name in files)
        parts.append(f"<p>{_many(len(files), 'bank file')} to import:</p><ul>{names}</ul>")
    if inbox_count:
        verb = "waits" if inbox_count == 1 else "wait"
        parts.append(f"<p>{_many(inbox_count, 'entry', 'entries')} {verb} for a decision.</p>")
    return "\n".join(parts)


def _ledgers(
    ledgers: tuple[LedgerLink, ...], hrefs: Mapping[Path, str], *, counted: bool = True
) -> str:
    if not ledgers:
        return ""
    heads = '<th scope="col">Ledger</th>'
    if counted:
        heads += '<th scope="col" class="count">Errors</th><th scope="col" class="count">Warnings'
        heads += '</th><th scope="col" class="count">Notes</th>'
    heads += '<th scope="col">Open</th>'
    rows = "\n".join(_ledger(link, hrefs.get(link.root.resolve(), ""), counted) for link in ledgers)
    return (
        f"<h2>Ledgers</h2>\n<table><thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _ledger(link: LedgerLink, href: str, counted: bool) -> str:
    title = escape(link.title)
    name = f'<a href="{escape(href)}income_statement/">{title}</a>' if href else title
    kind = f' <span class="soft">{escape(link.kind)}</span>' if link.kind else ""
    counts = ""
    if counted:
        counts = (
            _count(link.errors, "error", "error")
            + _count(link.warnings, "warning", "warning")
            + _count(link.infos, "note", "")
        )
    go = "".join(
        f'<a href="{escape(href)}{place}/" aria-label="{label} of {title}">{label}</a>'
        for place, label in (("balance_sheet", "Balance sheet"), ("journal", "Journal"))
        if href
    )
    return f'<tr><th scope="row">{name}{kind}</th>{counts}<td class="go">{go}</td></tr>'


def _count(number: int, label: str, mark: str) -> str:
    classes = f"count {mark}" if number and mark else "count"
    words = label if number == 1 else f"{label}s"  # shown where there is no room for a header
    return f'<td class="{classes}" data-label="{words}">{number}</td>'


def _many(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
