"""Why an entry has the account it has: the rule and where it stands, a person, or nobody yet."""

from collections.abc import Iterable, Sequence

from beancount.core import data

from core.config import read_text
from core.findings import UserError
from core.home import Home
from core.identity import ids_of
from core.journal.books import Books
from importers.posted import is_undecided
from importers.rules.categorise import rules_path
from importers.rules.text import line_of


def entry_of(wanted: str, books: Books) -> tuple[str, data.Transaction]:
    """The bank line (its whole id) whose id is, begins or ends with ``wanted``, and its entry.

    Raises UserError where there is none, or more than one.
    """
    found = {
        line_id: txn
        for txn in books.select("of bank lines", _has_id)
        for posting in txn.postings
        for line_id in ids_of(posting)
        if line_id.startswith(wanted) or line_id.endswith(wanted)
    }
    if wanted in found:
        return wanted, found[wanted]
    if len(found) == 1:
        return next(iter(found.items()))
    if not found:
        raise UserError(
            f"no bank line in the books has the id '{wanted}'",
            hint="'id:' on the entry's bank posting says it, and 'books inbox' lists what waits",
        )
    raise UserError(f"{len(found)} lines have an id like '{wanted}'", hint="write more of the id")


def reasons(txn: data.Transaction, *, home: Home, books: Books) -> list[str]:
    """Sentences that say what decided the entry, or what it waits for."""
    said = []
    review = txn.meta.get("review")
    rule = txn.meta.get("rule")
    if isinstance(rule, str) and rule:
        said += [_rule(name, txn, home, books) for name in rule.split(", ")]
    if review:
        said.append(f'it waits for a person: review "{review}"' + _WAITS.get(str(review), ""))
    elif not rule:
        said.append("no rule made it so: a person decided it, or it came so from its file")
    perhaps = txn.meta.get("perhaps")
    if isinstance(perhaps, str) and perhaps:
        said += _candidates(perhaps.split(", "), str(review), books)
    party = txn.meta.get("counterparty")
    if txn.meta.get("transfer") and party:
        link = next((f", ^{link}" for link in txn.links or ()), "")
        said.append(f"a crossing: {txn.meta['transfer']} with {party}{link}")
    return said


_WAITS = {
    "categorise": ", since no rule says its account",
    "transfer": ", since it may be one side of a transfer",
    "duplicate": ", since another source may have told the same line",
}


def _rule(name: str, txn: data.Transaction, home: Home, books: Books) -> str:
    entities = sorted(books.registry.ents(txn))
    for entity in (books.registry.entities[owner] for owner in entities):
        path = rules_path(home, entity)
        if path.is_file():
            shown = path.relative_to(home.path).as_posix()
            line = line_of(name, read_text(path, shown))
            if line:
                return f"rule '{name}' decided it: {shown}:{line}"
    return f"rule '{name}' decided it, which is no longer in the rules"


def _candidates(ids: Sequence[str], review: str, books: Books) -> Iterable[str]:
    for line_id in ids:
        if line_id in books.accounts:
            yield f"{line_id} was chosen for a pending line that it may be"
            continue
        try:
            _, txn = entry_of(line_id, books)
        except UserError:
            yield f"it may belong to {line_id}, which is not in the books"
            continue
        file, line = books.where(txn)
        name = txn.payee or txn.narration
        decided = (
            ", which is decided since" if review == "transfer" and not is_undecided(txn) else ""
        )
        yield f"it may belong to {line_id}: {txn.date} {name}, {file}:{line}{decided}"


def _has_id(txn: data.Transaction) -> bool:
    return any(ids_of(posting) for posting in txn.postings)
