"""A fault of a camera opens a dossier, others join it, and it is over by itself; a lost legal mask stops the recording."""

from __future__ import annotations

import pytest

from tests.features.cameras.conftest import camera
from tests.features.people.conftest import Room
from veilleur.features.cameras.commands import (
    check_mask,
    close_fault,
    open_fault,
    remove_camera,
    resume_camera,
    suspend_camera,
)
from veilleur.features.cameras.errors import CameraRemovedError, CameraStateError
from veilleur.features.cameras.faults import MAX_PICTURE
from veilleur.features.cameras.tables import CameraFault, CameraMask
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.tables import Incident, IncidentPoint
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act, Actor
from veilleur.video.model import FAULT_KINDS

JPEG = b"\xff\xd8\xff\xe0 before \xff\xd9"


@pytest.fixture
def quay(town) -> int:
    return camera(town, "P-1").id


def opened(world, camera_id: int, kind: str, **more) -> int:
    with world.acting() as act:
        return open_fault(act, camera_id, kind, **more)


def closed(world, camera_id: int, kind: str) -> bool:
    with world.acting() as act:
        return close_fault(act, camera_id, kind)


def taken(world) -> None:
    """Somebody takes the dossier."""
    user = Room(world.database, world.clock).user("anne")
    with world.database.write() as session:
        incidents.take(
            Act(session, world.clock.now(), Actor("user", user, "Anne")), world.rows(Incident)[0].id
        )


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_opens_a_dossier_of_the_cameras_site_which_closes_by_itself(town, quay, kind) -> None:
    opened(town, quay, kind, detail={"fps": 3}, before=JPEG, after=JPEG)
    (fault,), (dossier,), (point,) = town.rows(CameraFault), town.rows(Incident), town.rows(IncidentPoint)
    assert (fault.kind, fault.detail, fault.before) == (kind, {"fps": 3}, JPEG)
    assert fault.incident_id == dossier.id
    assert dossier.site_id == camera(town, "P-1").site_id
    assert (dossier.category, dossier.headline["code"]) == ("technical", f"camera_{kind}")
    assert dossier.priority == (3 if kind in {"mask_lost", "unauthorised"} else 5)
    assert dossier.needs_operator
    assert dossier.ringing_since is not None
    assert point.normal_at is None
    town.clock.advance(60)
    assert closed(town, quay, kind)
    (fault,), (dossier,) = town.rows(CameraFault), town.rows(Incident)
    assert fault.until == town.clock.now()
    assert (dossier.state, dossier.outcome, dossier.normal) == ("closed", "restored", True)
    assert town.last("camera.fault_closed")["lasted"] == 60


def test_repeated_it_is_told_once(town, quay) -> None:
    first = opened(town, quay, "frozen")
    before = town.entries()
    assert opened(town, quay, "frozen") == first
    assert town.entries() == before
    assert closed(town, quay, "frozen")
    assert not closed(town, quay, "frozen")
    assert opened(town, quay, "frozen") != first, "later it is another fault"
    assert len(town.rows(Incident)) == 2


def test_faults_of_one_camera_join_one_dossier(town, quay) -> None:
    for kind in ("unreachable", "gap", "clock"):
        opened(town, quay, kind)
    (dossier,) = town.rows(Incident)
    assert {row.incident_id for row in town.rows(CameraFault)} == {dossier.id}
    assert len(town.rows(IncidentPoint)) == 3
    closed(town, quay, "unreachable")
    closed(town, quay, "gap")
    assert town.rows(Incident)[0].state == "new", "something is still wrong"
    assert [point.normal_at is not None for point in town.rows(IncidentPoint)] == [True, True, False]
    closed(town, quay, "clock")
    assert town.rows(Incident)[0].state == "closed"


def test_another_camera_has_its_own_dossier(town, quay) -> None:
    opened(town, quay, "frozen")
    opened(town, camera(town, "H-1").id, "frozen")
    assert len(town.rows(Incident)) == 2


def test_a_dossier_that_somebody_holds_has_its_point_back_and_stays_open(town, quay) -> None:
    opened(town, quay, "blurred")
    taken(town)
    closed(town, quay, "blurred")
    (dossier,), (point,) = town.rows(Incident), town.rows(IncidentPoint)
    assert dossier.state == "taken"
    assert (point.normal_by, point.normal_at) == ("restore", town.clock.now())


def test_a_more_urgent_fault_raises_the_dossier_and_rings_again(town, quay) -> None:
    opened(town, quay, "dark")
    taken(town)
    opened(town, quay, "moved")
    assert town.rows(Incident)[0].state == "taken", "as urgent as before: it joins in silence"
    opened(town, quay, "mask_lost")
    (dossier,) = town.rows(Incident)
    assert (dossier.priority, dossier.state, dossier.ring_reason) == (3, "new", "higher")
    closed(town, quay, "mask_lost")


def test_a_lost_mask_suspends_the_camera_until_it_is_seen_again(town) -> None:
    mask = town.rows(CameraMask, CameraMask.kind == "legal")[0]
    with town.acting() as act:
        check_mask(act, mask.id, there=False, proof=JPEG)
    row = camera(town)
    assert (row.suspended_at, row.suspended_reason) == (town.clock.now(), "mask_lost")
    (fault,) = town.rows(CameraFault)
    assert (fault.kind, fault.detail, fault.after) == ("mask_lost", {"mask": "Fenêtres"}, JPEG)
    with town.acting() as act, pytest.raises(CameraStateError):
        resume_camera(act, row.id)
    with town.acting() as act:
        check_mask(act, mask.id, there=True, proof=JPEG + b"2")
    row, mask = camera(town), town.rows(CameraMask, CameraMask.kind == "legal")[0]
    assert (row.suspended_at, row.suspended_reason) == (None, None)
    assert (mask.state, mask.proof) == ("there", JPEG + b"2")
    assert town.rows(Incident)[0].state == "closed"


def test_a_role_mask_is_not_looked_for(town) -> None:
    role = town.rows(CameraMask, CameraMask.kind == "role")[0]
    with town.acting() as act, pytest.raises(NotFoundError):
        check_mask(act, role.id, there=True, proof=None)


def test_what_was_suspended_by_hand_stays_so_and_is_resumed_into_the_fault(town, quay) -> None:
    with town.acting() as act:
        suspend_camera(act, quay, "travaux")
    with town.acting() as act, pytest.raises(CameraStateError):
        suspend_camera(act, quay, "encore")
    opened(town, quay, "mask_lost")
    assert camera(town, "P-1").suspended_reason == "by_hand"
    with town.acting() as act:
        resume_camera(act, quay)
    assert camera(town, "P-1").suspended_reason == "mask_lost", "it may not record yet"
    closed(town, quay, "mask_lost")
    assert camera(town, "P-1").suspended_at is None


def test_a_removed_camera_has_no_faults(town, quay) -> None:
    opened(town, quay, "unreachable")
    with town.acting() as act:
        remove_camera(act, quay, "déposée")
    assert town.rows(CameraFault)[0].until is not None
    assert town.rows(Incident)[0].state == "closed"
    with town.acting() as act, pytest.raises(CameraRemovedError):
        open_fault(act, quay, "frozen")
    assert not closed(town, quay, "frozen")


def test_what_is_refused(town, quay) -> None:
    with town.acting() as act:
        with pytest.raises(InvalidError):
            open_fault(act, quay, "sulking")
        with pytest.raises(InvalidError):
            open_fault(act, quay, "dark", before=b"x" * (MAX_PICTURE + 1))
        with pytest.raises(NotFoundError):
            open_fault(act, 999_999, "dark")
    assert town.rows(CameraFault) == []


def test_a_dossier_closed_by_a_person_is_left_alone(town, quay) -> None:
    opened(town, quay, "clock")
    with town.acting() as act:
        incidents.close_by_itself(act, town.rows(Incident)[0].id, "restored", None)
    before = town.entries()
    assert closed(town, quay, "clock")
    assert town.entries() == before + 1, "the fault's own end, nothing more in the closed dossier"
