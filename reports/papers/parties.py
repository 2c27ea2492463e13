"""Who stands on a paper, from the registry: legal names, what they are, where, who owns them.

What a paper needs and the registry does not say is refused with the line to add: a paper with a
guessed name or law is worse than none.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.entity import Entity
from core.findings import UserError
from core.journal.books import Books
from reports.papers.paper import A4, US_LETTER, Signer

_KINDS = {
    "llc": "limited liability company",
    "corporation": "corporation",
    "india-pvt": "private limited company",
    "llp": "limited liability partnership",
    "trust": "trust",
    "person": "individual",
}
_OWNERS = {
    "llc": ("member", "members"),
    "corporation": ("shareholder", "shareholders"),
    "india-pvt": ("shareholder", "shareholders"),
    "llp": ("partner", "partners"),
    "trust": ("beneficiary", "beneficiaries"),
}
# By the parts of ``jurisdiction: "US-OR"`` (ISO 3166-2).
_COUNTRIES = {"US": "the United States", "IN": "India", "GB": "the United Kingdom"}
_STATES = dict(
    zip(
        "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ"
        " NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY".split(),
        (
            "Alabama,Alaska,Arizona,Arkansas,California,Colorado,Connecticut,Delaware,Florida,"
            "Georgia,Hawaii,Idaho,Illinois,Indiana,Iowa,Kansas,Kentucky,Louisiana,Maine,Maryland,"
            "Massachusetts,Michigan,Minnesota,Mississippi,Missouri,Montana,Nebraska,Nevada,"
            "New Hampshire,New Jersey,New Mexico,New York,North Carolina,North Dakota,Ohio,"
            "Oklahoma,Oregon,Pennsylvania,Rhode Island,South Carolina,South Dakota,Tennessee,"
            "Texas,Utah,Vermont,Virginia,Washington,West Virginia,Wisconsin,Wyoming"
        ).split(","),
        strict=True,
    )
)


@dataclass(frozen=True)
class Party:
    """An entity as a paper names it. ``place`` is the law it lives under, empty for a person whose
    registry entry has no ``jurisdiction``."""

    name: str
    legal_name: str
    kind: str
    place: str
    currency: str
    size: str

    @property
    def described(self) -> str:
        """``Acme Widgets LLC, a limited liability company of the State of Oregon``."""
        if self.kind == "person":
            return f"{self.legal_name}, an individual"
        return f"{self.legal_name}, a {kind_name(self.kind)} of {self.place}"

    @property
    def owner(self) -> str:
        """What one of its owners is called: ``member``."""
        return _OWNERS.get(self.kind, ("owner", "owners"))[0]

    @property
    def owners(self) -> str:
        """What its owners are called together."""
        return _OWNERS.get(self.kind, ("owner", "owners"))[1]

    def signature(self, role: str) -> Signer:
        """How it signs: a person for itself, a company by somebody with a title."""
        return Signer(self.legal_name, role, by=self.kind != "person")


def party(books: Books, name: str) -> Party:
    """The registered entity as a party; raises UserError naming what the registry lacks."""
    entity = books.registry.named(name)
    if entity is None:
        raise UserError(
            f"“{name}” is no registered entity, and a paper cannot name it",
            hint=f'add: {books.as_of} custom "entity" "{name}" "person" (or "llc", …) with '
            'legal-name: "…" to ledger/registry.beancount',
        )
    if not entity.legal_name:
        raise _lacks(entity, books, 'legal-name: "…"')
    place = place_name(jurisdiction(entity))
    if not place and not entity.is_person:
        raise _lacks(entity, books, 'jurisdiction: "US-OR" (country and state)')
    return Party(
        entity.name, entity.legal_name, entity.kind, place, entity.currency, paper_size(entity)
    )


def legal_name(books: Books, name: str) -> str:
    """The legal name of the entity, or the name where the registry has none."""
    entity = books.registry.named(name)
    return (entity.legal_name if entity else "") or name


def kind_name(kind: str) -> str:
    """``limited liability company`` for ``llc``; a kind that is not known stays as it is."""
    return _KINDS.get(kind, kind)


def jurisdiction(entity: Entity) -> str:
    """``US-OR``, or an empty text."""
    said = entity.meta.get("jurisdiction")
    return said.strip().upper() if isinstance(said, str) else ""


def place_name(code: str) -> str:
    """``the State of Oregon`` for ``US-OR``; a code that is not known stays as it is."""
    country, _, state = code.partition("-")
    if country == "US" and state in _STATES:
        return f"the State of {_STATES[state]}"
    if country == "US" and state == "DC":
        return "the District of Columbia"
    return _COUNTRIES.get(country, code)


def paper_size(entity: Entity) -> str:
    """Letter in the United States (where nothing is said: for who reckons in dollars), else A4."""
    country = jurisdiction(entity).partition("-")[0]
    in_us = country == "US" if country else entity.currency == "USD"
    return US_LETTER if in_us else A4


def owners(books: Books, company: Party, day: dt.date) -> tuple[tuple[Party, Decimal], ...]:
    """The owners of a company on a day with their percentages, the largest share first."""
    shares = books.registry.owners(company.name, day)
    if not shares:
        raise UserError(
            f"nobody is registered as owner of {company.name} on {day}, so nobody can sign",
            hint=f'add: {day} custom "ownership" "{company.name}" "…" 100.00 to '
            "ledger/registry.beancount",
        )
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return tuple((party(books, name), share) for name, share in ordered)


def _lacks(entity: Entity, books: Books, wanted: str) -> UserError:
    meta = entity.meta
    return UserError(
        f"{entity.name} has no {wanted.partition(':')[0]}, and the paper needs it",
        file=books.relative(str(meta.get("filename", ""))),
        line=int(meta.get("lineno", 0)),
        hint=f"add below the entity directive: {wanted}",
    )
