"""Station non tenue (practice P7, need 2): can somebody take an alarm now, and if not, who is called instead.

A look each second. Nobody is missed before a post was held once: a centre that is being set up calls nobody. Receptions
read `station_state` themselves, each second, and never trust a look older than some seconds: without a watch they
acknowledge as usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog

from veilleur.db.engine import Database
from veilleur.features.continuity import commands, queries
from veilleur.features.continuity.model import CARRIED_WITHIN, StationRules, next_calls
from veilleur.features.continuity.tables import Escalation, StationState
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act
from veilleur.watch.deciding import WATCH_ACTOR
from veilleur.watch.lease import Held, fence

log = structlog.get_logger()

STATION_LEVEL = 3
"""The level of an untaken dossier at which the station counts as silent (P7: 180 s)."""


@dataclass
class Station:
    """Looks at the room, under a lease."""

    database: Database
    clock: Clock
    held: Held

    def look(self) -> bool:
        """One look; whether the station is held. Raises LeaseLostError."""
        with self.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.clock.now(), WATCH_ACTOR)
            rules = queries.station_rules(session)
            state = self._state(act)
            unheld = self._judge(act, state, rules)
            self._escalate(act, state, rules, unheld=unheld)
            return not unheld

    @staticmethod
    def _state(act: Act) -> StationState:
        state = queries.station_state(act.session)
        if state is None:
            state = StationState(id=1, judged_at=act.now, withheld=False, awake_seconds=0)
            act.session.add(state)
        return state

    def _judge(self, act: Act, state: StationState, rules: StationRules) -> bool:
        """Whether nobody can take an alarm, for too long by now; says when it begins and ends."""
        able = [post for post in queries.staffed(act.session, act.now, rules) if post.awake]
        state.judged_at, state.awake_seconds = act.now, rules.awake_within
        if able:
            state.held_at = act.now
            if state.unheld_since is not None:
                facts = {"post": able[0].name, "holder": able[0].holder, "since": _said(state)}
                act.record("station.held", facts, touched=commands.ROOM)
                state.unheld_since = None
            _acknowledge(act, state, withheld=False)
            return False
        if state.held_at is None or act.now - state.held_at < timedelta(seconds=rules.unheld_after):
            return False
        if state.unheld_since is None:
            state.unheld_since = state.held_at
            act.record("station.unheld", {"since": _said(state)}, touched=commands.ROOM)
            log.warning("station_unheld", since=_said(state))
        _acknowledge(act, state, withheld=rules.stop_acknowledging)
        return True

    def _escalate(self, act: Act, state: StationState, rules: StationRules, *, unheld: bool) -> None:
        references, level = queries.untaken(act.session)
        running = queries.open_escalation(act.session)
        station = unheld or level >= STATION_LEVEL
        if not unheld and not references:
            if running is not None:
                commands.end(act, running, "held" if running.reason == "unheld" else "taken")
            return
        if running is None:
            since = state.unheld_since if unheld and state.unheld_since else act.now
            reason = "unheld" if unheld else "untaken"
            running = commands.begin(act, reason, since=since, incidents=references, station=station)
        else:
            commands.widen(act, running, incidents=references, station=station)
        self._call(act, running, rules)

    @staticmethod
    def _call(act: Act, running: Escalation, rules: StationRules) -> None:
        commands.give_up_waiting(act, running, act.now - CARRIED_WITHIN)
        act.session.flush()
        progress = queries.progress_of(act.session, running)
        wanted = next_calls(progress, queries.on_call(act.session), rules, act.now)
        if wanted.call or wanted.forget or wanted.nobody:
            commands.call(act, running, wanted)


def _acknowledge(act: Act, state: StationState, *, withheld: bool) -> None:
    """Receptions stop, or begin again, to acknowledge: an entry, and a hint to them."""
    if state.withheld == withheld:
        return
    kind = "station.acknowledging_stopped" if withheld else "station.acknowledging_resumed"
    act.record(kind, {}, touched=commands.ROOM)
    state.withheld = withheld
    log.warning(kind)


def _said(state: StationState) -> str | None:
    since = state.unheld_since
    return since.isoformat() if since else None
