"""Who may open a closed period again (DOMAIN D6): an owner approves, and a second person with it;
and who approves what comes into a soft-closed one (D1): an accountant.

The second one is another owner, or an accountant, who may ask for it; preparers, auditors and
administrators open nothing.
"""

from collections.abc import Iterable

from beancount.core import data

from core.findings import UserError
from core.home import home_of
from core.journal.books import Books
from core.journal.files import read_bytes
from core.people import APPROVING, PEOPLE, People, Person, Role, parse_people

_FILE = PEOPLE.as_posix()


def two_people(people: People, entity: str, approved_by: str, second_by: str) -> tuple[str, str]:
    """The addresses of the owner who approves and of the second person, from their names, logins or
    addresses. Raises UserError for whom the file does not know, who may not, and one person twice.
    """
    owner = _known(people, entity, approved_by, "--approved-by", {Role.OWNER})
    second = _known(people, entity, second_by, "--second-by", APPROVING)
    if owner is second:
        raise UserError(
            f"{approved_by} and {second_by} are both {owner.name}, and it takes two people",
            file=_FILE,
            hint=_may(
                "--second-by", (p for p in people.with_role(entity, APPROVING) if p != owner)
            ),
        )
    return owner.emails[0], second.emails[0]


def _known(people: People, entity: str, text: str, option: str, roles: Iterable[Role]) -> Person:
    wanted = frozenset(roles)
    person = people.called(text)
    if person is None:
        raise UserError(
            f"{option} {text}: nobody there has this name, login or address",
            file=_FILE,
            hint=_may(option, people.with_role(entity, wanted))
            + f"; or add to people: - {{name: {_name(text)}, emails: [{_email(text)}], "
            f"roles: {{{entity}: {'owner' if wanted == {Role.OWNER} else 'accountant'}}}}}",
        )
    role = person.role(entity)
    if role not in wanted:
        what = f"is {role} of {entity}" if role else f"has no role in {entity}"
        duty = "an owner approves" if wanted == {Role.OWNER} else "an owner or accountant joins in"
        raise UserError(
            f"{option} {text}: {person.name} {what}, and {duty}",
            file=_FILE,
            hint=_may(option, people.with_role(entity, wanted)),
        )
    return person


def _may(option: str, some: Iterable[Person]) -> str:
    names = ", ".join(person.emails[0] for person in some)
    return f"{option} may be {names}" if names else f"nobody may be {option} yet"


def _name(text: str) -> str:
    return text.partition("@")[0] or text


def _email(text: str) -> str:
    return text if "@" in text.strip("@") else "THEIR-ADDRESS"


def people_of(books: Books) -> People | str | None:
    """The people of the home that books are of, in the state of the tree that they are of; None
    where it names none, and what is wrong where nobody can be read."""
    home = home_of(books.root)
    path = home.path / PEOPLE if home else None
    if path is None or not books.has_file(path):
        return None
    try:
        return parse_people(read_bytes(path, books.overlay))
    except UserError as error:
        return f"{_FILE} cannot be read: {error.message}"


def unapproved(txn: data.Transaction, entity: str, people: People | str | None) -> str:
    """What an adjusting entry lacks to come into a soft-closed period of an entity, or an empty
    string: an accountant's approval. Where nobody is an accountant there, an owner's does; where
    ``people`` are not known, that of whoever is named."""
    by = txn.meta.get("approved-by")
    if not isinstance(by, str) or not by.strip():
        return 'nobody approved it; give it approved-by: "cpa@example.org"'
    if people is None:
        return ""
    if isinstance(people, str):
        return f"who approved it is not known: {people}"
    wanted = {Role.ACCOUNTANT} if people.with_role(entity, {Role.ACCOUNTANT}) else {Role.OWNER}
    person = people.called(by)
    role = person.role(entity) if person else None
    if role in wanted:
        return ""
    what = f"is {role} of {entity}" if role else f"has no role in {entity}"
    may = ", ".join(each.emails[0] for each in people.with_role(entity, wanted))
    return f"approved-by: {by} {what} by {_FILE}; let {may or 'an owner'} approve it"
