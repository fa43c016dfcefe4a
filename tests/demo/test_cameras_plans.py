"""`cameras.yaml` says what the scenes can play, for sites that exist; the files are what they should be, and small."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from veilleur.demo.camera_clips import SCENES, BadClipError, _configuration, read_clip, scene_clip
from veilleur.demo.camera_controls import (
    MAX_CONTROL,
    BadControlError,
    Condition,
    Controls,
    read_orders,
    write_control,
)
from veilleur.demo.camera_plans import CAMERAS, read_plans
from veilleur.demo.town import DEMO_PEOPLE, TOWN

WRITTEN: dict[str, Any] = yaml.safe_load(CAMERAS.read_text("utf-8"))
CLIPS = sorted(SCENES.glob("*.mp4"))


def test_the_town_has_the_cameras_that_it_promises() -> None:
    cameras = WRITTEN["cameras"]
    public = [each for each in cameras if each["regime"].startswith("public")]
    assert (len(public), len(cameras) - len(public)) == (8, 8)
    assert sum(each["site"] == "S-0001" for each in cameras) == 4
    assert sum(each["regime"] == "home" for each in cameras) == 1
    faults = {"frozen", "moved", "mask_lost", "clock", "unauthorised"}
    assert {each["fault"] for each in cameras if "fault" in each} == faults
    assert sum(each.get("usually", {}).get("audio", False) for each in cameras) == 1
    assert sum(each.get("codec") == "hevc" for each in cameras) == 1
    assert {each["reserved_by"] for each in cameras if "reserved_by" in each} <= {
        person.login for person in DEMO_PEOPLE
    }


def test_what_cameras_name_exists() -> None:
    town = yaml.safe_load(TOWN.read_text("utf-8"))
    sites = {site["reference"]: site for site in [*town["sites"], *WRITTEN["sites"]]}
    assert len(sites) == len(town["sites"]) + len(WRITTEN["sites"])
    authorisations = {each["number"] for each in WRITTEN["authorisations"]}
    keys = [each["key"] for each in WRITTEN["cameras"]]
    assert len(set(keys)) == len({each["reference"] for each in WRITTEN["cameras"]}) == len(keys)
    for each in WRITTEN["cameras"]:
        zones = {zone["number"] for panel in sites[each["site"]].get("panels", ()) for zone in panel["zones"]}
        assert set(each.get("zones", ())) <= zones
        assert set(each["neighbours"]) <= set(keys) - {each["key"]}
        assert each["regime"].startswith("public") == (each.get("authorisation") in authorisations)
        masks = [*each.get("masks", ()), *each.get("role_masks", ())]
        assert all(0 <= point <= 1 for mask in masks for pair in mask for point in pair)


@pytest.mark.parametrize("plan", read_plans(), ids=lambda plan: plan.key)
def test_a_scene_plays_what_its_camera_promises(plan: Any) -> None:
    written = next(each for each in WRITTEN["cameras"] if each["key"] == plan.key)
    told = {plan.usual.clip, *(values.get("clip", "calm") for _, values in plan.story)}
    assert told <= set(written["clips"])
    for stream in ("main", "sub"):
        for name in written["clips"]:
            clip = scene_clip(plan.scene, name, "", stream)
            assert clip is not None
            assert clip.codec == written.get("codec", "h264")
            narrow = written["narrow"] and stream == "main"
            assert not narrow or (clip.width >= 704 and clip.height >= 576)
        whole = scene_clip(plan.scene, "calm", "", stream)
        for token, _ in plan.presets[1:]:
            assert scene_clip(plan.scene, "calm", token, stream) not in (None, whole)
    assert scene_clip(plan.scene, "unknown", "", "main") is None
    assert scene_clip(plan.scene, "calm", "nowhere", "main") == scene_clip(plan.scene, "calm", "", "main")


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_a_clip_has_a_keyframe_a_second_and_no_picture_out_of_order(path: Path) -> None:
    clip = read_clip(path)
    fps = 6 if path.stem.endswith("-sub") else 12
    assert (clip.fps, len(clip.pictures) % fps, round(clip.seconds, 3) % 1) == (fps, 0, 0)
    assert [n for n, each in enumerate(clip.pictures) if each.keyframe] == list(
        range(0, len(clip.pictures), fps)
    )
    assert all(each.due == each.shown for each in clip.pictures)
    assert clip.keyframe_before(1.5) == fps
    assert clip.keyframe_before(0.0) == clip.keyframe_before(0.99) == 0


def test_the_scenes_stay_small() -> None:
    assert CLIPS
    assert sum(path.stat().st_size for path in SCENES.iterdir()) < 5_000_000


@given(data=st.binary(max_size=200), codec=st.sampled_from(["h264", "hevc"]))
def test_a_configuration_of_arbitrary_bytes_raises_index_error_only(data: bytes, codec: str) -> None:
    with suppress(IndexError):
        _configuration(codec, data)


def test_files_that_are_no_clips_are_refused(tmp_path: Path) -> None:
    for name, data in (("empty", b""), ("text", b"x" * 5_000)):
        path = tmp_path / f"{name}.mp4"
        path.write_bytes(data)
        with pytest.raises(BadClipError, match=path.name):
            read_clip(path)


def test_a_file_cut_short_plays_what_is_left_of_it(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(CLIPS[0].read_bytes()[:-20_000])
    assert 12 <= len(read_clip(path).pictures) < len(read_clip(CLIPS[0]).pictures)


def test_the_last_word_is_that_of_the_later_origin_while_it_lasts() -> None:
    controls = Controls(Condition(password="lilas"))
    controls.change("file", {"clip": "rixe"}, until=10.0)
    controls.change("plan", {"clip": "moved", "audio": True})
    assert controls.now(9.9) == Condition(clip="rixe", audio=True, password="lilas")
    assert controls.now(10.0) == Condition(clip="moved", audio=True, password="lilas")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 30_000,
        '{"a": 1}',
        '{"a": {"clip": null}}',
        '{"a": {"gone": 1}}',
        '{"a": {"clock_offset": true}}',
        '{"a": {"for": -1}}',
        '{"a": {"for": true}}',
        '{"a": {"number": "1"}}',
        '{"a": {"frozen": "yes"}}',
        '{"a": {"other": 1}}',
        " " * (MAX_CONTROL + 1),
    ],
)
def test_a_bad_control_file_is_refused_whole(tmp_path: Path, text: str) -> None:
    path = tmp_path / "orders.json"
    path.write_text(text, "utf-8")
    with pytest.raises(BadControlError):
        read_orders(path)


def test_orders_are_numbered_so_that_the_same_one_may_be_given_again(tmp_path: Path) -> None:
    for number in (1, 2):
        write_control(tmp_path, "dock", clip="person", seconds=2.0)
        (order,) = read_orders(tmp_path / "demo-cameras.json").values()
        assert (order.number, order.seconds, dict(order.values)) == (number, 2.0, {"clip": "person"})
