"""The end of an authorisation: told in stages, then its cameras are suspended; a renewal undoes both."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.features.cameras.conftest import TOWN, camera
from veilleur.features.cameras.commands import renew_authorisation, watch_authorisations
from veilleur.features.cameras.tables import Authorisation, CameraFault
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.states import CENTRE_REFERENCE
from veilleur.features.sites.tables import Site

ENDS = date(2028, 12, 18)


def watch(world, day: date) -> list[int]:
    """The hourly look, on that day."""
    now = world.clock.now()
    world.clock.current = datetime.combine(day, now.timetz())
    with world.acting() as act:
        return watch_authorisations(act)


def dossiers(world) -> list[Incident]:
    (centre,) = world.rows(Site, Site.reference == CENTRE_REFERENCE)
    return world.rows(Incident, Incident.site_id == centre.id)


def test_far_from_its_end_nothing_is_told(town) -> None:
    before = town.entries()
    assert watch(town, ENDS - timedelta(days=500)) == []
    assert town.entries() == before


def test_each_stage_is_told_once_in_one_dossier_ever_more_urgent(town) -> None:
    told = []
    for days, stage in ((360, "12_months"), (180, "6_months"), (120, "4_months"), (20, "20_days")):
        assert len(watch(town, ENDS - timedelta(days=days))) == 1
        assert watch(town, ENDS - timedelta(days=days)) == [], "once"
        (dossier,) = dossiers(town)
        told.append(dossier.priority)
        assert town.last("authorisation.ends_soon")["stage"] == stage
        assert dossier.headline["code"] == "authorisation_ends"
    assert told == [6, 6, 5, 4]
    assert town.rows(CameraFault) == [], "until its last day it films"
    assert watch(town, ENDS) == []


def test_past_its_end_its_cameras_are_suspended_and_a_renewal_resumes_them(town) -> None:
    watch(town, ENDS + timedelta(days=1))
    (fault,) = town.rows(CameraFault)
    assert (fault.camera_id, fault.kind) == (camera(town).id, "unauthorised")
    assert camera(town).suspended_reason == "unauthorised"
    assert camera(town, "P-1").suspended_at is None, "a private camera needs none"
    assert dossiers(town)[0].priority == 3
    with town.acting() as act:
        renew_authorisation(
            act,
            town.rows(Authorisation)[0].id,
            number="2028-7",
            granted_on=None,
            expires_on=date(2033, 12, 18),
        )
    assert camera(town).suspended_at is None
    assert {row.state for row in town.rows(Incident)} == {"closed"}
    assert town.rows(Authorisation)[0].warned is None


def test_an_import_renews_too(town) -> None:
    watch(town, ENDS - timedelta(days=10))
    town.taken(TOWN.replace("expires_on: 2028-12-18", "expires_on: 2033-12-18"))
    assert len(watch(town, ENDS - timedelta(days=9))) == 1
    assert dossiers(town)[0].state == "closed"


def test_the_worker_looks_every_hour() -> None:
    from veilleur.jobs.app import PERIODIC, watch_the_authorisations

    assert PERIODIC["veilleur:watch_authorisations"] == ("17 * * * *", watch_the_authorisations)
