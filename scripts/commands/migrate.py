"""``books migrate``: the files of ``rules/`` in the versions that this program reads."""

import uuid

import click

from core.journal.change import ChangeSet, FileChange, content
from core.journal.write import apply
from core.migrate import migrated
from scripts import books as loading
from scripts.kinds import KINDS, schemas


@click.command("migrate")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def command(ctx: click.Context, dry_run: bool, commit: bool, key: str) -> None:
    """Bring the YAML files of rules/, and the schemas for editors, up to date after an update.

    \b
      books migrate --dry-run
      books migrate

    Comments and order stay as they are. A file that is up to date is not touched.
    """
    home = loading.home_from(ctx)
    new = [
        FileChange(path, content(home.path / path), text.encode())
        for path, text in schemas().items()
    ]
    files = (*migrated(home, KINDS), *new)
    change = ChangeSet("Bring rules/ up to date", files).effective()
    click.echo(change.diff(), nl=False)
    if not change.files:
        click.echo("Everything in rules/ is up to date.")
    elif dry_run:
        click.echo("Dry run: nothing was written.")
    else:
        done = apply(home, change, key=key or str(uuid.uuid4()), actor="migrate", commit=commit)
        for remark in done.remarks:
            click.echo(remark)
        click.echo(f"Brought {len(done.files)} files up to date.")
