"""What a rule is: a pure function over Books, with what it is called and what it needs to see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from beancount.core import data

from core.codes import Code
from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape


class Scope(StrEnum):
    """The least that a rule needs to see to judge an entry.

    ``LINK``: the entry and those that share a link with it, and what is declared; never the day of
    the check. ``DECLARED``: no transaction at all. The others: the transactions of an entity, of an
    entity in a month, or of all. In each case no more than the rule ``looks_at``.
    """

    LINK = "link"
    DECLARED = "declared"
    ENTITY = "entity"
    MONTH = "month"
    EVERYTHING = "everything"


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue. ``check`` never mutates an entry.

    ``looks_at`` tells of a shape whether the rule's answer can depend on transactions of it at all,
    and ``looks_closer``, where there is one, on which of them: a rule that sees only those answers
    as if it saw all. What they say may depend on what is declared and on the registry, never on
    other transactions. Without ``looks_at`` a rule sees no transaction. ``dismisses`` gives for a
    shape what tells at a glance that ``looks_closer`` would say no, where such a glance is much
    cheaper (None: nothing does); rules that share ``looks_closer`` share it too.

    ``sees_assertions`` says that it looks at balance assertions and pads, which move with every
    entry above them; no other rule is shown them.

    ``usual`` is the severity of what the rule finds on an ordinary day, and the one that a policy
    sets: what is graded as worse than that (an error once the period is closed) stays worse.

    ``meaning``, ``cure`` and ``reference`` are its page in ``books explain``: what is wrong, what
    to do, and the source of the factor.
    """

    code: str
    title: str
    factor: str
    scope: Scope
    waivable: bool
    check: Callable[[Books], Iterable[Finding]]
    meaning: str
    cure: str
    reference: str
    looks_at: Callable[[Shape, Books], bool] | None = None
    looks_closer: Callable[[data.Transaction, Books], bool] | None = None
    dismisses: Callable[[Shape, Books], Callable[[data.Transaction], bool] | None] | None = None
    sees_assertions: bool = False
    usual: Severity = Severity.ERROR

    def described(self) -> Code:
        """The rule as a code of the table."""
        return Code(
            self.code,
            self.title,
            self.meaning,
            self.cure,
            factor=self.factor,
            waivable=self.waivable,
            reference=self.reference,
        )


def about(
    books: Books,
    txn: data.Transaction,
    *,
    code: str,
    factor: str,
    message: str,
    severity: Severity = Severity.ERROR,
    evidence: tuple[str, ...] = (),
    fix: str = "",
    fix_replaces: bool = False,
) -> Finding:
    """A finding about one transaction, with its place and identity."""
    file, line = books.where(txn)
    return Finding(
        code,
        severity,
        message,
        factor=factor,
        entities=tuple(sorted(books.registry.ents(txn))),
        date=txn.date,
        file=file,
        line=line,
        evidence=evidence,
        fix=fix,
        fix_replaces=fix_replaces,
        identity=(
            *sorted(txn.links or ()),
            *sorted(f"{p.account} {p.units}" for p in txn.postings),
        ),
    )


def described(txn: data.Transaction) -> str:
    """A transaction in a few words: payee, or else what it says."""
    return f"“{txn.payee or txn.narration or 'an entry without a name'}”"
