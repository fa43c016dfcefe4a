"""Availability as one self-contained page to print. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from veilleur.features.availability.views import Availability, CameraAvailability, GapView, PathAvailability
from veilleur.features.reports.markup import Markup, join, tag
from veilleur.features.reports.style import style
from veilleur.locale.render import catalogue, render, show

#: Gaps under this many seconds are in the figures of the whole page, not in its list; a camera's own page has them all.
LISTED_SECONDS = 60

CAMERAS = ("camera", "site", "due", "recorded", "rate", "gap_count", "faults", "masks", "clock")
DAYS = ("day", "due", "recorded", "rate", "gap_count", "longest")
GAPS = ("camera", "since", "until", "length", "reason")
PATHS = ("site", "account", "path", "known", "rate", "losses", "longest")


@dataclass(frozen=True)
class Print:
    """For whom and when it is printed. `zone`: of the centre."""

    language: str
    zone: str
    printed_at: datetime
    centre: str
    demo: bool
    nonce: str

    def __call__(self, sentence: str, /, **params: Any) -> str:
        return render(
            self.language, catalogue(self.language, "texts")[f"availability.{sentence}"], params, self.zone
        )

    def word(self, value: Any, how: str) -> str:
        """A value as a vocabulary or a filter shows it."""
        return show(self.language, value, how, self.zone)

    def at(self, moment: datetime) -> str:
        """An instant, by the centre's clock."""
        return f"{moment.astimezone(ZoneInfo(self.zone)):%d/%m/%Y %H:%M:%S}"

    def length(self, seconds: int) -> str:
        """Seconds as people read them."""
        return self.word(seconds, "duration")

    def rate(self, rate: float | None) -> str:
        """A share; rounded down, so that 100 % is never said of a camera that has a hole."""
        if rate is None:
            return "—"
        cents = int(rate * 10_000)
        point = "," if self.language == "fr" else "."
        return f"{cents // 100}{point}{cents % 100:02d} %"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def availability_page(to: Print, facts: Availability, *, one: bool) -> str:
    """The page. `one`: of one camera, with each of its days and gaps."""
    title = to("title.one" if one and facts.cameras else "title")
    period = to("period", first=_day(facts.first), last=_day(facts.last))
    parts: list[object] = [tag("h2", to("cameras")), _cameras(to, facts.cameras)]
    for each in facts.cameras if one else ():
        parts += [tag("h2", to("days", name=each.camera.name)), _days(to, each)]
    parts += [tag("h2", to("gaps")), _gaps(to, facts.cameras, whole=one)]
    if not one:
        parts += [tag("h2", to("paths")), _paths(to, facts.paths)]
    body = join(
        tag("p", to("print_me"), class_="screen"),
        tag("p", catalogue(to.language, "texts")["report.demo"], class_="mark") if to.demo else None,
        tag(
            "header",
            tag("div", to.centre, class_="house"),
            tag("div", period, class_="ref"),
            tag("h1", title),
            tag("p", to("printed", at=to.at(to.printed_at)), class_="sub"),
        ),
        *parts,
        tag(
            "footer",
            *(tag("p", to(f"note.{name}", until=to.at(facts.until))) for name in ("due", "until", "paths")),
        ),
    )
    head = join(
        Markup('<meta charset="utf-8">'),
        tag("title", f"{title} {period}"),
        tag("style", Markup(style(period)), nonce=to.nonce),
    )
    return "<!doctype html>" + tag("html", tag("head", head), tag("body", body), lang=to.language)


def _cameras(to: Print, cameras: Sequence[CameraAvailability]) -> Markup:
    return _table(to, CAMERAS, [_camera(to, each) for each in cameras])


def _camera(to: Print, one: CameraAvailability) -> tuple[str, ...]:
    faults = ", ".join(f"{to.word(each.kind, 'camera_fault')} ({each.count})" for each in one.faults)
    masks = "—"
    if one.masks is not None:
        masks = to("mask_checks", checks=one.masks.checks, lost=one.masks.lost or None)
    clock = "—" if one.clock_offset_ms is None else f"{one.clock_offset_ms / 1000:+.1f} s"
    return (
        one.camera.name,
        one.site.name,
        to.length(one.due),
        to.length(one.recorded),
        to.rate(one.rate),
        str(len(one.gaps) + one.gaps_left),
        faults or "—",
        masks,
        clock.replace(".", ",") if to.language == "fr" else clock,
    )


def _days(to: Print, one: CameraAvailability) -> Markup:
    rows = [
        (
            _day(each.day),
            to.length(each.due),
            to.length(each.recorded),
            to.rate(each.rate),
            str(each.gaps),
            to.length(each.longest),
        )
        for each in one.days
    ]
    return _table(to, DAYS, rows)


def _gaps(to: Print, cameras: Sequence[CameraAvailability], *, whole: bool) -> Markup:
    listed: list[tuple[str, GapView]] = [
        (each.camera.name, gap)
        for each in cameras
        for gap in each.gaps
        if whole or gap.seconds >= LISTED_SECONDS
    ]
    rows = [
        (name, to.at(gap.since), to.at(gap.until), to.length(gap.seconds), to.word(gap.reason, "camera_gap"))
        for name, gap in listed
    ]
    left = sum(each.gaps_left for each in cameras)
    return join(
        _table(to, GAPS, rows), tag("p", to("gaps_left", count=left), class_="small") if left else None
    )


def _paths(to: Print, paths: Sequence[PathAvailability]) -> Markup:
    rows = [
        (
            each.site.name,
            each.account,
            each.path,
            to.length(each.known),
            to.rate(each.rate),
            str(each.losses),
            to.length(each.longest),
        )
        for each in paths
    ]
    return _table(to, PATHS, rows)


def _table(to: Print, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    if not rows:
        return tag("p", to("none"), class_="none")
    head = tag("tr", *(tag("th", to(f"column.{column}"), scope="col") for column in columns))
    lines = (tag("tr", *(tag("td", cell) for cell in row)) for row in rows)
    return tag("table", tag("thead", head), tag("tbody", *lines))
