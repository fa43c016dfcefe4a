"""Twenty-four cameras, two recorders, and chance: cameras, recorders and the network die for ten minutes.

`VEILLEUR_LONG_MINUTES=60 pytest tests/faults/test_video_long.py` goes on for an hour; `VEILLEUR_LONG_CAMERAS=8` makes do with
eight. At the end gaps are only where a camera or its recorder was away, all of them are in the index with their reason, and no
recorder has grown without end.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import psutil
import pytest

from tests.acceptance.centre import Centre, centre_up, free_port
from tests.contract.test_processes import child, wait
from tests.faults.storm import Storm
from tests.faults.street import PLANS, Account, Street, streets
from tests.faults.test_kills import furnish, still_whole
from tests.recorder.stage import Stage, until
from veilleur.composition import Context
from veilleur.settings import load_settings
from veilleur.video.model import to_wall

pytestmark = [pytest.mark.long, pytest.mark.peer]

MINUTES = float(os.environ.get("VEILLEUR_LONG_MINUTES", "10"))
CAMERAS = int(os.environ.get("VEILLEUR_LONG_CAMERAS", "24"))  # at most: STREETS times as many as KEYS
SEED = int(os.environ.get("VEILLEUR_LONG_SEED", "1"))
STREETS = 3  # processes of cameras: one dies with its eight cameras, or is cut from the network
KEYS = ("parking", "pont", "quai", "gare", "presquile", "college", "depot-cour", "depot-halle")
PACE = 12.0  # seconds between two misfortunes, on average
AWAY = 8.0  # seconds that one lasts at most
BACK = 45.0  # seconds for everything to be as before: a camera is asked again after 15 s at most, a lease runs 6 s
GROWTH = 1.6  # times its memory after the first minute; a leak of a frame a misfortune would be far beyond
ROLES = ("recorder", "recorder-2")


@dataclass
class Away:
    """A stretch during which somebody was away. `street`: None for a recorder, whose cameras nobody can foresee."""

    street: int | None
    begins: int
    ends: int = 0


@dataclass
class Chance:
    """What happens, drawn from a seed."""

    centre: Centre
    stage: Stage
    streets: list[Street]
    random: random.Random
    away: list[Away] = field(default_factory=list)
    memory: dict[str, list[float]] = field(default_factory=dict)

    def wall(self) -> int:
        return to_wall(self.stage.clock.now())

    def misfortune(self) -> None:
        """One of four, over before the next."""
        kinds: list[Callable[[], Away]] = [
            self.kill_street,
            self.freeze_street,
            self.cut_one,
            self.kill_recorder,
        ]
        self.away.append(self.random.choice(kinds)())
        self.away[-1].ends = self.wall()

    def kill_street(self) -> Away:
        number = self.random.randrange(STREETS)
        gone = Away(number, self.wall())
        self.streets[number].kill()
        time.sleep(self.random.random() * AWAY)
        self.streets[number].start()
        return gone

    def freeze_street(self) -> Away:
        """As when its cable is pulled: connections stay, nothing comes."""
        number = self.random.randrange(STREETS)
        gone = Away(number, self.wall())
        self.streets[number].freeze()
        time.sleep(self.random.random() * AWAY)
        self.streets[number].thaw()
        return gone

    def cut_one(self) -> Away:
        """One camera's connections are cut and refused."""
        number, key = self.random.randrange(STREETS), self.random.choice(KEYS)
        gone = Away(number, self.wall())
        self.streets[number].change(key, gone=True)
        time.sleep(self.random.random() * AWAY)
        self.streets[number].change(key)
        return gone

    def kill_recorder(self) -> Away:
        role = self.random.choice(ROLES)
        gone = Away(None, self.wall())
        victim = child(self.centre, role)
        if victim is not None:
            victim.kill()
            wait(lambda: (now := child(self.centre, role)) is not None and now.pid != victim.pid)
        return gone

    def weigh(self) -> None:
        """Memory of each recorder, in MB; one that was killed begins anew."""
        for role in ROLES:
            with suppress(psutil.Error):
                process = child(self.centre, role)
                if process is not None and time.time() - process.create_time() > 60:
                    self.memory.setdefault(f"{role} {process.pid}", []).append(
                        process.memory_info().rss / 1e6
                    )


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Chance]:
    environment = {"VEILLEUR_RECORDERS": "2", "VEILLEUR_VIDEO_HTTP": f"127.0.0.1:{free_port(2)}"}
    with centre_up(tmp_path / "data", environment=environment) as centre, streets(tmp_path, STREETS) as made:
        context = Context(load_settings(data_dir=centre.data_dir))
        try:
            stage = Stage(context.database(), context.keys.cameras, centre.data_dir / "video")
            stage.set_up()
            furnish(centre)
            yield Chance(centre, stage, list(made), random.Random(SEED))
        finally:
            context.close()


def test_gaps_are_only_where_somebody_was_away(scene: Chance) -> None:
    stage, account = scene.stage, Account(scene.stage.folder)
    cameras = {
        stage.camera(street.url(key), source={"sub": street.url(key, "sub")}): number
        for number, street, key in islice(
            ((number, street, key) for key in KEYS for number, street in enumerate(scene.streets)), CAMERAS
        )
    }
    assert len(cameras) == CAMERAS
    assert all(PLANS[key].usual.password is None for key in KEYS)
    for camera in cameras:
        stage.online(camera)
    end = time.monotonic() + MINUTES * 60
    with Storm(scene.centre, sequence=1000, pause=4.0) as storm:
        while time.monotonic() < end:
            time.sleep(scene.random.random() * 2 * PACE)
            scene.misfortune()
            scene.weigh()
        since = stage.clock.now()
        for camera in cameras:
            until(
                lambda camera=camera: (row := stage.status(camera)) and row.seen_at > since and row.recording,
                f"the pictures of {camera}",
            )
    still_whole(scene.centre, storm)
    assert ", 0 avec un défaut." in scene.centre.told("video", "check")
    unexplained, count = [], 0
    for camera, number in cameras.items():
        report = account.report(camera)
        assert report.sound, report
        for gap in report.gaps:
            count += 1
            if gap.reason not in ("unreachable", "stopped", "gap") or not explained(scene, number, gap.start):
                unexplained.append((camera, number, gap))
    print(f"{len(scene.away)} misfortunes, {count} gaps")
    print("longest silence in a film:", max(account.longest_silence(camera) for camera in cameras), "s")
    for role, weighed in scene.memory.items():
        print(role, [round(each) for each in weighed], "MB")
    assert not unexplained
    for weighed in scene.memory.values():
        assert weighed[-1] < GROWTH * weighed[0] + 50


def explained(scene: Chance, street: int, start: int) -> bool:
    """Whether a gap began while its street or a recorder was away, or while what that moved came back."""
    return any(
        away.begins - 5e6 <= start <= away.ends + BACK * 1e6
        for away in scene.away
        if away.street in (None, street)
    )
