"""Findings that are kept: after every edit the rules say what they say of books never seen before.

A case of each rule that fires is put into a home of its own, and all that its findings can come
from is changed, one after the other: papers, policy, prices, waivers, accounts, lines, the day.
"""

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from warmth import forget, without_cache

from core.findings import Finding
from core.home import Home
from core.journal.asked import ALL, Asked, Memo
from core.journal.read import read
from plugins import scoped
from plugins.rule import Rule, Scope
from plugins.run import RULES, run_rules
from plugins.sight import Sight

CASES = Path(__file__).resolve().parents[1] / "cases" / "veil"
LATER = dt.date(2028, 1, 31)
ROOT = (
    'option "operating_currency" "USD"\ninclude "case/case.beancount"\ninclude "more.beancount"\n'
)
POLICY = '2020-01-01 custom "veil-rule" "{code}" "off"\n'
PRICE = "2020-01-01 price EUR 1.30 USD\n"
ENTITY = '2020-01-01 custom "entity" "Newcomer" "llc"\n'
ELSEWHERE = """
2020-01-01 open Assets:Newcomer:Till
2020-01-01 open Income:Newcomer:Sales
2026-06-30 * "Somebody" "Nothing to do with the others"
  Assets:Newcomer:Till  1.00 USD
  Income:Newcomer:Sales
"""
SALE = """
2026-09-02 * "Customer" "A chair"
  Assets:Acme:Bank  10.00 USD
  Income:Acme:Sales
"""


def fires(code: str) -> Path:
    """The first case of the rule that fires."""
    cases = sorted((CASES / code.lower()).glob("*.beancount"))
    return next(path for path in cases if re.search(f"^;; expect: {code}", path.read_text(), re.M))


class Case:
    """A case in a home of its own."""

    def __init__(self, path: Path, code: str, name: str = "") -> None:
        self.home = Home(path)
        self.home.rules.mkdir(parents=True)
        case = CASES / code.lower() / f"{name}.beancount" if name else fires(code)
        shutil.copytree(
            case.parent, self.home.ledger / "case", ignore=shutil.ignore_patterns("*.beancount")
        )
        for chart in CASES.glob("*.beancount"):
            shutil.copy(chart, self.home.ledger)
        self.code = code
        self.case = self.home.ledger / "case/case.beancount"
        self.text = case.read_text()
        self.more = self.home.ledger / "more.beancount"
        self.case.write_text(self.text)
        self.more.write_text("")
        if ";; kind: entity" in self.text:
            root, folders = "case/main.beancount", {"case": "", "more": "../"}
        else:
            root, folders = "group.beancount", {"case": "case/", "more": ""}
        (self.home.ledger / root).write_text(ROOT.format(**folders))
        said = re.search(r"^;; as-of: (.+)$", self.text, re.M)
        self.day = self.as_of = dt.date.fromisoformat(said[1]) if said else None

    def findings(self) -> list[Finding]:
        """What the rules find, which is what they find in books that nobody has read."""
        books = read(self.home.main_root, home=self.home, as_of=self.as_of)
        assert books.parts is not None
        found = run_rules(books)
        with without_cache():
            assert found == run_rules(read(self.home.main_root, home=self.home, as_of=self.as_of))
        return found

    def fires(self) -> bool:
        """Whether the rule finds anything, in these books as in ones that nobody has read."""
        return self.code in {finding.code for finding in self.findings()}

    def situations(self) -> Iterator[str]:
        """Changes the books, each time in another way, and takes the change back."""
        papers = [path for path in (self.home.ledger / "case").rglob("*") if path.suffix == ".txt"]
        for paper in papers:
            paper.rename(paper.with_suffix(".away"))
            yield f"{paper.name} goes"
            paper.with_suffix(".away").rename(paper)
            yield f"{paper.name} comes back"
        for text in (POLICY.format(code=self.code), PRICE, ENTITY, ENTITY + ELSEWHERE):
            self.more.write_text(text)
            yield f"declared: {text}"
        self.more.write_text("")
        self.as_of = LATER
        yield "another day"
        self.as_of = self.day
        for text in (
            f";; A line\n{self.text}",
            re.sub(r' \* "([^"]*)"', r' * "\1x"', self.text, count=1),
            re.sub(r"(\d)\.00 (\w{3}\b)", r"\1.01 \2", self.text),
            re.sub(r'  role: "\w+[^"]*"\n', "", self.text, count=1),
            self._waived(),
        ):
            self.case.write_text(text)
            yield "an edit of the case"
        self.case.write_text(self.text)
        yield "nothing"

    def _waived(self) -> str:
        """The text with a waiver at each transaction and directive."""
        waiver = f'\\1\n  waive: "{self.code} agreed"\n  waived-by: "Jane"'
        return re.sub(r"^(\d{4}-\d\d-\d\d (?:\*|open|custom) .*)$", waiver, self.text, flags=re.M)


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_no_edit_leaves_a_finding_that_would_not_be_found(tmp_path: Path, code: str) -> None:
    case = Case(tmp_path / "books", code)
    first = case.findings()
    assert code in {finding.code for finding in first}
    assert case.findings() == first
    for number, _ in enumerate(case.situations()):
        if number % 3 == 0:
            forget()  # as another process would
        case.findings()
    assert case.findings() == first


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """The codes of the rules that were judged since the last call, but those of the scope LINK."""
    codes: set[str] = set()
    shown = Sight.of

    def noted(sight: Sight, rule: Rule) -> object:
        codes.add(rule.code)
        return shown(sight, rule)

    def told() -> set[str]:
        try:
            return {rule.code for rule in RULES if rule.scope is not Scope.LINK} & codes
        finally:
            codes.clear()

    monkeypatch.setattr(scoped.Sight, "of", noted)
    return told


def test_only_rules_whose_sight_changed_are_judged_again(
    tmp_path: Path, judged: Callable[[], set[str]]
) -> None:
    case = Case(tmp_path / "books", "VEIL-013")
    person = ENTITY.replace("llc", "person") + ELSEWHERE

    def again(text: str) -> set[str]:
        case.more.write_text(text)
        case.findings()
        return judged()

    assert len(again(person)) > 30
    assert again(person.replace("others", "other books")) == set()
    forget()
    # BILL-04 asks what all accounts hold together, a person's as well; no other rule does.
    assert again(person) <= {"BILL-04"}
    assert again(person.replace("1.00", "2.00")) <= {"BILL-04"}
    sale = again(person + SALE)
    assert {"VEIL-013", "VEIL-017"} <= sale
    assert not {"VEIL-014", "VEIL-019", "VEIL-024"} & sale
    paper = case.home.ledger / "case/papers/2026-06-28-consent.txt"
    paper.unlink()
    case.findings()
    assert "VEIL-017" not in judged()


def test_lines_above_reach_only_rules_that_found_something_below(
    tmp_path: Path, judged: Callable[[], set[str]]
) -> None:
    case = Case(tmp_path / "books", "VEIL-013")
    found = {finding.code for finding in case.findings()}
    judged()
    case.case.write_text(f"{case.text}\n;; below\n")
    case.findings()
    assert judged() == set()
    case.case.write_text(f";; above\n{case.text}")
    case.findings()
    assert "VEIL-013" in found
    assert judged() <= found


def test_an_assertion_is_seen_where_it_is_looked_for(tmp_path: Path) -> None:
    case = Case(tmp_path / "books", "VEIL-020")
    proven = case.text.replace("2026-01-31", "2026-02-01")
    for text, wanted in (
        (case.text, True),
        (proven, False),
        (proven.replace("Bank  500", "Bank  501"), True),
        (proven.replace("2026-01.txt", "2026-13.txt"), True),
    ):
        case.case.write_text(text)
        assert case.fires() == wanted


def test_a_document_that_shares_a_link_is_missed_when_its_file_goes(tmp_path: Path) -> None:
    case = Case(tmp_path / "books", "VEIL-014", "a_paper_that_shares_the_link_is_enough")
    assert not case.fires()
    paper, *_ = (case.home.ledger / "case").rglob("*consent*.txt")
    text = paper.read_text()
    paper.unlink()
    assert case.fires()
    paper.write_text(text)
    assert not case.fires()


def test_a_seal_is_compared_after_every_edit_of_what_it_covers(tmp_path: Path) -> None:
    case = Case(tmp_path / "books", "VEIL-021", "one_cent_more_in_a_closed_month")
    assert case.fires()
    case.case.write_text(case.text.replace("-40.01", "-40.00"))
    assert not case.fires()
    case.case.write_text(case.text)
    assert case.fires()


def test_what_is_found_ready_was_asked_by_who_finds_it() -> None:
    asked = Asked()
    memo = Memo(asked)
    with asked.hearing() as first:
        asked.note(ALL)
        memo["made"] = 1
    with asked.hearing() as second:
        memo["unasked"] = 2
    with asked.hearing() as third:
        assert (memo.get("made"), memo.setdefault("unasked", 3)) == (1, 2)
    assert (first, second, third) == ({ALL}, set(), {ALL})
