"""Who telephones: a site found by name, town, telephone, account or reference (practice need 4).

Each site keeps one folded text of what a caller may say; a search is a handful of LIKEs over it, joined
with the names of its customer and brand. Nothing sensitive is in it or comes out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.sites.tables import Brand, Contact, Customer, Panel, Site
from veilleur.kernel.ports import Perimeter
from veilleur.logbook.act import fold

#: What can only be a telephone, an account or a reference.
NUMERIC = re.compile(r"\+?[\d .()/-]*\d[\d .()/-]*")
WORD = re.compile(r"[^\s’'\-–,.;/()«»\"%_\\]+")
#: A screen's worth; a caller who is still not found says more.
MAX_FOUND = 20
#: Nothing longer is said on the telephone.
MAX_QUERY = 100
#: Fewer digits than this are part of nearly every number.
MIN_DIGITS = 3


@dataclass(frozen=True, slots=True)
class FoundSite:
    """One site found, and by what: name | reference | account | phone | town | customer | contact."""

    id: int
    reference: str
    name: str
    town: str | None
    customer: str | None
    matched: str


def phone_digits(number: str) -> str:
    """The digits of an E.164 number, as the search text holds them: 33639981234."""
    return "".join(filter(str.isdecimal, number))


def search_text(parts: Iterable[str | None], phones: Iterable[str], accounts: Iterable[str]) -> str:
    """One line: folded words, then telephones, then accounts behind a sharp, each between spaces."""
    words = [word for part in parts if part for word in WORD.findall(fold(part))]
    numbers = [phone_digits(phone) for phone in phones]
    return f" {' '.join([*words, *numbers, *(f'#{fold(account)}' for account in accounts)])} "


def compute_search(session: ReadSession, site: Site) -> str:
    """The search text of a site from what is in the database now; flush pending rows before."""
    contacts = session.execute(
        select(Contact.name, Contact.phones).where(Contact.site_id == site.id, Contact.removed_at.is_(None))
    ).all()
    accounts = session.execute(
        select(Panel.account, Panel.canonical).where(Panel.site_id == site.id, Panel.removed_at.is_(None))
    ).all()
    phones = [phone["number"] for _, rows in contacts for phone in rows]
    return search_text(
        [site.name, site.reference, site.town, site.postcode, site.street, *(name for name, _ in contacts)],
        phones + ([site.phone] if site.phone else []),
        sorted({number for pair in accounts for number in pair}),
    )


def search_sites(session: ReadSession, query: str, perimeter: Perimeter) -> list[FoundSite]:
    """Sites inside a perimeter that answer to every word (or to the number) of a query; the surest first."""
    query = query.strip()[:MAX_QUERY]
    tokens = query_tokens(query)
    if not tokens:
        return []
    haystack = func.concat(Site.search, " ", Customer.sort_key, " ", Brand.sort_key)
    rows = session.execute(
        select(Site, Customer.name, Customer.sort_key)
        .outerjoin(Customer, Customer.id == Site.customer_id)
        .outerjoin(Brand, Brand.id == Site.brand_id)
        .where(within(perimeter, Site), and_(*(contains(haystack, token) for token in tokens)))
        .order_by(sureness(query, tokens), Site.sort_key, Site.id)
        .limit(MAX_FOUND)
    ).all()
    return [
        FoundSite(
            site.id, site.reference, site.name, site.town, customer, matched_by(site, key, query, tokens)
        )
        for site, customer, key in rows
    ]


def query_tokens(query: str) -> list[str]:
    """A number without its trunk prefix («06 39» and «+33 6 39» are one), or the folded words."""
    if NUMERIC.fullmatch(query):
        digits = phone_digits(query)
        return [national(digits)] if len(digits) >= MIN_DIGITS else []
    return WORD.findall(fold(query))


def national(digits: str) -> str:
    """Digits without 00, or without the French trunk 0; a short number (an account) keeps its zeros."""
    if digits.startswith("00") and len(digits) > 8:
        return digits[2:]
    return digits[1:] if digits.startswith("0") and len(digits) >= 8 else digits


def contains(column: ColumnElement[str] | InstrumentedAttribute[str], token: str) -> ColumnElement[bool]:
    """A plain LIKE: tokens hold no wildcard."""
    return column.like(literal(f"%{token}%"))


def sureness(query: str, tokens: list[str]) -> ColumnElement[int]:
    """How sure, surest first: that very account or reference (0); the name begins so (1), has these words whole (2),
    holds them (3); whole words of anything else (4); what only holds the letters or digits, as a reference does (5).
    """
    folded = fold(query)
    account = folded.replace(" ", "")
    begins = func.starts_with(Site.sort_key, folded)
    return case(
        (or_(contains(Site.search, f" #{account} "), func.lower(Site.reference) == folded), 0),
        (begins, 1),
        (and_(*(contains(func.concat(" ", Site.sort_key, " "), f" {token} ") for token in tokens)), 2),
        (and_(*(contains(Site.sort_key, token) for token in tokens)), 3),
        (and_(*(contains(Site.search, f" {token} ") for token in tokens)), 4),
        else_=5,
    )


def matched_by(site: Site, customer_key: str | None, query: str, tokens: list[str]) -> str:
    """Which of the things a caller may say was found."""
    account = f" #{fold(query).replace(' ', '')}"
    if f"{account} " in site.search:
        return "account"
    fields = {"name": site.sort_key, "reference": fold(site.reference), "town": fold(site.town or "")}
    for field, value in fields.items():
        if all(token in value for token in tokens):
            return field
    if account in site.search:
        return "account"
    if NUMERIC.fullmatch(query):
        return "phone"
    if customer_key and all(token in customer_key for token in tokens):
        return "customer"
    whole = " ".join(fields.values()) + (customer_key or "")
    return "name" if all(token in whole for token in tokens) else "contact"
