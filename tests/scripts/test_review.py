"""``books review``: whose rules hold, who may, what forges and hooks are given."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from proposals import HOSTING, OCTOBER, Changes, Repository

from core import sandbox
from core.findings import UserError
from core.journal.settings import settings, with_settings_of
from core.people import parse_people
from scripts.forges import FORGES, files_for
from scripts.main import main
from scripts.shipped import SHIPPED

PEOPLE = """\
people:
  - name: Jane Roe
    emails: [jane@example.com]
    login: janeroe
    roles: {"*": owner}
  - name: Paula Prep
    emails: [paula@example.com]
    roles: {Acme: preparer}
  - name: Ann Lee
    emails: [ann@example.com]
    login: annlee
    roles: {Acme: accountant}
  - name: Ed Audit
    emails: [ed@example.com]
    roles: {"*": auditor}
  - name: Adam Admin
    emails: [adam@example.com]
    roles: {"*": admin}
approval-limits: {Acme: "1000.00"}
"""
ALONE = """\
people:
  - name: Jane Roe
    emails: [jane@example.com]
    roles: {"*": owner}
"""
CONTROL = 'compensating-control: "Ann Lee, CPA, reviews every month."\n'


@pytest.fixture
def repository(home) -> Repository:
    return Repository(home.path)


def reviewed(
    repository: Repository, head: str, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict]:
    """The exit status of a review, and its JSON."""
    capsys.readouterr()
    args = ["--home", str(repository.folder), "review", "--base", "main", "--head", head]
    with pytest.raises(SystemExit) as ended:
        main([*args, "--format", "json", *more])
    captured = capsys.readouterr()
    return int(ended.value.code or 0), json.loads(captured.out)


def with_people(repository: Repository, text: str) -> None:
    """Makes a text the base's rules/people.yaml."""
    commit = repository.commit({"rules/people.yaml": text})
    repository.git("update-ref", "refs/heads/main", commit)


def codes(said: dict) -> dict[str, str]:
    return {finding["code"]: finding["severity"] for finding in said["findings"]}


CHANGE: Changes = {OCTOBER: HOSTING}
LARGE: Changes = {OCTOBER: HOSTING.replace("120.00", "1200.00")}
JUST: Changes = {OCTOBER: HOSTING.replace("120.00", "1000.00")}
RULE: Changes = {"rules/policy.beancount": "; looser\n"}
JANES: Changes = {
    "ledger/jane/2026/2026-10.beancount": '2026-10-05 * "A" "B"\n'
    "  Expenses:Jane:Food:Groceries  10.00 USD\n  Equity:Jane:OpeningBalances\n"
}


@pytest.mark.parametrize(
    ("author", "changes", "approvers", "status", "code"),
    [
        ("paula", CHANGE, ["ann@example.com"], 0, ""),
        ("paula", CHANGE, ["@AnnLee"], 0, ""),
        ("paula", CHANGE, ["janeroe"], 0, ""),
        ("paula", CHANGE, [], 1, "REVIEW-APPROVAL"),
        ("paula", CHANGE, ["paula@example.com"], 1, "REVIEW-APPROVAL"),
        ("paula", CHANGE, ["ed@example.com"], 1, "REVIEW-APPROVAL"),
        ("paula", CHANGE, ["adam@example.com"], 1, "REVIEW-APPROVAL"),
        ("paula", CHANGE, ["mallory"], 1, "REVIEW-APPROVAL"),
        ("ann", CHANGE, ["annlee"], 1, "REVIEW-APPROVAL"),
        ("ann", CHANGE, ["janeroe"], 0, ""),
        ("jane", CHANGE, ["annlee"], 0, ""),
        ("ed", CHANGE, ["annlee"], 1, "REVIEW-AUTHOR"),
        ("adam", CHANGE, ["annlee"], 1, "REVIEW-AUTHOR"),
        ("mallory", CHANGE, ["annlee"], 1, "REVIEW-AUTHOR"),
        ("paula", LARGE, ["annlee"], 1, "REVIEW-LIMIT"),
        ("paula", LARGE, ["annlee", "ann@example.com"], 1, "REVIEW-LIMIT"),
        ("paula", LARGE, ["annlee", "janeroe"], 0, ""),
        ("paula", JUST, ["annlee"], 0, ""),
        ("paula", JANES, ["janeroe"], 1, "REVIEW-AUTHOR"),
        ("ann", JANES, ["janeroe"], 1, "REVIEW-AUTHOR"),
        ("jane", JANES, ["annlee"], 0, "REVIEW-ALONE"),
        ("paula", RULE, ["janeroe"], 1, "REVIEW-AUTHOR"),
        ("adam", RULE, ["janeroe"], 0, "REVIEW-RULES"),
        ("adam", RULE, ["annlee"], 1, "REVIEW-APPROVAL"),
        ("jane", RULE, [], 0, "REVIEW-ALONE"),
    ],
)
def test_who_may(author, changes, approvers, status, code, repository, capsys) -> None:
    with_people(repository, PEOPLE)
    head = repository.commit(changes, email=f"{author}@example.com")
    more = [word for name in approvers for word in ("--approved-by", name)]
    ended, said = reviewed(repository, head, capsys, *more)
    assert ended == status, said["findings"]
    assert not code or code in codes(said)


def test_who_opened_the_proposal_is_an_author_too(repository, capsys) -> None:
    with_people(repository, PEOPLE)
    head = repository.commit(CHANGE, email="paula@example.com")
    more = ("--author", "annlee", "--approved-by", "annlee")
    assert reviewed(repository, head, capsys, *more)[0] == 1


def test_approvals_come_from_the_environment_of_ci(repository, capsys, monkeypatch) -> None:
    with_people(repository, PEOPLE)
    head = repository.commit(LARGE, email="paula@example.com")
    monkeypatch.setenv("BOOKS_APPROVED_BY", "annlee,janeroe")
    assert reviewed(repository, head, capsys)[0] == 0


def test_before_approval_nothing_is_refused_for_want_of_it(repository, capsys) -> None:
    with_people(repository, PEOPLE)
    head = repository.commit(LARGE, email="paula@example.com")
    status, said = reviewed(repository, head, capsys, "--before-approval")
    assert (status, codes(said)["REVIEW-APPROVAL"]) == (0, "info")


@pytest.mark.parametrize(("control", "severity"), [("", "warning"), (CONTROL, "info")])
def test_who_is_alone_has_a_compensating_control(control, severity, repository, capsys) -> None:
    with_people(repository, ALONE + control)
    status, said = reviewed(repository, repository.commit(CHANGE), capsys)
    assert (status, codes(said)["REVIEW-ALONE"]) == (0, severity)
    assert control == "" or "reviews every month" in str(said["findings"])


def test_the_people_are_those_of_the_base(repository, capsys) -> None:
    with_people(repository, PEOPLE)
    mallory = PEOPLE.replace("jane@example.com", "mallory@example.com")
    head = repository.commit({**CHANGE, "rules/people.yaml": mallory}, email="mallory@example.com")
    status, said = reviewed(repository, head, capsys, "--approved-by", "annlee")
    assert status == 1
    assert {"REVIEW-AUTHOR", "REVIEW-RULES"} <= codes(said).keys()


def test_a_waiver_counts_when_an_owner_approves(repository, capsys) -> None:
    with_people(repository, PEOPLE)
    waiver = '  waive: "VEIL-019 lost"\n  waived-by: "Paula"\n'
    text = HOSTING.replace('  receipt: "affidavit:affidavits/2026-10.md"\n', waiver)
    head = repository.commit({OCTOBER: text}, email="paula@example.com")
    assert reviewed(repository, head, capsys, "--approved-by", "annlee")[0] == 1
    assert reviewed(repository, head, capsys, "--approved-by", "janeroe")[0] == 0


def test_a_new_entity_is_an_owners_and_its_books_are_read(repository, capsys) -> None:
    registry = "ledger/registry.beancount"
    new = '2026-01-01 custom "entity" "Zeta" "llc"\n  legal-name: "Zeta LLC"\n  books: FALSE\n'
    head = repository.commit({registry: repository.text(registry) + new})
    status, said = reviewed(repository, head, capsys)
    assert (status, codes(said)["REVIEW-RULES"]) == (0, "warning")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("people: []\n", "nobody is an owner"),
        (ALONE.replace("owner", "auditor"), "nobody is an owner"),
        (ALONE.replace("owner", "boss"), "4: people.0.roles.*: input should be 'owner'"),
        (PEOPLE.replace("paula@", "jane@"), "is of both"),
        (PEOPLE.replace('"1000.00"', '"-1"'), "not negative"),
        (PEOPLE.replace('"1000.00"', '"1:30"'), "amount"),
        (ALONE + "approvers: 2\n", "unknown key"),
        (ALONE + "x: &a [1]\ny: *a\n", "anchors"),
    ],
)
def test_a_mistake_in_people_is_named(text, said) -> None:
    with pytest.raises(UserError, match=r"rules/people\.yaml") as error:
        parse_people(text.encode())
    assert said in str(error.value)


def test_base_ahead_of_head_is_said_and_not_taken_back(repository, capsys) -> None:
    head = repository.commit(CHANGE)
    ahead = repository.commit({"ledger/acme/2026/2026-09.beancount": "; later\n"})
    repository.git("update-ref", "refs/heads/main", ahead)
    status, said = reviewed(repository, head, capsys)
    assert status == 0
    assert any("1 commit(s) that the head lacks" in note for note in said["notes"])
    assert [t["kind"] for t in said["diff"]["transactions"]] == ["added"]


def test_findings_of_the_base_do_not_count(repository, capsys) -> None:
    wrong = HOSTING.replace("Expenses:Acme:Hosting", "Expenses:Acme:Nowhere")
    base = repository.commit({"ledger/acme/2026/2026-09.beancount": wrong})
    repository.git("update-ref", "refs/heads/main", base)
    status, said = reviewed(repository, repository.commit(CHANGE), capsys)
    assert (status, said["errors_before"]) == (0, 1)


def test_a_sealed_document_is_looked_at_in_its_own_tree(repository, capsys) -> None:
    """The base's evidence stays what it was, although the head's tree holds another file."""
    entry = HOSTING.replace("2026-10", "2026-09")
    entry += '2026-09-05 document Expenses:Acme:Hosting "bill.txt"\n'
    folder = "ledger/acme/2026"
    base = repository.commit({f"{folder}/2026-09.beancount": entry, f"{folder}/bill.txt": "one\n"})
    repository.git("update-ref", "refs/heads/main", base)
    repository.git("checkout", "-q", "-f", "main")
    seal = ["close", "acme", "2026-09", "--by", "jane@example.com"]
    with pytest.raises(SystemExit):
        main(["--home", str(repository.folder), *seal, "--note", "Nothing is owed."])
    assert "is closed" in capsys.readouterr().out
    beside = repository.commit({f"{folder}/other.txt": "two\n"})
    status, said = reviewed(repository, beside, capsys)
    stood = said["errors_before"]
    assert status == 0
    head = repository.commit({f"{folder}/bill.txt": "two\n"})
    status, said = reviewed(repository, head, capsys)
    assert (status, said["errors_before"]) == (1, stood)
    assert "VEIL-021" in codes(said)


def test_a_foreign_ledger_runs_its_plugins_in_the_child_only(tmp_path, capsys) -> None:
    repository = Repository(tmp_path / "foreign")
    (tmp_path / "foreign").mkdir()
    repository.git("init", "-q", "-b", "main")
    text = 'plugin "beancount.plugins.divert_expenses" "[]"\n2020-01-01 open Assets:A\n'
    text += "2020-01-01 open Income:B\n"
    base = repository.commit({"main.beancount": text}, parent="")
    repository.git("update-ref", "refs/heads/main", base)
    more = '2026-01-02 * "X"\n  Assets:A  1 USD\n  Income:B\n'
    head = repository.commit({"main.beancount": f'plugin "os.path"\n{text}{more}'})
    status, said = reviewed(repository, head, capsys, "--file", "main.beancount")
    assert any("divert_expenses of the base was run" in note for note in said["notes"])
    assert not any("os.path" in note for note in said["notes"])
    assert codes(said)["REVIEW-RULES"] == "warning"
    assert status in {0, 1}


def test_settings_of_the_base_keep_every_line_at_its_number() -> None:
    base = 'option "title" "A"\nplugin "x" "{\n 1}"\n2020-01-01 open Assets:A\n'
    head = 'plugin "y"\n\n2020-01-01 open Assets:A\noption "title" "B\n"\n; option "no" "no"\n'
    now = with_settings_of(base, head)
    assert sorted(s.text for s in settings(now)) == sorted(s.text for s in settings(base))
    assert now.split("\n")[2] == "2020-01-01 open Assets:A"
    assert with_settings_of(base, base) == base


@pytest.mark.parametrize("forge", FORGES)
def test_workflows_are_yaml_without_secrets_and_with_pins(forge) -> None:
    for text in files_for(forge).values():
        said = yaml.safe_load(text)
        assert said
        assert "secrets." not in text
        assert "pull_request_target" not in text
        for line in text.splitlines():
            if "uses:" in line:
                assert len(line.split("@")[1].split()[0]) == 40
            if "run:" in line or "script:" in line:
                assert "${{" not in line
        for job in said.get("jobs", {}).values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", "")


def test_what_strangers_propose_is_read_without_a_right_to_write() -> None:
    review, comment = map(yaml.safe_load, files_for("github").values())
    assert review["permissions"] == comment["permissions"] == {}
    assert set(review["jobs"]["review"]["permissions"].values()) == {"read"}
    assert set(review[True]) == {"pull_request", "pull_request_review"}
    assert set(comment[True]) == {"workflow_run"}


def test_init_and_install_write_the_same(tmp_path, home, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["init", str(tmp_path / "new"), "--person", "Jane", "--review", "github"])
    assert ended.value.code == 0
    with pytest.raises(SystemExit):
        main(["--home", str(home.path), "review", "install", "--forge", "github"])
    for path in files_for("github"):
        assert (home.path / path).read_text() == (tmp_path / "new" / path).read_text()
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["--home", str(home.path), "review", "install", "--forge", "github"])
    assert "already" in capsys.readouterr().out


def test_the_example_raises_no_alarm(tmp_path, capsys) -> None:
    repository = Repository(tmp_path)
    repository.git("init", "-q", "-b", "main")
    files = {
        path.relative_to(SHIPPED).as_posix(): path.read_bytes()
        for room in ("ledger", "rules")
        for path in (SHIPPED / room).rglob("*")
        if path.is_file()
    }
    base = repository.commit(files, parent="")
    repository.git("update-ref", "refs/heads/main", base)
    month = "ledger/acme/2026/2026-09.beancount"
    head = repository.commit({month: files[month] + b"; a remark\n"})
    status, said = reviewed(repository, head, capsys, "--strict")
    assert (status, said["findings"], said["diff"]["financial_change"]) == (0, [], False)


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh is not installed")
def test_signatures_are_told(repository, tmp_path, capsys) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    people = PEOPLE.replace("    login: janeroe\n", f"    login: janeroe\n    keys: [{public}]\n")
    with_people(repository, people)
    for name, value in (("gpg.format", "ssh"), ("user.signingkey", str(key))):
        repository.git("config", name, value)
    plain = repository.commit(CHANGE)
    tree = repository.git("rev-parse", f"{plain}^{{tree}}")
    signed = repository.git("commit-tree", "-S", tree, "-p", "main", "-m", "Signed")
    for head, told in ((signed, "1 good"), (plain, "1 none")):
        _, said = reviewed(repository, head, capsys, "--approved-by", "annlee")
        assert f"signatures of jane@example.com: {told}" in said["notes"]


def test_codeowners(repository, home, capsys) -> None:
    with_people(repository, PEOPLE)
    repository.git("reset", "-q", "--hard", "main")
    with pytest.raises(SystemExit):
        main(["--home", str(home.path), "review", "codeowners"])
    assert capsys.readouterr().out.splitlines()[2:] == [
        "* @janeroe",
        "/ledger/prices.beancount @janeroe @annlee",
        "/ledger/commodities.beancount @janeroe @annlee",
        "/ledger/acme/ @janeroe @annlee",
        "/ledger/jane/ @janeroe",
    ]


def pushed(repository: Repository, revision: str, who: str, url: str) -> int:
    books = f"{sys.executable} -m scripts.main"
    here = str(Path(__file__).parents[2])
    done = subprocess.run(
        ["git", "-C", str(repository.folder), "push", "-q", url, f"{revision}:refs/heads/main"],
        env=os.environ | {"BOOKS": books, "PYTHONPATH": here, "GL_USER": who},
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode


def test_a_server_refuses_what_may_not_be_pushed(repository, tmp_path, capsys) -> None:
    with_people(repository, PEOPLE)
    server = Repository(tmp_path / "server.git")
    repository.git("clone", "-q", "--bare", ".", str(server.folder))
    with pytest.raises(SystemExit):
        main(["--home", str(server.folder), "review", "install", "--forge", "hook"])
    assert "pre-receive" in capsys.readouterr().out
    url = str(server.folder)
    hostile = repository.commit({"ledger/acme/x.py": "1\n"}, email="paula@example.com")
    good = repository.commit(CHANGE, email="paula@example.com")
    assert pushed(repository, hostile, "annlee", url) == 1
    assert pushed(repository, good, "mallory", url) == 1
    assert pushed(repository, good, "annlee", url) == 0
    assert server.git("rev-parse", "main") == good


def test_an_owners_hooks_do_not_replace_others(repository, capsys) -> None:
    hooks = repository.folder / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "pre-push").write_text("#!/bin/sh\n")
    with pytest.raises(SystemExit):
        main(["--home", str(repository.folder), "review", "install", "--forge", "hook"])
    assert (hooks / "pre-push").read_text() == "#!/bin/sh\n"
    assert os.access(hooks / "pre-commit", os.X_OK)


def test_without_bubblewrap_the_answer_says_so(repository, capsys, monkeypatch) -> None:
    monkeypatch.setattr(sandbox, "_bubblewrap", lambda: "")
    _, said = reviewed(repository, repository.commit(CHANGE), capsys)
    assert "bubblewrap is not at hand" in said["child"]


def test_a_home_below_the_top_of_its_repository(repository, tmp_path, capsys) -> None:
    whole = Repository(tmp_path / "whole")
    whole.folder.mkdir()
    whole.git("init", "-q", "-b", "main")
    names = repository.git("ls-tree", "-r", "--name-only", "main").splitlines()
    files = {f"books/{name}": repository.text(name) for name in names}
    base = whole.commit({**files, "books/rules/people.yaml": PEOPLE, "app.py": "1\n"}, parent="")
    whole.git("update-ref", "refs/heads/main", base)
    head = whole.commit({f"books/{OCTOBER}": HOSTING}, email="paula@example.com")
    other = whole.commit({"app.py": "2\n"}, email="paula@example.com")
    more = ("--folder", "books", "--approved-by", "annlee")
    assert reviewed(whole, head, capsys, *more)[0] == 0
    status, said = reviewed(whole, other, capsys, *more)
    assert (status, codes(said)["REVIEW-RULES"]) == (1, "error")
    whole.git("reset", "-q", "--hard", "main")
    below = Repository(whole.folder / "books")
    status, said = reviewed(below, head, capsys, "--approved-by", "annlee")
    assert (status, said["diff"]["transactions"][0]["file"]) == (0, OCTOBER)


def test_an_owners_push_and_commit_are_checked(repository, tmp_path, capsys) -> None:
    with_people(repository, PEOPLE)
    repository.git("reset", "-q", "--hard", "main")
    with pytest.raises(SystemExit):
        main(["--home", str(repository.folder), "review", "install", "--forge", "hook"])
    other = tmp_path / "other.git"
    repository.git("clone", "-q", "--bare", ".", str(other))
    hostile = repository.commit({"ledger/acme/x.py": "1\n"}, email="paula@example.com")
    good = repository.commit(CHANGE, email="paula@example.com")
    assert pushed(repository, hostile, "", str(other)) == 1
    assert pushed(repository, good, "", str(other)) == 0
    wrong = repository.folder / "ledger/acme/2026/2026-11.beancount"
    wrong.write_text("2026-11-01 open\n")
    books = {"BOOKS": f"{sys.executable} -m scripts.main"}
    done = subprocess.run(
        ["git", "-C", str(repository.folder), "commit", "-q", "-a", "-m", "Wrong"],
        env=os.environ | books | {"PYTHONPATH": str(SHIPPED)}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert b"BC-PARSER" in done.stdout + done.stderr
