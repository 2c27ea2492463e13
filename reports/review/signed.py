"""Commits in the name of somebody whose keys are known, which none of these keys has signed.

An address in a commit is written by whoever makes it; only a signature shows who that was.
"""

from collections.abc import Iterator, Mapping

from core.findings import Finding, Severity
from core.people import People
from core.signing import OTHERS, WORDS
from reports.review.codes import DUTIES, SIGNATURE

_GOOD = "G"
# Altered after signing, by a key that was taken back, by somebody else's key.
_FORGED = frozenset(("B", "R", OTHERS))


def unsigned(letters: Mapping[str, str], people: People, *, is_vouched: bool) -> Iterator[Finding]:
    """What is found of ``letters``: each author's, one for each commit (see ``core.signing``).

    A warning, since a forge makes commits, too, and signs them with its own key. An error where a
    signature is somebody else's or does not hold, and where nothing but the address speaks for the
    author: nobody else approves, and not ``is_vouched`` (a forge says who proposed it).
    """
    for author, said in letters.items():
        person = people.named(author)
        bad = [letter for letter in said if letter != _GOOD]
        if person is None or not person.keys or not bad:
            continue
        count = "1 commit" if len(bad) == 1 else f"{len(bad)} commits"
        words = ", ".join(WORDS.get(letter, "cannot be checked") for letter in dict.fromkeys(bad))
        text = f"{count} in the name of {person.name} without a good signature of theirs ({words})"
        severity = Severity.ERROR if _FORGED & set(bad) else Severity.WARNING
        if not is_vouched:
            text += "; nobody else approved, so that only the address says who made it"
            severity = Severity.ERROR
        yield Finding(SIGNATURE, severity, text, factor=DUTIES, identity=(author,))
