"""A report as one self-contained page to print: header, facts, timeline, proof, the footer of L612-15. Pure.

It is given facts already redacted: a column whose field the audience does not see is not there at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from veilleur.features.reports.markup import Markup, join, tag
from veilleur.features.reports.proving import Sealing
from veilleur.features.reports.redaction import line_params
from veilleur.features.reports.style import style
from veilleur.locale.render import catalogue, duration, render, render_entry, show
from veilleur.logbook.lines import LogLine

Row = Mapping[str, Any]
#: Field → how it is shown: a vocabulary (of each item of a list), `when`, `phone`, `point_at` (points
#: with their hour), `drift` (seconds, with their sign), `details` (of a frame), or None as it is.
Column = tuple[str, str | None]


@dataclass(frozen=True)
class Issue:
    """Who prints, when, for whom, for which house. `ours`: names that the customer never reads."""

    audience: str
    language: str
    zone: str
    issued_at: datetime
    issued_by: str | None
    centre: str
    call_back: str | None
    authorisation: str | None
    internal_service: bool
    demo: bool
    nonce: str
    ours: tuple[str, ...]


POINTS: tuple[Column, ...] = (
    ("label", "point"), ("category", "category"), ("alarms", None), ("first_at", "when"), ("last_at", "when"),
    ("normal_at", "when"), ("normal_by", "normal_by"), ("deferred_until", "when"), ("deferred_to", None),
)  # fmt: skip
CLUES: tuple[Column, ...] = (
    ("at", "when"), ("kind", "clue"), ("strength", "clue_strength"), ("origin", "clue_origin"), ("who", None),
    ("camera", None), ("points", "point"), ("finding", "finding"), ("text", None), ("removed_at", "when"),
)  # fmt: skip
CALLS: tuple[Column, ...] = (
    ("at", "when"), ("direction", "report_direction"), ("label", None), ("number", "phone"), ("result", "call_result"),
    ("word", "call_word"), ("person", None), ("understood", "understood"), ("note", None),
)  # fmt: skip
SERVICES: tuple[Column, ...] = (
    ("at", "when"), ("service", "public_service"), ("name", None), ("door", "door"), ("clues", "clue"),
    ("concrete", "report_yes"), ("motif", "override_motif"), ("rule", None), ("operator", None), ("reached", None),
    ("call_back", "phone"), ("ended_at", "when"), ("outcome", "service_outcome"), ("outcome_at", "when"), ("note", None),
    ("review", "report_review"),
)  # fmt: skip
INTERVENTIONS: tuple[Column, ...] = (
    ("agent", None), ("firm", None), ("state", "intervention_state"), ("asked_at", "when"), ("answered_at", "when"),
    ("left_at", "when"), ("expected_at", "when"), ("arrived_at", "when"), ("finding", "finding"), ("found_at", "when"),
    ("finding_note", None), ("done_at", "when"), ("reason", None),
)  # fmt: skip
DEFERRALS: tuple[Column, ...] = (
    ("points", "point"), ("what", None), ("who", None), ("until", "when"), ("done_at", "when"),
)  # fmt: skip
STEPS: tuple[Column, ...] = (
    ("label", "step"), ("state", "report_step_state"), ("result", "step_result"), ("motif", "skip_motif"),
    ("note", None), ("done_at", "when"), ("by", "report_by"),
)  # fmt: skip
CHECKS: tuple[Column, ...] = (
    ("done_at", "when"), ("label", "step"), ("state", "report_step_state"), ("result", "step_result"),
    ("motif", "skip_motif"), ("note", None), ("by", "report_by"),
)  # fmt: skip
SIGNALS: tuple[Column, ...] = (
    ("at", "when"), ("code", "signal_code"), ("verdict", "verdict"), ("drift", "drift"), ("details", "details"),
)  # fmt: skip
INCIDENT: tuple[Column, ...] = (
    ("category", "category"), ("points", "point_at"), ("priority", "priority"), ("duress", "report_yes"), ("opened_at", "when"),
    ("signal_count", None), ("taken_at", "when"), ("first_act_at", "when"), ("operator", None), ("closed_at", "when"),
    ("outcome", "outcome"), ("outcome_note", None),
)  # fmt: skip
SITE: tuple[Column, ...] = (
    ("name", None), ("reference", None), ("customer", None), ("street", None), ("postcode", None), ("town", None),
    ("access", None), ("risks", None),
)  # fmt: skip
VERIFICATION: tuple[Column, ...] = (
    ("means", "report_mean"), ("started_at", "when"), ("ended_at", "when"), ("ended_result", "verification"),
    ("changed_at", "when"), ("operator", None), ("rule", None), ("rule_since", "day"), ("rule_zone", None),
)  # fmt: skip


#: How a time is written. `short`: the year is at the head of the page.
MOMENTS = {"when": "%d/%m/%Y %H:%M:%S", "short": "%d/%m %H:%M:%S", "clock": "%H:%M:%S"}

#: In a table: times without the year; times and numbers stay on one line.
SHORT: Mapping[str | None, str] = {"when": "short"}
CELL: Mapping[str | None, str] = {"when": "when", "phone": "when"}


def report(issue: Issue, facts: Mapping[str, Any], lines: Sequence[LogLine], sealing: Sealing) -> str:
    """The whole page. `facts` are redacted for the issue's audience; `lines` are the dossier's entries."""
    page = _Page(issue)
    incident = facts["incident"]
    title = page.text(f"report.title.{issue.audience}")
    body = join(
        page.header(title, incident["reference"]),
        tag("p", page.text("report.open_incident"), class_="mark") if incident["state"] != "closed" else None,
        page.section("site", page.list_of(facts["site"], SITE)),
        page.section("incident", page.list_of(incident, INCIDENT)),
        page.verification(facts["verification"], facts["clues"]),
        page.table("checks", facts["checks"], CHECKS) if issue.audience != "customer" else None,
        page.table("calls", facts["calls"], CALLS),
        page.records("services", facts["services"], SERVICES),
        page.records("interventions", facts["interventions"], INTERVENTIONS),
        page.table("points", facts["points"], POINTS),
        page.table("signals", facts["signals"], SIGNALS) if issue.audience == "internal" else None,
        page.table("deferrals", facts["deferrals"], DEFERRALS),
        page.table("steps", facts["steps"], STEPS) if issue.audience == "internal" else None,
        page.section("timeline", page.timeline(lines, incident["category"])),
        page.section("proof", page.proof(sealing)),
        page.footer(),
    )
    head = join(
        Markup('<meta charset="utf-8">'),
        tag("title", f"{title} {incident['reference']}"),
        tag("style", Markup(style(incident["reference"])), nonce=issue.nonce),
    )
    return "<!doctype html>" + tag("html", tag("head", head), tag("body", body), lang=issue.language)


class _Page:
    """The words and times of one issue."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        self.texts = catalogue(issue.language, "texts")

    def text(self, code: str, **params: Any) -> str:
        return render(self.issue.language, self.texts[code], params, self.issue.zone)

    def value(self, value: Any, how: str | None) -> str:
        if value is None or value in ("", []):
            return ""
        if how in MOMENTS:
            return f"{value.astimezone(ZoneInfo(self.issue.zone)):{MOMENTS[how]}}"
        if how == "point_at":
            return ", ".join(
                f"{self.value(row['label'], 'point')} ({self.value(row['at'], 'clock')})" for row in value
            )
        if how == "drift":
            return ("+" if value > 0 else "−") + duration(abs(value))
        if how == "details":
            return " · ".join(self.text("report.detail", what=code, value=said) for code, said in value)
        if isinstance(value, bool):
            value = "yes" if value else "no"
        return show(self.issue.language, value, how, self.issue.zone)

    def label(self, section: str, field: str) -> str:
        return self.text(f"report.{section}.{field}")

    def section(self, name: str, content: object) -> Markup:
        return tag("section", tag("h2", self.text(f"report.{name}")), content, class_=name)

    def list_of(self, row: Row, columns: Sequence[Column], section: str | None = None) -> Markup:
        """A definition list of the fields that are there and say something."""
        name = section or ("site" if columns is SITE else "incident")
        pairs = [
            join(tag("dt", self.label(name, field)), tag("dd", said))
            for field, how in columns
            if field in row and (said := self.value(row[field], how))
        ]
        return tag("dl", *pairs)

    def table(self, section: str, rows: Sequence[Row], columns: Sequence[Column]) -> Markup:
        """A section's table: only the columns that the audience sees and that some row fills."""
        if not rows:
            return self.section(section, tag("p", self.text(f"report.{section}.none"), class_="none"))
        used = [
            (field, how)
            for field, how in columns
            if any(field in row and self.value(row[field], how) for row in rows)
        ]
        head = tag("tr", *(tag("th", self.label(section, field), scope="col") for field, _ in used))
        lines = [
            tag(
                "tr",
                *(
                    tag("td", self.value(row.get(field), SHORT.get(how, how)), class_=CELL.get(how, "what"))
                    for field, how in used
                ),
            )
            for row in rows
        ]
        return self.section(section, tag("table", tag("thead", head), tag("tbody", *lines)))

    def verification(self, record: Row, clues: Sequence[Row]) -> Markup:
        result = self.text("report.verification.result", result=record["result"])
        shown = tag("p", result, class_="result")
        listed = [row for row in clues if row]
        table = self.table("clues", listed, CLUES) if listed or self.issue.audience != "customer" else None
        return join(
            self.section("verification", join(shown, self.list_of(record, VERIFICATION, "verification"))),
            table,
        )

    def records(self, section: str, rows: Sequence[Row], columns: Sequence[Column]) -> Markup:
        """One list per object: a table of fifteen columns is read by nobody."""
        if not rows:
            return self.table(section, rows, columns)
        return self.section(section, join(*(self.list_of(row, columns, section) for row in rows)))

    def timeline(self, lines: Sequence[LogLine], category: str | None) -> Markup:
        """What happened, line by line; `category`: the dossier's, for the line that opened it."""
        rows = [row for line in lines if (row := self._line(line, category))]
        return tag("table", tag("tbody", *rows)) if rows else tag("p", "—", class_="none")

    def _line(self, line: LogLine, category: str | None) -> Markup | None:
        found = line_params(self.issue.audience, line.kind, line.params, self.issue.ours)
        if found is None:
            return None
        code, params = found
        if code is None:
            payload = {"params": params, "actor_name": line.actor_name}
            said = render_entry(self.issue.language, line.kind, line.version, payload, self.issue.zone)
        else:
            if "category" in params and line.kind == "incident.opened":
                params["category"] = category
            said = self.text(code, **params)
        number = "" if line.position is None else self.text("report.position", position=line.position)
        who = line.actor_name if self.issue.audience == "internal" else None
        return tag(
            "tr",
            tag("td", self.value(line.happened_at, "short"), class_="when"),
            tag("td", said),
            tag("td", who) if self.issue.audience == "internal" else None,
            tag("td", number, class_="when small"),
        )

    def proof(self, sealing: Sealing) -> Markup:
        """The checkpoint and, for each entry, its leaf and its path: enough to check them without us."""
        waiting = len(sealing.waiting)
        parts: list[object] = []
        if sealing.checkpoint is None:
            parts.append(tag("p", self.text("report.proof.none"), class_="small"))
        else:
            signed = self.value(sealing.signed_at, "when")
            said = self.text("report.proof.signed", size=sealing.size, root=sealing.root, at=signed)
            parts += [tag("p", said, class_="small"), tag("pre", sealing.checkpoint), tag("pre", sealing.key)]
            rows = [
                tag(
                    "tr",
                    tag("td", str(seal.position), class_="when"),
                    tag("td", tag("code", seal.leaf_hash), class_="leaf"),
                    tag("td", tag("code", " ".join(seal.path)), class_="path"),
                )
                for seal in sealing.seals
            ]
            head = tag(
                "tr",
                *(tag("th", self.text(f"report.proof.{name}")) for name in ("position", "leaf", "path")),
            )
            parts.append(tag("table", tag("thead", head), tag("tbody", *rows), class_="seals"))
        if waiting:
            parts.append(tag("p", self.text("report.proof.waiting", count=waiting), class_="small"))
        return join(*parts)

    def header(self, title: str, reference: str) -> Markup:
        issue = self.issue
        number = self.text("report.call_back", number=issue.call_back) if issue.call_back else ""
        return join(
            tag("p", self.text("report.print_me"), class_="screen"),
            tag("p", self.text("report.demo"), class_="mark") if issue.demo else None,
            tag(
                "header",
                tag("div", issue.centre, class_="house"),
                tag("div", self.text("report.reference", reference=reference), class_="ref"),
                tag("div", number, class_="small"),
                tag("div", self._issued(), class_="small"),
                tag("h1", title),
                tag("p", self.text(f"report.subtitle.{issue.audience}"), class_="sub"),
            ),
        )

    def _issued(self) -> str:
        who = self.issue.issued_by if self.issue.audience != "customer" else None
        return self.text("report.issued", at=self.value(self.issue.issued_at, "when"), who=who)

    def footer(self) -> Markup:
        """L612-15: each document of the firm carries its authorisation and the words of L612-14. A firm's own
        internal service (L612-25) is not concerned (duty SE3)."""
        issue = self.issue
        house = "house" if issue.centre else "no_house"
        parts: list[object] = [tag("p", self.text(f"report.footer.{house}", centre=issue.centre))]
        if not issue.internal_service:
            known = "authorisation" if issue.authorisation else "no_authorisation"
            parts.append(tag("p", self.text(f"report.footer.{known}", number=issue.authorisation)))
            parts.append(tag("p", self.text("report.footer.l612_14")))
        parts.append(tag("p", self.text(f"report.footer.{issue.audience}")))
        return tag("footer", *parts)
