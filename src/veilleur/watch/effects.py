"""What each kind of deadline does when its hour has come.

| kind | effect |
|---|---|
| untaken | nobody took the dossier: every post rings, then the chef or astreinte, then «station non tenue» |
| no_act | taken and no act for 60 s: rings again |
| back_to_queue | taken and no act for 120 s: back to the queue, by name |
| parked | the hour of the call-back: rings, must be taken again |
| offer | a colleague did not answer: back to the queue |
| deferral | what was deferred is not done: a dossier of follow-up |
| settle_call | the result of a call can no longer be undone |
| agent_answer | nobody answered: the next in line is proposed |
| agent_late | the agent should have arrived |
| test_warning | a test ends in ten minutes |
| test_end | a test ends; points still in alarm become signals, so that it never ends silently (P10) |
| late_close | an area is still open after its hour: a signal says so (P8) |
| adopted | an unknown account became a panel: what it said before is examined |
| provisional_contact | a contact added at night ends at noon |

Each judges again under the site's lock: True it applied, False it no longer does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from veilleur.features.deadlines.tables import Deadline
from veilleur.features.handling import commands as handling
from veilleur.features.incidents import commands as incidents
from veilleur.features.sites import commands as sites
from veilleur.features.sites.tables import OnTest
from veilleur.logbook.act import Act
from veilleur.watch.adopted import KIND as ADOPTED
from veilleur.watch.adopted import examine_adopted
from veilleur.watch.closing_time import KIND, late_to_close
from veilleur.watch.internal import OwnSignal, store_own

Effect = Callable[[Act, Deadline], bool]

STILL_IN_ALARM = "still_in_alarm"
"""Code of the signal for a point left in alarm; what concerns the panel itself keeps its own code."""


def on_incident(command: Callable[[Act, int], bool]) -> Effect:
    """An effect about the deadline's dossier."""
    return lambda act, row: row.incident_id is not None and command(act, row.incident_id)


def on_subject(command: Callable[[Act, int], bool]) -> Effect:
    """An effect about the call, intervention, test, deferral or contact it names."""
    return lambda act, row: row.subject_id is not None and command(act, row.subject_id)


def end_test(act: Act, row: Deadline) -> bool:
    """Ends the test; each point still in alarm becomes a signal of ours, decided like any other."""
    if row.subject_id is None or not sites.end_on_test_due(act, row.subject_id):
        return False
    test = act.session.get_one(OnTest, row.subject_id)
    store_own(act, [_left_in_alarm(test, result) for result in test.results if result["state"] == "in_alarm"])
    return True


def _left_in_alarm(test: OnTest, result: Mapping[str, object]) -> OwnSignal:
    kind, _, rest = str(result["key"]).partition("/")[0].partition(":")
    panel, _, number = rest.partition(":")
    label = str(result["label"])
    named = kind in ("zone", "panel", "user") and panel.isdecimal()
    return OwnSignal(
        site_id=test.site_id,
        category=str(result.get("category") or "unknown"),
        code=number.partition(":")[0] if kind == "panel" and number else STILL_IN_ALARM,
        qualifier="new",
        panel_id=int(panel) if named else None,
        zone=number if kind == "zone" else None,
        area=panel if kind == "area" else None,
        text=None if label.startswith("#") else label,
    )


EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "untaken": on_incident(incidents.untaken),
        "no_act": on_incident(incidents.no_act),
        "back_to_queue": on_incident(incidents.back_to_queue),
        "parked": on_incident(incidents.parked_due),
        "offer": on_incident(incidents.offer_due),
        "deferral": on_subject(incidents.deferral_due),
        "settle_call": on_subject(handling.settle_call),
        "agent_answer": on_subject(handling.agent_unanswered),
        "agent_late": on_subject(handling.agent_late),
        "test_warning": on_subject(sites.warn_on_test),
        "test_end": end_test,
        KIND: late_to_close,
        ADOPTED: examine_adopted,
        "provisional_contact": on_subject(sites.expire_provisional_contact),
    }
)
