"""The stages of an intervention as a table (duty S6): each is timed, what is absent is refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

#: Stage → what may come next. A late answer is still an answer; a man on his way may call off. `held`: told to wait at a
#: distance (P1); that he went in all the same is a fact, which no lock refuses.
STAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "asked": ("accepted", "held", "refused", "no_answer", "cancelled"),
        "no_answer": ("accepted", "refused", "cancelled"),
        "accepted": ("on_the_way", "on_site", "held", "refused", "cancelled"),
        "on_the_way": ("on_site", "held", "refused", "cancelled"),
        "held": ("on_the_way", "on_site", "done", "refused", "cancelled"),
        "on_site": ("finding", "held", "cancelled"),
        "finding": ("finding", "held", "done"),
        "refused": (),
        "done": (),
        "cancelled": (),
    }
)
#: He waits at a distance, ready to go on.
HELD = "held"
#: Nobody has left yet: the request may be withdrawn whatever is locked.
NOT_LEFT = frozenset({"asked", "no_answer"})
#: Somebody is asked, coming or there.
ENGAGED = frozenset({"asked", "accepted", "on_the_way", HELD, "on_site", "finding"})
#: The agent may meet what a new signal tells: he must be warned.
TO_WARN = frozenset({"accepted", "on_the_way", HELD, "on_site", "finding"})
#: His declared presence: signals meanwhile are labelled so, and still shown (P3).
PRESENT = frozenset({"on_site", "finding"})

FINDINGS = ("nothing", "break_in", "fire", "technical", "person", "other")
#: Findings that are a proof for the police call; «rien d'anormal» is none.
PROVING = frozenset({"break_in", "person"})


def may_become(state: str, wanted: str) -> bool:
    """Whether the table holds this step."""
    return wanted in STAGES[state]


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who may be sent. `asked`: where he stands in this dossier. `rank` None: of the commune, not the site's."""

    id: int
    name: str
    firm: str | None
    phone: str
    rank: int | None
    keys: str | None
    minutes: int | None
    card_expires: datetime | None
    asked: str | None


def card_expired(agent: Agent, now: datetime) -> bool:
    """Whether his professional card is over: he may not be sent (L612-20, L617-7)."""
    return agent.card_expires is not None and agent.card_expires <= now


def ranked(agents: Iterable[Agent], now: datetime) -> tuple[Agent, ...]:
    """In the order to ask: card valid, not yet asked, by the site's rank, with keys, then the nearest in minutes."""
    return tuple(
        sorted(
            agents,
            key=lambda agent: (
                card_expired(agent, now),
                agent.asked is not None,
                agent.rank is None,
                agent.rank or 0,
                agent.keys is None,
                agent.minutes if agent.minutes is not None else 10_000,
                agent.name,
            ),
        )
    )


def next_agent(agents: Iterable[Agent], now: datetime) -> Agent | None:
    """The next in line: never asked in this dossier, card valid."""
    return next(
        (agent for agent in ranked(agents, now) if agent.asked is None and not card_expired(agent, now)), None
    )
