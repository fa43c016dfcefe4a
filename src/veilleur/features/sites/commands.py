"""The door of this feature for those who change a site. One function is one use case in one transaction."""

from __future__ import annotations

from veilleur.features.sites.adoption import adopt_account
from veilleur.features.sites.connection import accept_connection, reopen_connection
from veilleur.features.sites.errors import (
    AccountTakenError,
    CallBackNeededError,
    PointsInAlarmError,
    SecondPersonNeededError,
    WordRefusedError,
)
from veilleur.features.sites.night import (
    NewContact,
    add_instruction,
    add_provisional_contact,
    end_instruction,
    expire_provisional_contact,
    review_contact,
    undo_contact_review,
)
from veilleur.features.sites.on_test import (
    Asking,
    TestScope,
    end_on_test,
    end_on_test_due,
    extend_on_test,
    note_on_test,
    refuse_on_test,
    start_on_test,
    warn_on_test,
    with_second,
)
from veilleur.features.sites.rotation import reseal_secrets
from veilleur.features.sites.states import (
    CENTRE_REFERENCE,
    discover_zone,
    ensure_centre_site,
    set_area_state,
    set_path_state,
    set_zone_state,
)

__all__ = [
    "CENTRE_REFERENCE",
    "AccountTakenError",
    "Asking",
    "CallBackNeededError",
    "NewContact",
    "PointsInAlarmError",
    "SecondPersonNeededError",
    "TestScope",
    "WordRefusedError",
    "accept_connection",
    "add_instruction",
    "add_provisional_contact",
    "adopt_account",
    "discover_zone",
    "end_instruction",
    "end_on_test",
    "end_on_test_due",
    "ensure_centre_site",
    "expire_provisional_contact",
    "extend_on_test",
    "note_on_test",
    "refuse_on_test",
    "reopen_connection",
    "reseal_secrets",
    "review_contact",
    "set_area_state",
    "set_path_state",
    "set_zone_state",
    "start_on_test",
    "undo_contact_review",
    "warn_on_test",
    "with_second",
]
