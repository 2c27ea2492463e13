"""``books serve``: browse the books."""

from pathlib import Path

import click

from core.home import Home
from core.journal.read import read, refuse_unsafe
from core.memory import collecting
from scripts import books as loading


@click.command("serve")
@click.option("--port", default=5000, show_default=True, help="0 takes a free one.")
@click.option("--read-only", is_flag=True, help="No button on any page: everything only reads.")
@click.pass_context
def command(ctx: click.Context, port: int, read_only: bool) -> None:
    """Browse the books: what needs you, and a read-only Fava on every entity and the group.

    The start page offers what can be computed as a click: it shows the change first, and does it
    as a commit. Only this machine can reach the pages. Stop with Ctrl-C.
    """
    run(loading.home_from(ctx), port, read_only=read_only)


def run(home: Home, port: int, *, read_only: bool = False) -> None:
    """Serves the home until it is stopped."""
    from scripts.needs import home_page
    from scripts.steps import HomeSteps
    from web.app import create_app
    from web.loading import Loaded, loaded
    from web.serve import serve

    roots = [root for root in (home.group_root, *home.entity_roots) if root]

    def load(root: Path) -> Loaded:
        """What Fava shows; what the lint refuses it does not."""
        books = read(root, home=home)
        refuse_unsafe(books)
        return loaded(books, loading.check(books))

    loading.remember(home, "serve", port=str(port), read_only=str(read_only).lower())
    app = create_app(
        roots,
        lambda: home_page(home, clicks=not read_only),
        port,
        trees=[home.ledger],
        load=load,
        steps=None if read_only else HomeSteps(home),
    )
    with collecting():
        serve(app, port, lambda url: click.echo(f"The books are at {url} (stop with Ctrl-C)"))
