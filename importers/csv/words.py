"""What banks call their columns, in the languages whose exports are common.

A name is compared without case, accents, punctuation and what stands in parentheses.
"""

import re
import unicodedata
from typing import Literal

Role = Literal[
    "date",
    "transaction-date",
    "value-date",
    "amount",
    "debit",
    "credit",
    "balance",
    "payee",
    "text",
    "currency",
    "id",
    "account",
    "flag",
]

# In each line the better name stands first.
_WORDS: dict[Role, str] = {
    "date": "posting date; post date; posted date; date posted; booking date; booked; "
    "completed date; buchungstag; buchungsdatum; buchung; date operation; date d operation; "
    "date comptable; fecha operacion; fecha de operacion; fecha contable; data contabile; "
    "data operazione; boekdatum; datum verrekening; bokforingsdag; data lancamento; "
    "data movimento; date; datum; fecha; data; dato; transaction date; trans date",
    "transaction-date": "transaction date; trans date; purchase date; date of purchase; "
    "started date; kaufdatum; belegdatum; date achat; date d achat; fecha compra; transactiedatum; "
    "datum verrichting",
    "value-date": "value date; valuta; valutadatum; wertstellung; wert; date valeur; "
    "date de valeur; fecha valor; data valuta; rentedatum",
    "amount": "amount; transaction amount; net amount; net; betrag; umsatz; montant; importe; "
    "importo; bedrag; belopp; kwota; valor; value",
    "debit": "debit; debits; debit amount; withdrawal; withdrawals; withdrawal amount; money out; "
    "paid out; out; soll; ausgang; belastung; lastschrift; debito; cargo; cargos; uscite; "
    "addebiti; dare; debet; retrait; sortie; sorties; spent",
    "credit": "credit; credits; credit amount; deposit; deposits; deposit amount; money in; "
    "paid in; in; haben; eingang; gutschrift; credito; abono; abonos; entrate; accrediti; avere; "
    "depot; entree; entrees; received",
    "balance": "balance; running balance; running bal; runningbalance; current balance; "
    "cash balance; net cash balance; closing balance; saldo; "
    "kontostand; solde; balance after",
    "payee": "payee; merchant; merchant name; partner name; counterparty; counter party; "
    "counterparty name; beneficiary; name; empfanger; auftraggeber empfanger; "
    "beguenstigter zahlungspflichtiger; beneficiaire; tiers; beneficiario; naam tegenpartij",
    "text": "description; details; transaction description; transaction details; narrative; "
    "narration; label; verwendungszweck; buchungstext; libelle; concepto; descripcion; "
    "descrizione; causale; omschrijving; mededelingen; memo; notes; note; particulars; remarks; "
    "text; transaction",
    "currency": "currency; ccy; wahrung; waehrung; devise; monnaie; moneda; divisa; valuta; munt",
    "id": "transaction id; id; fitid; unique id; transaction number; transaction no; "
    "transaktions id; id transaction",
    "account": "account number; account no; account; auftragskonto; konto; kontonummer; compte; "
    "numero de compte; cuenta; rekening; card number; card no; account name",
    "flag": "d c; c d; dc; dr cr; cr dr; debit credit; credit debit; credit debit indicator; "
    "soll haben; sens; af bij; transaction type; type; indicator; dare avere",
}
_LISTS = {role: words.split("; ") for role, words in _WORDS.items()}
PENDING = frozenset(
    "pending; processing; not posted; vorgemerkt; en attente; a venir; pendiente; in sospeso; "
    "in attesa; in behandeling".split("; ")
)
# Out and in, as a flag says them.
FLAGS = (
    ("d", "c"),
    ("dr", "cr"),
    ("dbit", "crdt"),
    ("debit", "credit"),
    ("s", "h"),
    ("soll", "haben"),
    ("af", "bij"),
    ("-", "+"),
    ("out", "in"),
    ("withdrawal", "deposit"),
    ("debet", "credit"),
)
_CARD = re.compile(
    r"credit card|card ?member|kreditkarte|carte de credit|tarjeta de credito|kredietkaart"
)
_BANK = re.compile(
    r"checking|chequing|savings account|current account|girokonto|compte courant|cuenta corriente"
    r"|betaalrekening|conto corrente|\biban\b"
)


def plain(name: str) -> str:
    """A name as it is compared: lower case letters and digits, words divided by one blank."""
    name = re.sub(r"\([^)]*\)", " ", name)
    letters = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def rank(name: str, role: Role) -> int:
    """How well a column's name says a role: 0 is best; 999 where it does not."""
    words = _LISTS[role]
    bare = plain(name)
    return words.index(bare) if bare in words else 999


def kind_said(text: str) -> str:
    """``card`` or ``bank`` where the text around a table says which; else empty."""
    bare = plain(text.replace("(", " ").replace(")", " "))
    card, bank = bool(_CARD.search(bare)), bool(_BANK.search(bare))
    if card == bank:
        return ""
    return "card" if card else "bank"
