"""The veil statement's page in a real browser: light, dark, narrow and printed, and for readers who
do not see it."""

import io
import os
import shutil
from pathlib import Path

import pdfplumber
import pytest
from veil_books import veil_books

from core.period import parse_period
from reports.pages.render import render
from reports.veil.statement import group_statement, veil_statement
from reports.veil.worded import worded, worded_group

playwright = pytest.importorskip("playwright.sync_api")

# Every pair of text and background that is really drawn, after WCAG 2: its contrast as a ratio.
CONTRAST = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(
    c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  ).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || node.closest('title, desc, style, caption, thead')) continue;
    const style = getComputedStyle(node);
    const ink = node.closest('svg') ? style.fill : style.color;
    const [a, b] = [light(channels(ink)), light(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) low.push(`${node.textContent}: ${ink}`);
  }
  return low;
}"""
# What a screen reader needs: names, headings in order, ids once, cells under heads.
STRUCTURE = """() => {
  const wrong = [];
  const ids = [...document.querySelectorAll('[id]')].map(n => n.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id twice');
  if (!document.documentElement.lang) wrong.push('no language');
  if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
  if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
  let before = 1;
  for (const head of document.querySelectorAll('h1, h2, h3')) {
    const level = Number(head.tagName[1]);
    if (level > before + 1) wrong.push(`from h${before} to h${level}: ${head.textContent}`);
    before = level;
  }
  for (const drawn of document.querySelectorAll('svg')) {
    const named = (drawn.getAttribute('aria-labelledby') || '').split(' ')
      .map(id => document.getElementById(id)?.textContent);
    if (named.length < 2 || named.some(text => !text)) wrong.push('a drawing without words');
  }
  const names = new Set();
  for (const region of document.querySelectorAll('[role=region], [role=group]')) {
    const name = region.getAttribute('aria-label');
    if (!name || names.has(name)) wrong.push(`a region without a name of its own: ${name}`);
    names.add(name);
    if (region.tabIndex !== 0) wrong.push(`no key reaches ${name}`);
  }
  for (const table of document.querySelectorAll('table')) {
    const heads = table.querySelectorAll('thead th[scope=col]').length;
    if (!table.caption?.textContent) wrong.push('a table without a caption');
    for (const row of table.tBodies[0].rows) {
      if (row.cells.length !== heads) wrong.push(`a row of ${row.cells.length} under ${heads}`);
      if (row.cells[0].scope !== 'row') wrong.push('a row without a head');
    }
  }
  for (const head of document.querySelectorAll('th')) {
    if (!head.textContent.trim()) wrong.push('an empty head');
  }
  return wrong;
}"""


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; root needs it without its sandbox."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        message = "no Chromium here: the browser tests did not run"
        if os.environ.get("BOOKS_REQUIRE_ALL") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    """Acme's page and the group's."""
    folder = tmp_path_factory.mktemp("veil")
    books = veil_books(folder)
    year = parse_period("2026")
    made = {
        "acme": worded(veil_statement(books, "Acme", year), books),
        "group": worded_group(group_statement(books, year), books),
    }
    for name, page in made.items():
        (folder / f"{name}.html").write_text(render(page, "html"))
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.parametrize("name", ["acme", "group"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_the_page_is_readable(browser, pages, name, scheme, width) -> None:
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, locale="en-GB"
    )
    try:
        page = context.new_page()
        page.goto(pages[name].as_uri())
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wide)
        assert page.evaluate(STRUCTURE) == []
        assert page.evaluate(CONTRAST) == []
        folder = os.environ.get("BOOKS_SCREENSHOTS")
        if folder:
            shot = Path(folder) / f"veil-{name}-{scheme}-{width}.png"
            page.screenshot(path=str(shot), full_page=True)
    finally:
        context.close()


def test_a_narrow_screen_shows_each_figure_with_its_head(browser, pages) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    try:
        page = context.new_page()
        page.goto(pages["acme"].as_uri())
        row = page.get_by_role("row").filter(has_text="ic-26-004").first
        cell = row.get_by_role("cell").filter(has_text="400.00")
        said = cell.evaluate("node => getComputedStyle(node, '::before').content")
        assert said in {'"Gave" ": "', '"Gave: "'}
        box, screen = cell.bounding_box(), 360
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= screen
    finally:
        context.close()


def test_it_prints_on_white_with_nothing_cut_off(browser, pages) -> None:
    context = browser.new_context(color_scheme="dark")
    try:
        page = context.new_page()
        page.goto(pages["acme"].as_uri())
        printed = page.pdf(prefer_css_page_size=True)
        page.emulate_media(media="print")
        background = "getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(background) == "rgb(255, 255, 255)"
        assert page.evaluate(CONTRAST) == []
    finally:
        context.close()
    with pdfplumber.open(io.BytesIO(printed)) as file:
        for sheet in file.pages:
            assert sheet.width > sheet.height
            assert all(c["x0"] > 0 and c["x1"] < sheet.width for c in sheet.chars)
        text = "\n".join(sheet.extract_text() for sheet in file.pages)
    assert "Formalities calendar" in text
    assert "(807.20)" in text
