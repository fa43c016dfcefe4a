"""A ghost becomes a site's panel: the account keeps its digits (practice P9)."""

from __future__ import annotations

import re

from sqlalchemy import or_, select, text

from veilleur.db.engine import ReadSession, WriteSession
from veilleur.features.sites.errors import AccountFormError, AccountTakenError
from veilleur.features.sites.queries import lock_site, subject_of
from veilleur.features.sites.searching import compute_search
from veilleur.features.sites.tables import Panel, Path, Site
from veilleur.logbook.act import Act
from veilleur.protocols.dc09 import canonical_account

#: What a panel's account is made of, and how many of them, by import or by adoption.
ACCOUNT, LONGEST_ACCOUNT = r"[0-9A-Za-z]+", 16
#: The path of a panel whose file names none: it takes every frame and nobody supervises it.
DEFAULT_PATH = "principale"


def is_account(account: str) -> bool:
    """Whether a panel may have it: what dials may call itself otherwise, or not at all."""
    return len(account) <= LONGEST_ACCOUNT and re.fullmatch(ACCOUNT, account) is not None


def claim_account(session: WriteSession, canonical: str) -> None:
    """Lets one transaction at a time give an account to a panel: the index alone does not see «any line»."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 9))"), {"key": canonical})


def account_holder(
    session: ReadSession, line: str | None, canonical: str, *, besides: int | None = None
) -> tuple[Panel, Site] | None:
    """The panel in use that would answer to this line and account, of any site but `besides`.

    No line means any line: it overlaps every named one (practice P9).
    """
    query = (
        select(Panel, Site)
        .join(Site, Site.id == Panel.site_id)
        .where(Panel.canonical == canonical, Panel.removed_at.is_(None))
    )
    if line is not None:
        query = query.where(or_(Panel.line.is_(None), Panel.line == line))
    if besides is not None:
        query = query.where(Panel.site_id != besides)
    row = session.execute(query.limit(1)).one_or_none()
    return None if row is None else (row[0], row[1])


def default_path(panel_id: int, entry_id: int) -> Path:
    """A path without match takes all (protocols.md rule 8)."""
    return Path(panel_id=panel_id, name=DEFAULT_PATH, match={}, state="unknown", entry_id=entry_id)


def adopt_account(act: Act, site_id: int, line: str | None, account: str) -> int:
    """Gives an unknown account to a site as a new panel in clear, with one path that takes all; the panel's
    id.

    Raises NotFoundError, AccountFormError, AccountTakenError.
    """
    if not is_account(account):
        raise AccountFormError(f"«{account}» is no account: 1 to 16 digits or letters.", account=account)
    site = lock_site(act.session, site_id)
    canonical = canonical_account(account)
    claim_account(act.session, canonical)
    holder = account_holder(act.session, line, canonical)
    if holder is not None:
        raise AccountTakenError(
            f"The account {account} already belongs to {holder[1].name}.",
            account=account,
            site=holder[1].name,
        )
    entry = act.record(
        "panel.adopted",
        {"account": account, "line": line, "site": site.name},
        subject=subject_of(site),
        touched={"site": [site.id]},
    )
    panel = Panel(
        site_id=site.id,
        account=account,
        canonical=canonical,
        line=line,
        time_policy="standard",
        clear_allowed=False,
        duplicate_seconds=60,
        sends_restores="unknown",
        adopted=True,
        entry_id=entry,
    )
    act.session.add(panel)
    act.session.flush()
    act.session.add(default_path(panel.id, entry))
    site.search, site.entry_id = compute_search(act.session, site), entry
    return panel.id
