"""Contacts, consignes and procedures: planned alike for a site, a brand or a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from veilleur.features.sites.importer.fields import Issue, Reading
from veilleur.features.sites.importer.plan import Plan, Spec, Under, clean, hours, line_of, wanted
from veilleur.features.sites.importer.rows import Shared
from veilleur.features.sites.importer.values import Instant, Secret
from veilleur.features.sites.tables import Contact, Instruction, Procedure
from veilleur.kernel.sealing import SealingKeys
from veilleur.logbook.act import fold

CONTACT: Spec = {
    "name": ("name", "", None),
    "rank": ("rank", 1, None),
    "role": ("role", None, None),
    "phone": ("phones", [], lambda number: [{"number": number, "label": None}]),
    "phones": ("phones", [], None),
    "availability": ("availability", [], hours),
    "authorised": ("authorised", True, None),
    "user": ("user_number", None, None),
    "code_word": ("code_word", None, None),
    "duress_word": ("duress_word", None, None),
    "language": ("language", None, None),
    "note": ("note", None, None),
}


@dataclass
class Owner:
    """Whose they are, the zone of their hours, and what comparing and ending them needs."""

    under: Under
    zone: str
    now: datetime
    keys: SealingKeys


def plan_shared(plan: Plan, draft: Mapping[str, Any], rows: Shared, owner: Owner, reading: Reading) -> None:
    """Plans the three lists, each only when the draft names it."""
    contacts, instructions, procedures = rows
    if "contacts" in draft:
        plan_contacts(plan, draft["contacts"] or [], contacts, owner, reading)
    if "instructions" in draft:
        plan_instructions(plan, draft["instructions"] or [], instructions, owner, reading)
    if "procedures" in draft:
        plan_procedures(plan, draft["procedures"] or [], procedures, owner)


def plan_contacts(plan: Plan, drafts: list[Any], rows: list[Contact], owner: Owner, reading: Reading) -> None:
    """Contacts, known by their names. A provisional one that the file names becomes lasting; others stay."""
    existing = {fold(row.name): row for row in rows}
    for index, draft in enumerate(drafts, 1):
        label = f"contacts[{draft['name']}]"
        row = existing.pop(fold(draft["name"]), None)
        attrs = wanted(draft, CONTACT, new=row is None)
        if row is not None:
            if row.provisional_until is not None:
                attrs |= {"provisional_until": None, "provisional_basis": None}
                attrs |= {"authorised": draft.get("authorised", True)}
            plan.set(row, label, attrs, owner.keys)
            masked_without(attrs, row, reading.inner(label), draft)
            continue
        if draft.get("rank") is None:
            attrs["rank"] = index
        masked_without(attrs, None, reading.inner(label), draft)
        plan.add(Contact, label, attrs, owner.under)
    for row in existing.values():
        if row.provisional_until is None:
            plan.end(row, f"contacts[{row.name}]", "removed_at", owner.now)


def masked_without(attrs: Mapping[str, Any], row: Any, reading: Reading, draft: Mapping[str, Any]) -> None:
    """«***» says «unchanged»: a fault where there is no secret to keep."""
    for name, value in attrs.items():
        if isinstance(value, Secret) and value.kept and (row is None or getattr(row, name) is None):
            field_name = "key" if name == "key_sealed" else name
            line = line_of(draft, field_name)
            reading.inner(field_name).fault(line, "masked_without_secret", field=field_name)


def plan_instructions(
    plan: Plan, drafts: list[Any], rows: list[Instruction], owner: Owner, reading: Reading
) -> None:
    """Consignes, known by their kind and text. Those that an operator added stay; those that he ended stay ended."""
    running = {(row.kind, row.text): row for row in rows if row.ended_at is None}
    ended = {(row.kind, row.text): row for row in rows if row.ended_at is not None}
    for draft in drafts:
        kind = draft.get("kind") or "permanent"
        label = f"instructions[{draft['text'][:40]}]"
        row = running.pop((kind, draft["text"]), None)
        attrs = instruction_attrs(draft, owner.zone, new=row is None)
        if row is not None:
            plan.set(row, label, attrs, owner.keys)
            continue
        stopped = ended.get((kind, draft["text"]))
        if stopped is not None and stopped.valid_until == attrs["valid_until"]:
            where = reading.inner(label).where
            plan.notices.append(Issue(draft["_line"], where, "instruction_was_ended"))
            continue
        attrs |= {"kind": kind, "text": draft["text"], "origin": "import"}
        plan.add(Instruction, label, attrs, owner.under)
    for row in running.values():
        if row.origin == "import":
            plan.end(row, f"instructions[{row.text[:40]}]", "ended_at", owner.now)


def instruction_attrs(draft: Mapping[str, Any], zone: str, *, new: bool) -> dict[str, Any]:
    """When a consigne applies and who asked for it."""
    spec: Spec = {
        "schedule": ("schedule", [], hours),
        "from": ("valid_from", None, lambda at: instant(at, zone, end=False)),
        "until": ("valid_until", None, lambda at: instant(at, zone, end=True)),
        "asked_by": ("asked_by", None, None),
    }
    return wanted(draft, spec, new=new)


def instant(at: Instant, zone: str, *, end: bool) -> datetime:
    """An instant of the file in UTC."""
    return at.resolve(zone, end=end)


def plan_procedures(plan: Plan, drafts: list[Any], rows: list[Procedure], owner: Owner) -> None:
    """Procedures, known by their event."""
    existing = {row.event: row for row in rows}
    for draft in drafts:
        label = f"procedures[{draft['event']}]"
        row = existing.pop(draft["event"], None)
        if row is not None:
            plan.set(row, label, {"steps": clean(draft["steps"])}, owner.keys)
        else:
            attrs = {"event": draft["event"], "steps": clean(draft["steps"])}
            plan.add(Procedure, label, attrs, owner.under)
    for row in existing.values():
        plan.end(row, f"procedures[{row.event}]", "ended_at", owner.now)
