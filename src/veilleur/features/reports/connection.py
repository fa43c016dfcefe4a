"""The record of connection as a page to print and sign: every point tested and never seen (practice need 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from veilleur.db.engine import ReadSession
from veilleur.features.reports.markup import Markup, join, tag
from veilleur.features.reports.style import style
from veilleur.features.sites.queries import centre, site_connection, visible_site
from veilleur.kernel.ports import Reader
from veilleur.locale.render import catalogue, render, show

Row = Mapping[str, Any]

POINTS = ("number", "name", "area", "kind", "stand", "tested_at", "alarm_at")
PATHS = ("panel", "path", "last_seen")


@dataclass(frozen=True)
class _Words:
    language: str
    zone: str

    def __call__(self, sentence: str, /, **params: Any) -> str:
        texts = catalogue(self.language, "texts")
        return render(self.language, texts[f"connection.{sentence}"], params, self.zone)

    def at(self, moment: datetime | str | None) -> str:
        """A time of the site, or «jamais»."""
        if moment is None:
            return self("never")
        when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return f"{when.astimezone(ZoneInfo(self.zone)):%d/%m/%Y %H:%M:%S}"


def connection_page(
    session: ReadSession,
    site_id: int,
    reader: Reader,
    *,
    now: datetime,
    nonce: str = "",
    demo: bool = False,
    language: str = "fr",
) -> str:
    """The site's record as a self-contained page: the last one that was accepted, else where it stands now.

    Times are the site's. `nonce`: of the answer's CSP, for the style. Raises NotFoundError.
    """
    site, house = visible_site(session, site_id, reader), centre(session)
    words = _Words(language, site.timezone)
    stand, records = site_connection(session, site_id)
    kept = records[0] if records and site.connection != "connecting" else None
    points: Sequence[Row] = kept.points if kept else [point.as_json() for point in stand.points]
    missing: Sequence[Row] = kept.missing if kept else [each.as_json() for each in stand.missing]
    body = join(
        tag("p", catalogue(language, "texts")["report.demo"], class_="mark") if demo else None,
        tag("p", words("draft"), class_="mark") if kept is None else None,
        tag(
            "header",
            tag("div", house.name if house else "", class_="house"),
            tag("div", site.reference, class_="ref"),
            tag("h1", words("title")),
            tag(
                "p", f"{site.name}, {site.street or ''} {site.postcode or ''} {site.town or ''}", class_="sub"
            ),
        ),
        tag("p", words("state", connection=site.connection)),
        _accepted(words, kept),
        _missing(words, missing),
        tag("h2", words("points")),
        _table(words, POINTS, [_point(words, row) for row in points]) if points else tag("p", words("none")),
        tag("h2", words("paths")),
        _table(words, PATHS, [(row.panel, row.name, words.at(row.last_seen)) for row in stand.paths]),
        tag("h2", words("sign")),
        tag("div", Markup("&nbsp;<br>&nbsp;<br>&nbsp;"), class_="result"),
        tag("footer", tag("p", words.at(now))),
    )
    head = join(
        Markup('<meta charset="utf-8">'),
        tag("title", f"{words('title')} {site.reference}"),
        tag("style", Markup(style(site.reference)), nonce=nonce),
    )
    return "<!doctype html>" + tag("html", tag("head", head), tag("body", body), lang=language)


def _accepted(words: _Words, kept: Any) -> Markup:
    if kept is None:
        return join()
    told = words("accepted", who=kept.accepted_by, at=kept.accepted_at.isoformat(), operator=kept.operator)
    return join(
        tag("p", told, class_="result"),
        tag("p", words("motif", motif=kept.motif)) if kept.motif else None,
        tag("p", f"{words('note')} : {kept.note}") if kept.note else None,
    )


def _missing(words: _Words, missing: Sequence[Row]) -> Markup:
    if not missing:
        return tag("p", words("complete"))
    lines = [
        tag("li", words("missing_line", code=each["code"], items=[item for item in each["items"] if item]))
        for each in missing
    ]
    return join(tag("h2", words("missing")), tag("ul", *lines))


def _point(words: _Words, row: Row) -> tuple[str, ...]:
    kind = show(words.language, row["kind"], "category", words.zone) if row["kind"] else ""
    stand = show(words.language, row["state"], "connection_point", words.zone)
    tested = row["tested_at"] or row["seen_at"]
    return (
        str(row["number"]),
        row["name"] or "",
        row["area"] or "",
        kind,
        stand,
        words.at(tested),
        words.at(row["alarm_at"]),
    )


def _table(words: _Words, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    head = tag("tr", *(tag("th", words(column), scope="col") for column in columns))
    return tag(
        "table",
        tag("thead", head),
        tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows)),
    )
