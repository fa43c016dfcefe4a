"""The clues of a verification: written by a key, derived from signals, drawn from settled calls (practice P4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from veilleur.features.handling.corroboration import follow_door
from veilleur.features.handling.doors import (
    BY_HAND,
    KINDS,
    VERIFICATIONS,
    refuses_verification,
    two_callbacks,
)
from veilleur.features.handling.errors import ClueRefusedError, ClueRemovedError, VerificationRefusedError
from veilleur.features.handling.evidence import both_doors, rule_of, settled_calls, standing_clues
from veilleur.features.handling.place import Place, place_of_incident
from veilleur.features.handling.tables import Call, Clue
from veilleur.features.incidents.case import require_holder
from veilleur.features.incidents.errors import DuressLockedError
from veilleur.features.sites.tables import Contact
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act

MAX_TEXT = 1000


@dataclass(frozen=True)
class ImageSeen:
    """The image that a clue is about: its camera, and when it was taken (UTC)."""

    camera_id: int
    camera: str
    at: datetime


def insert_clue(
    place: Place,
    kind: str,
    text: str,
    entry_id: int,
    *,
    by_machine: bool,
    call_id: int | None = None,
    intervention_id: int | None = None,
    camera_id: int | None = None,
    at: datetime | None = None,
) -> int:
    """The row of a clue that an entry tells; its id. `at`: when it was seen or heard; else now."""
    strength, door = KINDS[kind]
    row = Clue(
        incident_id=place.case.incident.id,
        kind=kind,
        strength=strength,
        door=door,
        text=text,
        by_machine=by_machine,
        call_id=call_id,
        intervention_id=intervention_id,
        camera_id=camera_id,
        at=at or place.act.now,
        entry_id=entry_id,
    )
    place.act.session.add(row)
    place.act.session.flush()
    return row.id


def start_verification(place: Place) -> None:
    """The first check begins the verification."""
    if place.case.incident.verification == "not_done":
        place.case.incident.verification = "running"


def add_clue(act: Act, incident_id: int, kind: str, text: str, *, image: ImageSeen | None = None) -> int:
    """A clue written by a key, with the facts seen or heard; its id. `image`: the one it was pressed on, which says
    itself by its camera and its hour where nothing is typed.

    Raises ClueRefusedError (unknown, derived by the machine, or without facts), NotYoursError, NotFoundError.
    """
    facts = text.strip()
    if kind not in BY_HAND or not (0 < len(facts) <= MAX_TEXT or (image is not None and not facts)):
        raise ClueRefusedError(kind=kind, known=list(BY_HAND), most=MAX_TEXT)
    place = place_of_incident(act, incident_id)
    require_holder(place.case)
    shown = {"camera": image.camera, "image_at": image.at.isoformat()} if image else {}
    entry = place.record(
        "clue.added", {"clue": kind, "text": facts or None, "strength": KINDS[kind][0], **shown}, acted=True
    )
    start_verification(place)
    at, camera_id = (image.at, image.camera_id) if image else (None, None)
    made = insert_clue(place, kind, facts, entry, by_machine=False, camera_id=camera_id, at=at)
    follow_door(place, entry)
    return made


def add_lost_camera(act: Act, incident_id: int, image: ImageSeen) -> int:
    """A camera was lost shortly before the alarm: it backs up a proof and is none. `image.at`: lost since.

    Written again while it stands: the same clue, no entry. Raises NotYoursError, NotFoundError.
    """
    place = place_of_incident(act, incident_id)
    require_holder(place.case)
    for clue in standing_clues(act.session, incident_id):
        if clue.kind == "camera_lost" and clue.camera_id == image.camera_id:
            return clue.id
    said = {
        "clue": "camera_lost",
        "text": image.camera,
        "strength": "support",
        "lost_at": image.at.isoformat(),
    }
    entry = place.record("clue.added", said, acted=True)
    start_verification(place)
    made = insert_clue(
        place, "camera_lost", image.camera, entry, by_machine=False, camera_id=image.camera_id, at=image.at
    )
    follow_door(place, entry)
    return made


def remove_clue(act: Act, incident_id: int, clue_id: int) -> None:
    """Withdraws a clue written by mistake: it stays in the logbook, it justifies nothing any more.

    Raises NotFoundError, ClueRemovedError, ClueRefusedError (what a call or the agent brought is a fact),
    NotYoursError.
    """
    place = place_of_incident(act, incident_id)
    require_holder(place.case)
    clue = act.session.get(Clue, clue_id)
    if clue is None or clue.incident_id != incident_id:
        raise NotFoundError("No such clue in this dossier.", what="clue", id=clue_id)
    if clue.removed_at is not None:
        raise ClueRemovedError(clue=clue_id)
    if clue.by_machine:
        raise ClueRefusedError(kind=clue.kind, known=list(BY_HAND), most=MAX_TEXT)
    entry = place.record("clue.removed", {"clue": clue.kind, "text": clue.text or None}, acted=True)
    clue.removed_at, clue.entry_id = act.now, entry
    follow_door(place, entry)


def add_call_clues(place: Place, call: Call, entry_id: int, kind: str | None) -> None:
    """What a settled call brings: its own clue, and the proof of two call-backs when it is the second one.

    A clue keeps what the person said; of a call that reached nobody it keeps none of the operator's notes.
    """
    if kind is not None:
        said = (call.note or "") if kind == "told_offence" else ""
        insert_clue(place, kind, said, entry_id, by_machine=True, call_id=call.id, at=call.ended_at)
    session, incident = place.act.session, place.case.incident
    session.flush()
    proof = two_callbacks(rule_of(session, place.site, incident), settled_calls(session, incident.id))
    standing = {clue.kind for clue in standing_clues(session, incident.id)}
    if proof and "two_callbacks" not in standing:
        # Who answered, not whose number was dialled.
        names = session.scalars(
            select(func.coalesce(Contact.name, Call.label))
            .select_from(Call)
            .outerjoin(Contact, Contact.id == Call.person_id)
            .where(Call.id.in_(proof))
            .order_by(Call.id)
        )
        text = ", ".join(dict.fromkeys(names))
        entry = place.record(
            "clue.added", {"clue": "two_callbacks", "text": text, "strength": "proof"}, acted=False
        )
        insert_clue(place, "two_callbacks", text, entry, by_machine=True, call_id=call.id, at=call.ended_at)


def set_verification(act: Act, incident_id: int, result: str, note: str | None = None) -> None:
    """The result of the levée de doute: running, negative, goods, persons or impossible.

    Raises InvalidError, VerificationRefusedError (`goods` without a proof, `negative` beside one),
    DuressLockedError (`negative` under duress, P1), NotYoursError. The result that stands, given again without a word,
    changes nothing and writes nothing.
    """
    if result not in VERIFICATIONS or result == "not_done":
        raise InvalidError(f"«{result}» is no result of a verification.", field="result", value=result)
    place = place_of_incident(act, incident_id)
    require_holder(place.case)
    incident = place.case.incident
    goods, _ = both_doors(act.session, place.site, incident)
    code = refuses_verification(result, goods, locked=incident.duress_locked)
    if code == "duress_locked":
        raise DuressLockedError(what="negative")
    if code is not None:
        raise VerificationRefusedError(result=result, reason=code, proofs=list(goods.proofs))
    text = (note or "").strip()[:MAX_TEXT] or None
    if result == incident.verification and text is None:
        return
    place.record(
        "verification.set", {"result": result, "from": incident.verification, "note": text}, acted=True
    )
    incident.verification = result
