"""What the desk sends about the handling of a dossier. Codes are judged by the commands, which say what is known."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

Code = Annotated[str, Field(min_length=1, max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=1_000)]
Note = Annotated[str, Field(max_length=2_000)]
Minutes = Annotated[int, Field(ge=0, le=600)]


class Calling(BaseModel):
    """Whom to call: `target` site | contact | responder | directory, and which one. `basis`: under duress only."""

    target: Code
    contact_id: int | None = None
    responder_id: int | None = None
    directory_id: int | None = None
    number: Annotated[str, Field(max_length=40)] | None = None
    step_key: Code | None = None
    basis: Code | None = None


class WordHeard(BaseModel):
    """What was heard: `typed` is compared; else `verdict`, judged by ear: right | wrong | duress | not_obtained."""

    typed: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    verdict: Code | None = None


class Revealing(BaseModel):
    """Whose words to show, when the call itself does not say."""

    contact_id: int | None = None


class CallEnd(BaseModel):
    """How the call ended; `understood` once the person is identified."""

    result: Code
    understood: Code | None = None
    note: Note | None = None


class CallAsked(BaseModel):
    """What a caller asked: answer | cancel | on_test | note."""

    act: Code
    understood: Code | None = None
    note: Note | None = None


class CallingBack(BaseModel):
    """Whom to call back outside any dossier: `target` site | contact, and which number of the file."""

    target: Code
    contact_id: int | None = None
    number: Annotated[str, Field(max_length=40)] | None = None


class Incoming(BaseModel):
    """Somebody telephones: who he says he is, from which number, about which dossier."""

    caller: Annotated[str, Field(min_length=1, max_length=200)]
    contact_id: int | None = None
    number: Annotated[str, Field(max_length=40)] | None = None
    incident_id: int | None = None


class ClueAdded(BaseModel):
    """A clue written by its key, with the facts."""

    kind: Code
    text: Words


class VerificationSet(BaseModel):
    """The result of the levée de doute."""

    result: Code
    note: Note | None = None


class ServiceCalling(BaseModel):
    """Which service, through which door; `motif` when goods have no proof."""

    service: Code
    door: Code
    directory_id: int | None = None
    motif: Code | None = None
    step_key: Code | None = None


class ServiceCallEnd(BaseModel):
    """Whom we reached, whether our number was given, what they said."""

    outcome: Code
    reached: Annotated[str, Field(max_length=200)] | None = None
    call_back_given: bool = False
    note: Note | None = None


class AgentAsking(BaseModel):
    """Which agent; `basis` under duress only."""

    responder_id: int
    step_key: Code | None = None
    basis: Code | None = None


class AgentMoving(BaseModel):
    """What goes with a stage: minutes (accepted, on the way), finding and the points back by it, note, reason; `basis`
    (warned, on the way) under duress only."""

    minutes: Minutes | None = None
    finding: Code | None = None
    note: Note | None = None
    reason: Annotated[str, Field(max_length=500)] | None = None
    basis: Code | None = None
    normal_points: Annotated[list[int], Field(max_length=200)] = []
