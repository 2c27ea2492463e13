"""``books completion SHELL``: the script that teaches a shell to complete ``books``."""

import click
from click.shell_completion import get_completion_class

from core.findings import UserError


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that teaches your shell to complete commands, entities and codes.

    \b
      bash   echo 'eval "$(books completion bash)"' >> ~/.bashrc
      zsh    echo 'eval "$(books completion zsh)"' >> ~/.zshrc
      fish   books completion fish > ~/.config/fish/completions/books.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UserError(f"there is no completion for {shell}")
    click.echo(kind(ctx.find_root().command, {}, "books", "_BOOKS_COMPLETE").source())
