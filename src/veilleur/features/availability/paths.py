"""Transmission paths over a period, from what the logbook says of each: lost, up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.features.availability.views import Named, PathAvailability
from veilleur.kernel.ports import Reader, Scope
from veilleur.video.model import from_wall, to_wall

# Paths in use.
PATHS = text("""
SELECT p.name, p.interval, n.account, s.id, s.reference, s.name AS site, s.organisation, s.customer_id, s.commune
FROM panel_path p JOIN panel n ON n.id = p.panel_id JOIN site s ON s.id = n.site_id
WHERE p.removed_at IS NULL ORDER BY s.sort_key, n.account, p.name""")

# What was said of paths inside the period, and the last word before it on each.
SAID = text("""
WITH said AS (
  SELECT e.id, e.site_id, e.kind, e.happened_at, convert_from(b.body, 'UTF8')::jsonb -> 'params' AS params
  FROM entry e JOIN entry_payload b ON b.payload_of = e.id
  WHERE e.kind IN ('path.lost', 'path.up') AND e.happened_at < :until AND length(b.body) > 0)
(SELECT DISTINCT ON (site_id, params ->> 'account', params ->> 'path')
   id, site_id, kind, happened_at, params ->> 'account' AS account, params ->> 'path' AS path
 FROM said WHERE happened_at < :since ORDER BY site_id, params ->> 'account', params ->> 'path', id DESC)
UNION ALL
SELECT id, site_id, kind, happened_at, params ->> 'account', params ->> 'path' FROM said WHERE happened_at >= :since
ORDER BY id""")


@dataclass(frozen=True)
class PathShare:
    """Microseconds known, and up; losses that began or went on."""

    known: int
    up: int
    losses: int
    longest: int


def path_share(words: Sequence[tuple[int, bool]], start: int, end: int) -> PathShare:
    """From the words on one path, oldest first: (wall, up). Before the first one nothing is known."""
    known = up = losses = longest = run = 0
    lost_before = False
    following = [*(wall for wall, _ in words), end][1:]
    for (wall, is_up), after in zip(words, following, strict=True):
        length = max(0, min(after, end) - max(wall, start))
        known += length
        up += length if is_up else 0
        if is_up:
            run = 0
        elif length:
            losses += not lost_before
            run += length
            longest = max(longest, run)
        lost_before = not is_up and (lost_before or length > 0)
    return PathShare(known, up, losses, longest)


def path_rows(session: ReadSession, reader: Reader, start: int, end: int) -> list[PathAvailability]:
    """The paths of the reader's perimeter, by site."""
    words: dict[tuple[int, str, str], list[tuple[int, bool]]] = {}
    for row in session.execute(SAID, {"since": from_wall(start), "until": from_wall(end)}):
        told = words.setdefault((row.site_id, row.account, row.path), [])
        told.append((to_wall(row.happened_at), row.kind == "path.up"))
    found = []
    for row in session.execute(PATHS):
        if not reader.perimeter.holds(Scope(row.organisation, row.customer_id, row.commune)):
            continue
        one = path_share(words.get((row.id, row.account, row.name), []), start, end)
        found.append(
            PathAvailability(
                site=Named(id=row.id, reference=row.reference, name=row.site),
                account=row.account,
                path=row.name,
                supervised=row.interval is not None,
                known=one.known // 1_000_000,
                up=one.up // 1_000_000,
                rate=one.up / one.known if one.known else None,
                losses=one.losses,
                longest=one.longest // 1_000_000,
            )
        )
    return found
