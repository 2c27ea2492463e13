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
    or an account. ``fix`` is the directive that mends it; ``step`` names the step that does so by
    a click, where that is safe.
    """

    kind: str
    title: str
    where: str = ""
    why: str = ""
    command: str = ""
    fix: str = ""
    step: str = ""


@dataclass(frozen=True)
class InboxLine:
    """An imported line that nobody has decided; ``amount`` is text with its currency."""

    date: str
    payee: str
    amount: str
    account: str
    command: str


@dataclass(frozen=True)
class AccountState:
    """How fresh an account is: dates as text, ``state`` a word, ``next_step`` what to do."""

    account: str
    last_line: str
    last_balance: str
    state: str
    next_step: str = ""


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
    imported; ``inbox`` are the imported lines that wait for a decision, the oldest first.
    """

    title: str
    generated: str
    needs: tuple[Need, ...] = ()
    ledgers: tuple[LedgerLink, ...] = ()
    waiting_files: tuple[str, ...] = ()
    inbox: tuple[InboxLine, ...] = ()
    accounts: tuple[AccountState, ...] = ()


MOST_LINES = 20
# Only states that the style knows become a class.
_STATES = frozenset({"wrong", "fresh", "due", "stale", "empty"})
_KEYS = (
    '<aside id="keys" hidden><h2>Keys</h2><p><kbd>j</kbd> and <kbd>k</kbd> move to the next and '
    "the last item, <kbd>Enter</kbd> opens it, <kbd>h</kbd> is this page, <kbd>?</kbd> hides this."
    "</p></aside>"
)


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
            _waiting(page.waiting_files),
            _inbox(page.inbox),
            _accounts(page.accounts),
            _ledgers(page.ledgers, hrefs or {}),
            _KEYS,
            "</main>",
            '<script src="/keys.js" defer></script>',
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
        f'<pre class="fix">{escape(need.fix)}</pre>' if need.fix else "",
        _command(need.command) if need.command else "",
        f'<p><a class="step" href="/step/{escape(need.step)}">Show the change, then do it</a></p>'
        if need.step
        else "",
    ]
    return f'<li{mark} data-item tabindex="-1">{"".join(parts)}</li>'


def _command(command: str) -> str:
    return f'<pre class="command" title="One click selects it all">{escape(command)}</pre>'


def _waiting(files: tuple[str, ...]) -> str:
    if not files:
        return ""
    names = "".join(f"<li><code>{escape(name)}</code></li>" for name in files)
    return (
        f"<h2>Waiting in the inbox</h2>\n<p>{_many(len(files), 'bank file')} to import:</p>"
        f"<ul>{names}</ul>"
    )


def _inbox(lines: tuple[InboxLine, ...]) -> str:
    if not lines:
        return ""
    verb = "waits" if len(lines) == 1 else "wait"
    rows = "\n".join(
        f'<tr data-item tabindex="-1"><th scope="row">{escape(line.date)} {escape(line.payee)}</th>'
        f'<td class="count">{escape(line.amount)}</td>'
        f"<td>{escape(line.account)}{_command(line.command)}</td></tr>"
        for line in lines[:MOST_LINES]
    )
    more = len(lines) - MOST_LINES
    rest = f"<p>and {more} more: <code>books inbox</code> lists all.</p>" if more > 0 else ""
    return (
        f"<h2>{_many(len(lines), 'entry', 'entries')} {verb} for a decision</h2>\n<table><thead>"
        '<tr><th scope="col">Line</th><th scope="col" class="count">Amount</th>'
        '<th scope="col">Account, and how to decide</th></tr></thead>'
        f"\n<tbody>\n{rows}\n</tbody></table>{rest}"
    )


def _accounts(accounts: tuple[AccountState, ...]) -> str:
    if not accounts:
        return ""
    rows = "\n".join(
        f'<tr data-item tabindex="-1"><th scope="row">{escape(one.account)}</th>'
        f'<td data-label="newest line">{escape(one.last_line)}</td>'
        f'<td data-label="balance proven">{escape(one.last_balance)}</td>'
        f'<td class="state {one.state if one.state in _STATES else ""}">{escape(one.state)}</td>'
        f"<td>{escape(one.next_step)}</td></tr>"
        for one in accounts
    )
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for head in ("Account", "Newest line", "Balance proven", "State", "Next")
    )
    return (
        f"<h2>How fresh the accounts are</h2>\n<table><thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table>"
    )


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
