"""Draws the demonstration's scenes and encodes them: `python scripts/draw_scenes.py [--still DIR] [SCENE…]`.

Needs the program ffmpeg, as a program: its encoders are never linked in. Clips go to src/veilleur/demo/scenes as
SCENE-CLIP.mp4 (main stream, 12 pictures a second) and SCENE-CLIP-sub.mp4 (6 a second), one keyframe a second, no B-frames.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from night import city, inland, port, streets
from night.scene import Clip, Scene

SCENES: dict[str, Callable[[], Scene]] = {
    "carnot": city.carnot,
    "carnot-2": city.carnot_2,
    "presquile": streets.presquile,
    "gare": streets.station,
    "college": streets.school,
    "quai": streets.quay,
    "parking": streets.parking,
    "pont": streets.bridge,
    "portail": port.portal,
    "quai-3": port.dock,
    "quai-3-est": port.dock_east,
    "bureau": port.office,
    "bijouterie": inland.jeweller,
    "depot-cour": inland.depot_yard,
    "depot-halle": inland.depot_hall,
    "villa": inland.villa,
}
H265 = {"gare"}
FPS, SUB_FPS = 12, 6
SUB_SIZE = {(1024, 576): "320x180", (704, 576): "352x288"}
TARGET = Path(__file__).parents[1] / "src" / "veilleur" / "demo" / "scenes"

#: The quantiser is constant, so that a keyframe looks as the picture before it: no pulse each second for motion detectors.
AVC = "-c:v libx264 -profile:v main -preset veryslow -tune animation -x264-params scenecut=0:open-gop=0:bframes=0"
HEVC = "-c:v libx265 -preset slow -tag:v hvc1 -x265-params log-level=error:scenecut=0:open-gop=0:bframes=0"
QUANTISER = {"": 36, "-sub": 32}


def encode(scene: Scene, name: str, clip_name: str, clip: Clip) -> None:
    """The two streams of a clip."""
    codec = HEVC if name in H265 else AVC
    pictures = [scene.picture(clip, number / FPS).tobytes() for number in range(clip.seconds * FPS)]
    for end, fps, size in (("", FPS, None), ("-sub", SUB_FPS, SUB_SIZE[scene.size])):
        command = (
            f"ffmpeg -v error -y -f rawvideo -pix_fmt rgb24 -s {scene.size[0]}x{scene.size[1]} -r {fps} -i -"
        )
        command += f" {f'-s {size} -sws_flags area' if size else ''} -pix_fmt yuv420p {codec} -qp {QUANTISER[end]} -g {fps}"
        command += f" -keyint_min {fps} -bf 0 -an -map_metadata -1 -fflags +bitexact -flags:v +bitexact -movflags +faststart"
        target = TARGET / f"{name}-{clip_name}{end}.mp4"
        subprocess.run([*command.split(), str(target)], input=b"".join(pictures[:: FPS // fps]), check=True)
        print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB", flush=True)


def draw(name: str, stills: Path | None) -> None:
    """One scene: its clips, or one PNG of each."""
    scene = SCENES[name]()
    for clip_name, clip in scene.clips.items():
        if stills:
            scene.picture(clip, clip.seconds * 0.45).save(stills / f"{name}-{clip_name}.png")
        else:
            encode(scene, name, clip_name, clip)


def main() -> None:
    """Draws the scenes named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", default=list(SCENES))
    parser.add_argument("--still", type=Path, help="write one PNG of each clip there instead")
    asked = parser.parse_args()
    (asked.still or TARGET).mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(2) as pool:
        for done in [pool.submit(draw, name, asked.still) for name in asked.scenes]:
            done.result()


if __name__ == "__main__":
    main()
