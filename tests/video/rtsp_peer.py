"""GStreamer's RTSP server in a process of its own (the system's Python): plays an Annex B file with access unit delimiters.

    /usr/bin/python3 rtsp_peer.py FILE CODEC [--user U --password P] [--freeze N] [--once] [--tls PEM] [--copies N]
        [--fps F] [--uneven] [--udp] [--heard FILE] [--law mulaw|alaw]

Prints the port, then a line per request: `SETUP <url>`. `--freeze`: silent after N frames. `--uneven`: pictures 2 ms to twice
their interval apart, their own hours too. `/cam`, `/cam1`…:
as many as `--copies`; each has an audio track too. `--heard`: each has a loudspeaker (ONVIF's backchannel, by GStreamer's own
server), and what it heard is in the file: signed 16-bit samples, 8 kHz.
"""

import argparse
import itertools
import pathlib
import re
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
gi.require_version("GstApp", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

DELIMITERS = {"h264": b"\0\0\0\1\x09", "h265": b"\0\0\0\1\x46\x01"}


def units(path, codec):
    """The access units of the file."""
    data = pathlib.Path(path).read_bytes()
    starts = [found.start() for found in re.finditer(DELIMITERS[codec], data)] + [len(data)]
    return [data[a:b] for a, b in itertools.pairwise(starts)]


LAWS = {"mulaw": ("PCMU", "rtppcmudepay", 0), "alaw": ("PCMA", "rtppcmadepay", 8)}


class Feeding:
    """One stream: video from the file, a tone beside it; perhaps a loudspeaker."""

    def __init__(self, given, pictures):
        super().__init__()
        self.given, self.pictures = given, pictures
        self.set_shared(True)
        if given.udp:
            self.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
        if given.heard:
            self.set_media_gtype(GstRtspServer.RTSPOnvifMedia.__gtype__)
            name, unpacked, number = LAWS[given.law]
            self.set_backchannel_launch(
                f"( capsfilter name=depay_backchannel caps=application/x-rtp,media=audio,payload={number},"
                f"clock-rate=8000,encoding-name={name} ! {unpacked} ! {given.law}dec "
                f"! filesink location={given.heard} sync=false async=false buffer-mode=unbuffered append=true )"
            )
        self.set_launch(
            f"( appsrc name=src is-live=true format=time do-timestamp=false max-bytes=4000000 "
            f"caps=video/x-{given.codec},stream-format=byte-stream,alignment=au,framerate={given.fps}/1 "
            f"! {given.codec}parse ! rtp{given.codec}pay name=pay0 config-interval=-1 pt=96 "
            "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8 )"
        )

    def feed_media(self, media):
        """Feeds the source from a thread, each picture at its time."""
        source = media.get_element().get_by_name("src")
        threading.Thread(target=self.feed, args=(source,), daemon=True).start()

    def due(self, n):
        """Seconds at which a picture comes: 1 of 3 close behind the one before, 1 of 3 on time, 1 of 3 late."""
        step = 1 / self.given.fps
        return n * step + (0, 0.002 - step, 0)[n % 3] if self.given.uneven else n * step

    def feed(self, source):
        """Until the media is given up, or as long as the arguments say."""
        begun, count = time.monotonic(), len(self.pictures)
        last = self.given.freeze or (count if self.given.once else 1_000_000)
        for n in range(last):
            picture = Gst.Buffer.new_wrapped(self.pictures[n % count])
            picture.pts = picture.dts = round(self.due(n) * Gst.SECOND)
            picture.duration = Gst.SECOND // self.given.fps
            if source.emit("push-buffer", picture) != Gst.FlowReturn.OK:
                return
            time.sleep(max(0, begun + self.due(n + 1) - time.monotonic()))
        if not self.given.freeze:
            source.emit("end-of-stream")


class Factory(Feeding, GstRtspServer.RTSPMediaFactory):
    """Without a loudspeaker."""


class SpeakingFactory(Feeding, GstRtspServer.RTSPOnvifMediaFactory):
    """With one."""


def told(_client, context, what):
    """A line per request."""
    print(what, context.uri.get_request_uri() if context.uri else "", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("codec")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--tls", help="a certificate and its key, PEM, in one file")
    parser.add_argument("--freeze", type=int, default=0)
    parser.add_argument("--udp", action="store_true", help="refuses TCP")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--uneven", action="store_true")
    parser.add_argument("--heard")
    parser.add_argument("--law", choices=LAWS, default="mulaw")
    given = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPOnvifServer() if given.heard else GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    pictures = units(given.file, given.codec)
    for number in range(given.copies):
        factory = (SpeakingFactory if given.heard else Factory)(given, pictures)
        factory.connect("media-configure", lambda f, media: f.feed_media(media))
        if given.user or given.tls:
            role = GstRtspServer.RTSPPermissions()
            role.add_role("viewer")
            role.add_permission_for_role("viewer", "media.factory.access", True)
            role.add_permission_for_role("viewer", "media.factory.construct", True)
            factory.set_permissions(role)
        server.get_mount_points().add_factory(f"/cam{number or ''}", factory)
    if given.user:
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth.set_supported_methods(2)  # digest
        auth.add_digest(given.user, given.password, token)
        server.set_auth(auth)
    if given.tls:
        auth = GstRtspServer.RTSPAuth()
        anybody = GstRtspServer.RTSPToken()
        anybody.set_string("media.factory.role", "viewer")
        auth.set_default_token(anybody)
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(given.tls))
        server.set_auth(auth)
    server.attach(None)

    def joined(_server, client):
        for name in ("describe-request", "setup-request", "play-request", "teardown-request"):
            client.connect(name, told, name.split("-")[0].upper())

    server.connect("client-connected", joined)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


sys.exit(main())
