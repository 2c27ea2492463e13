"""The static lint: what a journal may not say, read as text before Beancount sees it.

Beancount runs plugins that a file names, looks them up where a file says, and ends the process on
a division by zero. Books are data; these lines are refused, and a file that could harm the parser
is not parsed. What is only refused (a plugin, an option) does not run: the rules run all the same.
"""

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.findings import Finding, Severity
from core.journal.scan import Line, scan

MAX_FILE_BYTES = 50_000_000
MAX_LINE = 20_000
MAX_NESTING = 40

REFUSED_OPTIONS = {
    "insert_pythonpath": "changes where plugins are looked up",
    "plugin_processing_mode": "can switch Beancount's own checks off",
    "inferred_tolerance_default": "widens the tolerance of every balance",
    "inferred_tolerance_multiplier": "widens the tolerance of every balance",
    "tolerance_multiplier": "widens the tolerance of every balance",
    "infer_tolerance_from_cost": "widens the tolerance of every balance",
    "allow_pipe_separator": "hides mistakes in transaction headers",
    "allow_deprecated_none_for_tags_and_links": "hides mistakes in transaction headers",
}
REFUSED_CUSTOMS = {"fava-extension", "import-config"}

_OPTION = re.compile(r'\s*option\s+"((?:[^"\\]|\\.)*)"\s+"((?:[^"\\]|\\.)*)"')
_PLUGIN = re.compile(r'\s*plugin\s+"((?:[^"\\]|\\.)*)"')
_CUSTOM = re.compile(r'\d{4}[-/]\d\d[-/]\d\d\s+custom\s+"((?:[^"\\]|\\.)*)"')
# What Beancount itself writes into the metadata of every entry: where it stands.
_PLACE = re.compile(r"\s*(?:pushmeta\s+)?(filename|lineno)\s*:")
_DATE = re.compile(r"^\s*\d{4}/\d\d?/\d\d?|(?<![\d.])\d{4}/\d\d?/\d\d?(?![\d.])")
# Before 1700 and after 2199: no calendar of a business reaches there, and Python's ends at 9999.
_FAR = re.compile(r"((?:0\d|1[0-6]|2[2-9]|[3-9]\d)\d\d)[-/]\d")
_DIVISION = re.compile(r"/\s*([-+]?\s*[\d,]*\.?\d*)")
_BACKSLASH = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
# Control characters, and those that make text read in another order than it is parsed.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b\ufeff]")


@dataclass(frozen=True)
class LintResult:
    """Findings of one file, and whether it may be given to the parser."""

    findings: tuple[Finding, ...]
    parseable: bool


def lint_text(text: str, shown: str, allowed_plugins: Collection[str]) -> LintResult:
    """What one journal may not say. ``shown`` is the file name in findings.

    ``allowed_plugins`` are module names; a name that ends in ``.`` allows everything beneath it.
    """
    if is_plain(text):
        return LintResult((), True)
    findings: list[Finding] = []
    parseable = True
    if endless := _endless(scan(text)):
        message = "the text that begins here never ends; end it with a quotation mark"
        finding = Finding(
            "LINT-CHARS", Severity.ERROR, message, factor=_FACTOR, file=shown, line=endless
        )
        return LintResult((finding,), False)
    for line in scan(text):
        for code, message, harmless in _line_problems(line, allowed_plugins):
            parseable &= harmless
            findings.append(
                Finding(code, Severity.ERROR, message, factor=_FACTOR, file=shown, line=line.number)
            )
    return LintResult(tuple(findings), parseable)


def _endless(lines: Iterator[Line]) -> int:
    """The line where a string begins that never ends, where what stands behind it could harm:
    Beancount reads on behind its quotation mark as if there was none. Else 0."""
    begun: list[Line] = []
    for line in lines:
        if not line.inside or line.code:
            begun = []
        begun.append(line)
    if not begun or begun[0].code.count('"') % 2 == begun[0].inside:
        return 0
    code = [line.text.replace('"', " ") for line in begun]
    is_harmful = any(True for text in code for _ in _arithmetic(text))
    return begun[0].number if is_harmful else 0


_FACTOR = "Safety of the books"
_STRING = re.compile(r'"[^"\n\\]*"')
# A string or comment that stands right behind something else.
_GLUED = re.compile(r"[^\s\x00]\x00")
_GLUED_COMMENT = re.compile(r"[^\s;];")
# Between blanks, what may hold strings: Beancount swallows a quotation mark that stands behind
# what it cannot read, and from there on takes text for code and code for text.
_QUOTED = re.compile(
    r"(?:\{\{?|\(|[a-z][a-zA-Z0-9_-]+:|\{?\{?(?:[\d.-]+|[A-Z][A-Z0-9'._-]*[A-Z0-9]),"
    r'|(?:option|plugin|include|txn|event|query|custom|note)(?="))?(?:",?\|?)+[^"]*',
)
_COMMENT = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^";])*);', re.DOTALL)
_BEFORE_COMMENT = re.compile(
    r"[-+]?\d[\d,.]*|(?:[-+]?\d[\d,.]*)?[A-Z][A-Z0-9'._-]*[A-Z0-9]\}{0,2}|\}{1,2}"
    r'|[A-Z][\w-]*(?::[\w-]+)+|[#^][\w./-]+|[^"]*"|\d{4}-\d\d-\d\d',
)
# Whatever may begin a line that is looked at more closely.
_TO_LOOK_AT = re.compile(
    r"^(?:\s*(?:plugin|option)\b|\d{4}[-/]\d\d[-/]\d\d\s+custom\b|<<<<<<< |>>>>>>> "
    r"|\s*(?:pushmeta\s+)?(?:filename|lineno)\s*:|(?:0\d|1[0-6]|2[2-9]|[3-9]\d)\d\d[-/]\d)",
    re.MULTILINE,
)


def is_plain(text: str) -> bool:
    """Whether a glance at the whole text shows that no line of it can be a finding.

    Most journals are: dated entries, strings that end on their line, no division. A text that is
    not may still be harmless; then its lines are read one by one.
    """
    if _HIDDEN.search(text) or _TO_LOOK_AT.search(text) or text.count("(") > MAX_NESTING:
        return False
    code = _STRING.sub("\x00", text)
    if "/" in code or '"' in code or _GLUED.search(code) or _GLUED_COMMENT.search(code):
        return False
    return len(text) <= MAX_LINE or all(len(line) <= MAX_LINE for line in text.split("\n"))


def _line_problems(line: Line, allowed: Collection[str]) -> Iterator[tuple[str, str, bool]]:
    """Code, message, and whether the parser may still see the file."""
    if len(line.text) > MAX_LINE:
        yield "LINT-SIZE", f"the line is longer than {MAX_LINE:,} characters; break it up", False
        return
    hidden = _HIDDEN.search(line.text)
    if hidden:
        name = f"U+{ord(hidden.group()):04X}"
        what = f"holds the hidden character {name}; delete it"
        if line.number == 1 and line.text.startswith("\ufeff"):
            what = "begins with a byte order mark (U+FEFF); save the file as UTF-8 without one"
        yield "LINT-CHARS", what, hidden.group() != "\x00"
    if line.inside and not line.code and _BACKSLASH.search(line.text):
        yield "LINT-CHARS", "ends in a backslash within a text; delete it, or end the text", False
    if any('"' in word and not _QUOTED.fullmatch(word) for word in line.code.split()):
        message = "a quotation mark stands right behind something else; put a blank before it"
        yield "LINT-CHARS", message, False
    if _glued_comment(line):
        message = "a comment stands right behind something else; put a blank before the semicolon"
        yield "LINT-CHARS", message, False
    if line.inside:
        yield from _arithmetic(line.code)
        return
    if line.text.startswith(("<<<<<<< ", ">>>>>>> ")):
        yield (
            "LINT-CONFLICT",
            "a merge was left unfinished here; keep the right lines and delete git's markers "
            "(<<<<<<<, =======, >>>>>>>)",
            False,
        )
        return
    if place := _PLACE.match(line.code):
        message = (
            f"metadata called '{place[1]}' would hide where the entry stands, which Beancount "
            "keeps under that name; give it another one"
        )
        yield "LINT-META", message, False
    if far := _FAR.match(line.text):
        message = f"an entry of the year {far[1]}; books are of the years 1700 to 2199: correct it"
        yield "LINT-DATE", message, False
    yield from _declarations(line, allowed)
    yield from _arithmetic(line.code)


def _glued_comment(line: Line) -> bool:
    """Whether a comment stands right behind what Beancount cannot read, which swallows its mark."""
    begun = _COMMENT.match('"' + line.text if line.inside else line.text)
    if not begun or not begun[1].strip() or begun[1][-1].isspace():
        return False
    return not _BEFORE_COMMENT.fullmatch(begun[1].split()[-1])


def _declarations(line: Line, allowed: Collection[str]) -> Iterator[tuple[str, str, bool]]:
    if plugin := _PLUGIN.match(line.text):
        if not is_allowed(plugin[1], allowed):
            yield (
                "LINT-PLUGIN",
                f"the plugin '{plugin[1]}' is not allowed in these books and was not run; "
                "remove the line, or allow it in rules/plugins.yaml",
                True,
            )
    elif option := _OPTION.match(line.text):
        if option[1] in REFUSED_OPTIONS:
            why = REFUSED_OPTIONS[option[1]]
            yield "LINT-OPTION", f"the option '{option[1]}' {why}; remove the line", True
    elif (custom := _CUSTOM.match(line.text)) and custom[1] in REFUSED_CUSTOMS:
        yield (
            "LINT-CUSTOM",
            f"'{custom[1]}' directives make other programs run code; remove the line",
            True,
        )


def _arithmetic(code: str) -> Iterator[tuple[str, str, bool]]:
    """Division in an amount: only by a plain number that is not zero."""
    if code.count("(") > MAX_NESTING:
        yield "LINT-SIZE", f"more than {MAX_NESTING} parentheses on a line; write the result", False
    if "/" not in code:
        return
    for match in _DIVISION.finditer(_DATE.sub("", code)):
        divisor = match[1].replace(" ", "").replace(",", "")
        if not re.search(r"\d", divisor) or Decimal(divisor) == 0:
            yield (
                "LINT-DIVISION",
                "divides by zero or by something other than a plain number, which can end the "
                "process; write the result instead",
                False,
            )
            return


def is_allowed(plugin: str, allowed: Collection[str]) -> bool:
    """Whether the module name is listed, itself or by a prefix that ends in a dot."""
    return any(
        plugin == name or (name.endswith(".") and plugin.startswith(name)) for name in allowed
    )


def lint_tree(folder: Path, shown: Path) -> Iterator[Finding]:
    """What may not lie in the tree of the books: pickle caches, which run code when loaded."""
    found = [
        Path(at, name)
        for at, folders, names in os.walk(folder)  # there may be thousands of files
        for name in (*folders, *names)
        if name.endswith(".picklecache")
    ]
    for path in sorted(found):
        yield Finding(
            "LINT-CACHE",
            Severity.ERROR,
            "a pickle cache lies in the books; loading one can run code: delete the file",
            factor=_FACTOR,
            file=path.relative_to(shown).as_posix(),
        )
