"""En essai: signals of a scope are noted, not treated, until an hour. A burglar's tool too (practice P10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from veilleur.features.deadlines.commands import cancel, schedule
from veilleur.features.sites.errors import (
    CallBackNeededError,
    OnTestEndedError,
    OnTestLengthError,
    OnTestRunningError,
    PointsInAlarmError,
    SecondPersonNeededError,
    WordRefusedError,
)
from veilleur.features.sites.evidence import CallEvidence, found_normal, read_evidence
from veilleur.features.sites.hours import Period, period, within
from veilleur.features.sites.model import OnTestView, SiteView, canonical_number
from veilleur.features.sites.night import MAX_NAME, required_text
from veilleur.features.sites.points import TestPoint, list_points, noted
from veilleur.features.sites.queries import centre, lock_site, subject_of
from veilleur.features.sites.reading import on_test_view, read_site_view
from veilleur.features.sites.tables import OnTest, Site, Zone
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act

#: Setting `on_test.max_minutes` of the centre: the longest a test may last in all.
MAX_MINUTES = 720
#: Minutes before the end at which the room is warned.
WARNING = timedelta(minutes=10)
#: Setting `night` of the centre: the hours of P10, on the site's wall clock.
NIGHT: Mapping[str, Any] = {"from": "21:00", "to": "06:00"}


@dataclass(frozen=True, slots=True)
class TestScope:
    """What is on test: nothing named is the whole site. Numbers compare as integers do."""

    __test__ = False

    panel_id: int | None = None
    areas: frozenset[str] | None = None
    zones: frozenset[str] | None = None

    def as_json(self) -> dict[str, Any]:
        """The form the row holds."""
        return {
            "panel": self.panel_id,
            "areas": sorted(map(canonical_number, self.areas)) if self.areas else None,
            "zones": sorted(map(canonical_number, self.zones)) if self.zones else None,
        }


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks and what proves it: the call with the word, our call-back if another, who else agrees.

    `word`: what the word heard just now was, when no call holds it: right | wrong | duress | near.
    `lead`: the operator who acts is the chef de salle. `second`: name of the second person, whose identity the
    caller of the command has proved.
    """

    asked_by: str
    contact_id: int | None = None
    call_id: int | None = None
    call_back_id: int | None = None
    word: str | None = None
    lead: bool = False
    second: str | None = None


def start_on_test(act: Act, site_id: int, scope: TestScope, until: datetime, asking: Asking) -> int:
    """Puts a scope on test until an instant (UTC); the test's id.

    Raises NotFoundError, TextLengthError, OnTestLengthError, OnTestRunningError, WordRefusedError, CallBackNeededError,
    SecondPersonNeededError.
    """
    site = lock_site(act.session, site_id)
    view = read_site_view(act.session, site_id)
    if scope.panel_id is not None and view.panel(scope.panel_id) is None:
        raise NotFoundError("No such panel on this site.", what="panel", id=scope.panel_id)
    if unknown := sorted(set(map(canonical_number, scope.areas or ())) - known_areas(view)):
        raise NotFoundError("No such area on this site.", what="area", id=unknown[0])
    asked_by = required_text(asking.asked_by, "asked_by", MAX_NAME)
    check_end(act, act.now, until)
    if any(test.until > act.now and same_scope(test, scope) for test in view.on_tests):
        raise OnTestRunningError
    word = judge_asking(act, site, view, scope, asking)
    on_test_id = act.session.execute(text("SELECT nextval('on_test_id_seq')")).scalar_one()
    entry = act.record(
        "on_test.started",
        {"scope": words_of_scope(view, scope), "until": until, "asked_by": asked_by, "word": word}
        | {"second": asking.second},
        subject=subject_of(site),
        touched=_touched(act, site, on_test_id),
    )
    row = OnTest(
        id=on_test_id,
        site_id=site.id,
        scope=scope.as_json(),
        asked_by=asked_by,
        contact_id=asking.contact_id,
        word_result=word,
        started_at=act.now,
        until=until,
        results=[],
        entry_id=entry,
    )
    act.session.add(row)
    act.session.flush()
    site.entry_id = entry
    _move_dossiers(act, site, entry)
    schedule_end(act, row)
    return row.id


#: Open dossiers of a site: their rows say whether it is on test. The table belongs to `incidents`, which stands on this
#: feature: read and moved here by name, under the site's lock.
OPEN_DOSSIERS = text("SELECT id FROM incident WHERE site_id = :site_id AND closed_at IS NULL ORDER BY id")
MOVE_DOSSIERS = text("UPDATE incident SET entry_id = :entry WHERE site_id = :site_id AND closed_at IS NULL")


def _touched(act: Act, site: Site, on_test_id: int) -> dict[str, list[int]]:
    """What a test that starts, moves or ends changes on the screens: its own view, the site's, its open dossiers'."""
    dossiers = act.session.scalars(OPEN_DOSSIERS, {"site_id": site.id}).all()
    return {"site": [site.id], "on_test": [on_test_id], "incident": list(dossiers)}


def _move_dossiers(act: Act, site: Site, entry: int) -> None:
    """The open dossiers' version follows: a screen keeps the view with the higher one."""
    act.session.execute(MOVE_DOSSIERS, {"site_id": site.id, "entry": entry})


def with_second(asking: Asking, name: str) -> Asking:
    """The same, agreed to by a second person."""
    return replace(asking, second=name)


def refuse_on_test(act: Act, site_id: int, asking: Asking) -> WordRefusedError:
    """Keeps the trace of a wrong, near or duress word; the error to answer with, once that is committed."""
    site = lock_site(act.session, site_id)
    params = {"asked_by": asking.asked_by, "word": asking.word, "contact": asking.contact_id}
    entry = act.record("on_test.refused", params, subject=subject_of(site), touched={"site": [site.id]})
    site.entry_id = entry
    return WordRefusedError(word=asking.word)


def check_end(act: Act, started_at: datetime, until: datetime) -> None:
    """Raises OnTestLengthError unless the end is ahead and within the longest duration of the centre."""
    house = centre(act.session)
    minutes = (house.settings.get("on_test") or {}).get("max_minutes", MAX_MINUTES) if house else MAX_MINUTES
    if not act.now < until <= started_at + timedelta(minutes=minutes):
        raise OnTestLengthError(field="until", minutes=minutes)


def same_scope(test: OnTestView, scope: TestScope) -> bool:
    """Whether a running test has exactly this scope."""
    json = scope.as_json()
    areas, zones = json["areas"], json["zones"]
    wanted = (scope.panel_id, frozenset(areas) if areas else None, frozenset(zones) if zones else None)
    return (test.panel_id, test.areas, test.zones) == wanted


def judge_asking(act: Act, site: Site, view: SiteView, scope: TestScope, asking: Asking) -> str:
    """What the word was: right | not_asked. Raises when the evidence does not allow the test (P10)."""
    call = read_evidence(act.session, site, asking.call_id, act.now)
    back = read_evidence(act.session, site, asking.call_back_id, act.now) or call
    word = asking.word or (call.word if call else None) or "not_obtained"
    if word in {"duress", "wrong"} or (back is not None and back.word in {"duress", "wrong"}):
        raise WordRefusedError(word=word)
    agreed = asking.lead or asking.second is not None
    if word != "right" and not agreed:
        raise SecondPersonNeededError(reason="no_word")
    night = state_at_night(act, view, scope)
    if night is not None:
        if not proves_call_back(back):
            raise CallBackNeededError
        if not agreed:
            raise SecondPersonNeededError(reason=night)
    return "right" if word == "right" else "not_asked"


def proves_call_back(call: CallEvidence | None) -> bool:
    """Whether it is our own call to a registered number that reached somebody who identified himself."""
    return call is not None and call.registered and (call.identified or call.word == "right")


def state_at_night(act: Act, view: SiteView, scope: TestScope) -> str | None:
    """Why the night's rule applies to the scope, on the site's clock: armed_at_night | unknown_at_night; None: it does not.

    A site that never told its state is treated as armed, but not said to be, unless its schedule says that it is open.
    """
    house = centre(act.session)
    night: Period = period((house.settings.get("night") if house else None) or NIGHT)
    if not within((night,), act.now, view.timezone):
        return None
    told = [view.armed(area) for area in sorted(scope.areas)] if scope.areas else [view.armed()]
    if any(told):
        return "armed_at_night"
    return "unknown_at_night" if None in told and view.closed_hours(act.now) is not False else None


def known_areas(view: SiteView) -> frozenset[str]:
    """The areas that the file or a frame named: by their state, by their points, by a group."""
    numbers = [area.number for area in view.areas]
    numbers += [zone.area for panel in view.panels for zone in panel.zones if zone.area]
    numbers += [number for group in view.area_groups.values() for number in group]
    return frozenset(map(canonical_number, numbers))


def words_of_scope(view: SiteView, scope: TestScope) -> str | None:
    """The scope's numbers for the logbook's sentence; None for the whole site."""
    panel = view.panel(scope.panel_id)
    parts = [panel.account] if panel else []
    named = {area.number: area.name for area in view.areas}
    parts += [named.get(canonical_number(number)) or number for number in sorted(scope.areas or ())]
    parts += sorted(scope.zones or ())
    return ", ".join(parts) or None


def schedule_end(act: Act, row: OnTest) -> None:
    """The warning and the end, replacing earlier ones."""
    cancel(act, "test_warning", "test_end", subject_id=row.id)
    warning = max(row.until - WARNING, act.now)
    schedule(act, "test_warning", warning, site_id=row.site_id, subject_id=row.id)
    schedule(act, "test_end", row.until, site_id=row.site_id, subject_id=row.id)


def locked_test(act: Act, on_test_id: int, site_id: int | None = None) -> tuple[Site, OnTest]:
    """A test and its site, the site locked. Raises NotFoundError."""
    row = act.session.get(OnTest, on_test_id)
    if row is None or site_id not in {None, row.site_id}:
        raise NotFoundError("No such test on this site.", what="on_test", id=on_test_id)
    site = lock_site(act.session, row.site_id)
    act.session.refresh(row)
    return site, row


def running_test(act: Act, on_test_id: int, site_id: int) -> tuple[Site, OnTest]:
    """The same, refused once ended. Raises NotFoundError, OnTestEndedError."""
    site, row = locked_test(act, on_test_id, site_id)
    if row.ended_at is not None:
        raise OnTestEndedError
    return site, row


def extend_on_test(act: Act, site_id: int, on_test_id: int, until: datetime, asking: Asking) -> None:
    """Moves the end of a running test; asks for the same evidence as its start."""
    site, row = running_test(act, on_test_id, site_id)
    check_end(act, row.started_at, until)
    view, test = read_site_view(act.session, site_id), on_test_view(row)
    judge_asking(act, site, view, TestScope(test.panel_id, test.areas, test.zones), asking)
    entry = act.record(
        "on_test.extended",
        {"until": until, "asked_by": required_text(asking.asked_by, "asked_by", MAX_NAME)}
        | {"second": asking.second},
        subject=subject_of(site),
        touched=_touched(act, site, row.id),
    )
    row.until, row.warned_at, row.entry_id = until, None, entry
    site.entry_id = entry
    _move_dossiers(act, site, entry)
    schedule_end(act, row)


def points_of(act: Act, row: OnTest) -> list[TestPoint]:
    """Every point of a test's scope and where it stands."""
    test = on_test_view(row)
    view = read_site_view(act.session, row.site_id)
    return list_points(view, row.results, test, found_normal(act.session, row.site_id))


def end_on_test(act: Act, site_id: int, on_test_id: int, note: str | None = None) -> list[TestPoint]:
    """Ends a test and gives its list. Raises PointsInAlarmError while a point is in alarm without a note."""
    site, row = running_test(act, on_test_id, site_id)
    points = points_of(act, row)
    in_alarm = [point.label for point in points if point.state == "in_alarm"]
    if in_alarm and not (note and note.strip()):
        raise PointsInAlarmError(points=in_alarm)
    _close(act, site, row, points, note=note, kind="on_test.ended")
    return points


def end_on_test_due(act: Act, on_test_id: int) -> bool:
    """Ends a test whose hour has come; False when that no longer applies.

    Its results then hold the state of every point: the watch opens a dossier for those in alarm (P10).
    """
    site, row = locked_test(act, on_test_id)
    if row.ended_at is not None or act.now < row.until:
        return False
    _close(act, site, row, points_of(act, row), note=None, kind="on_test.expired")
    return True


def _close(
    act: Act, site: Site, row: OnTest, points: list[TestPoint], *, note: str | None, kind: str
) -> None:
    count = {state: sum(point.state == state for point in points) for state in ("normal", "never_seen")}
    in_alarm = [point.label for point in points if point.state == "in_alarm"]
    through = [point.label for point in points if point.incident is not None]
    entry = act.record(
        kind,
        {"note": note, "points": len(points), "in_alarm": in_alarm, "through": through} | count,
        subject=subject_of(site),
        touched=_touched(act, site, row.id),
    )
    extra = {result["key"]: result for result in row.results}
    row.results = [{**extra.get(point.key, {}), **point.as_json()} for point in points]
    row.ended_at, row.end_note, row.entry_id = act.now, note, entry
    site.entry_id = entry
    _move_dossiers(act, site, entry)
    cancel(act, "test_warning", "test_end", subject_id=row.id)


def warn_on_test(act: Act, on_test_id: int) -> bool:
    """Tells the room that a test ends soon; False when it no longer does."""
    site, row = locked_test(act, on_test_id)
    if row.ended_at is not None or row.warned_at is not None or act.now < row.until - WARNING:
        return False
    entry = act.record(
        "on_test.ends_soon",
        {"until": row.until, "asked_by": row.asked_by},
        subject=subject_of(site),
        touched={"on_test": [row.id]},
    )
    row.warned_at, row.entry_id = act.now, entry
    return True


def note_on_test(
    act: Act,
    on_test_id: int,
    *,
    point_key: str,
    label: str,
    category: str,
    qualifier: str,
    zone_id: int | None,
    at: datetime,
    signal_id: int,
    dossier: tuple[int, str] | None = None,
) -> int:
    """Notes an event that a test covers; the entry's id. The watch calls it, the site locked.

    `dossier`: id and reference of the one that it opened or joined all the same, having broken through (P10).
    """
    site, row = locked_test(act, on_test_id)
    entry = act.record(
        "on_test.broken_through" if dossier else "on_test.signal_noted",
        {
            "label": label,
            "category": None if label.startswith("#code:") else category,
            "qualifier": None if qualifier == "new" else qualifier,
            "signal": signal_id,
        }
        | ({"incident": dossier[1]} if dossier else {}),
        subject=subject_of(site),
        touched={"on_test": [row.id]},
        happened_at=at,
    )
    point = act.session.get(Zone, zone_id) if zone_id is not None else None
    zone = point.shown if point is not None else None
    row.results = noted(
        row.results, key=point_key, zone_id=zone_id, zone=zone, label=label, category=category,
        qualifier=qualifier, at=at, dossier=dossier,
    )  # fmt: skip
    row.entry_id = entry
    if point is not None:
        point.tested_at, point.entry_id = at, entry
    return entry
