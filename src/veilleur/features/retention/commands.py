"""What goes once its time is over: one transaction and one entry per object, and one entry for the act.

An entry's leaf stays sealed: only its text goes (logbook/commands.py `erase`). Rows of traced tables stay, emptied of what
is personal: counts, times and outcomes still make the statistics and the proof. Signals go whole, a batch at a time; the
Merkle root of each batch stays in the logbook, and so does the entry that says which batches went.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial

from sqlalchemy import text

from veilleur.db.engine import WriteSession
from veilleur.features.retention.model import Personal, RetentionClass, Rules
from veilleur.logbook.act import Act, Subject
from veilleur.logbook.commands import erase
from veilleur.logbook.frames import runs_of

MOST = 100  # objects a transaction: alarms wait for no purge
MOST_SIGNALS = 2_000

#: Entries whose payload is what the proof is made of, and holds nobody's name.
KEPT_KINDS = (
    "signals.received",
    "logbook.key",
    "logbook.texts",
    "checkpoint.sent",
    "checkpoint.refused",
    "entry.erased",
    "retention.dossier",
    "retention.row",
    "retention.signals",
    "retention.ran",
)

DUE_DOSSIERS = """
SELECT i.id, i.site_id, i.reference, i.organisation, i.customer_id, i.commune FROM incident i
WHERE i.closed_at < :limit AND EXISTS (
  SELECT 1 FROM entry e JOIN entry_payload p ON p.payload_of = e.id
  WHERE e.incident_id = i.id AND e.kind <> ALL(:kept))
ORDER BY i.id LIMIT :most
"""
TEXTS_OF_DOSSIER = """
SELECT e.id FROM entry e JOIN entry_payload p ON p.payload_of = e.id
WHERE e.incident_id = :incident AND e.kind <> ALL(:kept) ORDER BY e.id
"""
DUE_TEXTS = """
SELECT e.id FROM entry e JOIN entry_payload p ON p.payload_of = e.id
WHERE e.incident_id IS NULL AND e.happened_at < :limit AND e.kind <> ALL(:kept) ORDER BY e.id LIMIT :most
"""
DUE_VIEWINGS = """
SELECT e.id FROM entry e JOIN entry_payload p ON p.payload_of = e.id
WHERE e.kind LIKE :kinds AND e.happened_at < :limit ORDER BY e.id LIMIT :most
"""
# Batches whose every frame may go, so many that `most` frames do (one batch at least): what is left of a batch could not be
# held against its root any more. The frames of a batch were received within seconds.
DUE_BATCHES = """
WITH due AS (
  SELECT s.batch_id, count(*) AS frames FROM signal s WHERE s.received_at < :limit + interval '1 day'
  GROUP BY s.batch_id HAVING bool_and(s.received_at < :limit AND s.decided_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM incident_signal l JOIN incident i ON i.id = l.incident_id
    WHERE l.signal_id = s.id AND (i.closed_at IS NULL OR i.closed_at >= :limit)))),
summed AS (SELECT batch_id, frames, sum(frames) OVER (ORDER BY batch_id) AS total FROM due)
SELECT batch_id, frames FROM summed WHERE total - frames < :most ORDER BY batch_id
"""
# The database lets frames go to the entry that names their batches (migration 0014).
NAME_PURGE = "SELECT set_config('veilleur.purge', :entry, true)"
FORGET_SIGNALS = "DELETE FROM signal WHERE received_at < :limit AND batch_id = ANY(:batches) RETURNING id"
FORGET_COPIES = "DELETE FROM signal_copy WHERE signal_id = ANY(:signals)"
#: Tables of a dossier, and the column that names it.
OF_DOSSIER = {"incident": "id"}

#: When a row outside a dossier is over: SQL on it; `:limit` is now minus the class's days.
OVER = {
    "call": "incident_id IS NULL AND started_at < :limit AND label <> ''",
    "on_test": "ended_at < :limit AND asked_by <> ''",
    "instruction": "coalesce(ended_at, valid_until) < :limit AND text <> ''",
    "contact": "coalesce(removed_at, provisional_until) < :limit AND name <> ''",
    "site": "connection = 'terminated' AND name <> reference "
    "AND (SELECT entered_at FROM entry e WHERE e.id = entry_id) < :limit",
    "zone": "name IS NOT NULL AND site_id IN (SELECT id FROM site WHERE connection = 'terminated' AND name = reference)",
    "area": "(name IS NOT NULL OR armed_by IS NOT NULL) AND site_id IN "
    "(SELECT id FROM site WHERE connection = 'terminated' AND name = reference)",
    "connection_record": "accepted_by <> '' AND site_id IN "
    "(SELECT id FROM site WHERE connection = 'terminated' AND name = reference)",
    "user_account": "disabled_at < :limit AND name <> ''",
    "title": "number <> '' AND user_id IN (SELECT id FROM user_account WHERE name = '')",
    "responder": "removed_at < :limit AND name <> ''",
    "on_call": "removed_at < :limit AND name <> ''",
    "escalation": "ended_at < :limit AND taken_by IS NOT NULL",
    "viewing": "started_at < :limit AND motif <> ''",
    "mark": "greatest(hold_until, until_at) < :limit AND (label IS NOT NULL OR hold_reason IS NOT NULL)",
    "patrol_run": "ended_at < :limit AND (explanation IS NOT NULL OR override IS NOT NULL OR views <> '[]')",
    "patrol_tick": "at < :limit AND note IS NOT NULL",
    "camera_fault": "since < :limit AND (before IS NOT NULL OR after IS NOT NULL OR detail <> '{}')",
    "pulled_clip": "until_at < :limit AND (source IS NOT NULL OR fault IS NOT NULL)",
    "camera": "removed_at < :limit AND source <> '{}'",
}
SITE_OF = {"site": "id"} | dict.fromkeys(
    (
        "user_account", "title", "responder", "on_call", "escalation", "viewing", "mark", "patrol_run", "patrol_tick",
        "camera_fault", "pulled_clip",
    ),
    "NULL",
)  # fmt: skip

#: Entries about who looked at images: no longer kept than the law lets their register be (R253-5).
VIEWINGS = "viewing.%"

Transaction = Callable[[], AbstractContextManager[Act]]
Counts = dict[str, int]


def apply_retention(transaction: Transaction, rules: Rules, now: datetime) -> Counts:
    """Empties and removes everything whose time is over; returns how many of each, and enters the act if any.

    `transaction` opens one unit of work; each is short. Law 1 holds: every row that changes carries its entry.
    """
    counts: Counts = {}
    counts["dossiers"] = _until_done(transaction, lambda act: _dossiers(act, rules, now))
    for personal in rules.personal:
        if personal.table in OVER:
            counts[personal.table] = _until_done(
                transaction, partial(_rows, personal=personal, rules=rules, now=now)
            )
    counts["texts"] = _until_done(transaction, lambda act: _texts(act, rules.classes["main_courante"], now))
    counts["viewings"] = _until_done(transaction, lambda act: _viewings(act, rules.classes["viewings"], now))
    counts["signals"] = _until_done(transaction, lambda act: _signals(act, rules.classes["signals"], now))
    done = {name: count for name, count in counts.items() if count}
    if done:
        with transaction() as act:
            act.record("retention.ran", {"counts": done, "total": sum(done.values())})
    return done


def _until_done(transaction: Transaction, batch: Callable[[Act], int]) -> int:
    total = 0
    while True:
        with transaction() as act:
            done = batch(act)
        if not done:
            return total
        total += done


def _dossiers(act: Act, rules: Rules, now: datetime) -> int:
    kept_as = rules.classes["dossier"]
    given = {"limit": now - kept_as.age, "kept": list(KEPT_KINDS), "most": 1}  # one: it has tens of entries
    found = act.session.execute(text(DUE_DOSSIERS), given).all()
    for row in found:
        act.session.execute(text("SELECT id FROM site WHERE id = :site FOR UPDATE"), {"site": row.site_id})
        texts = act.session.scalars(
            text(TEXTS_OF_DOSSIER), {"incident": row.id, "kept": list(KEPT_KINDS)}
        ).all()
        for entry in texts:
            erase(act, entry, kept_as.basis)
        subject = Subject(row.site_id, row.id, row.organisation, row.customer_id, row.commune)
        entry_id = act.record(
            "retention.dossier",
            {"reference": row.reference, "texts": len(texts), "legal_basis": kept_as.basis},
            subject=subject,
            touched={"incident": [row.id]},
        )
        for personal in rules.personal:
            if personal.kept_as == "dossier":
                where = f"{OF_DOSSIER.get(personal.table, 'incident_id')} = :id"
                _empty(act.session, personal, where, {"entry": entry_id, "id": row.id})
    return len(found)


def _empty(session: WriteSession, personal: Personal, where: str, given: dict[str, object]) -> None:
    """`where` and the columns come from this module and from rules.toml."""
    changes = ", ".join(f'"{column}" = {becomes}' for column, becomes in personal.columns.items())
    session.execute(text(f'UPDATE "{personal.table}" SET {changes}, entry_id = :entry WHERE {where}'), given)  # noqa: S608


def _rows(act: Act, personal: Personal, rules: Rules, now: datetime) -> int:
    kept_as = rules.classes[personal.kept_as]
    site, over, limit = SITE_OF.get(personal.table, "site_id"), OVER[personal.table], now - kept_as.age
    due = f'SELECT id, {site} AS site FROM "{personal.table}" WHERE {over} ORDER BY id LIMIT :most'  # noqa: S608
    found = act.session.execute(text(due), {"limit": limit, "most": MOST}).all()
    for row in found:
        params = {"table": personal.table, "row": row.id, "legal_basis": kept_as.basis}
        touched = {"site": [row.site]} if row.site is not None else None
        entry_id = act.record("retention.row", params, subject=_subject(act, row.site), touched=touched)
        given = {"entry": entry_id, "id": row.id, "limit": limit}
        _empty(act.session, personal, f"id = :id AND {over}", given)  # judged again under the site's lock
    return len(found)


def _subject(act: Act, site_id: int | None) -> Subject:
    if site_id is None:
        return Subject()
    row = act.session.execute(
        text("SELECT organisation, customer_id, commune FROM site WHERE id = :site FOR UPDATE"),
        {"site": site_id},
    ).one()
    return Subject(site_id, None, row.organisation, row.customer_id, row.commune)


def _texts(act: Act, kept_as: RetentionClass, now: datetime) -> int:
    given = {"limit": now - kept_as.age, "kept": list(KEPT_KINDS), "most": MOST}
    found: Sequence[int] = act.session.scalars(text(DUE_TEXTS), given).all()
    for entry in found:
        erase(act, entry, kept_as.basis)
    return len(found)


def _viewings(act: Act, kept_as: RetentionClass, now: datetime) -> int:
    given = {"limit": now - kept_as.age, "kinds": VIEWINGS, "most": MOST}
    found: Sequence[int] = act.session.scalars(text(DUE_VIEWINGS), given).all()
    for entry in found:
        erase(act, entry, kept_as.basis)
    return len(found)


def _signals(act: Act, kept_as: RetentionClass, now: datetime) -> int:
    limit = now - kept_as.age
    due = act.session.execute(text(DUE_BATCHES), {"limit": limit, "most": MOST_SIGNALS}).all()
    if not due:
        return 0
    batches: list[int] = [row.batch_id for row in due]
    count: int = sum(row.frames for row in due)
    params = {
        "count": count,
        "before": limit.isoformat(timespec="seconds"),
        "legal_basis": kept_as.basis,
        "batches": runs_of((batch, batch) for batch in batches),
    }
    entry_id = act.record("retention.signals", params)
    act.session.execute(text(NAME_PURGE), {"entry": str(entry_id)})
    gone = act.session.scalars(text(FORGET_SIGNALS), {"limit": limit, "batches": batches}).all()
    act.session.execute(text(FORGET_COPIES), {"signals": gone})
    return count
