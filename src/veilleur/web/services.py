"""What the composition gives to the web application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from veilleur.db.engine import Database
from veilleur.kernel.clock import Clock
from veilleur.kernel.ports import DeskFacts


@dataclass(frozen=True)
class Health:
    """What `/healthz` says: ready, and each role by name."""

    ready: bool
    roles: Mapping[str, Any] = field(default_factory=dict)


def alone() -> Health:
    """A desk that runs by itself answers for itself only."""
    return Health(ready=True)


@dataclass(frozen=True)
class DeskServices:
    """One desk process: its database, its clock, what features ask for, and how it is reached."""

    database: Database
    clock: Clock
    provide: Mapping[Any, object] = field(default_factory=dict)
    """What `features.http.provided(Kind)` gives, by kind: the contacts' key ring…"""
    facts: DeskFacts = field(default_factory=DeskFacts)
    centre: str = ""
    """The centre's mark, in the name of its cookie: two centres may share a host."""
    secure_cookies: bool = False
    """True behind HTTPS: cookies are Secure, and HSTS is sent."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names answered to, besides `localhost` and IP addresses."""
    pictures_from: tuple[str, ...] = ()
    """Origins besides our own that a page may connect to: the recorders' listeners (http and ws)."""
    metrics_token: str | None = None
    """When set, `/metrics` answers whoever shows it, and nobody else; without it, this machine only."""
    health: Callable[[], Health] = alone
    """Called in a thread; the database's own commit is tried apart."""
