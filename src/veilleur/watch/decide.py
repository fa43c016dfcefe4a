"""decide(): one event of one signal, the site's file, its open dossiers → what is to be done. Pure.

Practice P2 (restores.py, arming.py), P3 (joining.py), P5 (arming.py), P8 (classify.py), P10 (test_mode.py),
need 1 (joining.py), need 3 (connection.py). Replayed by `veilleur replay`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from veilleur.features.sites.model import SiteView
from veilleur.protocols.codes import Nature, NumberKind
from veilleur.protocols.events import Category, Event, Qualifier
from veilleur.watch.arming import arming_of, decide_arming
from veilleur.watch.classify import Classified, classify
from veilleur.watch.connection import TREATED, decide_untreated, notice, zone_state
from veilleur.watch.decisions import Attach, Decision, Point, TestNote, ZoneState
from veilleur.watch.defaults import INTRUSION, SERVICE
from veilleur.watch.joining import join_or_open
from veilleur.watch.lines import decide_line, is_line, with_intrusion
from veilleur.watch.points import discovery, ends_alarm, point_of, restored_keys, zone_number
from veilleur.watch.restores import decide_restore
from veilleur.watch.test_mode import breaks_through, broke_through, covering_tests
from veilleur.watch.view import DEFAULT_RULES, Heard, IncidentView, Rules, Scene

NEVER_A_DOSSIER = frozenset({"ghost", "no_key", "bad_key", "stale"})
"""Verdicts that live in the ghost queue and the security troubles; counted there, decided by nobody."""

OTHER_LINE = "other_line"
"""Verdict of an account that another line knows (practice P9): its alarms are shown, its tests only counted."""

NOT_UNDERSTOOD = 2
"""Priority of what we could not read: it may be anything (ARCHITECTURE.md §5)."""

WORTH_SEEING = frozenset(
    {Category.BYPASS, Category.OPEN_CLOSE, Category.ACCESS, Category.INTRUSION, Category.TAMPER}
)
"""Information shown in an open intrusion: inhibitions, cancels, accesses."""


def decide(
    site: SiteView,
    incidents: Sequence[IncidentView],
    heard: Heard,
    now: datetime,
    rules: Rules = DEFAULT_RULES,
) -> tuple[Decision, ...]:
    """What a signal's event asks for, in order. `incidents`: the site's open dossiers. `now` in UTC.

    May raise on data it does not understand: the caller quarantines the signal.
    """
    if heard.verdict in NEVER_A_DOSSIER:
        return ()
    if heard.verdict == OTHER_LINE and not worth_a_dossier(site, heard, rules):
        return ()
    if site.connection not in TREATED:
        return decide_untreated(site, heard, rules)
    scene = Scene(site, tuple(incidents), heard, rules, notice(site))
    if heard.event is None or heard.verdict in ("unreadable", "clear_refused", OTHER_LINE):
        decisions = not_believed(scene)
    else:
        decisions = decide_event(scene, heard.event)
    return (*decisions, *broke_through(scene, decisions))


def decide_event(scene: Scene, event: Event) -> tuple[Decision, ...]:
    """A readable, authenticated event of a treated site."""
    site, heard = scene.site, scene.heard
    if is_line(heard, event):
        return decide_line(scene, event)
    cls = classify(site, heard, event, scene.rules)
    tests = covering_tests(site, heard, event, cls)
    noted = tuple(
        TestNote(test.id, point_of(site, heard, event, cls), str(event.qualifier)) for test in tests
    )
    if arming_of(event) is not None:
        return (*decide_arming(scene, event, cls, on_test=bool(tests)), *noted)
    found = discovery(site, heard, event, cls)
    if ends_alarm(event, heard.dialect, cls.nature):
        return (*found, *decide_restore(scene, event, cls), *restored_in_test(scene, event, noted))
    if cls.nature is Nature.INFORMATION or event.qualifier is Qualifier.RESTORE:
        return (*found, *decide_information(scene, event, cls))
    state = point_state(heard, event, cls)
    if tests and breaks_through(site, heard, event, cls) is None:
        return (*found, *state, *noted)
    shown = scene.marked(
        *(("on_test",) if tests else ()),
        *(("unknown_zone",) if found else ()),
        *(("late",) if event.extended.get("late") else ()),
        *(("unknown_code",) if cls.category is Category.UNKNOWN else ()),
    )
    point = point_of(site, heard, event, cls)
    cls, line = with_intrusion(scene, cls)
    return (*found, *state, *join_or_open(shown, event, cls, point, any_group=line))


def restored_in_test(scene: Scene, event: Event, noted: Sequence[TestNote]) -> tuple[TestNote, ...]:
    """The lines of a test's list that a restore brings back: SIA's YR ends what YT began."""
    keys = restored_keys(scene.site, scene.heard, event, scene.rules)
    return tuple(
        note if note.point.key in keys else replace(note, point=replace(note.point, key=key))
        for note in noted
        for key in ([note.point.key] if note.point.key in keys else sorted(keys))
    )


def point_state(heard: Heard, event: Event, cls: Classified) -> tuple[Decision, ...]:
    """The state in which an alarm or a fault leaves its point."""
    number = zone_number(event, cls)
    if heard.panel_id is None or number is None:
        return ()
    return (ZoneState(heard.panel_id, number, zone_state(cls.nature, event.qualifier)),)


def decide_information(scene: Scene, event: Event, cls: Classified) -> tuple[Decision, ...]:
    """Nobody owes it anything; beside an open intrusion it may tell a lot. Tests are proofs of life, no more."""
    out: list[Decision] = []
    number = zone_number(event, cls)
    panel_id = scene.heard.panel_id
    if cls.category is Category.BYPASS and panel_id is not None and number is not None:
        bypassed = event.qualifier is not Qualifier.RESTORE
        out.append(ZoneState(panel_id, number, "bypassed" if bypassed else "normal"))
    if cls.category in WORTH_SEEING:
        group = scene.site.group_of(cls.area)
        out += [Attach(i.id, "info") for i in scene.incidents if i.family == INTRUSION and i.group == group]
    return tuple(out)


def worth_a_dossier(site: SiteView, heard: Heard, rules: Rules) -> bool:
    """Whether an account known on another line says something that an operator must see."""
    event = heard.event
    if event is None or event.qualifier is Qualifier.RESTORE:
        return False
    return classify(site, heard, event, rules).nature is not Nature.INFORMATION


def not_believed(scene: Scene) -> tuple[Decision, ...]:
    """«Signal illisible», «signal non authentifié», «compte connu sur une autre ligne»: a dossier of their own,
    never mixed with a real alarm.

    An unreadable frame was answered DUH and will not come back. A clear frame on a keyed account, or of an account
    that another line knows, is shown with the priority that its content claims, changes no state, and takes no part
    in joining or clearing.
    """
    heard, event = scene.heard, scene.heard.event
    unreadable = event is None or heard.verdict == "unreadable"
    strange = OTHER_LINE if heard.verdict == OTHER_LINE else "unauthenticated"
    kind = "unreadable" if unreadable else strange
    cls = replace(unknown_class(scene.rules), procedure=kind)
    if event is not None and not unreadable:
        claimed = classify(scene.site, heard, event, scene.rules)
        cls = replace(cls, category=claimed.category, priority=claimed.priority, area=claimed.area)
    point = Point(f"panel:{heard.panel_id or 0}:{kind}", f"#{kind}", str(cls.category))
    return join_or_open(scene.marked(kind), event, cls, point)


def unknown_class(rules: Rules) -> Classified:
    """The class of what we could not understand."""
    return Classified(
        category=Category.UNKNOWN,
        nature=Nature.ALARM,
        priority=NOT_UNDERSTOOD,
        family=SERVICE,
        needs_operator=True,
        procedure="unknown",
        take=rules.take,
        act=rules.act,
        area=None,
        number=NumberKind.ZONE,
    )
