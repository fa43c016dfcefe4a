"""What is wrong in one object though each of its fields is right: repeats, overlaps, contradictions."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from veilleur.features.sites.importer.fields import Reading
from veilleur.features.sites.importer.parts import camera_part
from veilleur.features.sites.importer.values import Instant, Secret
from veilleur.features.sites.model import canonical_number
from veilleur.features.sites.words import is_near, squeeze
from veilleur.logbook.act import fold
from veilleur.protocols.dc09 import canonical_account

Draft = Mapping[str, Any]
LINE = "_line"


def check_site(draft: Draft, reading: Reading, notices: Reading) -> None:
    """A whole site: its lists, panels, contacts, consignes."""
    _once(draft.get("areas"), lambda row: canonical_number(row["number"]), reading.inner("areas"))
    _once(draft.get("responders"), lambda row: row["responder"], reading.inner("responders"))
    panels = [row for row in draft.get("panels") or () if "account" in row]
    for row in panels:
        check_panel(row, reading.inner(f"panels[{row['account']}]"))
    for one, other in combinations([row for row in panels if not row.get("removed")], 2):
        if _same_account(one, other) and not (misread(one, "line") or misread(other, "line")):
            said = "account_twice" if one.get("line") == other.get("line") else "account_on_any_line"
            reading.inner(f"panels[{other['account']}]").fault(
                other[LINE], said, account=other["account"], first=one[LINE]
            )
    _once(draft.get("cameras"), lambda row: row["reference"], reading.inner("cameras"))
    for row in draft.get("cameras") or ():
        if "reference" in row and reading.inner(f"cameras[{row['reference']}]").clean():
            camera_part().check(row, reading.inner(f"cameras[{row['reference']}]"))
    check_shared(draft, reading, notices)


def misread(row: Draft, *names: str) -> bool:
    """Whether one of these fields (none named: any) is in the file and could not be read: a fault already told,
    from which nothing else is concluded."""
    written = row.get("_lines") or {}
    return any(name in written and name not in row for name in names or written)


def check_lines(draft: Draft, lines: Sequence[str] | None, reading: Reading) -> None:
    """Panels on a reception line that the settings do not name: nothing would ever be heard of them there."""
    for row in draft.get("panels") or ():
        line = row.get("line")
        if lines is None or line is None or line in lines or row.get("removed"):
            continue
        where = reading.inner(f"panels[{row['account']}]" if "account" in row else "panels").inner("line")
        where.fault(row["_lines"]["line"], "no_such_line", value=line, lines=list(lines))


def check_shared(draft: Draft, reading: Reading, notices: Reading) -> None:
    """What sites and brands have alike: contacts, consignes, procedures."""
    contacts = [row for row in draft.get("contacts") or () if "name" in row]
    _once(contacts, lambda row: fold(row["name"]), reading.inner("contacts"))
    for row in contacts:
        if "phone" in row and "phones" in row:
            reading.inner(f"contacts[{row['name']}]").fault(row[LINE], "phone_and_phones")
    check_words(contacts, reading, notices)
    instructions = [row for row in draft.get("instructions") or () if "text" in row]
    for row in instructions:
        _check_instruction(row, reading.inner("instructions"))
    _once(instructions, lambda row: (row.get("kind"), row["text"]), reading.inner("instructions"))
    check_procedures(draft, reading)


def check_procedures(draft: Draft, reading: Reading) -> None:
    """One procedure for each event."""
    _once(draft.get("procedures"), lambda row: row["event"], reading.inner("procedures"))


def check_panel(panel: Draft, reading: Reading) -> None:
    """A panel's paths and zones."""
    zones = [row for row in panel.get("zones") or () if "number" in row]
    _once(zones, lambda row: canonical_number(row["number"]), reading.inner("zones"))
    paths = [row for row in panel.get("paths") or () if LINE in row and not misread(row, "name")]
    _once(paths, lambda row: fold(row.get("name") or "principale"), reading.inner("paths"))
    for row in paths:
        interval, reporting = row.get("interval"), row.get("reporting")
        if interval is not None and reporting is not None and reporting < interval:
            reading.inner("paths").fault(row[LINE], "reporting_before_interval")
    for one, other in combinations(paths, 2):
        if any(misread(row, "match") or misread(row.get("match") or {}) for row in (one, other)):
            continue  # what it asks for is not known
        if overlap(one.get("match") or {}, other.get("match") or {}):
            reading.inner("paths").fault(
                other[LINE], "paths_overlap", name=other.get("name"), other=one.get("name"), first=one[LINE]
            )


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether some frame could prove both paths: no key tells them apart (protocols.md rule 8)."""
    for key in ("transport", "receiver", "prefix", "g"):
        left, right = one.get(key), other.get(key)
        if left is not None and right is not None and str(left).lower() != str(right).lower():
            return False
    left, right = one.get("peer"), other.get("peer")
    if left is None or right is None:
        return True
    first, second = ipaddress.ip_network(left), ipaddress.ip_network(right)
    return first.version == second.version and first.overlaps(second)


def _same_account(one: Draft, other: Draft) -> bool:
    """Practice P9: the same account on overlapping lines; no line is any line."""
    if canonical_account(one["account"]) != canonical_account(other["account"]):
        return False
    lines = {one.get("line"), other.get("line")}
    return None in lines or len(lines) == 1


def check_words(contacts: Sequence[Draft], reading: Reading, notices: Reading) -> None:
    """A code word that is somebody's duress word cannot be told apart; one that is near is told."""
    codes = list(_words(contacts, "code_word"))
    for row, duress in _words(contacts, "duress_word"):
        for other, code in codes:
            where = f"contacts[{row['name']}]"
            if code == duress:
                reading.inner(where).fault(row[LINE], "words_alike", other=other["name"])
            elif is_near(code, duress) or is_near(duress, code):
                notices.inner(where).fault(row[LINE], "words_near", other=other["name"])


def _words(contacts: Iterable[Draft], kind: str) -> Iterable[tuple[Draft, str]]:
    for row in contacts:
        word = row.get(kind)
        if isinstance(word, Secret) and not word.kept:
            yield row, squeeze(word.value.decode())


def _check_instruction(row: Draft, reading: Reading) -> None:
    begin, end = row.get("from"), row.get("until")
    ends = end.resolve("UTC", end=True) if isinstance(end, Instant) else None
    if ends is not None and isinstance(begin, Instant) and ends <= begin.resolve("UTC"):
        reading.fault(row[LINE], "ends_before_it_begins")
    if row.get("kind") == "temporary" and end is None and not misread(row, "until"):
        reading.fault(row[LINE], "temporary_without_end")


def _once(rows: Sequence[Draft] | None, key: Callable[[Draft], Any], reading: Reading) -> None:
    """Each once: an item that repeats another is a fault, with the line of the first."""
    seen: dict[Any, Any] = {}
    for row in rows or ():
        if LINE not in row:
            continue
        try:
            name = key(row)
        except KeyError:
            continue  # the missing field is already a fault
        if name in seen:
            reading.fault(row[LINE], "twice", first=seen[name], name=name if isinstance(name, str) else None)
        else:
            seen[name] = row[LINE]
