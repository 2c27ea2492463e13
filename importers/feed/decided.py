"""What a person has decided on a pending line, on the draft of the line that it has become."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.journal.books import Books
from core.journal.render import clean_text
from importers.draft import Draft
from importers.feed.cache import Cache, Decision, offers
from importers.feed.contract import FeedLine


@dataclass
class Deciding:
    """Applies decisions to drafts, one run's; ``remarks`` say which could not be applied.

    A decision is applied where the feed itself says which pending line has posted. Where it does
    not, a decision on a pending line that it may be is offered in ``perhaps:``, and the line waits
    for review.
    """

    cache: Cache
    lines: Mapping[str, FeedLine]
    books: Books
    remarks: list[str] = field(default_factory=list)

    def __call__(self, draft: Draft) -> Draft:
        """The draft with what was decided."""
        line = self.lines.get(draft.line.bank_id) if draft.line else None
        return self.on(draft, line) if line else draft

    def on(self, draft: Draft, line: FeedLine) -> Draft:
        """The draft of ``line`` with what was decided of it."""
        found = self.cache.decided.get(line.pending_id) or self.cache.decided.get(line.id)
        if found:
            return self._applied(draft, found[1])
        if not draft.review:
            return draft
        accounts = (d.account for d in offers(self.cache, line) if self._fits(draft, d))
        perhaps = tuple(dict.fromkeys(filter(None, accounts)))
        return replace(draft, perhaps=perhaps) if perhaps else draft

    def _applied(self, draft: Draft, decision: Decision) -> Draft:
        payee = clean_text(decision.payee) or draft.payee
        narration = clean_text(decision.narration) or draft.narration
        tags = tuple(dict.fromkeys((*draft.tags, *decision.tags)))
        draft = replace(draft, payee=payee, narration=narration, tags=tags)
        if not decision.account:
            return draft
        if not self._fits(draft, decision):
            self.remarks.append(
                f"{draft.date} {draft.payee}: {decision.account}, which you had decided while it "
                f"was pending, is no open account of {draft.entity}; the line waits in the inbox"
            )
            return draft
        (leg, *_) = draft.others
        return replace(
            draft,
            others=(replace(leg, account=decision.account),),
            review="",
            perhaps=(),
            rule="",
            transfer="",
            counterparty="",
        )

    def _fits(self, draft: Draft, decision: Decision) -> bool:
        account = self.books.accounts.get(decision.account)
        fits = account is not None and account.entity == draft.entity
        return fits and account is not None and account.is_open(draft.date)
