"""Reads of the site's file. `lock_site` is the lock every command and decision takes first."""

from __future__ import annotations

from sqlalchemy import select

from veilleur.db.engine import ReadSession, WriteSession
from veilleur.features.sites.model import SiteView
from veilleur.features.sites.reading import read_site_view
from veilleur.features.sites.tables import Centre, Site
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Subject

__all__ = ["SiteView", "centre", "lock_site", "read_site_view", "site_row", "subject_of"]


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
