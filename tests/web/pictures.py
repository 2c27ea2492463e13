"""``make pictures``: the pictures of docs/tour.md, taken of the demo as it is now.

The demo's books are copied, imported and checked as ``books demo`` does; a headless Chromium then
visits the pages. The clock on the start page is the only thing that differs between two runs.
"""

import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from cheroot import wsgi
from playwright.sync_api import Page, sync_playwright

from core.home import Home
from scripts.needs import home_page
from scripts.steps import HomeSteps
from web.app import create_app

CHECKOUT = Path(__file__).resolve().parents[2]
PICTURES = CHECKOUT / "docs/pictures"
WIDTH, HEIGHT = 1100, 760


def main() -> None:
    """Writes every picture anew."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "demo"
        program = Path(sys.executable).parent / "books"
        wanted = [program, "demo", "--no-serve", "--dir", where]
        subprocess.run(wanted, check=True, stdout=subprocess.DEVNULL)
        home = Home(where.resolve())
        roots = [root for root in (home.group_root, *home.entity_roots) if root]
        app = create_app(
            roots, lambda: home_page(home), 0, trees=[home.ledger], steps=HomeSteps(home)
        )
        server = wsgi.Server(("127.0.0.1", 0), app)
        server.prepare()
        threading.Thread(target=server.serve, daemon=True).start()
        try:
            visit(f"http://localhost:{server.bind_addr[1]}", home)
        finally:
            server.stop()


def visit(address: str, home: Home) -> None:
    """The pages of the tour, in its order."""
    PICTURES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB")
        page.goto(address)
        take(page, "home")
        page.locator("a.step").first.click()
        take(page, "step")
        page.get_by_role("button", name="Do it").click()
        page.get_by_role("heading", name="Done").wait_for()
        take(page, "done")
        page.goto(f"{address}/acme/income_statement/")
        page.locator("svg").first.wait_for()
        take(page, "fava")
        for name in ("balance-sheet", "cash-flow", "trends"):
            (found,) = (home.path / "reports").glob(f"acme-{name}-*.html")
            page.goto(found.as_uri())
            take(page, name)
        browser.close()


def take(page: Page, name: str) -> None:
    """One picture, without what moves."""
    page.screenshot(path=str(PICTURES / f"{name}.png"), animations="disabled")


if __name__ == "__main__":
    main()
