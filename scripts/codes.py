"""The one table of finding codes, put together from the rooms that give them out.

``books explain`` prints its pages; docs/findings.md, SARIF and the completion are made from it.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.codes import Code, by_code
from core.journal.codes import BEANCOUNT_CODES, SAFETY_CODES
from plugins import registry
from plugins.run import RULES
from reports import codes as report_codes
from reports.review import codes as review_codes


@dataclass(frozen=True)
class Section:
    """A part of the table: its heading, a sentence about it, its codes."""

    heading: str
    about: str
    codes: Sequence[Code]


_RULES = sorted(RULES, key=lambda rule: rule.code)
SECTIONS = (
    Section(
        "The veil",
        "",
        tuple(rule.described() for rule in _RULES if rule.code.startswith("VEIL-")),
    ),
    Section(
        "Loans",
        "For every loan that is declared, a bank's too; [loans.md](loans.md) says how.",
        tuple(rule.described() for rule in _RULES if rule.code.startswith("LN-")),
    ),
    Section(
        "Budgets",
        "For every budget that is declared; [budgets.md](budgets.md) says how.",
        tuple(rule.described() for rule in _RULES if rule.code.startswith("BUD-")),
    ),
    Section(
        "Bills",
        "For recurring payments that are declared, and for bills and invoices by their links; "
        "[budgets.md](budgets.md) says how.",
        tuple(rule.described() for rule in _RULES if rule.code.startswith("BILL-")),
    ),
    Section("The registry", "", registry.CODES),
    Section(
        "Safety of the books",
        "These lines are refused before Beancount sees the file; what is refused does not run.",
        SAFETY_CODES,
    ),
    Section(
        "Beancount",
        "Beancount's own errors, and those of the plugins that the books allow.",
        BEANCOUNT_CODES,
    ),
    Section(
        "Proposals",
        "Found by `books review` only; [review.md](review.md) says how.",
        review_codes.CODES,
    ),
    Section("Reports", "Shown in a report, not by `books check`.", report_codes.CODES),
)
CODES: Mapping[str, Code] = by_code(code for section in SECTIONS for code in section.codes)

_INTRO = """\
# Findings

<!-- Made by `make docs` from the table in the program: change it there. -->

`books check` names everything that is wrong: the place, what it is, and the directive that mends
it; `books explain CODE` prints what this page says about one code. Exit status 1 means at least one
error (with `--strict` at least one warning); infos never fail a check. A transaction can waive a
rule with `waive: "VEIL-006 reason"` and `waived-by: "name"`; the finding then becomes an info that
carries the reason. Severities and thresholds are dated policy in `rules/policy.beancount`.

`--format json` prints `{"findings": [...], "counts": {...}, "as_of": "..."}`; each finding has
`code`, `severity`, `factor`, `entities`, `date`, `file`, `line`, `message`, `evidence`, `fix`,
`fingerprint` and `waived`. `--format md` is a comment for a pull request, `--format github` marks
the lines of one (workflow commands), and `--format sarif` is SARIF 2.1.0 for code scanning, with
the fingerprint as `partialFingerprints`. In both, paths count from the top of the git checkout.
"""


def page(code: Code) -> str:
    """What ``books explain`` says about a code."""
    facts = [("Severity", f"{code.severity}, unless policy says otherwise")]
    if not code.waivable:
        facts = [("Severity", str(code.severity))]
    facts += [("Factor", code.factor)] if code.factor else []
    facts += [("Reference", code.reference)] if code.reference else []
    if code.reference:
        facts.append(("Waiver", _WAIVER.format(code.code) if code.waivable else "none"))
    said = [("What is wrong", f"{code.meaning}."), ("What to do", f"{code.cure}.")]
    lines = [f"{code.code}: {code.title}", "", *map(_filled, said), "", *map(_filled, facts)]
    return "\n".join(lines) + "\n"


def _filled(fact: tuple[str, str]) -> str:
    """``  Name:   text`` in lines of at most 80 characters."""
    name, text = fact
    return textwrap.fill(text, 80, initial_indent=f"  {name + ':':<15}", subsequent_indent=" " * 17)


_WAIVER = 'waive: "{} reason" and waived-by: "name" on the entry'


def findings_page() -> str:
    """docs/findings.md, whole."""
    out = [_INTRO]
    for section in SECTIONS:
        out.append(f"## {section.heading}\n")
        if section.about:
            out.append(f"{section.about}\n")
        out.append("| Code | | What is wrong | What to do |\n|---|---|---|---|")
        out += [
            f"| {c.code} | {c.title} | {_cell(c.meaning)} | {_cell(c.cure)} |"
            for c in section.codes
        ]
        out.append("")
        sources = [c for c in section.codes if c.reference]
        if sources:
            out.append("| Code | Factor | Reference |\n|---|---|---|")
            out += [f"| {c.code} | {c.factor} | {c.reference} |" for c in sources]
            out.append("")
    return "\n".join(out)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
