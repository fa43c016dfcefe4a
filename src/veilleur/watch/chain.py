"""The built-in dialler (issue «Hold»): each minute a real frame on each reception line, painted on each staffed desk.

A round: a secret per line is written, then dialled; the reception commits what it heard with its batch; this watch sees
it; the desk's beat carries the round; a window paints it and says so. What does not arrive within 5 s is told: the line
as a fault of the centre (`health.py` opens its dossier), the desk on its post and to the chef de salle. Nothing is
entered while all is well.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select, text

from veilleur.db.engine import Database
from veilleur.features.continuity.queries import ALIVE_WITHIN, chain_lines, chain_state
from veilleur.features.continuity.tables import ChainLine, ChainState
from veilleur.features.people.tables import Post
from veilleur.features.sites import commands as sites
from veilleur.features.sites.tables import Panel
from veilleur.kernel import chain
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act
from veilleur.watch.deciding import WATCH_ACTOR
from veilleur.watch.dialler import Target, dial, frame
from veilleur.watch.lease import Held, fence

ROUND = 60.0
"""Seconds between two rounds."""

PAINTED_WITHIN = timedelta(seconds=5)
"""From the frame that came through to the row painted on a desk."""

SETTLING = 5.0
"""Seconds that receptions are given to know a panel just made."""

# Frames of this round that receptions have committed.
HEARD = text("""
SELECT h.line, min(h.heard_at) AS at FROM chain_heard h
JOIN chain_line c ON c.line = h.line AND c.nonce = h.nonce AND c.received_at IS NULL GROUP BY h.line""")

# Staffed posts whose screen lives since before the round came through: the last round each of them painted.
SCREENS = text("""
SELECT p.id, p.unverified_since IS NOT NULL AS unverified, max(w.painted_round) AS painted FROM post p
JOIN web_session w ON w.post_id = p.id AND w.last_seen >= :alive AND w.created_at < :sent
WHERE p.holder_id IS NOT NULL AND p.held_since < :sent AND p.removed_at IS NULL
GROUP BY p.id ORDER BY p.id""")

Dial = Callable[[Target, bytes], str | None]


@dataclass
class Chain:
    """Dials and judges, under a lease. Answers come from threads of their own and are entered at the next look."""

    database: Database
    clock: Clock
    held: Held
    targets: Sequence[Target]
    _answers: list[tuple[str, int, str | None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _due: float = float("-inf")

    def look(self) -> None:
        """Begins a round when it is due, else judges the one that runs. Raises LeaseLostError."""
        if self.clock.monotonic() >= self._due:
            self._begin()
        else:
            self._judge()

    def _begin(self) -> None:
        said: list[tuple[Target, bytes]] = []
        self._due = self.clock.monotonic() + ROUND
        with self.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.clock.now(), WATCH_ACTOR)
            if self._made_panel(act):
                self._due = self.clock.monotonic() + SETTLING
                return
            number = self._next_round(act)
            session.execute(text("DELETE FROM chain_heard"))
            for target in self.targets:
                nonce = secrets.token_hex(8)
                self._expect(act, target.line, number, nonce)
                said.append((target, frame(nonce, number, act.now)))
            gone = [row for row in chain_lines(session) if row.line not in {t.line for t in self.targets}]
            for row in gone:
                session.delete(row)
        for target, content in said:
            thread = threading.Thread(target=self._dial, args=(target, number, content), daemon=True)
            thread.start()

    @staticmethod
    def _made_panel(act: Act) -> bool:
        """The dialler's own panel, made once; True: just now, and receptions do not know it yet."""
        known = select(Panel.id).where(Panel.canonical == chain.ACCOUNT, Panel.removed_at.is_(None))
        if act.session.scalars(known).first() is not None:
            return False
        site_id = sites.ensure_centre_site(act)
        entry_id = act.record("chain.panel_made", {"account": chain.ACCOUNT}, touched={"site": [site_id]})
        act.session.add(
            Panel(site_id=site_id, account=chain.ACCOUNT, canonical=chain.ACCOUNT, entry_id=entry_id)
        )
        return True

    @staticmethod
    def _next_round(act: Act) -> int:
        state = chain_state(act.session)
        if state is None:
            state = ChainState(id=1, round=0, sent_at=act.now)
            act.session.add(state)
        state.round, state.sent_at = state.round + 1, act.now
        return state.round

    @staticmethod
    def _expect(act: Act, line: str, number: int, nonce: str) -> None:
        row = act.session.get(ChainLine, line)
        if row is None:
            row = ChainLine(line=line)
            act.session.add(row)
        row.round, row.nonce, row.sent_at = number, nonce, act.now
        row.received_at = row.decided_at = row.acknowledged = None

    def _dial(self, target: Target, number: int, content: bytes) -> None:
        fault = dial(target, content)
        with self._lock:
            self._answers.append((target.line, number, fault))

    def _judge(self) -> None:
        with self._lock:
            answers, self._answers = self._answers, []
        with self.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.clock.now(), WATCH_ACTOR)
            heard = {row.line: row.at for row in session.execute(HEARD)}
            lines = {row.line: row for row in chain_lines(session)}
            for name, at in heard.items():
                row = lines[name]
                row.received_at, row.decided_at, row.heard_at = at, act.now, act.now
            for name, number, fault in answers:
                if name in lines and lines[name].round == number:
                    lines[name].acknowledged, lines[name].fault = fault is None, fault
            state = chain_state(session)
            if state is None:
                return
            through = bool(lines) and all(
                row.decided_at and row.round == state.round for row in lines.values()
            )
            if through and state.verified_round != state.round:
                state.verified_round, state.verified_at = state.round, act.now
            _judge_screens(act, state)


def _judge_screens(act: Act, state: ChainState) -> None:
    """Each staffed desk painted the last round that came through, or is told; and told again when it does."""
    if state.verified_round is None or state.verified_at is None:
        return
    given = {"alive": act.now - ALIVE_WITHIN, "sent": state.sent_at}
    late = act.now - state.verified_at >= PAINTED_WITHIN
    for row in act.session.execute(SCREENS, given).all():
        painted = row.painted == state.verified_round
        if painted is not row.unverified or (not painted and not late):
            continue
        post = act.session.get_one(Post, row.id, with_for_update=True, populate_existing=True)
        kind = "chain.painted" if painted else "chain.not_painted"
        since = post.unverified_since.isoformat() if post.unverified_since else None
        post.entry_id = act.record(kind, {"post": post.name, "since": since}, touched={"post": [post.id]})
        post.unverified_since = None if painted else state.verified_at
