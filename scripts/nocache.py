"""``--no-cache``: everything is read from the files and computed anew, and nothing is kept."""

import os

import click

_NAME = "BOOKS_NO_CACHE"  # an environment variable, so that it holds for what a command starts


def _turn_off(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing or os.environ.get(_NAME):
        return
    os.environ[_NAME] = "1"
    ctx.find_root().call_on_close(lambda: os.environ.pop(_NAME, None))


def option() -> click.Option:
    """The option, for the group and for every command."""
    return click.Option(
        ["--no-cache"],
        is_flag=True,
        expose_value=False,
        callback=_turn_off,
        help="Read every file anew; keep nothing.",
    )
