"""The door of this feature for those who change cameras. One function is one use case in one transaction."""

from __future__ import annotations

from veilleur.features.cameras.authorisations import renew_authorisation, watch_authorisations
from veilleur.features.cameras.editing import (
    add_camera,
    change_camera,
    remove_camera,
    resume_camera,
    set_password,
    suspend_camera,
)
from veilleur.features.cameras.faults import check_mask, close_fault, open_fault
from veilleur.features.cameras.rotation import reseal_passwords

__all__ = [
    "add_camera",
    "change_camera",
    "check_mask",
    "close_fault",
    "open_fault",
    "remove_camera",
    "renew_authorisation",
    "reseal_passwords",
    "resume_camera",
    "set_password",
    "suspend_camera",
    "watch_authorisations",
]
