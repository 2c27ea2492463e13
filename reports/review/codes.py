"""The findings that only a review of a proposal has."""

from core.codes import Code
from core.findings import Severity
from core.journal.proposal import FACTOR, TREE

DUTIES = "Separation of duties"
RULES, WAIVER, AUTHOR = "REVIEW-RULES", "REVIEW-WAIVER", "REVIEW-AUTHOR"
APPROVAL, LIMIT, ALONE = "REVIEW-APPROVAL", "REVIEW-LIMIT", "REVIEW-ALONE"
BOOKS = "REVIEW-BOOKS"
VENDOR, RECONCILED = "REVIEW-VENDOR", "REVIEW-RECONCILED"
SIGNATURE = "REVIEW-SIGNATURE"

CODES = (
    Code(
        TREE,
        "File that is no data",
        "a proposal brings a link, a submodule, a program, a cache, or a name that means something "
        "to git, a shell or another system; it was left out of what was judged",
        "delete or rename it in the proposal",
        factor=FACTOR,
    ),
    Code(
        BOOKS,
        "Books that cannot be read",
        "the proposal's root file is missing or is no plain text file",
        "restore it in the proposal",
        factor=FACTOR,
    ),
    Code(
        RULES,
        "Change of rules",
        "a proposal changes rules, policy, the registry, options, plugin lines, or files beside "
        "the books; it was judged with those of the base",
        "let an owner propose or approve it",
        Severity.WARNING,
        factor=DUTIES,
    ),
    Code(
        WAIVER,
        "Waiver that comes with its finding",
        "a proposal waives what a rule finds in it",
        "let an owner approve it",
        Severity.WARNING,
        factor=DUTIES,
    ),
    Code(
        AUTHOR,
        "Author without a role",
        "who made a commit is not in rules/people.yaml, or may not write in these books",
        "let somebody propose it who may, or have an owner change rules/people.yaml first",
        factor=DUTIES,
    ),
    Code(
        APPROVAL,
        "Not approved",
        "nobody who may has approved the proposal, or only who made it",
        "have an owner or accountant of the entity approve it",
        factor=DUTIES,
    ),
    Code(
        LIMIT,
        "One approval above the limit",
        "an amount is above the entity's approval limit, and fewer than two people approved it",
        "have a second person approve it",
        factor=DUTIES,
    ),
    Code(
        VENDOR,
        "Vendor changed and paid by one person",
        "who changed a vendor's directive (or wrote a new one with bank details) also wrote a "
        "payment to that vendor dated within ten days of it, before or after; both count by their "
        "commits, of the proposal and of the two months before it",
        "ask the vendor, by a number known from before, whether the details are theirs; let "
        "somebody else propose one of the two",
        Severity.WARNING,
        factor=DUTIES,
    ),
    Code(
        RECONCILED,
        "Account reconciled by who wrote its entries",
        "who wrote the balance of a bank or card account with its statement: also wrote entries of "
        "the account since the balance before",
        "let somebody else reconcile the account: compare it with the bank's own statement",
        Severity.WARNING,
        factor=DUTIES,
    ),
    Code(
        SIGNATURE,
        "Commit that its author did not sign",
        "rules/people.yaml has keys of an author, and a commit in their name has no good signature "
        "by one of them: an error where the signature is another's or does not hold, and where "
        "nobody else approves or says who proposed it",
        "have the author sign it (git commit --amend -S), ask them whether they made it, or name "
        "who proposed it with --author",
        factor=DUTIES,
    ),
    Code(
        ALONE,
        "One person",
        "nobody but the author could approve: duties cannot be separated, and the compensating "
        "control of rules/people.yaml stands in for it",
        "nothing; name the control in compensating-control where it is missing",
        Severity.INFO,
        factor=DUTIES,
    ),
)
