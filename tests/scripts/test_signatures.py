"""Signatures of commits: keys of ssh and of OpenPGP in rules/people.yaml, in a review and an audit.

Keys are made for the test, in a keyring of its own.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import require
from proposals import OCTOBER, Repository

from core.findings import Severity, UserError
from core.home import Home
from core.people import parse_people
from reports.review.signed import unsigned
from scripts.main import main

PEOPLE = """\
people:
  - name: Jane Roe
    emails: [jane@example.com]
    keys:
{keys}
    roles: {{"*": owner}}
  - name: Ann Lee
    emails: [ann@example.com]
    roles: {{Acme: accountant}}
"""


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A keyring of one's own, with nothing in it; its agent's socket bears only a short path."""
    require(bool(shutil.which("gpg")), "gpg is not installed")
    ends = shutil.which("gpgconf") or "gpgconf"
    with tempfile.TemporaryDirectory(prefix="r", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("GNUPGHOME", folder)
        yield Path(folder)
        subprocess.run([ends, "--homedir", folder, "--kill", "all"], check=False)


def gpg(*args: str) -> str:
    done = subprocess.run(["gpg", "--batch", "--quiet", *args], capture_output=True, check=True)
    return done.stdout.decode()


def made(name: str) -> tuple[str, str]:
    """A new key without a passphrase: its fingerprint, and its public part as a block."""
    gpg("--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "1d")
    fingerprints = [
        line.split(":")[9]
        for line in gpg("--with-colons", "--list-keys", name).splitlines()
        if line.startswith("fpr")
    ]
    return fingerprints[0], gpg("--armor", "--export", name)


def in_yaml(*keys: str) -> str:
    """People with Jane's keys, a block as YAML writes several lines."""
    lines = [f"      - |\n{indented(key)}" if "\n" in key else f'      - "{key}"' for key in keys]
    return PEOPLE.format(keys="\n".join(lines))


def indented(text: str) -> str:
    return "\n".join(f"        {line}" for line in text.strip().split("\n"))


def with_people(home: Home, text: str) -> Repository:
    repository = Repository(home.path)
    repository.git("update-ref", "refs/heads/main", repository.commit({"rules/people.yaml": text}))
    return repository


def signed(repository: Repository, key: str, email: str = "jane@example.com") -> str:
    """A proposal that is signed with a key of the keyring."""
    tree = repository.git("rev-parse", f"{repository.commit({OCTOBER: '; hello'})}^{{tree}}")
    args = ("commit-tree", f"-S{key}", tree, "-p", "main", "-m", "Signed")
    return repository.git("-c", "gpg.format=openpgp", *args, email=email)


def told(home: Home, head: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What a review says of signatures."""
    capsys.readouterr()
    args = ["--home", str(home.path), "review", "--base", "main", "--head", head]
    with pytest.raises(SystemExit):
        main([*args, "--approved-by", "ann@example.com", "--format", "json"])
    notes = json.loads(capsys.readouterr().out)["notes"]
    return [note for note in notes if note.startswith("signatures of")]


@pytest.mark.parametrize("form", ["block", "fingerprint", "spaced"])
def test_a_signature_of_openpgp_is_the_authors(
    home: Home, ring: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    assert ring
    fingerprint, block = made("Jane Roe <elsewhere@example.net>")
    spaced = " ".join(fingerprint[at : at + 4] for at in range(0, 40, 4)).lower()
    key = {"block": block, "fingerprint": fingerprint, "spaced": spaced}[form]
    repository = with_people(home, in_yaml(key))
    head = signed(repository, fingerprint)
    assert told(home, head, capsys) == ["signatures of jane@example.com: 1 good"]
    plain = repository.commit({OCTOBER: "; hello"})
    assert told(home, plain, capsys) == ["signatures of jane@example.com: 1 none"]


def test_a_key_of_somebody_else_is_not_the_authors(
    home: Home, ring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ring
    fingerprint, block = made("Jane Roe")
    repository = with_people(home, in_yaml(block))
    head = signed(repository, fingerprint, email="ann@example.com")
    assert told(home, head, capsys) == [
        "signatures of ann@example.com: 1 good, but of somebody else's key"
    ]


def test_a_key_that_the_file_does_not_have_proves_nothing(
    home: Home, ring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even where the keyring of whoever reviews has it, and trusts it."""
    assert ring
    _, block = made("Jane Roe")
    other, _ = made("Mallory")
    repository = with_people(home, in_yaml(block))
    head = signed(repository, other)
    assert told(home, head, capsys) == ["signatures of jane@example.com: 1 cannot be checked"]


def test_a_commit_that_was_altered_after_signing_is_bad(
    home: Home, ring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ring
    fingerprint, block = made("Jane Roe")
    repository = with_people(home, in_yaml(block))
    text = repository.git("cat-file", "commit", signed(repository, fingerprint))
    forged = f"{text}\n".replace("\n\nSigned\n", "\n\nSigned and altered\n").encode()
    head = repository.git("hash-object", "-w", "-t", "commit", "--stdin", given=forged)
    assert told(home, head, capsys) == ["signatures of jane@example.com: 1 BAD"]


def test_keys_of_both_kinds_stand_side_by_side(
    home: Home, ring: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ring
    require(bool(shutil.which("ssh-keygen")), "ssh is not installed")
    fingerprint, block = made("Jane Roe")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    repository = with_people(home, in_yaml(block, key.with_suffix(".pub").read_text().strip()))
    tree = repository.git("rev-parse", f"{repository.commit({OCTOBER: '; hello'})}^{{tree}}")
    by_ssh = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={key}")
    args = ("commit-tree", "-S", tree, "-p", "main", "-m", "Signed")
    for email, said in (
        ("jane@example.com", "1 good"),
        ("ann@example.com", "1 good, but of somebody else's key"),
    ):
        head = repository.git(*by_ssh, *args, email=email)
        assert told(home, head, capsys) == [f"signatures of {email}: {said}"]
    assert told(home, signed(repository, fingerprint), capsys)[0].endswith(": 1 good")


def test_an_audit_looks_with_the_same_keys(
    home: Home,
    ring: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ring
    fingerprint, block = made("Jane Roe")
    repository = with_people(home, in_yaml(block))
    one = signed(repository, fingerprint)
    repository.git("update-ref", "refs/heads/main", one)
    two = signed(repository, fingerprint, email="ann@example.com")
    repository.git("update-ref", "refs/heads/main", two)
    repository.git("reset", "-q", "--hard", "main")
    monkeypatch.setenv("GNUPGHOME", str(ring / "another"))
    monkeypatch.chdir(home.path)
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["audit", "-p", "2026-09", "--format", "json"])
    found = {c["id"]: c["signature"] for c in json.loads(capsys.readouterr().out)["commits"]}
    assert (found[one], found[two]) == ("G", "O")
    with pytest.raises(SystemExit):
        main(["audit", "-p", "2026-09"])
    assert "Commits with a signature that does not hold (1)" in capsys.readouterr().out


def test_without_gpg_a_signature_cannot_be_checked(
    home: Home,
    ring: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ring
    fingerprint, block = made("Jane Roe")
    repository = with_people(home, in_yaml(block))
    head = signed(repository, fingerprint)
    (tmp_path / "bin").mkdir()
    for name in ("git", "bwrap"):
        if found := shutil.which(name):
            (tmp_path / "bin" / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (said,) = told(home, head, capsys)
    assert "good" not in said


@pytest.mark.parametrize("key", ["AAAA", "ssh-ed25519", "0123456789", "gpg:xyz"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(UserError, match="a key is one of ssh's"):
        parse_people(in_yaml(key).encode())


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILlI/UimgGQz9y/6Ql5/wWQuuKsg6K1uq2aovH3dVSMp"


@pytest.mark.parametrize(
    ("letters", "is_vouched", "severity"),
    [
        ("G", False, None),
        ("GGN", True, Severity.WARNING),  # such as a merge by a forge, signed with its key
        ("E", True, Severity.WARNING),
        ("GN", False, Severity.ERROR),
        ("B", True, Severity.ERROR),
        ("GO", True, Severity.ERROR),
        ("R", True, Severity.ERROR),
    ],
)
def test_a_name_wants_its_signature(
    letters: str, is_vouched: bool, severity: Severity | None
) -> None:
    people = parse_people(in_yaml(KEY).encode())
    found = unsigned({"jane@example.com": letters}, people, is_vouched=is_vouched)
    assert [each.severity for each in found] == ([severity] if severity else [])
    assert not list(unsigned({"ann@example.com": letters}, people, is_vouched=False))


ALONE = """\
people:
  - name: Jane Roe
    emails: [jane@example.com]
    keys: ["{key}"]
    roles: {{"*": owner}}
compensating-control: an outside accountant reviews every month
"""


def test_an_address_alone_does_not_make_an_only_owners_proposal(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = with_people(home, ALONE.format(key=KEY))
    head = repository.commit({OCTOBER: "; hello"})
    args = ["--home", str(home.path), "review", "--base", "main", "--head", head]
    for more, status in ((), 1), (("--author", "jane@example.com"), 0):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*args, *more])
        said = capsys.readouterr().out
        assert "REVIEW-ALONE" in said
        assert "1 commit in the name of Jane Roe without a good signature" in said
        assert ended.value.code == status, said
