"""A test as the file of its site shows it: where each point stands, or its list once it is over (practice P10)."""

from __future__ import annotations

from collections.abc import Mapping

from veilleur.features.sites.evidence import FoundNormal
from veilleur.features.sites.model import SiteView
from veilleur.features.sites.points import list_points
from veilleur.features.sites.policy import POLICY, TEST_VERBS
from veilleur.features.sites.reading import on_test_view
from veilleur.features.sites.tables import OnTest, Site
from veilleur.features.sites.views import SiteName, SiteTest, SiteTestPoint
from veilleur.kernel.ports import Reader


def test_of(
    row: OnTest, site: Site, view: SiteView, reader: Reader, found: Mapping[int, FoundNormal]
) -> SiteTest:
    """A running test: every point of its scope as it stands now, those in alarm first."""
    test = on_test_view(row)
    points = list_points(view, row.results, test, found)
    shown = [SiteTestPoint.model_validate(point, from_attributes=True) for point in points]
    return _view(row, site, shown, [TEST_VERBS[name] for name in POLICY.abilities(reader, TEST_VERBS)])


def ended_test_of(row: OnTest, site: Site) -> SiteTest:
    """A test that is over: its list as it was kept at its end, never judged again."""
    return _view(row, site, [SiteTestPoint.model_validate(point) for point in row.results], [])


def _view(row: OnTest, site: Site, points: list[SiteTestPoint], abilities: list[str]) -> SiteTest:
    return SiteTest(
        id=row.id,
        version=row.entry_id,
        site=SiteName(id=site.id, name=site.name),
        asked_by=row.asked_by,
        started_at=row.started_at,
        until=row.until,
        ended_at=row.ended_at,
        end_note=row.end_note,
        scope=row.scope,
        points=points,
        abilities=abilities,
    )
