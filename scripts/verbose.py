"""``--verbose``: what is read from where, said on stderr while it happens.

The rooms below tell Python's logging under the name ``bulkhead``; without ``--verbose`` nobody
listens. Stdout stays as it is, so a pipe may go on reading JSON.
"""

import logging

import click

from core.masked import Masking


class _ToStderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        click.echo(f"· {record.getMessage()}", err=True)


def _turn_on(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    log = logging.getLogger("bulkhead")
    if not wanted or ctx.resilient_parsing or any(isinstance(h, _ToStderr) for h in log.handlers):
        return
    handler = _ToStderr()
    handler.addFilter(Masking())
    log.addHandler(handler)
    log.setLevel(logging.INFO)

    def turn_off() -> None:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)

    ctx.find_root().call_on_close(turn_off)


def option() -> click.Option:
    """The option, for the group and for every command."""
    return click.Option(
        ["--verbose", "-v"],
        is_flag=True,
        expose_value=False,
        callback=_turn_on,
        help="Say on stderr what is read from where.",
    )
