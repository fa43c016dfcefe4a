"""Installs the third-party programs that the tests of images are judged by, where the distribution's packages may be had.

ffmpeg and ffprobe judge our films, GStreamer's RTSP server is a camera that is not ours. Nobody needs them to use Veilleur:
without them these tests skip aloud, and fail in CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess

PROBE = "import gi; gi.require_version('GstRtspServer', '1.0'); gi.require_version('GstApp', '1.0')"
PACKAGES = (
    "ffmpeg", "python3-gi", "gir1.2-gst-rtsp-server-1.0", "gir1.2-gst-plugins-base-1.0",
    "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good", "gstreamer1.0-plugins-bad",
)  # fmt: skip


def there() -> bool:
    """Whether both are installed."""
    python = shutil.which("python3", path="/usr/bin")
    if python is None or not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        return False
    return subprocess.run([python, "-c", PROBE], check=False, capture_output=True).returncode == 0


def main() -> None:
    """Installs what lacks if it may; else says what will be skipped."""
    if there():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing the programs that judge images in the tests…", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
        for argv in (["apt-get", "update", "-qq"], install):
            subprocess.run(argv, check=False, stdout=subprocess.DEVNULL, env=environment)
    if not there():
        print(
            "*** NOT INSTALLED: ffmpeg or GStreamer’s RTSP server; tests of images that need them will be skipped ***"
        )


if __name__ == "__main__":
    main()
