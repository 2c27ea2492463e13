"""``books cache``: what was computed from the books once and kept, and forgetting it."""

import click

from core.cache.store import MAX_BYTES, store_of
from scripts import books as loading


@click.group("cache")
def command() -> None:
    """What was computed from the books once and is kept, outside of them.

    It is never needed: without it everything is read and computed anew.
    """


@command.command("info")
@click.pass_context
def info(ctx: click.Context) -> None:
    """Where it lies, and how much there is."""
    store = store_of(loading.home_from(ctx))
    if store is None:
        click.echo("No cache is used here (--no-cache, or no safe place for one).")
        return
    count, size = store.size()
    click.echo(f"{store.folder}")
    click.echo(f"{count} values, {size / 1_000_000:.1f} MB of at most {MAX_BYTES // 1_000_000} MB")


@command.command("clear")
@click.option("--dry-run", is_flag=True, help="Say how much there is, and keep it.")
@click.pass_context
def clear(ctx: click.Context, dry_run: bool) -> None:
    """Forget everything about these books; the books themselves stay as they are."""
    store = store_of(loading.home_from(ctx))
    count, _ = store.size() if store else (0, 0)
    if dry_run:
        click.echo(f"{count} values would be removed.")
        return
    if store:
        store.clear()
    click.echo(f"{count} values removed.")
