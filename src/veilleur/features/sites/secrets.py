"""Sealing and opening of a site's secrets: which row each belongs to is part of the seal."""

from __future__ import annotations

from veilleur.features.sites.tables import Contact
from veilleur.features.sites.words import ContactWords
from veilleur.kernel.sealing import KeyRing, panel_key_row


def word_row(contact_id: int, kind: str) -> str:
    """The identity that a contact's word is bound to; `kind`: code_word | duress_word."""
    return f"contact/{contact_id}/{kind}"


def open_panel_key(ring: KeyRing, panel_id: int, sealed: bytes | None) -> bytes | None:
    """A panel's AES key (16, 24 or 32 bytes), None when the panel speaks in clear. Raises SealError."""
    return None if sealed is None else ring.open(sealed, panel_key_row(panel_id))


def open_word(ring: KeyRing, contact_id: int, kind: str, sealed: bytes | None) -> str | None:
    """A contact's word as it was written. Raises SealError."""
    return None if sealed is None else ring.open(sealed, word_row(contact_id, kind)).decode()


def open_words(ring: KeyRing, contact: Contact) -> ContactWords:
    """Both words of a contact."""
    return ContactWords(
        contact.id,
        contact.authorised,
        open_word(ring, contact.id, "code_word", contact.code_word),
        open_word(ring, contact.id, "duress_word", contact.duress_word),
    )
