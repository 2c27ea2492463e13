"""``books adopt FILE``: what an existing ledger lacks, changing nothing."""

import json
from collections import Counter
from pathlib import Path

import click

from core.journal.adopt import Adoption, adoption
from core.journal.read import read

_FINDINGS_SHOWN = 10


@click.command("adopt")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(file: Path, form: str) -> None:
    """Look at an existing Beancount ledger: what it lacks to be kept with Bulkhead.

    \b
      books adopt ~/money/main.beancount

    Nothing is changed, and plugins that are not Beancount's own are not run. The report lists what
    is missing in the order to mend it, with an example of each.
    """
    found = adoption(read(file))
    click.echo(_as_json(file, found) if form == "json" else _as_text(file, found), nl=False)


def _as_text(file: Path, found: Adoption) -> str:
    span = f"{found.first} to {found.last}" if found.first else "no dates"
    files = f"{found.files} file{'' if found.files == 1 else 's'}"
    out = [
        f"{file}: {found.transactions} transactions, {span}; {found.accounts} accounts; "
        f"{', '.join(found.currencies[:8]) or 'no currency'}; {files}",
        "",
    ]
    if found.findings:
        told = Counter(finding.code for finding in found.findings)
        names = ", ".join(f"{code} {count}" for code, count in sorted(told.items()))
        out.append(f"Wrong already ({names}):")
        for finding in found.findings[:_FINDINGS_SHOWN]:
            out.append(f"  {finding.file}:{finding.line}: {finding.code} {finding.message}")
        rest = len(found.findings) - _FINDINGS_SHOWN
        out += [f"  and {rest} more: 'books check {file}' lists all"] if rest > 0 else []
        out.append("")
    if found.owners:
        out += [f"Owners, by the second part of the accounts: {', '.join(found.owners)}", ""]
    for number, lack in enumerate(found.lacks, start=1):
        out.append(f"{number}. {lack.what} ({lack.count})")
        out += [f"     {example}" for example in lack.examples]
        first, *more = lack.todo.splitlines()
        out += [f"   → {first}", *(f"     {line}" for line in more), ""]
    if not found.lacks:
        out += ["It lacks nothing.", ""]
    out.append("Nothing was changed.")
    return "\n".join(out) + "\n"


def _as_json(file: Path, found: Adoption) -> str:
    answer = {
        "file": str(file),
        "transactions": found.transactions,
        "first": found.first.isoformat() if found.first else None,
        "last": found.last.isoformat() if found.last else None,
        "accounts": found.accounts,
        "currencies": list(found.currencies),
        "files": found.files,
        "owners": list(found.owners),
        "findings": [finding.to_json() for finding in found.findings],
        "lacks": [
            {"what": x.what, "count": x.count, "examples": list(x.examples), "todo": x.todo}
            for x in found.lacks
        ],
    }
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
