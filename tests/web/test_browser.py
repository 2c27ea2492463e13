"""The pages in a real browser: they work, they break no rule of ours, and no payee runs.

The system's Chromium is driven; without one these tests are skipped, or fail where everything
is required.
"""

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cheroot import wsgi
from ledger_pairs import LEDGER, RENT, diffed, edited

from core.journal.read import read
from core.period import parse_period
from reports.bookdiff.render import render
from reports.flow.worded import money_flow_report
from reports.render import render as rendered
from scripts.needs import home_page
from scripts.steps import HomeSteps
from web.app import create_app

playwright = pytest.importorskip("playwright.sync_api")


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), "")
    if not found and Path("/usr/bin/chromium").exists():
        found = "/usr/bin/chromium"
    if not found:
        message = "no Chromium here: the browser tests did not run"
        if os.environ.get("BOOKS_REQUIRE_ALL") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; root needs it without its sandbox."""
    path = _chromium()
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@contextmanager
def running(app) -> Iterator[str]:
    """The app on a free port."""
    server = wsgi.Server(("127.0.0.1", 0), app, shutdown_timeout=1)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join(5)


@pytest.fixture
def site(books) -> Iterator[str]:
    """The address of the app."""
    with running(books.app(port=0)) as address:
        yield address


@dataclass
class Watched:
    """A page, and what its console complained of."""

    page: object
    complaints: list[str] = field(default_factory=list)


@contextmanager
def watched(browser, scheme: str = "light", width: int = 1200) -> Iterator[Watched]:
    """A page whose console errors, script errors and policy violations are collected."""
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, locale="en-GB"
    )
    page = context.new_page()
    seen = Watched(page)

    def console(message) -> None:
        if message.type in {"error", "warning"}:
            seen.complaints.append(f"{message.type}: {message.text}")

    page.on("console", console)
    page.on("pageerror", lambda error: seen.complaints.append(f"script: {error}"))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e =>"
        " console.error('policy ' + e.violatedDirective + ' ' + e.blockedURI))"
    )
    try:
        yield seen
    finally:
        context.close()


def picture(page, name: str) -> None:
    """A screenshot, where somebody asked for them."""
    folder = os.environ.get("BOOKS_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


BACKGROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(38, 38, 38)")]
)
@pytest.mark.parametrize("width", [1200, 360])
def test_the_start_page_shows_the_needs(browser, site, scheme, background, width) -> None:
    with watched(browser, scheme, width) as seen:
        page = seen.page
        page.goto(site)
        playwright.expect(page.get_by_role("heading", level=1)).to_have_text("What needs you (3)")
        playwright.expect(page.get_by_text("books pair --entity Acme")).to_be_visible()
        playwright.expect(page.get_by_role("link", name="Acme Widgets LLC").first).to_be_visible()
        assert page.evaluate(BACKGROUND) == background
        assert page.evaluate("document.fonts.check('16px \"Fira Sans\"')")
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(overflow)
        picture(page, f"home-{scheme}-{width}")
        assert seen.complaints == []


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser, site) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(site)
        names = []
        for _ in range(8):
            page.keyboard.press("Tab")
            names.append(page.evaluate("document.activeElement.textContent"))
            width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert width == "3px" or names[-1] == names[0]
            if "Jane Doe" in names:
                break
        assert names[0].startswith("Skip to")
        assert "Acme Widgets LLC" in names
        assert "Jane Doe" in names


def test_from_the_start_page_to_the_income_statement_and_the_journal(browser, site) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(site)
        page.get_by_role("link", name="Acme Widgets LLC", exact=True).click()
        page.wait_for_url("**/acme/income_statement/")
        playwright.expect(page.get_by_text("Sales").first).to_be_visible()
        picture(page, "income-statement")
        page.get_by_role("link", name="Journal", exact=True).click()
        page.wait_for_url(re.compile("/acme/journal/"))
        playwright.expect(page.get_by_text("Blue Door Cafe").first).to_be_visible()
        picture(page, "journal")
        assert seen.complaints == []


def test_text_of_the_books_does_not_run(browser, site) -> None:
    for place in ("journal", "account/Expenses:Acme:Rent"):
        with watched(browser) as seen:
            page = seen.page
            page.goto(f"{site}/acme/{place}/")
            playwright.expect(page.get_by_text("<img src=x onerror").first).to_be_visible()
            page.wait_for_timeout(300)
            assert page.evaluate("window.ran") is None
            assert page.locator("ol.journal img, ol.journal script, ol.journal svg").count() == 0
            assert seen.complaints == []


def test_the_policy_alone_stops_markup_that_is_not_escaped(browser, site) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{site}/acme/journal/")
        playwright.expect(page.get_by_text("Blue Door Cafe").first).to_be_visible()
        page.evaluate(
            "document.querySelector('article')"
            ".insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran=8\">')"
        )
        page.wait_for_timeout(300)
        assert page.evaluate("window.ran") is None
        assert any("policy script-src" in complaint for complaint in seen.complaints)


FAVA_PAGES = (
    "balance_sheet trial_balance holdings commodities documents editor errors events options"
    " statistics help query"
).split()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_favas_pages_keep_to_the_policy(browser, site, scheme) -> None:
    with watched(browser, scheme) as seen:
        page = seen.page
        for name in FAVA_PAGES:
            page.goto(f"{site}/acme/{name}/")
            page.wait_for_load_state("networkidle")
            assert seen.complaints == [], name
        picture(page, f"query-{scheme}")


def test_a_query_runs_and_a_command_is_refused_readably(browser, site) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{site}/acme/query/?query_string=SELECT account")
        playwright.expect(page.get_by_text("Assets:Acme:Bank:Checking").first).to_be_visible()
        assert seen.complaints == []
        answer = page.goto(f"{site}/acme/query/?query_string=.output /tmp/x")
        assert answer.status == 403
        playwright.expect(page.get_by_role("heading")).to_contain_text("Only SELECT")
        picture(page, "refused")


def test_an_entrys_source_can_be_read(browser, site) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{site}/acme/journal/")
        page.get_by_text("Blue Door Cafe").first.wait_for()
        page.locator("li.transaction .datecell a").last.click()
        playwright.expect(page.locator(".cm-content").first).to_contain_text("Blue Door Cafe")
        picture(page, "source")
        assert seen.complaints == []


def test_saving_is_refused_readably_and_changes_nothing(browser, site, books) -> None:
    before = books.acme.read_bytes()
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{site}/acme/editor/")
        page.locator(".cm-content").first.click()
        page.keyboard.type("; typed")
        page.get_by_role("button", name="Save").click()
        playwright.expect(page.get_by_text("nothing was changed").first).to_be_visible()
        picture(page, "saving")
    assert books.acme.read_bytes() == before


def test_a_document_is_shown_inside_favas_page(browser, site) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{site}/acme/documents/")
        for name, shown in (("receipt.txt", ".cm-content"), ("scan.png", "img")):
            page.get_by_text(name).first.click()
            playwright.expect(page.locator(f"article {shown}").first).to_be_visible()
        picture(page, "documents")
        # The picture arrives after its element does.
        page.wait_for_function("document.querySelector('article img').naturalWidth === 1")
        assert seen.complaints == []


def test_favas_sidebar_leads_back_to_the_start_page(browser, site) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{site}/acme/journal/")
        page.get_by_role("link", name="Start page").click()
        playwright.expect(page.get_by_role("heading", level=1)).to_have_text("What needs you (3)")
        assert seen.complaints == []


def test_a_name_that_leads_here_is_misdirected(browser, site) -> None:
    port = int(site.rsplit(":", 1)[1])
    with watched(browser) as seen:
        # Chromium takes every name under "localhost" to this machine.
        answer = seen.page.goto(f"http://rebound.localhost:{port}/")
        assert answer.status == 421


def test_another_origin_reads_nothing(browser, site) -> None:
    def other(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<!doctype html><title>other</title>"]

    with running(other) as elsewhere, watched(browser) as seen:
        seen.page.goto(elsewhere)
        read = seen.page.evaluate(
            "url => fetch(url).then(a => a.text()).catch(() => 'refused')", f"{site}/acme/journal/"
        )
        assert read == "refused"
        status = seen.page.evaluate(
            "url => fetch(url, {mode: 'no-cors'}).then(a => a.type).catch(() => 'refused')",
            f"{site}/acme/api/query?query_string=print",
        )
        assert status == "refused"


def test_keys_lead_to_a_step_and_a_click_does_it(browser, home) -> None:
    """j, Enter, the button: the account that nobody opened is open, and the finding gone."""
    month = home.ledger / "acme/2026/2026-09.beancount"
    month.write_text(
        '2026-09-03 * "Mill" "Paper"\n  Expenses:Acme:Paper  4.00 USD\n  Liabilities:Acme:AP\n'
    )
    roots = [home.group_root, *home.entity_roots]
    app = create_app(roots, lambda: home_page(home), 0, steps=HomeSteps(home))
    with running(app) as address, watched(browser) as seen:
        page = seen.page
        page.goto(address)
        page.keyboard.press("?")
        playwright.expect(page.get_by_text("move to the next and the last item")).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        playwright.expect(page.get_by_text("+2026-09-03 open Expenses:Acme:Paper")).to_be_visible()
        picture(page, "step")
        page.get_by_role("button", name="Do it").click()
        playwright.expect(page.get_by_role("heading", level=1)).to_have_text("Done")
        page.keyboard.press("Tab")
        page.goto(address)
        playwright.expect(page.get_by_text("Nothing. The checks found nothing")).to_be_visible()
        assert seen.complaints == []
    assert "open Expenses:Acme:Paper" in (home.ledger / "acme/accounts.beancount").read_text()


@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 24, 30)")]
)
@pytest.mark.parametrize("width", [1200, 360])
def test_the_page_of_a_book_diff(browser, tmp_path, scheme, background, width) -> None:
    hostile = "<img src=x onerror='window.ran=1'><script>window.ran=2</script>{{7*7}}"
    new = edited(
        (RENT, ""),
        ("Dinner", hostile),
        ("Food  20.00", "Food  22.00"),
        ("-20.00 USD", "-22.00 USD"),
    )
    path = tmp_path / "diff.html"
    path.write_text(render(diffed(tmp_path, LEDGER, new), "html"))
    with watched(browser, scheme, width) as seen:
        page = seen.page
        page.goto(path.as_uri())
        playwright.expect(page.get_by_role("heading", level=1)).to_have_text("Book diff")
        playwright.expect(page.get_by_text("The books change.")).to_be_visible()
        changed = page.locator("article", has_text="Bistro")
        playwright.expect(changed.locator(".side.out")).to_contain_text("20.00 USD")
        playwright.expect(changed.locator(".side.in")).to_contain_text("22.00 USD")
        playwright.expect(changed.locator(".side.in")).to_contain_text(hostile)
        assert page.evaluate("window.ran") is None
        assert page.evaluate(BACKGROUND) == background
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(overflow)
        picture(page, f"diff-{scheme}-{width}")
        assert seen.complaints == []


_GROUP = Path(__file__).resolve().parents[2] / "ledger" / "group.beancount"
_FLOW_OUTSIDE = """() => {
  const svg = document.querySelector('svg.sankey').getBoundingClientRect();
  return [...document.querySelectorAll('svg.sankey rect, svg.sankey text')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.left < svg.left - 1 || box.right > svg.right + 1
      || box.top < svg.top - 1 || box.bottom > svg.bottom + 1 || !box.height;
  }).map(each => each.textContent || each.outerHTML);
}"""
_FLOW_COLOURS = """() => ['svg.sankey text', 'body'].map(one => {
  const style = getComputedStyle(document.querySelector(one));
  return one === 'body' ? style.backgroundColor : style.fill;
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_groups_flow_stands_on_its_page(browser, tmp_path: Path, scheme: str) -> None:
    books = read(_GROUP)
    names = ["Acme", "Harbor", "Jane", "AcmeIndia"]
    file = tmp_path / "flow.html"
    file.write_text(
        rendered(money_flow_report(books, names, parse_period("2026-Q3"), "Group"), "html"),
        encoding="utf-8",
    )
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1100, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(file.as_uri())
    assert page.locator("svg.sankey[role=img] > title").text_content()
    assert page.evaluate(_FLOW_OUTSIDE) == []
    assert page.locator("path.band.crossing").count() > 0
    assert page.locator("path.band.kept").count() > 0
    ink, paper = (sum(map(int, c[4:-1].split(","))) for c in page.evaluate(_FLOW_COLOURS))
    assert (ink < 250 < paper) if scheme == "light" else (paper < 250 < ink)
    assert complaints == []
    page.close()
