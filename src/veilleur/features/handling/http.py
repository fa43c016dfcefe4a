"""Routes of the handling of a dossier: thin. A call's routes answer the call, the others the whole handling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi.responses import JSONResponse

from veilleur.features.handling import bodies, commands, queries
from veilleur.features.handling.policy import POLICY
from veilleur.features.handling.tables import Call
from veilleur.features.handling.views import CallView, HandlingView, RevealedView
from veilleur.features.http import (
    ActDep,
    ClockDep,
    PassageDep,
    ReadDep,
    ReaderDep,
    allow,
    feature_router,
    provided,
)
from veilleur.features.incidents.queries import visible
from veilleur.features.sites import commands as sites
from veilleur.features.sites.http import (
    DatabaseDep,
    Made,
    ProofAsked,
    TestAsked,
    agreed,
    aware,
    proof,
    refused,
)
from veilleur.features.sites.policy import POLICY as SITE_POLICY
from veilleur.features.sites.queries import site_row, visible_site
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.kernel.ports import Reader, Scope
from veilleur.kernel.sealing import KeyRing
from veilleur.logbook.act import Act

router = feature_router()

RingDep = Annotated[KeyRing, provided(KeyRing)]

#: The route's verb → the command of that stage.
STAGES: dict[str, Callable[..., None]] = {
    "accepted": commands.agent_accepted,
    "refused": commands.agent_refused,
    "no-answer": commands.agent_no_answer,
    "on-the-way": commands.agent_on_the_way,
    "on-site": commands.agent_on_site,
    "finding": commands.agent_found,
    "done": commands.agent_done,
    "cancelled": commands.recall_agent,
    "warned": commands.agent_warned,
    "held": commands.hold_agent,
}
#: The route's verb → what its command takes of the body as it stands.
GIVEN: dict[str, set[str]] = {
    "accepted": {"minutes"},
    "on-the-way": {"minutes", "basis"},
    "refused": {"reason"},
    "done": {"note"},
    "warned": {"basis"},
}


def _call(act: Act, reader: Reader, call_id: int, incident_id: int | None = None) -> None:
    """The call is in the reader's perimeter, and of this dossier when the route names one."""
    queries.call_for(act.session, call_id, reader, act.now)
    if incident_id is not None and act.session.get_one(Call, call_id).incident_id != incident_id:
        raise NotFoundError("No such call in this dossier.", what="call", id=call_id)


def _said(act: Act, reader: Reader, call_id: int) -> CallView:
    act.session.flush()
    return queries.call_for(act.session, call_id, reader, act.now)


def _handled(act: Act, reader: Reader, incident_id: int) -> HandlingView:
    act.session.flush()
    return queries.handling_view(act.session, incident_id, reader, act.now)


@router.get("/incidents/{incident_id}/handling")
@allow(POLICY, "handling.read")
def handling(incident_id: int, session: ReadDep, reader: ReaderDep, clock: ClockDep) -> HandlingView:
    """Calls, clues, doors, services, agents: everything that is done in the dossier."""
    return queries.handling_view(session, incident_id, reader, clock.now())


@router.post("/incidents/{incident_id}/calls")
@allow(POLICY, "call.start")
def start_call(incident_id: int, body: bodies.Calling, act: ActDep, reader: ReaderDep) -> CallView:
    """Begins a call. 409 `call_no_number`, `call_running` {label}; 403 `duress_locked`."""
    visible(act.session, incident_id, reader)
    return _said(act, reader, commands.start_call(act, incident_id, **body.model_dump()))


@router.post("/sites/{site_id}/incoming")
@allow(POLICY, "call.receive")
def receive_call(site_id: int, body: bodies.Incoming, act: ActDep, reader: ReaderDep) -> CallView:
    """Somebody telephones about a site, with or without a dossier."""
    site = site_row(act.session, site_id)
    if not reader.perimeter.holds(Scope(site.organisation, site.customer_id, site.commune)):
        raise NotFoundError("No such site.", what="site", id=site_id)
    if body.incident_id is not None:
        visible(act.session, body.incident_id, reader)
    return _said(act, reader, commands.start_incoming(act, site_id, **body.model_dump()))


@router.post("/sites/{site_id}/call-back")
@allow(POLICY, "call.start")
def call_back(site_id: int, body: bodies.CallingBack, act: ActDep, reader: ReaderDep) -> CallView:
    """We call a registered number outside any dossier: what a test or a change at night rests on. 403 `duress_locked`."""
    site = site_row(act.session, site_id)
    if not reader.perimeter.holds(Scope(site.organisation, site.customer_id, site.commune)):
        raise NotFoundError("No such site.", what="site", id=site_id)
    return _said(act, reader, commands.start_call_back(act, site_id, **body.model_dump()))


def _hear(act: Act, reader: Reader, ring: KeyRing, call_id: int, body: bodies.WordHeard) -> CallView:
    if (body.typed is None) == (body.verdict is None):
        raise InvalidError("Give what was typed or the verdict.", field="typed")
    if body.typed is not None:
        commands.check_word(act, ring, call_id, body.typed)
    else:
        commands.declare_word(act, call_id, body.verdict or "")
    return _said(act, reader, call_id)


def _reveal(act: Act, ring: KeyRing, call_id: int, body: bodies.Revealing) -> RevealedView:
    shown = commands.reveal_word(act, ring, call_id, body.contact_id)
    return RevealedView(
        contact_id=shown.contact_id,
        name=shown.name,
        code_word=shown.code_word,
        duress_word=shown.duress_word,
    )


@router.post("/incidents/{incident_id}/calls/{call_id}/word")
@allow(POLICY, "call.word")
def check_word_of_incident(
    *,
    incident_id: int,
    call_id: int,
    body: bodies.WordHeard,
    act: ActDep,
    reader: ReaderDep,
    ring: RingDep,
) -> CallView:
    """Compares what was heard: juste, presque, faux, contrainte. The word is kept nowhere."""
    _call(act, reader, call_id, incident_id)
    return _hear(act, reader, ring, call_id, body)


@router.post("/calls/{call_id}/word")
@allow(POLICY, "call.word")
def check_word(
    call_id: int, body: bodies.WordHeard, act: ActDep, reader: ReaderDep, ring: RingDep
) -> CallView:
    """The same, of a call without a dossier."""
    _call(act, reader, call_id)
    return _hear(act, reader, ring, call_id, body)


@router.post("/incidents/{incident_id}/calls/{call_id}/reveal")
@allow(
    POLICY, "call.reveal", repeatable=True
)  # each showing is traced; an answer that is kept would hold the words
def reveal_word_of_incident(
    *,
    incident_id: int,
    call_id: int,
    body: bodies.Revealing,
    act: ActDep,
    reader: ReaderDep,
    ring: RingDep,
) -> RevealedView:
    """Shows the words of the person on the line: traced."""
    _call(act, reader, call_id, incident_id)
    return _reveal(act, ring, call_id, body)


@router.post("/calls/{call_id}/reveal")
@allow(
    POLICY, "call.reveal", repeatable=True
)  # each showing is traced; an answer that is kept would hold the words
def reveal_word(
    call_id: int, body: bodies.Revealing, act: ActDep, reader: ReaderDep, ring: RingDep
) -> RevealedView:
    """The same, of a call without a dossier."""
    _call(act, reader, call_id)
    return _reveal(act, ring, call_id, body)


@router.post("/incidents/{incident_id}/calls/{call_id}/result")
@allow(POLICY, "call.result")
def end_call_of_incident(
    incident_id: int, call_id: int, body: bodies.CallEnd, act: ActDep, reader: ReaderDep
) -> CallView:
    """Says how the call ended; undone until `settles_at`. 409 `call_word_first`, `call_say_what_is_understood`…"""
    _call(act, reader, call_id, incident_id)
    commands.end_call(act, call_id, **body.model_dump())
    return _said(act, reader, call_id)


@router.post("/calls/{call_id}/result")
@allow(POLICY, "call.result")
def end_call(call_id: int, body: bodies.CallEnd, act: ActDep, reader: ReaderDep) -> CallView:
    """The same, of a call without a dossier."""
    _call(act, reader, call_id)
    commands.end_call(act, call_id, **body.model_dump())
    return _said(act, reader, call_id)


@router.post("/incidents/{incident_id}/calls/{call_id}/undo")
@allow(POLICY, "call.undo")
def undo_call_of_incident(incident_id: int, call_id: int, act: ActDep, reader: ReaderDep) -> CallView:
    """Takes the result back. 409 `call_settled`."""
    _call(act, reader, call_id, incident_id)
    commands.undo_call(act, call_id)
    return _said(act, reader, call_id)


@router.post("/calls/{call_id}/undo")
@allow(POLICY, "call.undo")
def undo_call(call_id: int, act: ActDep, reader: ReaderDep) -> CallView:
    """The same, of a call without a dossier."""
    _call(act, reader, call_id)
    commands.undo_call(act, call_id)
    return _said(act, reader, call_id)


@router.post("/calls/{call_id}/act")
@allow(POLICY, "call.act")
def act_on_call(call_id: int, body: bodies.CallAsked, act: ActDep, reader: ReaderDep) -> CallView:
    """What a caller asked. 409 `cancel_refused`, `call_word_first`."""
    _call(act, reader, call_id)
    commands.act_on_call(act, call_id, body.act, understood=body.understood, note=body.note)
    return _said(act, reader, call_id)


@router.post("/incidents/{incident_id}/clues")
@allow(POLICY, "clue.add")
def add_clue(incident_id: int, body: bodies.ClueAdded, act: ActDep, reader: ReaderDep) -> HandlingView:
    """Writes a clue by its key."""
    visible(act.session, incident_id, reader)
    commands.add_clue(act, incident_id, body.kind, body.text)
    return _handled(act, reader, incident_id)


@router.post("/incidents/{incident_id}/clues/{clue_id}/remove")
@allow(POLICY, "clue.remove")
def remove_clue(incident_id: int, clue_id: int, act: ActDep, reader: ReaderDep) -> HandlingView:
    """Withdraws a clue written by mistake."""
    visible(act.session, incident_id, reader)
    commands.remove_clue(act, incident_id, clue_id)
    return _handled(act, reader, incident_id)


@router.post("/incidents/{incident_id}/verification")
@allow(POLICY, "verification.set")
def set_verification(
    incident_id: int, body: bodies.VerificationSet, act: ActDep, reader: ReaderDep
) -> HandlingView:
    """The result of the levée de doute. 409 `verification_refused` {reason}; 403 `duress_locked`."""
    visible(act.session, incident_id, reader)
    commands.set_verification(act, incident_id, body.result, body.note)
    return _handled(act, reader, incident_id)


@router.post("/incidents/{incident_id}/service-calls")
@allow(POLICY, "service_call.start")
def start_service_call(
    incident_id: int, body: bodies.ServiceCalling, act: ActDep, reader: ReaderDep
) -> HandlingView:
    """Begins a call to police, fire or medical services. 409 `to_justify` {proofs, motifs, rule}."""
    visible(act.session, incident_id, reader)
    commands.start_service_call(act, incident_id, **body.model_dump())
    return _handled(act, reader, incident_id)


@router.post("/incidents/{incident_id}/service-calls/{service_call_id}/done")
@allow(POLICY, "service_call.done")
def end_service_call(
    incident_id: int, service_call_id: int, body: bodies.ServiceCallEnd, act: ActDep, reader: ReaderDep
) -> HandlingView:
    """The call is over, or its outcome moves on."""
    visible(act.session, incident_id, reader)
    commands.end_service_call(act, incident_id, service_call_id, **body.model_dump())
    return _handled(act, reader, incident_id)


@router.post("/incidents/{incident_id}/interventions")
@allow(POLICY, "intervention.ask")
def ask_agent(incident_id: int, body: bodies.AgentAsking, act: ActDep, reader: ReaderDep) -> HandlingView:
    """Asks an agent to go. 409 `responder_busy`, `responder_card_expired`; 403 `duress_locked`."""
    visible(act.session, incident_id, reader)
    commands.ask_agent(act, incident_id, body.responder_id, step_key=body.step_key, basis=body.basis)
    return _handled(act, reader, incident_id)


@router.post("/incidents/{incident_id}/interventions/{intervention_id}/{stage}")
@allow(POLICY, "intervention.move")
def move_intervention(
    *,
    incident_id: int,
    intervention_id: int,
    stage: str,
    body: bodies.AgentMoving,
    act: ActDep,
    reader: ReaderDep,
) -> HandlingView:
    """A stage of the intervention: accepted, refused, no-answer, on-the-way, on-site, finding, done, cancelled,
    warned, held. 403 `duress_locked`: he goes on without a basis (P1)."""
    if stage not in STAGES:
        raise NotFoundError("No such stage.", what="stage", id=stage)
    visible(act.session, incident_id, reader)
    STAGES[stage](act, incident_id, intervention_id, **_of_stage(stage, body))
    return _handled(act, reader, incident_id)


def _of_stage(stage: str, body: bodies.AgentMoving) -> dict[str, Any]:
    match stage:
        case "cancelled":
            return {"reason": body.reason or ""}
        case "finding":
            return {"finding": body.finding or "", "note": body.note, "normal_points": body.normal_points}
    return body.model_dump(include=GIVEN.get(stage, set()))


@router.post("/sites/{site_id}/on-test", status_code=201, response_model=Made)
@allow(SITE_POLICY, "on_test.start")
def start_test(  # noqa: PLR0917  # a route's dependencies
    site_id: int,
    asked: TestAsked,
    act: ActDep,
    reader: ReaderDep,
    passage: PassageDep,
    ring: RingDep,
    database: DatabaseDep,
) -> Made | JSONResponse:
    """Puts a scope of the site on test. A wrong word is refused, and the refusal is kept; a duress word turns or opens
    a dossier in silence: 409 `on_test_duress` {incident, reference} (P1)."""
    visible_site(act.session, site_id, reader)
    asking = proof(asked, site_id, act, reader, ring)
    if asking.word not in {None, "right"}:
        return _word_refused(act, site_id, asking)
    asking = agreed(asked.second, asking, reader, database, passage.clock, passage.peer)
    until = aware(asked.until, "until")
    return Made(id=sites.start_on_test(act, site_id, asked.scope.scope(), until, asking))


@router.post("/sites/{site_id}/on-test/{on_test_id}/extend", response_model=Made)
@allow(SITE_POLICY, "on_test.extend")
def extend_test(  # noqa: PLR0917  # a route's dependencies
    site_id: int, on_test_id: int, asked: ProofAsked, act: ActDep, reader: ReaderDep, passage: PassageDep, ring: RingDep,
    database: DatabaseDep,
) -> Made | JSONResponse:  # fmt: skip
    """Moves the end of a running test; a wrong or duress word as above."""
    visible_site(act.session, site_id, reader)
    asking = proof(asked, site_id, act, reader, ring)
    if asking.word not in {None, "right"}:
        return _word_refused(act, site_id, asking)
    asking = agreed(asked.second, asking, reader, database, passage.clock, passage.peer)
    sites.extend_on_test(act, site_id, on_test_id, aware(asked.until, "until"), asking)
    return Made(id=on_test_id)


def _word_refused(act: Act, site_id: int, asking: sites.Asking) -> JSONResponse:
    """A refusal whose trace stays: an answer, so that the transaction is kept."""
    heard = commands.hear_duress_on_test if asking.word == "duress" else sites.refuse_on_test
    return refused(heard(act, site_id, asking))
