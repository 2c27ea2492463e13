"""docs/veil.md: its walk through the muddled year is what the commands say, line for line.

``BOOKS_UPDATE_GOLDEN=1`` writes what they say into the page.
"""

import os
import re
import shlex
from pathlib import Path

import pytest
from muddled_year import muddled

from plugins.run import RULES
from scripts.main import main

PAGE = Path(__file__).resolve().parents[2] / "docs/veil.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Links are made by chance, and fingerprints of them.
CHANCE = re.compile(r"\bic-26-[a-z2-7]{6}\b|(?<=^It brings: )[0-9a-f]{8}", re.MULTILINE)


def test_the_walk_is_what_the_commands_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    muddled(tmp_path)
    monkeypatch.chdir(tmp_path)

    def said(line: str) -> str:
        command, _, rest = line.removeprefix("$ books ").partition(" | ")
        capsys.readouterr()
        with pytest.raises(SystemExit):
            main(shlex.split(command))
        captured = capsys.readouterr()
        lines = (captured.out + captured.err).splitlines()
        if rest.startswith("tail -n "):
            lines = lines[-int(rest.removeprefix("tail -n ")) :]
        elif rest:
            lines = [each for each in lines if rest.removeprefix("grep ") in each]
        return "".join(f"{each}".rstrip() + "\n" for each in lines)

    def run(match: re.Match[str]) -> str:
        commands = [line for line in match[1].splitlines() if line.startswith("$ books ")]
        return "```console\n" + "".join(f"{line}\n{said(line)}" for line in commands) + "```"

    page = PAGE.read_text()
    now = CHANCE.sub(_settled, BLOCK.sub(run, page))
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        PAGE.write_text(now)
    assert now == page


def _settled(match: re.Match[str]) -> str:
    return "ic-26-k3x7qa" if match[0].startswith("ic-") else "5f0c2a91"


@pytest.mark.parametrize("code", sorted(rule.code for rule in RULES))
def test_the_page_speaks_of_every_rule(code: str) -> None:
    number = code.removeprefix("VEIL-")
    named = number in PAGE.read_text() if code.startswith("VEIL") else "LN-01" in PAGE.read_text()
    assert named
