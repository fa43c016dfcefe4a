"""The hour burnt into the scenes: decoders take it, it changes nothing else, and no picture comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import av
import numpy as np
import pytest

from veilleur.demo.camera_clips import SCENES, Clip, read_clip
from veilleur.demo.camera_hour import form_of, pictures_of, sets_of

BEGIN = datetime(2026, 11, 23, 2, 11, 7, tzinfo=UTC)
CLIPS = ["quai-3-calm", "depot-cour-calm-sub", "bijouterie-calm", "bijouterie-calm-sub"]


def pictures(clip: Clip, begin: datetime | None) -> Iterator[np.ndarray]:
    """The grey pictures of a clip, with the hour from `begin` on, or as it was drawn; those added are left out."""
    decoder = av.CodecContext.create(clip.codec, "r")
    for place, picture in enumerate(clip.pictures):
        sent = [(0.0, picture.units)]
        if begin is not None:
            sent = pictures_of(clip, place, begin + timedelta(seconds=picture.due))
        for after, units in sent:
            whole = (*sets_of(clip), *units) if picture.keyframe and not after else units
            packet = av.Packet(b"".join(b"\x00\x00\x00\x01" + unit for unit in whole))
            packet.pts = place * 2 + bool(after)
            for frame in decoder.decode(packet):
                if frame.pts % 2 == 0:
                    yield frame.to_ndarray(format="gray")


@pytest.mark.parametrize("name", CLIPS)
def test_only_the_hour_differs(name: str) -> None:
    clip = read_clip(SCENES / f"{name}.mp4")
    form = form_of(clip)
    assert form is not None
    pairs = list(zip(pictures(clip, BEGIN), pictures(clip, None), strict=True))
    assert len(pairs) >= len(clip.pictures) - 1
    places = np.argwhere(sum((burnt != drawn).astype(int) for burnt, drawn in pairs))
    assert len(places) > 50
    top, (bottom, right) = places[:, 0].min(), places.max(0)
    row = (form.rows - 2) * 16
    assert row - 16 <= top, "filters smooth edges a little beyond"
    assert bottom < row + 32
    assert right < 16 * 9


def test_a_loop_gives_no_picture_twice() -> None:
    clip = read_clip(SCENES / "depot-cour-calm-sub.mp4")
    loops = [pictures(clip, BEGIN + timedelta(seconds=clip.seconds * n)) for n in range(3)]
    each_second = [tuple(grey.tobytes() for grey in loop)[3 :: round(clip.fps)] for loop in loops]
    shown = [picture for loop in each_second for picture in loop]
    assert len(set(shown)) == len(shown)


def test_what_is_not_ours_is_left_as_it_is() -> None:
    station = read_clip(SCENES / "gare-calm.mp4")
    assert form_of(station) is None
    assert pictures_of(station, 0, BEGIN) == [(0.0, station.pictures[0].units)]
    assert sets_of(station) == station.parameter_sets
