"""The options that every command has, before its name and after it."""

import click

from scripts import nocache, verbose

_OPTIONS = (verbose.option, nocache.option)


def with_options(command: click.Command) -> click.Command:
    """The command, and those beneath it, with ``--verbose`` and ``--no-cache``."""
    have = {name for param in command.params for name in param.opts}
    new = (option() for option in _OPTIONS)
    command.params.extend(option for option in new if not have.intersection(option.opts))
    if isinstance(command, click.Group):
        for sub in command.commands.values():
            with_options(sub)
    return command
