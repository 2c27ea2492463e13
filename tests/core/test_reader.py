"""The reader and the lint: hostile lines are findings, never a crash, and never run."""

import glob
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from beancount import loader
from crash_deeds import new_home
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.findings import UserError
from core.home import Home
from core.journal.files import included
from core.journal.lint import _line_problems, is_plain, lint_text
from core.journal.read import DEFAULT_PLUGINS, read
from core.journal.scan import scan
from plugins.run import run_rules

Write = Callable[[str, str], Path]
MONTH = "ledger/acme/2026/2026-09.beancount"
GOOD = """\
2026-09-03 * "Office Depot" "Paper, half price"
  Expenses:Acme:Office   12.00 / 2 USD
  Liabilities:Acme:AP
"""


def codes(home: Home) -> list[str]:
    return [finding.code for finding in read(home.main_root).findings]


def test_clean_books_have_no_findings_and_agree_with_beancount(home: Home, write: Write) -> None:
    write(MONTH, GOOD)
    books = read(home.main_root)
    assert not books.findings
    entries, errors, _ = loader.load_file(str(home.main_root))
    assert not errors
    assert [type(e) for e in books.entries] == [type(e) for e in entries]
    assert [t.postings for t in books.transactions] == [
        t.postings for t in entries if hasattr(t, "postings")
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('plugin "os"', "LINT-PLUGIN"),
        ('option "insert_pythonpath" "True"', "LINT-OPTION"),
        ('option "plugin_processing_mode" "raw"', "LINT-OPTION"),
        ('option "inferred_tolerance_default" "USD:100"', "LINT-OPTION"),
        ('2026-09-01 custom "fava-extension" "evil"', "LINT-CUSTOM"),
        ("2026-09-01 balance Assets:Acme:AR  (1/0) USD", "LINT-DIVISION"),
        ("2026-09-01 balance Assets:Acme:AR  1 / (2-2) USD", "LINT-DIVISION"),
        ("2026-09-01 balance Assets:Acme:AR  1/0.00 USD", "LINT-DIVISION"),
        ('2026-09-01 note Assets:Acme:AR "right\u202eleft"', "LINT-CHARS"),
        ('include "../../../../../etc/passwd"', "LINT-INCLUDE"),
        ('include "/etc/passwd"', "LINT-INCLUDE"),
        ('include "/dev/zero"', "LINT-INCLUDE"),
        ('include "secret.beancount.gpg"', "LINT-INCLUDE"),
        ("2026-09-01 balance Assets:Acme:AR  " + "(" * 60 + "1" + ")" * 60 + " USD", "LINT-SIZE"),
        ("; " + "x" * 30_000, "LINT-SIZE"),
    ],
)
def test_a_line_that_could_do_harm_is_a_finding(
    home: Home, write: Write, line: str, code: str
) -> None:
    write("ledger/acme/2026/secret.beancount.gpg", "")
    write(MONTH, line + "\n")
    assert code in codes(home)


@pytest.mark.parametrize(
    "line",
    [
        '; plugin "os" is only talked about',
        '2026-09-01 note Assets:Acme:AR "plugin and 1/0 in a string"',
        '2026/09/01 note Assets:Acme:AR "a date with slashes"',
        "2026-09-01 balance Assets:Acme:AR  0 / 4 USD",
        '2026-09-01 note Assets:Acme:AR "several\nplugin lines\n1/0\n"',
    ],
)
def test_a_harmless_line_that_looks_like_it_is_not(home: Home, write: Write, line: str) -> None:
    write(MONTH, line + "\n")
    assert codes(home) == []


def test_a_plugin_that_is_not_allowed_does_not_run(home: Home, write: Write) -> None:
    root = home.main_root
    root.write_text('plugin "beancount.plugins.auto_accounts"\n' + root.read_text())
    write(MONTH, '2026-09-01 * "x"\n  Expenses:Acme:New  1 USD\n  Liabilities:Acme:AP\n')
    assert codes(home) == ["BC-VALIDATION", "LINT-PLUGIN"] or "BC-VALIDATION" in codes(home)
    write(
        "rules/plugins.yaml", "allowed:\n  - bulkhead.veil\n  - beancount.plugins.auto_accounts\n"
    )
    assert codes(home) == []


def test_a_symbolic_link_is_not_followed(home: Home, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.beancount").write_text("2026-09-01 open Assets:Acme:Stolen\n")
    (home.ledger / "acme/2026/2026-08.beancount").symlink_to(tmp_path / "elsewhere.beancount")
    assert "LINT-INCLUDE" in codes(home)
    assert "Assets:Acme:Stolen" not in read(home.main_root).accounts


PATTERNS = ["*", "**/*.b", "20[0-9][0-9]/*.b", "x.b", "2025/x.b", "*/x.b", ".*", "[a]/x.b", "no/*"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_include_finds_what_beancounts_glob_finds(tmp_path: Path, pattern: str) -> None:
    for name in ("x.b", ".h.b", "2025/x.b", "2026/y.b", "2026/z.txt", ".old/x.b", "2026/m/x.b"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    root = tmp_path / "root.bean"
    paths, _ = included(pattern, root, tmp_path, "root.bean", {})
    expected = {Path(name) for name in glob.glob(str(tmp_path / pattern), recursive=True)}
    assert set(paths) == expected
    overlay = {path: b"" for path in expected if path.is_file()}
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    assert set(included(pattern, root, tmp_path, "root.bean", overlay)[0]) == set(overlay)


def test_a_home_below_a_folder_with_brackets_loads(tmp_path: Path) -> None:
    home = new_home(tmp_path / "[2026] books")
    assert not read(home.main_root).findings


def test_a_folder_that_cannot_be_listed_is_a_finding(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beancount's own glob would leave the year out without a word."""
    real = os.scandir

    def locked(path: str | Path) -> object:
        if str(path).endswith("acme/2026"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr("core.journal.files.os.scandir", locked)
    (finding,) = [f for f in read(home.main_root).findings if f.code == "LINT-INCLUDE"]
    assert "ledger/acme/2026/ cannot be listed (Permission denied)" in finding.message


def test_a_pickle_cache_in_the_tree_is_a_finding_and_is_not_read(home: Home) -> None:
    (home.ledger / ".group.beancount.picklecache").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    assert codes(home) == ["LINT-CACHE"]


def test_a_transaction_in_another_entitys_folder_is_a_finding(home: Home, write: Write) -> None:
    write("ledger/jane/2026/2026-09.beancount", GOOD)
    assert codes(home) == ["LINT-PATH"]


def test_each_entitys_root_loads_alone(home: Home, write: Write) -> None:
    write(MONTH, GOOD)
    for root in home.entity_roots:
        assert not read(root).findings


def test_a_root_that_is_not_there_is_said_so(home: Home) -> None:
    with pytest.raises(UserError, match="no such file"):
        read(home.ledger / "nowhere.beancount")


def test_an_unknown_account_comes_with_the_directive_that_opens_it(
    home: Home, write: Write
) -> None:
    write(MONTH, '2026-09-01 * "x"\n  Expenses:Acme:New  1 USD\n  Liabilities:Acme:AP\n')
    (finding,) = read(home.main_root).findings
    assert (finding.code, finding.file, finding.line) == ("BC-VALIDATION", MONTH, 1)
    assert finding.fix == "2026-09-01 open Expenses:Acme:New"


PIECES = st.sampled_from(
    [
        '2026-09-01 * "x" "y/z"\n',
        "  Expenses:A:B  1 / 0 USD\n",
        "  Expenses:A:B  4/2 USD\n",
        '2026-09-01 custom "fava-extension" "x"\n',
        'plugin "os"\n',
        ' option "insert_pythonpath" "True"\n',
        '"',
        "; a comment with 1/0\n",
        '; and a "quote\n',
        "\\",
        "<<<<<<< HEAD\n",
        "(" * 41,
        "\u202e",
        "x" * 20_001,
        "\n",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=8))
def test_a_text_that_looks_plain_has_no_finding_line_by_line(pieces: list[str]) -> None:
    text = "".join(pieces)
    if is_plain(text):
        lines = scan(text)
        assert [p for line in lines for p in _line_problems(line, DEFAULT_PLUGINS)] == []


def test_an_ordinary_journal_looks_plain() -> None:
    assert is_plain(GOOD.replace(" / 2", "").replace("Paper", "../documents/paper.txt"))
    assert not is_plain(GOOD)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300))
def test_the_lint_takes_any_text(text: str) -> None:
    lint_text(text, "x.beancount", DEFAULT_PLUGINS)


def test_a_wrong_word_behind_the_plugin_is_a_finding(home: Home) -> None:
    root = home.main_root
    root.write_text(root.read_text().replace('"bulkhead.veil" "group"', '"bulkhead.veil" "goup"'))
    (finding,) = read(root).findings
    assert (finding.code, finding.file) == ("LINT-PLUGIN", "ledger/group.beancount")
    assert 'write "group" or "entity", not "goup"' in finding.message


def test_bean_check_sees_padded_books_as_we_do(home: Home, write: Write) -> None:
    """A pad repays what was owed; without it the personal charge would be overdue."""
    write(
        MONTH,
        """\
2026-08-01 * "Orthodontist" "Paid in error" ^ic-26-001 #personal
  transfer: "expense-on-behalf"
  Assets:Acme:DueFrom:Jane  90.00 USD
  Liabilities:Acme:AP
2026-09-01 open Liabilities:Acme:Card  USD
  role: "card"
  account-id: "chase-1"
  title-holder: "Acme LLC"
2026-09-02 * "Orthodontist" "Paid in error" ^ic-26-002 #personal
  transfer: "expense-on-behalf"
  Assets:Acme:DueFrom:Jane  90.00 USD
  Liabilities:Acme:Card
2026-09-03 pad Assets:Acme:DueFrom:Jane Equity:Acme:OpeningBalances
2026-09-05 balance Assets:Acme:DueFrom:Jane  0.00 USD
2026-12-31 * "Later" "so that the thirty days are over"
  Expenses:Acme:Office  1.00 USD
  Liabilities:Acme:AP
""",
    )
    ours = run_rules(read(home.main_root))
    _, errors, _ = loader.load_file(str(home.main_root))
    assert sorted(e.message for e in errors) == sorted(
        f"{f.code} {f.message}" for f in ours if f.severity == "error"
    )
    assert "VEIL-002" not in {f.code for f in ours}
