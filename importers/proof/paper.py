"""What an import keeps beside the entries: the files themselves, and the balances they prove."""

from collections.abc import Iterable
from pathlib import Path

from core.entity import Entity
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, FileChange
from core.journal.placement import month_file
from core.journal.render import render
from importers.planned import FilePlan
from importers.proof.archive import kept
from importers.proof.balances import asserted, assertion


def papers(
    home: Home, books: Books, files: Iterable[FilePlan]
) -> tuple[list[tuple[Path, Entity, Block]], list[FileChange]]:
    """The files for the archive with their directives, and the balances that are proven."""
    blocks: list[tuple[Path, Entity, Block]] = []
    documents: dict[Path, FileChange] = {}
    known = asserted(books)
    for file in files:
        if file.refused or file.is_feed or not file.statements:
            continue
        paper = kept(home, books, file, known_paths=documents)
        if paper is None:
            continue
        blocks += paper.blocks
        if paper.change is not None:
            documents[paper.change.path] = paper.change
        for place, plan in enumerate(file.statements):
            proof = plan.proof
            if proof is None or plan.account is None or not proof.holds or proof.unread:
                continue
            balance = assertion(proof, paper.evidence.get(place, ""))
            if (balance.account, balance.date, balance.amount.currency) in known:
                continue
            known.add((balance.account, balance.date, balance.amount.currency))
            entity = books.registry.entities[plan.account.entity]
            blocks.append((month_file(entity, balance.date), entity, render(balance)))
    return blocks, list(documents.values())
