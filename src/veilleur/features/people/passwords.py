"""Argon2id, a few at a time: hashing is made to be costly, and a flood of logins must not eat the machine."""

from __future__ import annotations

import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: RFC 9106, second recommended option (64 MiB, 3 passes, 4 lanes).
HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)

#: At most this many hashes at once: 128 MiB whatever peers do.
AT_ONCE = 2

_turn = threading.BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """The Argon2id hash, with its salt and parameters."""
    with _turn:
        return HASHER.hash(password)


@lru_cache
def _nobodys_hash() -> str:
    return hash_password("an unknown login takes as long as a known one")


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password fits; `stored` None (unknown login) costs the same time and is never right."""
    expected = stored or _nobodys_hash()
    with _turn:
        try:
            right = HASHER.verify(expected, password)
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the stored hash has weaker parameters than today's."""
    return HASHER.check_needs_rehash(stored)
