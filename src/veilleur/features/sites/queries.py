"""Reads of the site's file: the door of this feature for those who read. `lock_site` is the lock of all acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from veilleur.db.engine import ReadSession, WriteSession
from veilleur.features.sites.connecting import Stand, connection_stand, records_of
from veilleur.features.sites.model import SiteView
from veilleur.features.sites.reading import contact_rows, current_contacts, read_site_view
from veilleur.features.sites.searching import FoundSite, search_sites
from veilleur.features.sites.secrets import open_panel_key, open_words
from veilleur.features.sites.tables import Centre, ConnectionRecord, Contact, DirectoryEntry, Site
from veilleur.features.sites.words import ContactWords, WordVerdict, check_word
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader, Scope
from veilleur.kernel.sealing import KeyRing
from veilleur.logbook.act import Subject

__all__ = [
    "ContactWords",
    "FoundSite",
    "SiteView",
    "WordVerdict",
    "centre",
    "check_contact_word",
    "contact_words",
    "current_contacts",
    "directory_for",
    "lock_site",
    "missing_services",
    "open_panel_key",
    "read_site_view",
    "search_sites",
    "site_connection",
    "site_of_reference",
    "site_row",
    "site_words",
    "subject_of",
    "visible_site",
]

#: What a commune's directory must answer; police or gendarmerie is one of two (practice: by zone).
NEEDED_SERVICES = (("police", "gendarmerie"), ("fire",), ("medical",))


def lock_site(session: WriteSession, site_id: int) -> Site:
    """Locks the site's row until the transaction ends and gives its present state.

    Raises NotFoundError. Every command and decision about a site begins here (ARCHITECTURE.md §5).
    """
    site = session.scalars(
        select(Site).where(Site.id == site_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if site is None:
        raise NotFoundError("No such site.", what="site", id=site_id)
    return site


def site_row(session: ReadSession, site_id: int) -> Site:
    """The site without its lock, for reading. Raises NotFoundError."""
    site = session.get(Site, site_id)
    if site is None:
        raise NotFoundError("No such site.", what="site", id=site_id)
    return site


def site_of_reference(session: ReadSession, reference: str) -> Site:
    """The site of a reference. Raises NotFoundError."""
    site = session.scalars(select(Site).where(Site.reference == reference)).one_or_none()
    if site is None:
        raise NotFoundError(f"There is no site «{reference}».", what="site", id=reference)
    return site


def visible_site(session: ReadSession, site_id: int, reader: Reader) -> Site:
    """The site, if the reader may see it. Raises NotFoundError: outside his perimeter it does not exist."""
    site = site_row(session, site_id)
    if not reader.perimeter.holds(Scope(site.organisation, site.customer_id, site.commune)):
        raise NotFoundError("No such site.", what="site", id=site_id)
    return site


def site_connection(session: ReadSession, site_id: int) -> tuple[Stand, list[ConnectionRecord]]:
    """Where a site's connection stands, and its records, the newest first. Raises NotFoundError."""
    site_row(session, site_id)
    return connection_stand(session, site_id), records_of(session, site_id)


def subject_of(site: Site, incident_id: int | None = None) -> Subject:
    """What an entry about this site carries: the site, its dossier if any, its perimeter."""
    return Subject(
        site_id=site.id,
        incident_id=incident_id,
        organisation=site.organisation,
        customer_id=site.customer_id,
        commune=site.commune,
    )


def centre(session: ReadSession) -> Centre | None:
    """The centre's own row, if it was set up."""
    return session.get(Centre, 1)


def site_words(session: ReadSession, ring: KeyRing, site_id: int, now: datetime) -> tuple[ContactWords, ...]:
    """The opened words of a site's contacts and of its brand's, never of those removed. One whose night has ended identifies
    nobody: his word is told for what it is, and his threat is heard as anybody's."""
    site = site_row(session, site_id)
    rows = contact_rows(session, site)
    return tuple(
        replace(open_words(ring, row), authorised=False)
        if row.provisional_until is not None and row.provisional_until <= now
        else open_words(ring, row)
        for row in rows
    )


def contact_words(session: ReadSession, ring: KeyRing, contact_id: int) -> ContactWords:
    """One contact's opened words: revealing them is the caller's traced act. Raises NotFoundError."""
    row = session.get(Contact, contact_id)
    if row is None or row.removed_at is not None:
        raise NotFoundError("No such contact.", what="contact", id=contact_id)
    return open_words(ring, row)


def check_contact_word(
    session: ReadSession,
    ring: KeyRing,
    site_id: int,
    typed: str,
    *,
    now: datetime,
    called: int | None = None,
) -> WordVerdict:
    """Compares what was heard with the site's words (practice P6); `called`: the contact on the line, if known."""
    return check_word(typed, site_words(session, ring, site_id, now), called)


def directory_for(
    session: ReadSession, commune: str | None, services: Sequence[str], zone: str | None = None
) -> list[DirectoryEntry]:
    """Who answers for a commune, by the order of `services`; a zone is a word of the
    directory, or simply the service that answers there: police or gendarmerie."""
    if commune is None:
        return []
    rows = session.scalars(
        select(DirectoryEntry).where(
            DirectoryEntry.commune == commune,
            DirectoryEntry.service.in_(services),
            DirectoryEntry.removed_at.is_(None),
        )
    )
    order = {service: rank for rank, service in enumerate(services)}
    kept = [row for row in rows if not zone or row.zone in {"", zone}]
    return sorted(
        kept, key=lambda row: (row.service != zone, order[row.service], row.zone != (zone or ""), row.id)
    )


def missing_services(
    session: ReadSession, communes: Sequence[str], also: Mapping[str, set[str]] | None = None
) -> dict[str, list[str]]:
    """Communes whose directory lacks a number, with what is missing: told at import, not at 3 a.m.

    `also`: services about to be added, by commune.
    """
    held: dict[str, set[str]] = {commune: set((also or {}).get(commune, ())) for commune in communes}
    rows = session.execute(
        select(DirectoryEntry.commune, DirectoryEntry.service).where(
            DirectoryEntry.commune.in_(list(held)), DirectoryEntry.removed_at.is_(None)
        )
    )
    for commune, service in rows:
        held[commune].add(service)
    missing = {
        commune: ["_or_".join(group) for group in NEEDED_SERVICES if not services & set(group)]
        for commune, services in held.items()
    }
    return {commune: lacking for commune, lacking in missing.items() if lacking}
