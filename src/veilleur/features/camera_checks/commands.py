"""The test is signed: every camera of the post was looked at, and what is wrong is said (C1.1, S15)."""

from __future__ import annotations

from collections.abc import Sequence

from veilleur.features.camera_checks.errors import CheckBlindError, CheckIncompleteError
from veilleur.features.camera_checks.queries import SIGNED, camera_check
from veilleur.features.camera_checks.views import CheckedCamera, Ticked
from veilleur.features.cameras.queries import visible_camera
from veilleur.kernel.errors import InvalidError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act, Subject

#: States in which a camera gives pictures: one that is frozen gives the same one.
GIVES = frozenset({"online"})


def sign(act: Act, reader: Reader, ticks: Sequence[Ticked]) -> None:
    """Enters the test, and each defect by itself, with its camera's perimeter. The cameras are judged anew, as they are now.

    Raises CheckIncompleteError, CheckBlindError, InvalidError, NotFoundError.
    """
    check = camera_check(act.session, reader, act.now)
    said = {tick.camera: tick for tick in ticks}
    if left := [each.name for each in check.cameras if each.camera not in said]:
        raise CheckIncompleteError(cameras=left)
    _judge(check.cameras, said)
    defects = [each for each in check.cameras if said[each.camera].result == "defect"]
    for each in defects:
        _tell(act, reader, each, said[each.camera])
    act.record(
        SIGNED,
        {
            "post": check.post.name,
            "cameras": len(check.cameras),
            "seen": len(check.cameras) - len(defects),
            "defects": len(defects) or None,
            "recorders": len(check.recorders),
            "alive": sum(each.alive for each in check.recorders),
            "minutes": int((act.now - check.taken_at).total_seconds() // 60),
            "late": True if act.now > check.due_at else None,
            "ticks": [[each.camera, each.state, each.age_s, said[each.camera].result] for each in check.cameras],
        },
        touched={"post": [check.post.id]},
    )  # fmt: skip


def _judge(cameras: Sequence[CheckedCamera], said: dict[int, Ticked]) -> None:
    blind = [each.name for each in cameras if said[each.camera].result == "seen" and each.state not in GIVES]
    if blind:
        raise CheckBlindError(cameras=blind)
    for each in cameras:
        tick = said[each.camera]
        if tick.result == "defect" and not (tick.note or "").strip():
            raise InvalidError(f"Say what is wrong with {each.name}.", field="note", camera=each.camera)


def _tell(act: Act, reader: Reader, camera: CheckedCamera, tick: Ticked) -> None:
    row = visible_camera(act.session, camera.camera, reader)
    params = {
        "camera": row.name,
        "state": camera.state,
        "faults": camera.faults or None,
        "note": (tick.note or "").strip(),
    }
    subject = Subject(
        site_id=row.site_id, organisation=row.organisation, customer_id=row.customer_id, commune=row.commune
    )
    act.record("camera_check.defect", params, subject=subject)
