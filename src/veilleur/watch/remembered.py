"""The files of sites as last read, kept while nothing in them has changed.

A site's file is nine statements; what of it changed is one, and each part that did is one more. That first
one reads, in the transaction that decides and under the site's lock, the id and version of every row the file is made
of. Law 1 makes it exact: a row that changes takes the entry of its own transaction, an id that no other change has or
will have, even one that was rolled back.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.features.sites.model import PanelView, SiteView, ZoneView
from veilleur.features.sites.queries import read_site_view, site_row
from veilleur.features.sites.reading import (
    on_test_view,
    read_areas,
    read_contacts,
    read_instructions,
    read_zones,
    running_tests,
)

MOST = 1_000
"""Files kept: those of the sites that speak; tests of life are settled without reading any."""

# Everything that features/sites/reading.py makes a file of, in parts that are read again each by itself. Of each row its id
# and its version.
VERSION = text("""
SELECT concat_ws('|', s.entry_id, s.brand_id, s.customer_id,
         (SELECT entry_id FROM customer WHERE id = s.customer_id)) AS head,
  (SELECT md5(string_agg(id || ':' || entry_id, ',' ORDER BY id)) FROM area WHERE site_id = s.id) AS areas,
  (SELECT md5(string_agg(p.id || ':' || p.entry_id || ':' || coalesce(m.entry_id, 0), ',' ORDER BY p.id))
   FROM panel p LEFT JOIN panel_model m ON m.id = p.model_id WHERE p.site_id = s.id) AS panels,
  (SELECT md5(string_agg(h.id || ':' || h.entry_id, ',' ORDER BY h.id))
   FROM panel_path h JOIN panel p ON p.id = h.panel_id WHERE p.site_id = s.id) AS paths,
  (SELECT md5(string_agg(id || ':' || entry_id, ',' ORDER BY id)) FROM zone WHERE site_id = s.id) AS zones,
  (SELECT md5(string_agg(id || ':' || entry_id, ',' ORDER BY id)) FROM contact
   WHERE site_id = s.id OR brand_id = s.brand_id) AS contacts,
  (SELECT md5(string_agg(id || ':' || entry_id, ',' ORDER BY id)) FROM instruction
   WHERE (site_id = s.id OR brand_id = s.brand_id) AND ended_at IS NULL) AS instructions,
  (SELECT md5(string_agg(id || ':' || entry_id, ',' ORDER BY id)) FROM on_test
   WHERE site_id = s.id AND ended_at IS NULL) AS on_tests
FROM site s WHERE s.id = :site_id""")

Version = Mapping[str, str | None]

WHOLE = ("head", "panels", "paths")
"""When one of these moved, everything is read again: it is rare, and the rest hangs on them."""


@dataclass
class SiteFiles:
    """At most `most` files, the least lately used forgotten first. One per deciding process, used by one thread."""

    most: int = MOST
    whole: int = 0
    """How often a file was read whole."""
    _held: OrderedDict[int, tuple[Version, SiteView]] = field(default_factory=OrderedDict)

    def view(self, session: ReadSession, site_id: int) -> SiteView:
        """The site's file as this transaction sees it; take the lock first. Raises NotFoundError."""
        found = session.execute(VERSION, {"site_id": site_id}).mappings().one_or_none()
        version: Version = dict(found) if found else {}
        held = self._held.pop(site_id, None)
        if held is None or not version or any(held[0][part] != version[part] for part in WHOLE):
            view = read_site_view(session, site_id)
            self.whole += 1
        else:
            moved = [part for part in version if held[0][part] != version[part]]
            view = renewed(session, held[1], moved)
        self._held[site_id] = (version, view)
        while len(self._held) > self.most:
            self._held.popitem(last=False)
        return view


def renewed(session: ReadSession, view: SiteView, moved: Sequence[str]) -> SiteView:
    """A file with the parts that moved read again, one statement each."""
    fresh: dict[str, Any] = {}
    site = site_row(session, view.id) if {"contacts", "instructions"} & set(moved) else None
    for part in moved:
        match part:
            case "areas":
                fresh["areas"] = tuple(read_areas(session, view.id))
            case "zones":
                fresh["panels"] = with_zones(view.panels, read_zones(session, [p.id for p in view.panels]))
            case "contacts" if site is not None:
                fresh["contacts"] = read_contacts(session, site)
            case "instructions" if site is not None:
                fresh["instructions"] = read_instructions(session, site)
            case "on_tests":
                fresh["on_tests"] = tuple(on_test_view(row) for row in running_tests(session, view.id))
    return replace(view, **fresh)


def with_zones(panels: Sequence[PanelView], zones: Sequence[ZoneView]) -> tuple[PanelView, ...]:
    """The panels with these points."""
    return tuple(
        replace(panel, zones=tuple(zone for zone in zones if zone.panel_id == panel.id)) for panel in panels
    )
