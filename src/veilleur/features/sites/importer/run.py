"""Runs an import: the top of the file first, then its sites by batches, one transaction each (or one in all)."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from veilleur.db.engine import Database, ReadSession
from veilleur.features.sites.importer.accounts import Accounts, accounts_of
from veilleur.features.sites.importer.checks import check_lines, check_site
from veilleur.features.sites.importer.fields import Issue, Reading, read_form
from veilleur.features.sites.importer.form import SECTIONS
from veilleur.features.sites.importer.nodes import Item, MapNode, Scalar, read_items
from veilleur.features.sites.importer.parts import camera_references, promise_cameras
from veilleur.features.sites.importer.plan import Plan, write_plan
from veilleur.features.sites.importer.reach import reach_notices, write_reach
from veilleur.features.sites.importer.rejects import refuse_over_itself, write_rejects
from veilleur.features.sites.importer.report import ImportReport
from veilleur.features.sites.importer.rows import Known, SiteRows, load_holders, load_known, load_sites
from veilleur.features.sites.importer.site_plan import Planning, commune_of, plan_site
from veilleur.features.sites.importer.top_plan import TOP, TopPlanning, natural_key
from veilleur.features.sites.importer.writing import write_site
from veilleur.features.sites.queries import centre, lock_site, missing_services
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import VeilleurError
from veilleur.kernel.sealing import SealingKeys
from veilleur.logbook.act import Act, Actor

#: Sites planned from one picture of the database.
BATCH = 200
#: Digits of a file's SHA-256 that its sentence says; the entry keeps them all.
MARK = 12
#: Faults kept in a report; the rejects file holds them all.
MAX_ISSUES = 10_000

Progress = Callable[[int, int], None]


class _UndoneError(Exception):
    """Rolls back a strict import that found a fault."""


@dataclass
class Pending:
    """A site of the file on its way."""

    item: Item
    reading: Reading
    draft: dict[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """Its reference; empty when even that is wrong."""
        return str(self.draft.get("reference", ""))


@dataclass
class Run:
    """One import."""

    database: Database
    clock: Clock
    keys: SealingKeys
    actor: Actor
    report: ImportReport
    progress: Progress | None
    language: str
    known: Known = field(default_factory=lambda: Known({}, {}, {}, {}))
    accounts: Accounts = field(default_factory=Accounts)
    rejected: list[tuple[Item, list[Issue]]] = field(default_factory=list)
    deferred: list[Pending] = field(default_factory=list)
    communes: Counter[str] = field(default_factory=Counter)
    directory: dict[str, set[str]] = field(default_factory=dict)
    seen: dict[Any, int] = field(default_factory=dict)
    done: int = 0
    sites: int = 0
    one_act: Act | None = None
    zone: str = "Europe/Paris"
    lines: Sequence[str] | None = None  # of the settings; None: not known here

    # ---- transactions -------------------------------------------------------------------------------------

    @contextmanager
    def acting(self) -> Iterator[Act]:
        """The act of one object: the import's own when strict, else a transaction of its own."""
        if self.one_act is not None:
            yield self.one_act
            return
        with self.database.write() as session:
            yield Act(session, self.clock.now(), self.actor)

    @contextmanager
    def looking(self) -> Iterator[ReadSession]:
        """A picture to plan from."""
        if self.one_act is not None:
            yield self.one_act.session
            return
        with self.database.read() as session:
            yield session

    # ---- the file -----------------------------------------------------------------------------------------

    def take(self, path: Path) -> None:
        """Imports a file. Raises FileRefusedError before anything is written."""
        top: dict[str, list[Item]] = {section: [] for section in SECTIONS}
        cameras: list[str] = []
        for item in read_items(path):
            if item.section not in SECTIONS:
                self.refuse_section(item)
            elif item.empty:
                continue
            elif item.section == "sites":
                self.sites += 1
                cameras += camera_references(item.node)
            else:
                top[item.section].append(item)
        with self.looking() as session:
            self.known = load_known(session)
            house = centre(session)
            self.zone = house.timezone if house else self.zone
        self.promise(cameras)
        for section, items in top.items():
            for item in items:
                self.take_top(section, item)
        items_of_sites = (item for item in read_items(path) if item.section == "sites" and not item.empty)
        while batch := list(islice(items_of_sites, BATCH)):
            self.take_batch([self.read_site(item) for item in batch], retry=False)
        waiting, self.deferred = self.deferred, []
        for start in range(0, len(waiting), BATCH):
            self.take_batch(waiting[start : start + BATCH], retry=True)
        self.tell_missing_numbers()

    def promise(self, references: list[str]) -> None:
        """Gives an id to every camera of the file that is new: cameras of any site may name it as a neighbour."""
        fresh = [each for each in dict.fromkeys(references) if each not in self.known.cameras]
        if self.report.dry_run:
            self.known.cameras |= promise_cameras(None, fresh)
        elif fresh:
            with self.acting() as act:
                self.known.cameras |= promise_cameras(act.session, fresh)

    def refuse_section(self, item: Item) -> None:
        """A key of the top that the form does not know."""
        if item.section not in self.seen:
            near = difflib.get_close_matches(item.section.lower(), list(SECTIONS), 1, 0.6)
            params = {"field": item.section, "near": near[0] if near else None}
            self.report.issues.append(Issue(item.section_line, "", "unknown_field", params))
        self.seen[item.section] = item.section_line

    def reject(self, item: Item, issues: list[Issue]) -> None:
        """An object that is not taken."""
        self.report.count(item.section, "rejected")
        issues.sort(key=lambda issue: issue.line or item.node.line)
        self.report.issues += issues[: max(0, MAX_ISSUES - len(self.report.issues))]
        self.rejected.append((item, issues))

    # ---- the top ------------------------------------------------------------------------------------------

    def take_top(self, section: str, item: Item) -> None:
        """One customer, brand, line of the directory…"""
        form, name = SECTIONS[section]
        reading = Reading(f"{section}[{_label(item, name)}]" if section != "centre" else section, [])
        draft = read_form(item.node, form, reading)
        if not reading.issues:
            key = natural_key(section, draft)
            if key in self.seen:
                reading.fault(item.node.line, "twice", first=self.seen[key])
            self.seen[key] = item.node.line
        if reading.issues:
            self.reject(item, reading.issues)
            return
        try:
            plan, new = self.plan_top(section, draft, reading)
        except DBAPIError as error:
            if self.one_act is not None:
                raise
            reading.fault(item.node.line, "not_written", why=reason_of(error))
        if reading.issues:
            self.reject(item, reading.issues)
            return
        self.report.count(section, "added" if new else "changed" if plan.changes else "unchanged")
        if (referred := TOP[section][2]) is not None:
            self.remember(referred, draft.get("reference") or draft["name"], plan)
        if section == "directory":
            self.directory.setdefault(draft["commune"], set()).add(draft["service"])
        if section == "centre":
            self.zone = draft.get("timezone") or self.zone

    def plan_top(self, section: str, draft: Mapping[str, Any], reading: Reading) -> tuple[Plan, bool]:
        """Plans an object of the top and writes what changes; whether it is new."""
        planner, kind, _ = TOP[section]
        with self.looking() if self.report.dry_run else self.acting() as hand:
            session = hand.session if isinstance(hand, Act) else hand
            world = TopPlanning(session, self.known, self.keys, self.clock.now(), self.zone)
            plan = planner(draft, world, reading)
            new = bool(plan.changes) and plan.changes[0].label == "" and plan.changes[0].verb == "add"
            if section == "brands" and not new and not reading.issues:
                self.report.notices += reach_notices(session, draft["reference"], draft["name"], plan)
            if plan.changes and isinstance(hand, Act) and not reading.issues:
                self.write_top(hand, plan, kind, draft, new=new)
        return plan, new

    def write_top(self, act: Act, plan: Plan, kind: str, draft: Mapping[str, Any], *, new: bool) -> None:
        """The entry of an object of the top, and its rows."""
        params = {
            "reference": draft.get("reference") or draft.get("event") or draft.get("commune"),
            "name": draft.get("name") or draft.get("system"),
            "fields": plan.labels(),
            "changes": [change.told() for change in plan.changes],
        }
        touched = {"centre": [1]} if kind == "centre" else {}
        entry = act.record(f"{kind}.{'added' if new else 'changed'}", params, touched=touched)
        write_plan(act, plan, entry, self.keys)
        if kind == "brand" and not new:
            write_reach(act, draft["reference"], draft["name"], plan)

    def remember(self, what: str, reference: str, plan: Plan) -> None:
        """Lets sites of the file refer to what has just been taken; a dry run gives it an id of its own."""
        ids: dict[str, int] = getattr(self.known, what)
        if reference not in ids:
            ids[reference] = row.id if (row := plan.changes[0].row) is not None else -len(ids) - 1

    # ---- sites --------------------------------------------------------------------------------------------

    def read_site(self, item: Item) -> Pending:
        """A site's draft, with every fault that shows without the database."""
        reading = Reading(f"sites[{_label(item, 'reference')}]", [])
        pending = Pending(item, reading, read_form(item.node, SECTIONS["sites"][0], reading))
        notices = Reading(reading.where, self.report.notices)
        check_site(pending.draft, reading, notices)
        check_lines(pending.draft, self.lines, reading)
        key = ("sites", pending.reference)
        if pending.reference and key in self.seen:
            reading.fault(item.node.line, "twice", first=self.seen[key])
        self.seen[key] = item.node.line
        return pending

    def take_batch(self, batch: list[Pending], *, retry: bool) -> None:
        """Plans a batch from one picture, then writes what changes, site by site."""
        good = [pending for pending in batch if not pending.reading.issues]
        with self.looking() as session:
            rows = load_sites(session, [pending.reference for pending in good])
            self.accounts.hold(load_holders(session, sorted({a for p in good for a in accounts_of(p.draft)})))
        for pending in batch:
            self.take_site(pending, rows.get(pending.reference), retry=retry)
        if self.progress is not None:
            self.progress(self.done, self.sites)

    def take_site(self, pending: Pending, rows: SiteRows | None, *, retry: bool) -> None:
        """One site: accepted whole, or refused whole."""
        reading = pending.reading
        if not reading.issues:
            world = Planning(self.known, self.keys, self.clock.now())
            plan = plan_site(pending.draft, rows, world, reading)
            self.report.notices += plan.notices if not retry else []
            conflicts = self.accounts.conflicts(pending.draft, pending.reference)
            if conflicts and not retry and not reading.issues:
                self.deferred.append(pending)  # the account may be freed by a later site of the file
                return
            reading.issues += [each.told(reading.where) for each in conflicts]
            if not reading.issues and plan.changes and not self.report.dry_run:
                self.write(pending, rows)
        self.done += 1
        if reading.issues:
            self.reject(pending.item, reading.issues)
            return
        self.accounts.take(pending.draft, pending.reference, plan.released)
        self.communes[commune_of(pending.draft, rows) or ""] += 1
        outcome = "added" if plan.new else "changed" if plan.changes else "unchanged"
        self.report.count("sites", outcome)

    def write(self, pending: Pending, rows: SiteRows | None) -> None:
        """Plans again under the site's lock, then writes. A refusal of the database is the site's own fault."""
        fresh = Reading(pending.reading.where, [])
        try:
            with self.acting() as act:
                self.accounts.claim(act.session, pending.draft)
                if rows is not None:
                    lock_site(act.session, rows.site.id)
                current = load_sites(act.session, [pending.reference]).get(pending.reference)
                plan = plan_site(pending.draft, current, Planning(self.known, self.keys, act.now), fresh)
                holders = load_holders(act.session, sorted(accounts_of(pending.draft)))
                taken = self.accounts.refused_by(holders, pending.draft, pending.reference)
                fresh.issues += [each.told(fresh.where) for each in taken]
                if not fresh.issues:
                    write_site(act, plan, pending.draft, current, self.keys)
        except VeilleurError as error:
            fresh.fault(pending.item.node.line, "not_written", why=error.message)
        except DBAPIError as error:
            if self.one_act is not None:
                raise
            fresh.fault(pending.item.node.line, "not_written", why=reason_of(error))
        pending.reading.issues += fresh.issues

    def tell_missing_numbers(self) -> None:
        """Communes of accepted sites without a number to call: told now, not at 3 a.m. (practice)."""
        without = self.communes.pop("", 0)
        if without:
            self.report.notices.append(Issue(None, "", "no_commune", {"count": without}))
        with self.looking() as session:
            missing = missing_services(session, sorted(self.communes), self.directory)
        for commune, lacking in missing.items():
            params = {"commune": commune, "count": self.communes[commune], "services": lacking}
            self.report.notices.append(Issue(None, "", "no_directory", params))


def _label(item: Item, field_name: str) -> str:
    child = item.node.items.get(field_name) if isinstance(item.node, MapNode) else None
    said = child.text.strip()[:60] if isinstance(child, Scalar) else ""
    return said or f"ligne {item.node.line}"


def import_file(
    database: Database,
    clock: Clock,
    keys: SealingKeys,
    path: Path,
    *,
    dry_run: bool = False,
    strict: bool = False,
    rejects: Path | None = None,
    spare: Path | None = None,
    progress: Progress | None = None,
    actor: Actor | None = None,
    language: str = "fr",
    lines: Sequence[str] | None = None,
) -> ImportReport:
    """Imports a file of sites and what they refer to; see docs/reference/import.md.

    Raises FileRefusedError when the file as a whole cannot be read: nothing is changed then. Faults of single
    objects are in the report; the others are taken, each in its own transaction, unless `strict`. `lines`: those a
    panel may name. `rejects`: always written; `spare`: when something is refused, without `rejects` and dry run.
    """
    refuse_over_itself(path, rejects)
    report = ImportReport(dry_run=dry_run, strict=strict)
    run = Run(database, clock, keys, actor or Actor("import"), report, progress, language, lines=lines)
    if strict and not dry_run:
        report.committed = all_or_nothing(run, path)
    else:
        run.take(path)
        report.committed = not dry_run
        if not dry_run:
            finish(run, path)
    report.issues.sort(key=lambda issue: issue.line or 0)
    wanted = rejects or (spare if run.rejected and not dry_run else None)
    if wanted is not None:
        write_rejects(wanted, run.rejected, language)
        report.rejects = wanted if run.rejected else None
    return report


def all_or_nothing(run: Run, path: Path) -> bool:
    """The whole file in one transaction, undone at the first fault (all of them are looked for)."""
    try:
        with run.database.write() as session:
            run.one_act = Act(session, run.clock.now(), run.actor)
            run.take(path)
            undo_if_faulty(run.report)
            finish(run, path)
    except _UndoneError:
        return False
    except DBAPIError as error:  # a lock that waited too long, a connection lost: all of it is undone
        run.report.issues.append(Issue(None, "", "not_written", {"why": reason_of(error)}))
        return False
    return True


def reason_of(error: DBAPIError) -> str:
    """What the database said, in one line."""
    return str(error.orig).splitlines()[0] if error.orig else type(error).__name__


def undo_if_faulty(report: ImportReport) -> None:
    """Leaves the transaction when there is a fault."""
    if report.issues:
        raise _UndoneError


def finish(run: Run, path: Path) -> None:
    """The entry of the act itself; none when nothing changed."""
    report = run.report
    if report.total("added") + report.total("changed") == 0:
        return
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    params = {outcome: report.total(outcome) for outcome in ("added", "changed", "unchanged", "rejected")}
    with run.acting() as act:
        said = {"file": path.name, "sha256": digest, "mark": digest[:MARK], "strict": report.strict}
        act.record("import.done", said | params, version=2)
