"""Who sees what in a report: three renderings by one table each, default deny (practice, «Three reports»). Pure.

The customer never sees the reserved number (no report holds it), other contacts' words, agents' names, our doubts.
The préfet sees the file of the levée de doute, for and against (L613-6, contradictoire). «Internal» sees all but code
words, which no entry and no fact holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

AUDIENCES = ("customer", "prefect", "internal")

#: Section of the facts → its fields → who sees them. A fact that is in no line cannot be rendered.
FIELDS_TABLE = """
    field                          customer  prefect  internal
    incident.reference             yes       yes      yes
    incident.category              yes       yes      yes
    incident.family                -         -        yes
    incident.priority              -         -        yes
    incident.state                 yes       yes      yes
    incident.duress                -         yes      yes
    incident.points                yes       yes      yes
    incident.opened_at             yes       yes      yes
    incident.taken_at              yes       yes      yes
    incident.first_act_at          -         yes      yes
    incident.closed_at             yes       yes      yes
    incident.signal_count          yes       yes      yes
    incident.operator              -         yes      yes
    incident.verification          yes       yes      yes
    incident.outcome               yes       yes      yes
    incident.outcome_note          -         -        yes
    site.reference                 yes       yes      yes
    site.name                      yes       yes      yes
    site.customer                  yes       yes      yes
    site.street                    yes       yes      yes
    site.postcode                  yes       yes      yes
    site.town                      yes       yes      yes
    site.access                    -         -        yes
    site.risks                     -         -        yes
    verification.means             yes       yes      yes
    verification.started_at        -         yes      yes
    verification.ended_at          -         yes      yes
    verification.ended_result      -         yes      yes
    verification.changed_at        -         yes      yes
    verification.operator          -         yes      yes
    verification.result            yes       yes      yes
    verification.rule              -         yes      yes
    verification.rule_since        -         yes      yes
    verification.rule_zone         -         yes      yes
    checks.label                   -         yes      yes
    checks.state                   -         yes      yes
    checks.result                  -         yes      yes
    checks.motif                   -         yes      yes
    checks.note                    -         yes      yes
    checks.done_at                 -         yes      yes
    checks.by                      -         yes      yes
    points.label                   yes       yes      yes
    points.category                yes       yes      yes
    points.alarms                  yes       yes      yes
    points.first_at                yes       yes      yes
    points.last_at                 yes       yes      yes
    points.normal_at               yes       yes      yes
    points.normal_by               yes       yes      yes
    points.deferred_until          yes       yes      yes
    points.deferred_to             -         yes      yes
    signals.at                     -         -        yes
    signals.code                   -         -        yes
    signals.verdict                -         -        yes
    signals.drift                  -         -        yes
    signals.details                -         -        yes
    clues.kind                     -         yes      yes
    clues.strength                 -         yes      yes
    clues.finding                  -         yes      yes
    clues.text                     -         yes      yes
    clues.at                       -         yes      yes
    clues.points                   -         yes      yes
    clues.origin                   -         yes      yes
    clues.who                      -         yes      yes
    clues.removed_at               -         yes      yes
    clues.camera                   -         yes      yes
    clues.told_at                  -         -        yes
    calls.at                       yes       yes      yes
    calls.direction                yes       yes      yes
    calls.target                   yes       yes      yes
    calls.label                    yes       yes      yes
    calls.number                   -         yes      yes
    calls.result                   yes       yes      yes
    calls.word                     -         yes      yes
    calls.person                   -         yes      yes
    calls.understood               -         yes      yes
    calls.note                     -         -        yes
    services.service               yes       yes      yes
    services.name                  -         yes      yes
    services.door                  -         yes      yes
    services.at                    yes       yes      yes
    services.ended_at              -         yes      yes
    services.clues                 -         yes      yes
    services.concrete              -         yes      yes
    services.motif                 -         yes      yes
    services.rule                  -         yes      yes
    services.operator              -         yes      yes
    services.reached               -         yes      yes
    services.call_back             -         yes      yes
    services.outcome               yes       yes      yes
    services.outcome_at            yes       yes      yes
    services.note                  -         -        yes
    services.review                -         -        yes
    interventions.agent            -         yes      yes
    interventions.firm             yes       yes      yes
    interventions.state            yes       yes      yes
    interventions.asked_at         yes       yes      yes
    interventions.answered_at      -         -        yes
    interventions.left_at          yes       yes      yes
    interventions.expected_at      -         -        yes
    interventions.arrived_at       yes       yes      yes
    interventions.finding          yes       yes      yes
    interventions.finding_note     -         yes      yes
    interventions.found_at         yes       yes      yes
    interventions.done_at          yes       yes      yes
    interventions.reason           -         -        yes
    deferrals.what                 yes       yes      yes
    deferrals.who                  -         yes      yes
    deferrals.until                yes       yes      yes
    deferrals.done_at              yes       yes      yes
    deferrals.points               yes       yes      yes
    steps.label                    -         -        yes
    steps.state                    -         -        yes
    steps.result                   -         -        yes
    steps.motif                    -         -        yes
    steps.note                     -         -        yes
    steps.done_at                  -         -        yes
    steps.by                       -         -        yes
"""

#: Kind of entry → the parameters of its sentence that customer and préfet see; «-»: no line; «()»: none needed.
#: Their sentences are `report.line.KIND` in the section `texts`; internal reads the entry's own sentence.
LINES_TABLE = """
    kind                           customer           prefect
    incident.opened                category,point     category,point
    incident.signal_joined         category,point     category,point
    incident.woken                 category,point     category,point
    incident.taken                 ()                 delay
    incident.point_normal          point,by           point,by
    incident.cancelled_by_contact  label              label
    incident.duress_released       -                  reason
    incident.closed                outcome            outcome,unverified
    deferral.added                 what,until,points  what,who,until,points
    deferral.done                  what               what,who
    call.started                   -                  label
    call.received                  -                  label
    call.word_checked              -                  label,word,person
    call.duress_heard              -                  label
    call.offence_told              -                  label
    call.ended                     label,result       label,result,word,understood
    call.answered                  label              label,word,understood
    call.result_undone             -                  label
    clue.added                     -                  clue,strength,text,camera,image_at
    clue.removed                   -                  clue,text
    verification.set               -                  result
    step.done                      -                  label,result
    service_call.started           service            service,name,door,clues,bare,motif
    service_call.done              service,outcome    service,outcome,reached,call_back
    service_call.outcome           service,outcome    service,outcome
    intervention.accepted          ()                 name
    intervention.refused           -                  name
    intervention.no_answer         -                  name
    intervention.on_the_way        ()                 name
    intervention.on_site           ()                 name
    intervention.finding           finding            name,finding,note
    intervention.done              ()                 name
    intervention.cancelled         -                  name
    consent.given                  until              person,until
    consent.withdrawn              ()                 person
    clip.pushed                    name,count         name,count,sha256
    clip.kept                      camera,from,until  camera,from,until
    clip.failed                    -                  camera,from,until
"""

#: Calls to our own people and to services are no news for the customer; an agent's name is in their label.
OURS = frozenset({"responder", "directory"})

#: Texts that somebody typed and that the customer reads: what is to be done, who telephoned. A name of ours or of an agent
#: that stands in them is blotted out.
TYPED = frozenset({"what", "label"})
BLOT = "[…]"

#: What the customer reads in place of a category that would tell a threat of a threat (P1).
SILENT_CATEGORIES = frozenset({"duress"})


def _read(table: str) -> dict[str, tuple[str, ...]]:
    header, *rows = [line.split() for line in table.strip().splitlines()]
    found: dict[str, tuple[str, ...]] = {}
    for name, *cells in rows:
        if len(cells) != len(header) - 1 or name in found:
            raise ValueError(f"redaction table: line «{name}» does not fit its header")
        found[name] = tuple(cells)
    return found


FIELDS: Mapping[str, tuple[str, ...]] = _read(FIELDS_TABLE)
LINES: Mapping[str, tuple[str, ...]] = _read(LINES_TABLE)


def sees(audience: str, field: str) -> bool:
    """Whether an audience sees a field; KeyError when no line names it: what is not decided is not shown."""
    return FIELDS[field][AUDIENCES.index(audience)] == "yes"


def redact_one(audience: str, section: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """One object with the fields that the audience sees."""
    return {name: value for name, value in row.items() if sees(audience, f"{section}.{name}")}


def blotted(said: str, names: Sequence[str]) -> str:
    """A text without the names, whatever their case and accents; whole words only."""
    for name in sorted(names, key=len, reverse=True):
        found = re.escape(_plain(name.strip()))
        spans = re.finditer(rf"(?<!\w){found}(?!\w)", _plain(said)) if found else ()
        for span in reversed(list(spans)):
            said = said[: span.start()] + BLOT + said[span.end() :]
    return said


def _plain(said: str) -> str:
    """The same number of letters, small and without accents, so that places in it are places in the text."""
    return "".join(unicodedata.normalize("NFD", letter)[0].lower()[0] for letter in said)


def _blot(row: dict[str, Any], names: Sequence[str]) -> None:
    for field in TYPED & row.keys():
        if isinstance(row[field], str):
            row[field] = blotted(row[field], names)


def redact(audience: str, facts: Mapping[str, Any], ours: Sequence[str]) -> dict[str, Any]:
    """All sections with what the audience sees. `ours`: names of agents and of our people, which the customer never reads.

    Raises ValueError on an unknown audience, KeyError on a new field.
    """
    if audience not in AUDIENCES:
        raise ValueError(f"no report for «{audience}»")
    shown: dict[str, Any] = {}
    for section, value in facts.items():
        if isinstance(value, Mapping):
            shown[section] = redact_one(audience, section, value)
        else:
            shown[section] = [redact_one(audience, section, row) for row in value]
    if audience == "customer":
        _for_the_customer(shown, ours)
    return shown


def _for_the_customer(shown: dict[str, Any], ours: Sequence[str]) -> None:
    shown["calls"] = [row for row in shown["calls"] if row["target"] not in OURS]
    for row in (*shown["calls"], *shown["deferrals"]):
        _blot(row, ours)
    for row in (shown["incident"], *shown["points"]):
        row["category"] = _category(row["category"])


def _category(category: str | None) -> str | None:
    return None if category in SILENT_CATEGORIES else category


def line_params(
    audience: str, kind: str, params: Mapping[str, Any], ours: Sequence[str]
) -> tuple[str | None, dict[str, Any]] | None:
    """How an entry reads for an audience: (code of its text, parameters); None: no line.

    The code is None for «internal», who reads the entry's own sentence. What the tables do not name is hidden. `ours`: as
    in `redact`.
    """
    if audience == "internal":
        return None, dict(params)
    cells = LINES.get(kind)
    cell = cells[AUDIENCES.index(audience)] if cells else "-"
    if cell == "-" or (audience == "customer" and params.get("target") in OURS):
        return None
    names: Sequence[str] = () if cell == "()" else cell.split(",")
    kept = {name: params.get(name) for name in names}
    if audience == "customer" and "category" in kept:
        kept["category"] = _category(kept["category"])
    if audience == "customer":
        _blot(kept, ours)
    return f"report.line.{kind}", kept
