"""Proposals that mean harm. Each is named, says what it changes, and which verdict it must get.

``canary`` is a file that any code of theirs would write before it ends the process; ``secret`` one
beside the repository whose content must appear nowhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from proposals import HOSTING, OCTOBER, Changes, Entry, Repository

NOVEMBER = "ledger/acme/2026/2026-12.beancount"
GROUP = "ledger/group.beancount"
OK, REFUSED = 0, 1


@dataclass(frozen=True)
class Place:
    """Where a tree is made."""

    repository: Repository
    secret: Path
    canary: Path

    @property
    def code(self) -> str:
        """Python that leaves a trace, whatever a sandbox does."""
        path = str(self.canary)
        return f"import os\ntry:\n    open({path!r}, 'w').close()\nfinally:\n    os._exit(77)\n"

    def text(self, name: str) -> str:
        """A file of the base."""
        return self.repository.text(name)


@dataclass(frozen=True)
class Hostile:
    """``says`` is what the answer must contain besides the exit status."""

    name: str
    status: int
    says: str
    changes: Callable[[Place], Changes]


TREES: list[Hostile] = []


def tree(status: int, says: str) -> Callable[[Callable[[Place], Changes]], None]:
    """Registers a tree under its function's name."""

    def register(changes: Callable[[Place], Changes]) -> None:
        TREES.append(Hostile(changes.__name__, status, says, changes))

    return register


def with_more(place: Place, name: str, text: str) -> Changes:
    return {name: place.text(name) + text}


@tree(REFUSED, "REVIEW-TREE")
def a_month_is_a_link_out_of_the_tree(place: Place) -> Changes:
    return {NOVEMBER: Entry(str(place.secret).encode(), "120000")}


@tree(REFUSED, "REVIEW-TREE")
def the_root_is_a_link_out_of_the_tree(place: Place) -> Changes:
    return {GROUP: Entry(str(place.secret).encode(), "120000")}


@tree(REFUSED, "REVIEW-TREE")
def a_year_is_a_link_to_a_folder(place: Place) -> Changes:
    return {"ledger/acme/2025": Entry(b"../../../..", "120000")}


@tree(REFUSED, "REVIEW-BOOKS")
def the_ledger_itself_is_a_link(place: Place) -> Changes:
    names = place.repository.git("ls-tree", "-r", "--name-only", "main", "ledger").splitlines()
    gone: dict[str | bytes, Entry | bytes | str | None] = dict.fromkeys(names)
    return {**gone, "ledger": Entry(b"../../..", "120000")}


@tree(OK, "REVIEW-RULES")
def a_pattern_that_never_ends(place: Place) -> Changes:
    policy = '2020-01-01 custom "personal-payee" "*" "(x+x+)+y"\n'
    return {OCTOBER: policy + HOSTING.replace("Hoster", "x" * 200)}


@tree(REFUSED, "REVIEW-TREE")
def the_rules_are_a_link(place: Place) -> Changes:
    return {"rules/plugins.yaml": Entry(str(place.secret).encode(), "120000")}


@tree(REFUSED, "REVIEW-TREE")
def a_submodule(place: Place) -> Changes:
    return {"ledger/acme/more": Entry(b"x", "160000")}


@tree(OK, "REVIEW-RULES")
def a_file_of_submodules_that_runs_a_command(place: Place) -> Changes:
    text = f'[submodule "x"]\n  path = x\n  url = ext::sh -c "touch {place.canary}"\n'
    return {".gitmodules": f"{text}  update = !touch {place.canary}\n"}


@tree(REFUSED, "LINT-INCLUDE")
def an_absolute_include(place: Place) -> Changes:
    return with_more(place, GROUP, f'include "{place.secret}"\ninclude "/etc/passwd"\n')


@tree(REFUSED, "LINT-INCLUDE")
def an_include_that_climbs_out(place: Place) -> Changes:
    up = "../" * 12
    return with_more(place, GROUP, f'include "{up}{str(place.secret)[1:]}"\ninclude "../../**"\n')


@tree(REFUSED, "LINT-INCLUDE")
def an_include_of_a_device(place: Place) -> Changes:
    return with_more(place, GROUP, 'include "/dev/zero"\ninclude "/proc/self/environ"\n')


@tree(REFUSED, "LINT-INCLUDE")
def an_encrypted_include(place: Place) -> Changes:
    name = "ledger/acme/secret.beancount.gpg"
    return {name: b"-----BEGIN PGP MESSAGE-----\n", **with_more(
        place, GROUP, 'include "acme/secret.beancount.gpg"\n')}  # fmt: skip


@tree(REFUSED, "LINT-INCLUDE")
def includes_in_a_circle(place: Place) -> Changes:
    return {
        OCTOBER: 'include "circle.beancount"\n',
        "ledger/acme/2026/circle.beancount": 'include "2026-10.beancount"\n'
        'include "circle.beancount"\n',
    }


@tree(REFUSED, "LINT-INCLUDE")
def includes_that_multiply(place: Place) -> Changes:
    files = {f"ledger/acme/bomb/{n}.beancount": 'include "*.beancount"\n' for n in range(60)}
    return {**files, OCTOBER: 'include "../bomb/*.beancount"\n'}


@tree(REFUSED, "LINT-PLUGIN")
def an_unknown_plugin_beside_the_books(place: Place) -> Changes:
    return {"ledger/acme/2026/evil.py": place.code, OCTOBER: 'plugin "evil"\n'}


@tree(REFUSED, "REVIEW-TREE")
def a_plugin_line_in_the_root(place: Place) -> Changes:
    return {
        "evil.py": place.code,
        "ledger/evil.py": place.code,
        **with_more(place, GROUP, 'plugin "evil"\n'),
    }


@tree(OK, "REVIEW-RULES")
def a_known_plugin_that_opens_every_account(place: Place) -> Changes:
    return with_more(place, GROUP, 'plugin "beancount.plugins.auto_accounts"\n')


@tree(REFUSED, "BC-")
def a_known_plugin_that_would_hide_an_error(place: Place) -> Changes:
    text = '2026-10-01 * "X" "Y"\n  Expenses:Acme:Nowhere  1.00 USD\n  Income:Acme:Services\n'
    plugin = 'plugin "beancount.plugins.auto_accounts"\n'
    return {OCTOBER: text, **with_more(place, GROUP, plugin)}


@tree(OK, "REVIEW-RULES")
def the_veil_is_taken_out_of_the_root(place: Place) -> Changes:
    return {GROUP: place.text(GROUP).replace('plugin "bulkhead.veil" "group"', "")}


@tree(OK, "REVIEW-RULES")
def a_way_to_plugins_in_the_root(place: Place) -> Changes:
    return with_more(place, GROUP, 'option "insert_pythonpath" "TRUE"\n')


@tree(REFUSED, "LINT-OPTION")
def a_way_to_plugins_in_a_new_file(place: Place) -> Changes:
    return {OCTOBER: 'option "insert_pythonpath" "TRUE"\noption "documents" "/etc"\n'}


@tree(OK, "REVIEW-RULES")
def documents_from_outside(place: Place) -> Changes:
    return with_more(place, GROUP, 'option "documents" "/etc"\noption "documents" "../../.."\n')


@tree(REFUSED, "BC-")
def raw_mode_and_a_wide_tolerance_for_a_wrong_entry(place: Place) -> Changes:
    options = (
        'option "plugin_processing_mode" "raw"\noption "inferred_tolerance_default" "*:1000"\n'
    )
    wrong = (
        '2026-10-01 * "X" "Y"\n  Expenses:Acme:Hosting  9.00 USD\n  Income:Acme:Services  1 USD\n'
    )
    return {OCTOBER: wrong, **with_more(place, GROUP, options)}


@tree(OK, "REVIEW-RULES")
def an_option_over_several_lines(place: Place) -> Changes:
    return with_more(place, GROUP, 'plugin "bulkhead.veil" "group\n  and\n  more"\n')


@tree(REFUSED, "LINT-CUSTOM")
def a_directive_that_runs_code(place: Place) -> Changes:
    return {
        "ledger/acme/2026/ext.py": place.code,
        OCTOBER: '2026-10-01 custom "fava-extension" "ext"\n',
    }


@tree(REFUSED, "REVIEW-TREE")
def a_journal_of_more_than_fifty_megabytes(place: Place) -> Changes:
    return {OCTOBER: b"; x\n" * 12_600_000}


@tree(REFUSED, "LINT-SIZE")
def a_line_of_a_million_characters(place: Place) -> Changes:
    return {OCTOBER: f'2026-10-01 * "{"x" * 1_000_000}"\n'}


@tree(REFUSED, "LINT-SIZE")
def an_amount_of_a_million_digits(place: Place) -> Changes:
    return {OCTOBER: HOSTING.replace("120.00", "1" * 1_000_000)}


@tree(REFUSED, "BC-LEXER")
def an_amount_of_ten_thousand_digits(place: Place) -> Changes:
    return {OCTOBER: HOSTING.replace("120.00", "1" * 10_000)}


@tree(REFUSED, "LINT-SIZE")
def parentheses_without_end(place: Place) -> Changes:
    return {OCTOBER: HOSTING.replace("120.00", "(" * 9_000 + "1" + ")" * 9_000)}


@tree(REFUSED, "LINT-DIVISION")
def a_division_by_zero(place: Place) -> Changes:
    return {OCTOBER: HOSTING.replace("120.00", "(1 / (2 - 2))")}


@tree(OK, "No financial change")
def a_million_lines(place: Place) -> Changes:
    return {OCTOBER: b"; x\n" * 1_000_000}


@tree(REFUSED, "LINT-CHARS")
def nul_bytes(place: Place) -> Changes:
    return {OCTOBER: HOSTING + "\x00\x00"}


@tree(REFUSED, "LINT-FILE")
def latin_letters_that_are_no_utf8(place: Place) -> Changes:
    return {OCTOBER: HOSTING.replace("Server", "Büro").encode("latin-1")}


@tree(REFUSED, "LINT-CHARS")
def utf_16(place: Place) -> Changes:
    return {OCTOBER: HOSTING.encode("utf-16-le")}


@tree(REFUSED, "LINT-CHARS")
def text_that_turns_its_direction(place: Place) -> Changes:
    return {OCTOBER: HOSTING.replace("Server", "\u202eresreV\u2066")}


@tree(REFUSED, "LINT-CHARS")
def escapes_for_a_terminal(place: Place) -> Changes:
    more = '  note: "\x1b]0;title\x07\x1b[2J\x1b[31m"\n'
    return {OCTOBER: HOSTING.replace("  Expenses", f"{more}  Expenses", 1)}


@tree(REFUSED, "REVIEW-TREE")
def a_name_with_a_line_end_and_escapes(place: Place) -> Changes:
    return {"ledger/acme/2026/a\n### Fine\n\x1b[2J.beancount": HOSTING}


@tree(REFUSED, "REVIEW-TREE")
def names_that_a_program_takes_for_options(place: Place) -> Changes:
    return {"--output=x.beancount": HOSTING, "ledger/acme/2026/-rf": b"x"}


@tree(REFUSED, "REVIEW-TREE")
def a_folder_of_gits_own(place: Place) -> Changes:
    hook = Entry(f"#!/bin/sh\ntouch {place.canary}\n".encode(), "100755")
    return {".git/hooks/post-checkout": hook, "ledger/acme/.git/config": b"[core]\n"}


@tree(REFUSED, "REVIEW-TREE")
def names_that_look_like_gits_own(place: Place) -> Changes:
    names = (".GIT/config", "GIT~1/config", ".g\u200cit/config", ".git./config", ".git::$x/config")
    return dict.fromkeys(names, b"[core]\n")


@tree(REFUSED, "REVIEW-TREE")
def a_name_that_leads_out_of_the_tree(place: Place) -> Changes:
    return {"ledger/../../../escaped.beancount": HOSTING, "ledger/./x.beancount": HOSTING}


@tree(REFUSED, "REVIEW-TREE")
def names_that_differ_only_in_case(place: Place) -> Changes:
    return {OCTOBER: HOSTING, "ledger/Acme/2026/2026-10.beancount": HOSTING.replace("120", "999")}


@tree(REFUSED, "REVIEW-TREE")
def a_name_that_is_no_text(place: Place) -> Changes:
    return {b"ledger/acme/2026/\xff\xfe.beancount": HOSTING}


@tree(REFUSED, "REVIEW-TREE")
def folders_without_end(place: Place) -> Changes:
    return {"ledger/" + "x/" * 400 + "y.beancount": HOSTING}


@tree(REFUSED, "REVIEW-TREE")
def a_very_long_name(place: Place) -> Changes:
    return {"ledger/acme/2026/" + "x" * 5_000 + ".beancount": HOSTING}


@tree(REFUSED, "REVIEW-TREE")
def a_name_that_is_a_file_and_a_folder(place: Place) -> Changes:
    return {"ledger/acme/both": b"x", b"ledger/acme/both/x": b"y"}


@tree(OK, "REVIEW-RULES")
def attributes_with_filters(place: Place) -> Changes:
    text = "* filter=evil diff=evil merge=evil text=auto\n"
    return {".gitattributes": text, "ledger/.gitattributes": text, OCTOBER: HOSTING}


@tree(OK, "REVIEW-RULES")
def aliases_that_swell_in_the_rules(place: Place) -> Changes:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [
        f"{c}: &{c} [{', '.join(f'*{p}' * 9)}]" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    return {
        "rules/people.yaml": "\n".join(rows),
        "rules/plugins.yaml": "!!python/object/apply:os._exit [77]",
    }


@tree(OK, "warning VEIL-019")
def a_rule_switched_off_where_it_would_fire(place: Place) -> Changes:
    off = '2020-01-01 custom "veil-rule" "VEIL-019" "off"\n'
    return {OCTOBER: NO_RECEIPT, **with_more(place, "rules/policy.beancount", off)}


@tree(OK, "warning VEIL-019")
def a_rule_switched_off_among_the_entries(place: Place) -> Changes:
    return {OCTOBER: f'2020-01-01 custom "veil-rule" "VEIL-019" "off"\n{NO_RECEIPT}'}


@tree(REFUSED, "VEIL-001")
def the_policy_is_not_included_any_more(place: Place) -> Changes:
    left = place.text(GROUP).replace('include "../rules/policy.beancount"\n', "")
    return {OCTOBER: BOTH, GROUP: left, "rules/policy.beancount": None}


@tree(REFUSED, "VEIL-001")
def an_entity_renamed_so_that_nothing_crosses(place: Place) -> Changes:
    registry = "ledger/registry.beancount"
    return {
        OCTOBER: BOTH,
        registry: place.text(registry).replace('"Jane" "person"', '"Joan" "person"'),
    }


@tree(OK, "REVIEW-WAIVER")
def a_waiver_of_its_own_finding(place: Place) -> Changes:
    waiver = '  waive: "VEIL-019 lost"\n  waived-by: "me"\n'
    return {OCTOBER: HOSTING.replace('  receipt: "affidavit:affidavits/2026-10.md"\n', waiver)}


@tree(REFUSED, "REVIEW-TREE")
def a_pickle_cache(place: Place) -> Changes:
    pickled = b"cos\n_exit\n(I77\ntR."
    return {"ledger/.group.beancount.picklecache": pickled}


@tree(REFUSED, "REVIEW-TREE")
def compiled_files_of_a_module(place: Place) -> Changes:
    return {"ledger/__pycache__/beancount.cpython-311.pyc": b"\xa7\r\r\n" + bytes(40)}


@tree(OK, "REVIEW-RULES")
def modules_that_stand_in_for_ours(place: Place) -> Changes:
    names = (
        "sitecustomize.py",
        "beancount/__init__.py",
        "core/__init__.py",
        "yaml.py",
        "conftest.py",
    )
    return dict.fromkeys(names, place.code) | {OCTOBER: HOSTING}


@tree(REFUSED, "REVIEW-TREE")
def a_private_folder_with_a_cache(place: Place) -> Changes:
    return {".books/intent.json": b"{}", ".books/cache/x": b"\x80\x04.", OCTOBER: HOSTING}


@tree(OK, "REVIEW-RULES")
def another_workflow_and_makefile(place: Place) -> Changes:
    return {".github/workflows/books-review.yml": "on: push\n", "Makefile": "all:\n\ttouch x\n"}


@tree(REFUSED, "REVIEW-TREE")
def a_program_among_the_books(place: Place) -> Changes:
    return {"ledger/acme/2026/run": Entry(f"#!/bin/sh\ntouch {place.canary}\n".encode(), "100755")}


@tree(REFUSED, "LINT-DATE")
def dates_out_of_range(place: Place) -> Changes:
    return {
        OCTOBER: HOSTING.replace("2026-10-05", "2026-13-45")
        + HOSTING.replace("2026-10-05", "0000-00-00")
    }


@tree(REFUSED, "LINT-DATE")
def a_date_at_the_end_of_time(place: Place) -> Changes:
    return {OCTOBER: HOSTING.replace("2026-10-05", "9999-12-31")}


@tree(REFUSED, "BC-")
def a_tag_that_is_never_taken_off(place: Place) -> Changes:
    return {OCTOBER: f'pushtag #hidden\npushmeta waive: "VEIL-001 all"\n{HOSTING}'}


@tree(REFUSED, "LINT-META")
def metadata_that_hides_where_an_entry_stands(place: Place) -> Changes:
    more = '  filename: "/etc/passwd"\n  lineno: 1\n'
    return {OCTOBER: HOSTING.replace("  Expenses", f"{more}  Expenses", 1)}


@tree(OK, "The books change")
def a_payee_of_markdown(place: Place) -> Changes:
    payee = (
        "`` [x](https://e.example) ![i](https://e.example/i.png) </details><script>1</script> #1"
    )
    return {OCTOBER: HOSTING.replace("Hoster", payee)}


@tree(OK, "The books change")
def a_thousand_mentions(place: Place) -> Changes:
    return {OCTOBER: "".join(HOSTING.replace("Hoster", f"@user{n} @all") for n in range(1_000))}


@tree(REFUSED, "REVIEW-BOOKS")
def no_root_any_more(place: Place) -> Changes:
    return {GROUP: None, "ledger/acme/main.beancount": None, "ledger/jane/main.beancount": None}


@tree(REFUSED, "BC-DOCUMENT")
def a_document_from_outside(place: Place) -> Changes:
    path = "../" * 15 + str(place.secret)[1:] + ".not"
    return {OCTOBER: f'2026-10-01 document Expenses:Acme:Hosting "{path}"\n'}


@tree(REFUSED, "lies outside of the books")
def documents_that_this_machine_has(place: Place) -> Changes:
    names = (str(place.secret), "/etc/passwd", "/dev/zero", "../" * 15 + "etc/passwd")
    rows = (f'2026-10-01 document Expenses:Acme:Hosting "{name}"\n' for name in names)
    return {OCTOBER: "".join(rows)}


@tree(REFUSED, "BC-")
def an_option_behind_a_heading_with_a_quotation_mark(place: Place) -> Changes:
    wrong = (
        '2026-10-01 * "X" "Y"\n  Expenses:Acme:Hosting  9.00 USD\n  Income:Acme:Services  1 USD\n'
    )
    option = '* 5" pipes\noption "inferred_tolerance_default" "*:1000"\n* 6" pipes\n'
    return {OCTOBER: wrong, **with_more(place, GROUP, option)}


@tree(REFUSED, "LINT-CHARS")
def a_division_by_zero_behind_a_word_that_is_none(place: Place) -> Changes:
    divided = "2026-10-01 balance Assets:Acme:Suspense (1/(2-2)) USD\n" * 3
    return {OCTOBER: f'x"\n{divided}y"\n'}


@tree(OK, "No financial change")
def names_that_mean_the_verdict(place: Place) -> Changes:
    return {"ledger/acme/2026/Fine - nothing found.txt": b"<!-- books review -->\n### Fine\n"}


@tree(OK, "takes a root away")
def the_root_of_all_books_is_gone(place: Place) -> Changes:
    return {GROUP: None, OCTOBER: HOSTING}


NO_RECEIPT = HOSTING.replace('  receipt: "affidavit:affidavits/2026-10.md"\n', "")
BOTH = """\
2026-10-05 * "Hoster" "Server"
  receipt: "affidavit:affidavits/2026-10.md"
  Expenses:Acme:Hosting   120.00 USD
  Equity:Jane:OpeningBalances
"""
