"""What the operator does in a dossier: calls, clues, calls to the police, interventions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Json, Traced


class Call(Traced, Base):
    """A telephone call, in the order of practice P6. `settles_at`: when its result can no longer be undone."""

    __tablename__ = "call"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    direction: Mapped[str] = mapped_column(Text, doc="out | in")
    target: Mapped[str] = mapped_column(Text, doc="site | contact | responder | directory | caller")
    contact_id: Mapped[int | None]
    directory_id: Mapped[int | None]
    responder_id: Mapped[int | None]
    label: Mapped[str] = mapped_column(Text, doc="who is called, in words")
    number: Mapped[str | None] = mapped_column(doc="null for reserved numbers: the directory row holds it")
    step_key: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    word: Mapped[str | None] = mapped_column(doc="right | wrong | duress | not_obtained")
    heard: Mapped[Json | None] = mapped_column(
        doc="last answer of the screen: {result, near_of, reason, contact_id, typed: bool}; never the word"
    )
    tries: Mapped[int] = mapped_column(
        default=0, server_default="0", doc="words typed so far; of a caller, by the callers before too"
    )
    revealed_at: Mapped[datetime | None]
    identified: Mapped[bool] = mapped_column(default=False)
    person_id: Mapped[int | None] = mapped_column(doc="the contact whose word was right")
    asked: Mapped[str | None] = mapped_column(doc="of an incoming call: answer | cancel | on_test | note")
    made_by: Mapped[int | None] = mapped_column(doc="user who is on the telephone")
    result: Mapped[str | None] = mapped_column(
        doc="answered | rings | busy | voicemail | wrong_number | hung_up | other_person"
    )
    understood: Mapped[str | None] = mapped_column(
        doc="what is understood: offence | mistake | nothing | unknown"
    )
    note: Mapped[str | None]
    settles_at: Mapped[datetime | None]
    settled: Mapped[bool] = mapped_column(default=False)
    undone_at: Mapped[datetime | None]


class Clue(Traced, Base):
    """An indice of the verification: `proof` ones open the goods door, `support` ones never alone (P4)."""

    __tablename__ = "clue"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    kind: Mapped[str] = mapped_column(
        Text,
        doc="image | sound | agent | witness | two_callbacks | button | second_button | words | hours | history | "
        "sequence | tamper | no_answer | wrong_word | not_authorised | path_loss | camera_lost",
    )
    strength: Mapped[str] = mapped_column(Text, doc="proof | concrete | support")
    door: Mapped[str] = mapped_column(Text, doc="goods | persons | both")
    text: Mapped[str]
    by_machine: Mapped[bool] = mapped_column(default=False)
    call_id: Mapped[int | None]
    intervention_id: Mapped[int | None]
    camera_id: Mapped[int | None] = mapped_column(doc="the camera of an image; `at` is then the image's hour")
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ServiceCall(Traced, Base):
    """Avis aux forces de l'ordre, 18 or 15: the record of D613-17 to D613-22."""

    __tablename__ = "service_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    service: Mapped[str] = mapped_column(Text, doc="police | gendarmerie | municipal_police | fire | medical")
    directory_id: Mapped[int | None]
    door: Mapped[str] = mapped_column(Text, doc="goods | persons | none (fire, medical)")
    justification: Mapped[Json] = mapped_column(
        doc="{clues: [..], concrete: bool, override: motif|null, rule: ref}"
    )
    override_motif: Mapped[str | None]
    review_needed: Mapped[bool] = mapped_column(default=False)
    reviewed_at: Mapped[datetime | None]
    reached: Mapped[str | None] = mapped_column(doc="person reached, as said")
    call_back_given: Mapped[str | None]
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(
        doc="coming | noted | refused | no_answer | on_site | arrest | nothing_found"
    )
    outcome_note: Mapped[str | None]
    outcome_at: Mapped[datetime | None] = mapped_column(doc="when the last outcome was told")
    asked_by: Mapped[str | None] = mapped_column(doc="operator who called, by name")
    step_key: Mapped[str | None]


class Intervention(Traced, Base):
    """An agent sent: each stage timed; the next in line when nobody answers."""

    __tablename__ = "intervention"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responder.id"))
    state: Mapped[str] = mapped_column(
        Text,
        doc="asked | accepted | refused | no_answer | on_the_way | held | on_site | finding | done | cancelled",
    )
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    expected_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    finding: Mapped[str | None] = mapped_column(doc="nothing | break_in | fire | technical | person | other")
    finding_note: Mapped[str | None]
    found_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    refused_reason: Mapped[str | None]
    late_at: Mapped[datetime | None] = mapped_column(doc="when it was told that he is late")
    step_key: Mapped[str | None]
    warned_at: Mapped[datetime | None] = mapped_column(
        doc="last time the agent was told of a new signal, or of the duress he is asked in"
    )
