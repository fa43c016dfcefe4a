"""Who may what with a dossier: roles, then state and ownership. Default deny."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from veilleur.features.incidents.lifecycle import State
from veilleur.kernel.ports import Policy, Reader

#: By role (issue 2 §7). `post`: while holding a post.
POLICY = Policy.read("""
                               operator  lead  administrator  auditor
    incident.read              yes       yes   yes            yes
    incident.take              post      post  -              -
    incident.take_handed_up    -         post  -              -
    incident.take_over         post      post  -              -
    incident.release           post      post  -              -
    incident.park              post      post  -              -
    incident.resume            post      post  -              -
    incident.hand_over         post      post  -              -
    incident.accept            post      post  -              -
    incident.decline           post      post  -              -
    incident.hand_up           post      post  -              -
    incident.step_away         post      post  -              -
    incident.note              post      yes   -              -
    incident.step              post      post  -              -
    incident.review            -         yes   -              -
    incident.normal            post      post  -              -
    incident.defer             post      post  -              -
    incident.deferral_done     post      post  -              -
    incident.close             post      post  -              -
    incident.release_duress    -         yes   -              -
    incident.handle            post      post  -              -
    draft.keep                 yes       yes   yes            yes
""")

#: By state. A cell says of whom: `any`body · the `own`er, who holds it · `other`: not the owner · who it is
#: `offered` to · `both`: offered or owner · `lead`: the right of its role line · «-»: nobody.
#: The verb is the route's; the second column is its line in the table above.
STATES = """
    verb            right             new    taken  parked  transferred  handed_up  closing  closed
    take            take              any    -      -       -            lead       -        -
    resume          resume            -      -      own     -            -          -        -
    take-over       take_over         -      other  other   other        -          other    -
    release         release           own    own    own     own          -          own      -
    park            park              -      own    own     -            -          own      -
    hand-over       hand_over         -      own    own     -            -          own      -
    accept          accept            -      -      -       offered      -          -        -
    decline         decline           -      -      -       both         -          -        -
    hand-up         hand_up           -      own    own     -            -          -        -
    note            note              any    any    any     any          any        any      any
    steps           step              own    own    own     own          -          own      -
    normal          normal            own    own    own     own          -          own      -
    deferrals       defer             own    own    own     own          -          own      -
    deferral-done   deferral_done     any    any    any     any          any        any      any
    closing         close             -      own    -       -            -          own      -
    keep-open       close             -      -      -       -            -          own      -
    close           close             -      own    -       -            -          own      -
    release-duress  release_duress    any    any    any     any          any        any      -
    calls           handle            own    own    own     own          -          own      -
    clues           handle            own    own    own     own          -          own      -
    verification    handle            own    own    own     own          -          own      -
    service-calls   handle            own    own    own     own          -          own      -
    interventions   handle            own    own    own     own          -          own      -
"""


@dataclass(frozen=True)
class Facts:
    """What abilities depend on, of the dossier."""

    state: str
    owner_id: int | None
    offered_to_id: int | None
    duress_locked: bool
    orphan: bool = False
    """Its holder's screen is silent: whoever hears it ring takes it, as if it were new (need 2)."""


def _read(text: str) -> Mapping[str, tuple[str, Mapping[str, str]]]:
    header, *rows = [line.split() for line in text.strip().splitlines()]
    states = header[2:]
    if states != [state.value for state in State]:
        raise ValueError("the table of states does not name every state in its order")
    table: dict[str, tuple[str, Mapping[str, str]]] = {}
    for verb, right, *cells in rows:
        known = {"any", "own", "other", "offered", "both", "lead", "-"}
        if len(cells) != len(states) or set(cells) - known or f"incident.{right}" not in POLICY.cells:
            raise ValueError(f"table of states: line «{verb}» does not fit its header")
        table[verb] = (f"incident.{right}", dict(zip(states, cells, strict=True)))
    return table


VERBS = _read(STATES)


def abilities(facts: Facts, reader: Reader) -> list[str]:
    """The routes' verbs this reader may use now on this dossier, in the table's order."""
    return [verb for verb, (right, cells) in VERBS.items() if _may(facts, reader, verb, right, cells)]


def _may(facts: Facts, reader: Reader, verb: str, right: str, cells: Mapping[str, str]) -> bool:
    if not POLICY.allows(reader, right) or (verb == "release-duress" and not facts.duress_locked):
        return False
    if verb == "take" and facts.orphan:
        return facts.owner_id != reader.user_id
    mine, offered = facts.owner_id == reader.user_id, facts.offered_to_id == reader.user_id
    answers = {
        "any": True,
        "own": mine,
        "other": not mine,
        "offered": offered,
        "both": offered or mine,
        "lead": POLICY.allows(reader, "incident.take_handed_up"),
        "-": False,
    }
    return answers[cells[facts.state]]
