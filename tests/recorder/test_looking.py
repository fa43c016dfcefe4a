"""What looking finds becomes faults with their pictures; a lost legal mask suspends the recording (practice P11)."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from tests.recorder.stage import Stage, until
from veilleur.features.cameras.tables import CameraFault, CameraMask, CameraStatus
from veilleur.logbook.tables import Entry
from veilleur.video.checking import check
from veilleur.video.measures import FROZEN_SECONDS
from veilleur.video.store import LocalStore

pytestmark = pytest.mark.peer

CORNER = [{"x": 0.1, "y": 0.1}, {"x": 0.6, "y": 0.1}, {"x": 0.6, "y": 0.6}, {"x": 0.1, "y": 0.6}]


def test_a_lost_legal_mask_suspends_the_recording(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    camera = stage.camera(rtsp(film("h264"), "h264").url())
    with stage.act() as act:
        entry = act.record("test.mask")
        mask = CameraMask(camera_id=camera, kind="legal", name="fenêtres", polygon=CORNER, entry_id=entry)
        act.session.add(mask)
        act.session.flush()
        mask_id = mask.id
    with stage.recorder():
        until(lambda: "mask_lost" in stage.faults(camera), "the fault")
        until(lambda: (row := stage.status(camera)) and row.state == "suspended" and not row.recording)
        with stage.database.read() as session:
            checked = session.get_one(CameraMask, mask_id)
            assert checked.state == "lost"
            assert checked.checked_at is not None
            assert checked.proof is not None
            assert Image.open(io.BytesIO(checked.proof)).width == 320
        # Nothing is kept while it lasts: neither films nor the strip.
        last = LocalStore(stage.folder).entries(str(camera), 0, 2**62)
        strip = sum(each.stat().st_size for each in stage.folder.rglob("strip"))
        seen = stage.status(camera)
        assert seen is not None
        began = seen.last_frame_at
        until(lambda: (row := stage.status(camera)) and (row.last_frame_at - began).total_seconds() > 5)
        assert LocalStore(stage.folder).entries(str(camera), 0, 2**62) == last
        assert sum(each.stat().st_size for each in stage.folder.rglob("strip")) == strip
    assert [gap.reason for gap in check(stage.folder)[0].gaps if gap.reason != "stopped"] == ["suspended"]


def test_a_frozen_picture_looks_frozen_and_a_strip_is_kept(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any], tmp_path: Path
) -> None:
    still = tmp_path / "still.h264"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(film("h264")), "-vf", "trim=end_frame=1,loop=-1:1", "-frames:v", "100",
         "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "25", "-bsf:v", "h264_metadata=aud=insert", str(still)],
        check=True,
    )  # fmt: skip
    frozen = stage.camera(rtsp(still, "h264").url())
    alive = stage.camera(rtsp(film("h264", seconds=60), "h264").url())
    with stage.recorder():
        stage.online(alive)
        until(lambda: "frozen" in stage.faults(frozen), "the fault")
        until(lambda: (row := stage.status(frozen)) and row.state == "frozen")
        assert "frozen" not in stage.faults(alive)
        with stage.database.read() as session:
            query = select(CameraFault).where(CameraFault.camera_id == frozen, CameraFault.kind == "frozen")
            fault = session.scalars(query).one()
            assert fault.incident_id is not None
            entered = session.get_one(Entry, fault.entry_id).happened_at
            assert entered - fault.since >= timedelta(seconds=FROZEN_SECONDS), (
                "since the last picture that moved"
            )
            status = session.get_one(CameraStatus, frozen)
            assert abs(status.since - fault.since) < timedelta(seconds=FROZEN_SECONDS / 2)
            for picture in (fault.before, fault.after):
                assert picture is not None
                assert Image.open(io.BytesIO(picture)).size == (320, 180)
    with stage.recorder("again"):  # it knows nothing of before, and the picture is as frozen as it was
        stage.online(alive)
        begun = stage.clock.now()
        until(lambda: (row := stage.status(frozen)) and row.last_frame_at > begun + timedelta(seconds=5))
        assert "frozen" in stage.faults(frozen)
        assert (row := stage.status(frozen)) is not None
        assert row.state == "frozen"
        with stage.database.read() as session:
            assert [each.until for each in session.scalars(query)] == [None], "one fault, that never ended"
    for camera in (frozen, alive):
        assert list((stage.folder / str(camera)).rglob("strip.at"))
    assert list((stage.folder / str(alive)).rglob("motion"))
