"""``books rules``: the rules tried on the history, and rules that decisions speak for."""

import json
import uuid
from typing import Any

import click

from core.entity import Entity
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.write import apply
from importers.rules.categorise import rules_path
from importers.rules.origin import BookedLine, Origins, booked_lines, origins
from importers.rules.proposals import Proposal, proposals
from importers.rules.text import appended
from importers.rules.trial import RuleTrial, Trial, tried
from scripts import books as loading
from scripts.completing import entities
from scripts.importing import reader_of
from scripts.table import print_table

_MOST = 10

_entity = click.option(
    "--entity", "-e", shell_complete=entities, default="", help="Only one entity's rules."
)
_form = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@click.group("rules")
def command() -> None:
    """Try the rules on the history, and have rules proposed.

    \b
      books rules test --entity acme
      books rules suggest --write
      books import --reflow               what edited rules change in the books
    """


@command.command("test")
@_entity
@_form
@click.pass_context
def test(ctx: click.Context, entity: str, form: str) -> None:
    """Run the rules over every imported line: what each would catch, and where two disagree.

    \b
      books rules test --entity acme

    Nothing is written. OTHERWISE counts the lines that stand decided against another account than
    the rule says; in brackets those that a person decided.
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    booked, found = _history(home, books)
    trials = [tried(e, booked, found, home=home, books=books) for e in _named(books, entity)]
    trials = [trial for trial in trials if trial.rules]
    if form == "json":
        told = {"entities": [_trial_json(trial, books) for trial in trials]}
        click.echo(json.dumps(told | {"unread": list(found.missing)}, indent=2))
        return
    for place, trial in enumerate(trials):
        if place:
            click.echo()
        _show_trial(trial, books)
    if not trials:
        click.echo("There are no rules yet: 'books rules suggest' proposes some.")
    _say_missing(found)


@command.command("suggest")
@_entity
@click.option("--write", is_flag=True, help="Write the rules that are shown into the rules files.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@_form
@click.option("--key", default="", hidden=True)
@click.pass_context
def suggest(
    ctx: click.Context, entity: str, write: bool, commit: bool, form: str, key: str
) -> None:
    """Propose rules from what was decided in the inbox, each with its reason.

    \b
      books rules suggest
      books rules suggest --entity acme --write

    Two decisions must agree and none disagree, and the rule must catch nothing in the history that
    was decided otherwise. With --write, 'books import --reflow' then decides what waits.
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    booked, found = _history(home, books)
    proposed = [
        proposal
        for owner in _named(books, entity)
        for proposal in proposals(owner, booked, found, home=home, books=books)
    ]
    change = _written(proposed, home)
    if form == "json":
        click.echo(json.dumps({"rules": [_proposal_json(p) for p in proposed]}, indent=2))
    else:
        _show_proposals(proposed, change)
        _say_missing(found)
    if not write or not proposed:
        return
    done = apply(home, change, key=key or str(uuid.uuid4()), commit=commit)
    if form == "text":
        for remark in done.remarks:
            click.echo(remark)
        click.echo(f"Wrote {_rules(len(proposed))}. 'books import --reflow' applies them.")


def _history(home: Home, books: Books) -> tuple[list[BookedLine], Origins]:
    booked = booked_lines(books)
    return booked, origins(booked, home=home, books=books, reader=reader_of(home))


def _named(books: Books, entity: str) -> list[Entity]:
    if entity:
        return [loading.entity_named(books, entity)]
    return [e for e in books.registry.entities.values() if e.books]


def _rules(count: int) -> str:
    return "1 rule" if count == 1 else f"{count} rules"


def _written(proposed: list[Proposal], home: Home) -> ChangeSet:
    by_path: dict[Any, list[Proposal]] = {}
    for proposal in proposed:
        path = rules_path(home, proposal.entity).relative_to(home.path)
        by_path.setdefault(path, []).append(proposal)
    files = [appended([p.rule for p in of], path, home) for path, of in by_path.items()]
    return ChangeSet(f"Add {_rules(len(proposed))} that decisions speak for", tuple(files))


def _say_missing(found: Origins) -> None:
    for source in found.missing:
        click.echo(f"{source} is gone or unreadable; its lines are known by their entries only.")


def _show_trial(trial: Trial, books: Books) -> None:
    file = f"rules/categorise/{trial.entity.folder}.yaml"
    click.echo(f"{file}: {_rules(len(trial.rules))} over {trial.lines} imported lines")
    if not trial.lines:
        return
    rows = []
    for rule in trial.rules:
        persons = len(rule.by_persons)
        otherwise = f"{len(rule.otherwise)} ({persons})" if rule.otherwise else "0"
        rows.append(
            (rule.rule.name, str(rule.catches), otherwise, rule.rule.then.account, _payees(rule))
        )
    print_table(
        ("rule", "catches", "otherwise", "account", "payees"), rows, right=("catches", "otherwise")
    )
    unmatched = [rule.rule.name for rule in trial.rules if not rule.matches]
    if unmatched:
        click.echo(f"No line matches: {', '.join(unmatched)}.")
    for rule in trial.rules:
        if rule.is_shadowed:
            first = ", ".join(f"'{name}'" for name in rule.taken_by)
            click.echo(f"'{rule.rule.name}' never decides: {first} before it takes all its lines.")
        for other in rule.by_persons[:_MOST]:
            place, line = books.where(other.booked.txn)
            txn = other.booked.txn
            click.echo(
                f"'{rule.rule.name}' says {rule.rule.then.account}, a person {other.stands}: "
                f"{place}:{line} {txn.date} {txn.payee or txn.narration}"
            )
    for dispute in trial.disagreements:
        place, line = books.where(dispute.example.txn)
        click.echo(
            f"'{dispute.first.name}' ({dispute.first.then.account}) and '{dispute.second.name}' "
            f"({dispute.second.then.account}) disagree on {dispute.count} lines; the first wins: "
            f"{place}:{line}"
        )
    click.echo(f"{trial.uncaught} lines are caught by no rule.")


def _payees(rule: RuleTrial) -> str:
    return "; ".join(rule.payees)


def _trial_json(trial: Trial, books: Books) -> dict[str, Any]:
    return {
        "entity": trial.entity.name,
        "lines": trial.lines,
        "uncaught": trial.uncaught,
        "rules": [
            {
                "rule": rule.rule.name,
                "account": rule.rule.then.account,
                "catches": rule.catches,
                "matches": rule.matches,
                "payees": list(rule.payees),
                "otherwise": [
                    {
                        "id": other.booked.id,
                        "stands": other.stands,
                        "by_rule": other.by_rule,
                        "file": books.where(other.booked.txn)[0],
                        "line": books.where(other.booked.txn)[1],
                    }
                    for other in rule.otherwise
                ],
                "taken_by": dict(rule.taken_by),
                "shadowed": rule.is_shadowed,
            }
            for rule in trial.rules
        ],
        "disagreements": [
            {
                "first": dispute.first.name,
                "second": dispute.second.name,
                "count": dispute.count,
                "example": dispute.example.id,
            }
            for dispute in trial.disagreements
        ],
    }


def _show_proposals(proposed: list[Proposal], change: ChangeSet) -> None:
    if not proposed:
        click.echo("No rule to propose: no payee was decided twice in the same way by a person.")
        return
    for proposal in proposed:
        waiting = f"; {proposal.waiting} more wait in the inbox" if proposal.waiting else ""
        click.echo(f"{proposal.entity.name}: {proposal.reason}{waiting}.")
    click.echo(change.diff(), nl=False)


def _proposal_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "entity": proposal.entity.name,
        "pattern": proposal.rule.pattern,
        "direction": proposal.rule.direction,
        "account": proposal.rule.account,
        "reason": proposal.reason,
        "waiting": proposal.waiting,
    }
