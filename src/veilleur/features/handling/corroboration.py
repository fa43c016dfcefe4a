"""Whether the cascade of calls looks for a second person who tells the same offence (practice P4; L613-6).

One identified person who says that an offence is under way does not justify the police call on goods: the next
contact is proposed until the door is justified, or until somebody passes outre. The door itself is never locked.
"""

from __future__ import annotations

from sqlalchemy import select

from veilleur.features.handling.doors import POLICE, says_offence
from veilleur.features.handling.evidence import both_doors, settled_calls
from veilleur.features.handling.place import Place
from veilleur.features.handling.tables import ServiceCall
from veilleur.features.incidents.commands import seek_corroboration

#: The police were called and did not take it: what was missing still is.
NOT_TAKEN = frozenset({"refused", "no_answer"})


def follow_door(place: Place, entry_id: int) -> None:
    """After a call, a clue or a call to the police: the procedure's cascade goes on, or has found what it looked for."""
    place.act.session.flush()
    seek_corroboration(place.act, place.case.incident.id, _wanted(place), entry_id)


def _wanted(place: Place) -> bool:
    session, incident = place.act.session, place.case.incident
    if incident.family == "person" or incident.duress:  # their door is open (CP 223-6)
        return False
    if not any(says_offence(call) for call in settled_calls(session, incident.id)):
        return False
    goods, _ = both_doors(session, place.site, incident)
    return not goods.justified and not _police_called(place)


def _police_called(place: Place) -> bool:
    outcomes = place.act.session.scalars(
        select(ServiceCall.outcome).where(
            ServiceCall.incident_id == place.case.incident.id, ServiceCall.service.in_(POLICE)
        )
    )
    return any(outcome not in NOT_TAKEN for outcome in outcomes)
