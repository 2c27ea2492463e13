"""docs/mistakes.md is true: every mistake of its table is made here, on books that are new.

What stands between backticks in the column “You see” must be said, the exit status must be the one
of the column “Exit”, and nothing in the home may have changed, unless the row says “done”.
"""

import errno
import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pdfs
import pytest

from core.home import Home
from core.journal import lock as home_lock
from scripts.commands import import_
from scripts.main import main

Act = Callable[..., str]
MISTAKES: dict[str, Act] = {}


def mistake(name: str) -> Callable[[Act], Act]:
    """Registers what makes the mistake and returns the command line that meets it."""

    def register(act: Act) -> Act:
        MISTAKES[name] = act
        return act

    return register


OFFICE = """\
2026-09-02 * "Office Depot" "Paper"
  Expenses:Acme:Office  12.00 USD
  Liabilities:Acme:AP
"""
CSV = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,09/03/2026,"CLOUD NINE",-12.34,ACH_DEBIT,87.66,,
CREDIT,09/01/2026,"OPENING",100.00,ACH_CREDIT,100.00,,
"""
IMPORT = "import chase-4411.csv --entity acme --yes"


def month(home: Home, text: str | bytes) -> None:
    raw = text.encode() if isinstance(text, str) else text
    (home.ledger / "acme/2026/2026-09.beancount").write_bytes(raw)


def export(home: Home, text: str | bytes = CSV, name: str = "chase-4411.csv") -> None:
    (home.path / name).write_bytes(text.encode() if isinstance(text, str) else text)


def git(home: Home, *args: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@x")
    done = subprocess.run(
        ["git", "-C", home.path, *identity, *args], capture_output=True, text=True, check=False
    )
    return done.stdout


# Entries


@mistake("A misspelt account")
def _(home: Home) -> str:
    month(home, OFFICE.replace("Office  ", "Offise  "))
    return "check"


@mistake("An account that is not open yet")
def _(home: Home) -> str:
    month(home, OFFICE.replace("Acme:Office", "Acme:Postage"))
    return "check"


@mistake("An account that is closed")
def _(home: Home) -> str:
    month(home, "2026-09-01 close Expenses:Acme:Office\n" + OFFICE)
    return "check"


@mistake("An entry that does not balance")
def _(home: Home) -> str:
    month(home, OFFICE.replace("AP", "AP  -21.00 USD"))
    return "check"


@mistake("A currency that the account does not take")
def _(home: Home) -> str:
    month(home, OFFICE.replace("USD", "USB"))
    return "check"


@mistake("An amount without its currency")
def _(home: Home) -> str:
    month(home, OFFICE.replace(" USD", ""))
    return "check"


@mistake("A day that is none")
def _(home: Home) -> str:
    month(home, OFFICE.replace("2026-09-02", "2026-09-31"))
    return "check"


@mistake("Two companies in one entry")
def _(home: Home) -> str:
    month(home, OFFICE.replace("Liabilities:Acme:AP", "Assets:Jane:Cash"))
    return "check"


@mistake("Half of a pair")
def _(home: Home) -> str:
    month(
        home,
        '2026-09-02 * "Jane" "Draw" ^ic-26-001\n'
        '  transfer: "distribution"\n'
        '  counterparty: "Jane"\n'
        "  Equity:Acme:Members:Jane:Distributions  10.00 USD\n"
        "  Liabilities:Acme:AP\n",
    )
    return "check"


@mistake("An entry in the wrong entity's folder")
def _(home: Home) -> str:
    (home.ledger / "jane/2026/2026-09.beancount").write_text(OFFICE)
    return "check"


@mistake("A balance that does not hold")
def _(home: Home) -> str:
    month(home, OFFICE + "\n2026-09-30 balance Liabilities:Acme:AP  -21.00 USD\n")
    return "check"


# Files


@mistake("Git's conflict markers left in a journal")
def _(home: Home) -> str:
    month(home, f"<<<<<<< HEAD\n{OFFICE}=======\n{OFFICE}>>>>>>> other\n")
    return "check"


@mistake("A journal that is not UTF-8")
def _(home: Home) -> str:
    month(home, OFFICE.replace("Depot", "Dépôt").encode("latin-1"))
    return "check"


@mistake("Windows line ends")
def _(home: Home) -> str:
    month(home, OFFICE.replace("\n", "\r\n"))
    return "check"


@mistake("A byte order mark at the beginning")
def _(home: Home) -> str:
    month(home, OFFICE.encode("utf-8-sig"))
    return "check"


@mistake("Tabs instead of blanks")
def _(home: Home) -> str:
    month(home, OFFICE.replace("  Ex", "\tEx").replace("  Li", "\tLi"))
    return "check"


@mistake("Postings that are not indented")
def _(home: Home) -> str:
    month(home, OFFICE.replace("  Ex", "Ex"))
    return "check"


@mistake("A quote that is not closed")
def _(home: Home) -> str:
    month(home, OFFICE.replace('"Paper"', '"Paper'))
    return "check"


@mistake("An include of a file that is not there")
def _(home: Home) -> str:
    with (home.ledger / "acme/ledger.beancount").open("a") as file:
        file.write('include "loans.beancount"\n')
    return "check"


@mistake("A plugin that these books do not allow")
def _(home: Home) -> str:
    with (home.ledger / "group.beancount").open("a") as file:
        file.write('plugin "beancount_share"\n')
    return "check"


@mistake("A journal without permission to read it")
def _(home: Home, monkeypatch: pytest.MonkeyPatch) -> str:
    month(home, OFFICE)
    real = os.open

    def refusing(path: os.PathLike[str] | str, *args: int, **more: int) -> int:
        if str(path).endswith("2026-09.beancount"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *args, **more)

    monkeypatch.setattr(os, "open", refusing)  # chmod does not stop root, who runs some tests
    return "check"


# Where, and who


@mistake("No books here")
def _(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return "check"


@mistake("A home that is none")
def _(home: Home, tmp_path: Path) -> str:
    return f"--home {tmp_path} check"


@mistake("A home whose root files are gone")
def _(home: Home) -> str:
    for root in (home.group_root, *home.entity_roots):
        root.unlink()
    return "check"


@mistake("Two homes: $BOOKS_HOME names another than the one you are in")
def _(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    shutil.copytree(home.path, tmp_path / "other")
    monkeypatch.setenv("BOOKS_HOME", str(tmp_path / "other"))
    return "check"


@mistake("An entity that is not there")
def _(home: Home) -> str:
    return "report balance-sheet --entity acne --period 2026"


@mistake("A period that is none")
def _(home: Home) -> str:
    return "report balance-sheet --entity acme --period Q3"


@mistake("A report that is not there")
def _(home: Home) -> str:
    return "report ballance-sheet --entity acme --period 2026"


@mistake("A finding that is not there")
def _(home: Home) -> str:
    return "veil fix 3f9a5c21"


@mistake("A code that is not there")
def _(home: Home) -> str:
    return "explain LINT-PAHT"


@mistake("A command with a typo")
def _(home: Home) -> str:
    return "chek"


@mistake("An option with a typo")
def _(home: Home) -> str:
    return "check --entiy acme"


@mistake("A date that is none")
def _(home: Home) -> str:
    return "check --as-of 30.9.2026"


# Importing


@mistake("A CSV of a bank that is not known")
def _(home: Home) -> str:
    export(home, "When,What,How much\n1,2,3\n")
    return IMPORT


@mistake("A PDF of a bank that is not known")
def _(home: Home) -> str:
    export(home, pdfs.statement("Shore Bank|Your balance|9.00"), "statement.pdf")
    return "import statement.pdf"


@mistake("A PDF that was scanned")
def _(home: Home) -> str:
    export(home, pdfs.scanned(), "statement.pdf")
    return "import statement.pdf"


@mistake("An old Excel file")
def _(home: Home) -> str:
    export(home, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "export.xls")
    return "import export.xls"


@mistake("A login page that was saved as CSV")
def _(home: Home) -> str:
    export(home, "<!DOCTYPE html><html><body>Log in</body></html>")
    return IMPORT


@mistake("An empty file")
def _(home: Home) -> str:
    export(home, "")
    return IMPORT


@mistake("A file that is not there")
def _(home: Home) -> str:
    return IMPORT


@mistake("A file of an account that the books do not know")
def _(home: Home) -> str:
    export(home)
    return "import chase-4411.csv"


@mistake("The same file twice")
def _(home: Home) -> str:
    export(home)
    with pytest.raises(SystemExit):
        main(IMPORT.split())
    return IMPORT


@mistake("A line of a far year: the bank's file or this machine's clock is wrong")
def _(home: Home) -> str:
    export(home, CSV.replace("09/03/2026", "09/03/2099"))
    return IMPORT


def imported(home: Home) -> str:
    """Imports the export; the end of the id of a line that waits."""
    export(home)
    with pytest.raises(SystemExit):
        main(IMPORT.split())
    text = "".join(path.read_text() for path in home.ledger.glob("acme/2026/*.beancount"))
    known = re.search(r'id: "([^"]+)"', text)
    assert known
    return known[1][-8:]


@mistake("An inbox decision taken back after the file was edited")
def _(home: Home) -> str:
    accept = f"inbox accept {imported(home)} --account Expenses:Acme:Office"
    with pytest.raises(SystemExit):
        main(accept.split())
    path = home.ledger / "acme/2026/2026-09.beancount"
    path.write_text(f"{path.read_text()};; mine\n")
    return "inbox undo"


@mistake("An account that `inbox accept` does not find")
def _(home: Home) -> str:
    return f"inbox accept {imported(home)} --account Expenses:Acme:Hostign"


# Rules


@mistake("A mistyped key in a YAML file")
def _(home: Home) -> str:
    export(home)
    (home.rules / "categorise/acme.yaml").write_text(
        "rules:\n  - name: a\n    whem: {payee: x}\n    then: {}\n"
    )
    return IMPORT


@mistake("A tab in a YAML file")
def _(home: Home) -> str:
    export(home)
    (home.rules / "categorise/acme.yaml").write_text("rules:\n\t- name: a\n")
    return IMPORT


@mistake("A YAML file of a newer Bulkhead")
def _(home: Home) -> str:
    (home.rules / "plugins.yaml").write_text("version: 2\nallowed: []\n")
    return "check"


# Writing


@mistake("A full disk")
def _(home: Home, monkeypatch: pytest.MonkeyPatch) -> str:
    export(home)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    return IMPORT


@mistake("A journal that you save while a command runs")
def _(home: Home, monkeypatch: pytest.MonkeyPatch) -> str:
    export(home)
    accounts = home.ledger / "acme/accounts.beancount"
    text = accounts.read_text()
    real = import_.apply

    def late(*args: object, **named: object) -> object:
        accounts.write_text(f"{text};; mine\n")
        try:
            return real(*args, **named)
        finally:
            assert accounts.read_text() == f"{text};; mine\n"
            accounts.write_text(text)

    monkeypatch.setattr(import_, "apply", late)
    return IMPORT


@mistake("Another command that writes at the same time")
def _(home: Home, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    export(home)
    home.private.mkdir()
    lock = (home.private / "lock").open("a")
    request.addfinalizer(lock.close)
    fcntl.flock(lock, fcntl.LOCK_EX)
    monkeypatch.setattr(home_lock, "PATIENCE", 0.0)
    return IMPORT


@mistake("Books outside of git")
def _(home: Home) -> str:
    export(home)
    (home.path / ".git").rename(home.path / "no-git")
    return IMPORT


@mistake("A git hook that refuses the commit")
def _(home: Home) -> str:
    export(home)
    hook = home.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'no receipts, no commit' >&2\nexit 1\n")
    hook.chmod(0o755)
    return IMPORT


@mistake("A checkout of an old commit (detached HEAD)")
def _(home: Home) -> str:
    export(home)
    git(home, "checkout", "--quiet", "--detach")
    return IMPORT


@mistake("A merge that is not finished")
def _(home: Home) -> str:
    export(home)
    git(home, "checkout", "--quiet", "-b", "other")
    (home.path / "README.md").write_text("theirs\n")
    git(home, "commit", "--quiet", "-am", "theirs")
    git(home, "checkout", "--quiet", "main")
    (home.path / "README.md").write_text("ours\n")
    git(home, "commit", "--quiet", "-am", "ours")
    git(home, "merge", "other")
    return IMPORT


@mistake("Changes of your own that are not committed")
def _(home: Home) -> str:
    export(home)
    with (home.ledger / "acme/accounts.beancount").open("a") as file:
        file.write(";; half a thought\n")
    return IMPORT


@mistake("Starting books in a folder with something in it")
def _(home: Home) -> str:
    return "init . --person Jane"


def rows() -> Iterator[tuple[str, list[str], int, bool]]:
    """Mistake, what is said, exit status, and whether the command does its work all the same."""
    page = Path(__file__).resolve().parents[2] / "docs/mistakes.md"
    for line in page.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 4 and cells[2].split()[0].isdigit():
            name, see, ended, _ = cells
            yield name, re.findall(r"`([^`]+)`", see), int(ended.split()[0]), "done" in ended


def contents(home: Home) -> dict[Path, bytes]:
    """Every file of the home but the lock and the log of the door, and what git has."""
    files = {
        path: path.read_bytes()
        for path in home.path.rglob("*")
        if path.is_file() and ".git" not in path.parts and ".books" not in path.parts
    }
    return files | {Path("HEAD"): git(home, "rev-parse", "HEAD").encode()}


ROWS = list(rows())


@pytest.mark.parametrize(("name", "see", "code", "done"), ROWS, ids=[row[0] for row in ROWS])
def test_a_mistake_is_met_as_the_page_says(
    name: str,
    see: list[str],
    code: int,
    done: bool,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.delenv("BOOKS_HOME", raising=False)
    monkeypatch.chdir(home.path)
    act = MISTAKES[name]
    wanted = act.__code__.co_varnames[: act.__code__.co_argcount]
    args = act(**{fixture: request.getfixturevalue(fixture) for fixture in wanted}).split()
    before = contents(home)
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(args)
    told = capsys.readouterr()
    said = " ".join((told.out + told.err).split())
    assert "Traceback" not in said
    assert "a fault of ours" not in said
    assert [part for part in see if part not in said] == [], said
    assert ended.value.code == code
    assert (contents(home) != before) is done


def test_every_mistake_is_on_the_page_and_there_are_many() -> None:
    assert [row[0] for row in ROWS] == list(MISTAKES)
    assert len(ROWS) >= 30
    assert all(see for _, see, _, _ in ROWS)
