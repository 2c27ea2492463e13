"""Promise 5: a journal that lost its end is noticed, wherever it was cut."""

from pathlib import Path

from crash_deeds import post

from core import git
from core.home import Home
from core.journal.cut import cut_files
from core.journal.read import read
from plugins.run import run_rules

MONTH = Path("ledger/acme/2026/2026-09.beancount")
OFFSETS = 1000


def long_month(home: Home) -> bytes:
    """A month of a few dozen sales, committed."""
    sales = "".join(
        f'\n2026-09-{day:02} * "Customer {day}-{n}" "Sold at the door"\n'
        f"  Assets:Acme:AR            {day}.{n:02} USD\n"
        "  Income:Acme:Sales\n"
        for day in range(1, 29)
        for n in (1, 2)
    )
    (home.path / MONTH).write_text(f";; Acme, September 2026\n{sales}")
    git.commit(home.path, [MONTH], "September", {})
    return (home.path / MONTH).read_bytes()


def found(home: Home) -> list[str]:
    return [finding.code for finding in read(home.main_root, home=home).findings]


def test_a_journal_cut_at_any_of_a_thousand_places_is_noticed(home: Home) -> None:
    whole = long_month(home)
    assert found(home) == []
    for number in range(OFFSETS):
        at = number * (len(whole) - 1) // (OFFSETS - 1)
        (home.path / MONTH).write_bytes(whole[:at])
        assert [f.code for f in cut_files(home)] == ["LINT-CUT"], at


def test_most_cuts_would_go_unnoticed_otherwise(home: Home) -> None:
    """The near miss that makes the rule worth having: a cut between entries loads without error."""
    whole = long_month(home)
    (home.path / MONTH).write_bytes(whole[: whole.rindex(b"\n2026-09-28")])
    books = read(home.main_root, home=home)
    assert [f.code for f in books.findings] == ["LINT-CUT"]
    assert not run_rules(books)


def test_a_file_that_is_gone_is_noticed(home: Home) -> None:
    long_month(home)
    (home.path / MONTH).unlink()
    (finding,) = cut_files(home)
    assert finding.file == ""
    assert f"{MONTH} is empty or gone: all its" in finding.message


def test_an_edit_in_the_middle_and_an_addition_are_the_owners_own(home: Home) -> None:
    whole = long_month(home)
    (home.path / MONTH).write_bytes(whole.replace(b"Customer 28-2", b"C 28-2"))
    assert found(home) == []
    (home.path / MONTH).write_bytes(whole + b"\n; and so on\n")
    assert found(home) == []


def test_a_removal_that_is_committed_is_meant(home: Home) -> None:
    whole = long_month(home)
    (home.path / MONTH).write_bytes(whole[:200])
    git.commit(home.path, [MONTH], "Take the rest away", {})
    assert "LINT-CUT" not in found(home)


def test_what_was_cut_after_the_door_wrote_it_is_noticed(home: Home) -> None:
    post(home.path, "append")
    path = home.path / MONTH
    path.write_bytes(path.read_bytes()[:-30])
    assert "LINT-CUT" in found(home)
