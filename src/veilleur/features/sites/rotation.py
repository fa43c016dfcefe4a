"""`veilleur keys rotate`: seals again, under the newest keys, every secret that an older key sealed."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from veilleur.features.sites.secrets import open_panel_key, open_word, word_row
from veilleur.features.sites.tables import Contact, Panel, Site
from veilleur.kernel.sealing import ID_BYTES, KeyRing, SealingKeys, panel_key_row
from veilleur.logbook.act import Act


def reseal_secrets(act: Act, keys: SealingKeys, *, most: int | None = None) -> int:
    """Seals again what is not under the newest keys, at most `most` rows of each kind; how many secrets.

    One entry, which the rows carry. Call it with a bound, in short transactions, until it gives 0: the sites
    concerned are locked meanwhile. Raises SealError when a secret cannot be opened: nothing is changed then.
    """
    panels = act.session.scalars(
        select(Panel).where(older(Panel.key_sealed, keys.panels)).order_by(Panel.id).limit(most)
    ).all()
    contacts = act.session.scalars(
        select(Contact)
        .where(or_(older(Contact.code_word, keys.contacts), older(Contact.duress_word, keys.contacts)))
        .order_by(Contact.id)
        .limit(most)
    ).all()
    sites = {panel.site_id for panel in panels} | {row.site_id for row in contacts if row.site_id is not None}
    if not panels and not contacts:
        return 0
    act.session.execute(select(Site.id).where(Site.id.in_(sites)).order_by(Site.id).with_for_update())
    entry = act.record("keys.resealed", {"panels": len(panels), "contacts": len(contacts)})
    count = 0
    for panel in panels:
        act.session.refresh(panel)
        key = open_panel_key(keys.panels, panel.id, panel.key_sealed)
        if key is not None:
            panel.key_sealed = keys.panels.seal(key, panel_key_row(panel.id))
            panel.entry_id = entry
            count += 1
    for contact in contacts:
        act.session.refresh(contact)
        for kind in ("code_word", "duress_word"):
            word = open_word(keys.contacts, contact.id, kind, getattr(contact, kind))
            if word is not None:
                setattr(contact, kind, keys.contacts.seal(word.encode(), word_row(contact.id, kind)))
                count += 1
        contact.entry_id = entry
    return count


def older(column: InstrumentedAttribute[bytes | None], ring: KeyRing) -> ColumnElement[bool]:
    """Whether a sealed value is there and not under the ring's newest key."""
    return func.substring(column, 1, ID_BYTES) != ring.newest
