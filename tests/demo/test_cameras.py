"""The demonstration's cameras, watched by a demuxer we did not write and by a client that does what a demuxer never would."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from tests.simulators.rtsp_client import RtspClient
from veilleur.demo import camera_connection
from veilleur.demo.camera_clips import SCENES, BadClipError, Clip, read_clip
from veilleur.demo.camera_connection import MAX_PENDING
from veilleur.demo.camera_controls import CONTROL_FILE, BadControlError, Condition, write_control
from veilleur.demo.camera_plans import CameraPlan
from veilleur.demo.camera_streams import VIDEO
from veilleur.demo.cameras import MAX_CONNECTIONS, CameraServer, running_cameras
from veilleur.kernel.clock import ManualClock, SystemClock
from veilleur.video.loudspeaker import Loudspeaker, has_loudspeaker
from veilleur.video.model import Address
from veilleur.video.speech import PACKET_SAMPLES, SILENCE

TCP = {"rtsp_transport": "tcp", "analyzeduration": "200000", "probesize": "100000"}
PATIENCE = 20.0  # seconds; only a failure waits that long


def plan(key: str, scene: str, **usual: object) -> CameraPlan:
    return CameraPlan(key, scene, usual=Condition(**usual))  # type: ignore[arg-type]


PLANS = [
    plan("dock", "quai-3"),
    plan("gate", "portail", password="lilas"),
    plan("station", "gare"),
    plan("park", "parking", audio=True),
    plan("wharf", "quai-3", speaker=True, clip="person", password="lilas"),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CameraServer]:
    with running_cameras(SystemClock(), plans=PLANS, data_dir=tmp_path) as started:
        yield started


def watch(url: str, **options: str) -> av.container.InputContainer:
    return av.open(url, options={**TCP, **options}, timeout=(PATIENCE, PATIENCE))


def packets(container: av.container.InputContainer) -> Iterator[av.Packet]:
    for packet in container.demux(container.streams.video[0]):
        if packet.size == 0:
            return
        yield packet


def until(condition: object) -> None:
    """Waits for something; fails when it never comes."""
    assert callable(condition)
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def shows(packet: av.Packet, clip: Clip, place: int) -> bool:
    """Whether this packet is that very picture of a clip; its number, at the unit's begin, is written anew."""
    return all(unit[5:] in bytes(packet) for unit in clip.pictures[place].units)


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """A folder with a clip of one second: the first packets of a scene, remuxed."""
    folder = tmp_path / "own"
    folder.mkdir()
    with av.open(str(SCENES / "quai-3-calm.mp4")) as source, av.open(str(folder / "a.mp4"), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in itertools.islice(source.demux(source.streams.video[0]), 12):
            packet.stream = stream
            target.mux(packet)
    return folder


@pytest.mark.parametrize(
    ("key", "stream", "codec", "size"),
    [
        ("dock", "main", "h264", (1024, 576)),
        ("dock", "sub", "h264", (320, 180)),
        ("park", "main", "h264", (1024, 576)),
        ("station", "main", "hevc", (1024, 576)),
        ("station", "sub", "hevc", (320, 180)),
    ],
)
def test_a_stream_begins_with_a_keyframe_and_has_one_each_second(
    server: CameraServer, key: str, stream: str, codec: str, size: tuple[int, int]
) -> None:
    with watch(server.url(key, stream)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, (context.width, context.height)) == (codec, size)
        fps = 12 if stream == "main" else 6
        added = codec == "h264"  # the picture that brings the hour
        flags = [packet.is_keyframe for packet in itertools.islice(packets(container), fps * 2)]
    assert flags[0]
    assert [at for at, flag in enumerate(flags) if flag][1:] == [fps + added]


def test_every_picture_decodes_and_timestamps_go_on_across_loops(short: Path) -> None:
    with (
        running_cameras(SystemClock(), plans=PLANS[:1], footage=short) as server,
        watch(server.url("dock")) as container,
    ):
        stamps: list[int] = []
        frames = 0
        for packet in itertools.islice(packets(container), 36):  # three loops of a second
            stamps += [packet.pts] if packet.pts is not None else []
            frames += len(packet.decode())
    assert frames >= 34
    steps = [b - a for a, b in itertools.pairwise(stamps)]
    assert min(steps) > 0
    # At its own pace: the clip's, loop or not (RTCP may move the zero once, at its first report).
    assert sum(abs(step - 7_500) <= 2 for step in steps) >= len(steps) - 2


def test_the_wrong_password_is_refused_and_the_right_one_admitted(server: CameraServer) -> None:
    url = server.url("gate")
    for user in ("", "veilleur:orage@", "autre:lilas@"):
        with pytest.raises(av.error.HTTPUnauthorizedError):
            watch(url.replace("rtsp://", f"rtsp://{user}"))
    with watch(url.replace("rtsp://", "rtsp://veilleur:lilas@")) as container:
        assert next(packets(container)).is_keyframe
        assert container.streams.video[0].codec_context.width == 704
    server.change("gate", password="tilleul")
    with pytest.raises(av.error.HTTPUnauthorizedError):
        watch(url.replace("rtsp://", "rtsp://veilleur:lilas@"))


def test_a_clip_is_changed_at_a_keyframe_for_some_seconds(server: CameraServer) -> None:
    calm, person = read_clip(SCENES / "quai-3-calm.mp4"), read_clip(SCENES / "quai-3-person.mp4")
    with watch(server.url("dock")) as container:
        stream = packets(container)
        next(stream)
        server.change("dock", clip="person", seconds=1.5)
        first = next(packet for packet in stream if shows(packet, person, 0))
        assert first.is_keyframe
        next(stream)  # the picture that brings the hour
        rest = [next(stream) for _ in range(11)]  # of its first second
        assert all(shows(packet, person, place) for place, packet in enumerate(rest, 1))
        back = next(packet for packet in stream if shows(packet, calm, 0))
        assert back.is_keyframe
        assert back.pts > first.pts


def test_a_frozen_camera_keeps_its_connection_and_sends_nothing(server: CameraServer) -> None:
    with RtspClient(server.url("dock")) as client:
        client.play()
        next(client.packets())
        server.change("dock", frozen="silent")
        client.ask("GET_PARAMETER")  # what was on its way has come
        client.ask("GET_PARAMETER")
        client._packets.clear()
        for _ in range(5):
            time.sleep(0.1)
            assert client.ask("OPTIONS").status == 200
        assert client._packets == []
        server.change("dock")
        assert next(client.packets())


def test_a_frozen_picture_is_the_same_picture_again_and_again(server: CameraServer) -> None:
    with watch(server.url("dock")) as container:
        stream = packets(container)
        next(stream)
        server.change("dock", frozen="picture")
        same = next(packet for packet in stream if packet.is_keyframe)
        following = list(itertools.islice(stream, 15))
        assert all(packet.is_keyframe for packet in following)
        assert {bytes(packet) for packet in following} == {bytes(same)}
        assert all(b.pts > a.pts for a, b in itertools.pairwise(following))


def test_a_camera_that_is_gone_cuts_and_refuses_and_comes_back(server: CameraServer) -> None:
    with RtspClient(server.url("dock")) as client, RtspClient(server.url("park")) as other:
        client.play()
        other.play()
        server.change("dock", gone=True)
        assert client.closed()
        with RtspClient(server.url("dock")) as again:
            again.send(f"DESCRIBE {again.url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
            assert again.closed()
        assert next(other.packets())
        server.change("dock")
        with watch(server.url("dock")) as container:
            assert next(packets(container)).is_keyframe


def test_the_sound_is_offered_and_only_sent_to_who_sets_it_up(server: CameraServer) -> None:
    with watch(server.url("park"), allowed_media_types="video") as container:
        assert [stream.type for stream in container.streams] == ["video"]
        next(packets(container))
    assert server.set_up == [("park/main", "trackID=0")]
    with watch(server.url("park")) as container:
        (sound,) = container.streams.audio
        heard = next(packet for packet in container.demux(sound) if packet.size)
        assert sound.codec_context.name == "pcm_alaw"
        samples = heard.decode()[0].to_ndarray()
        assert 1_500 < abs(samples).max() < 2_500  # a tone, not silence
    assert ("park/main", "trackID=1") in server.set_up
    with RtspClient(server.url("dock")) as client:
        assert "m=audio" not in client.ask("DESCRIBE").body


def test_udp_is_refused_and_the_demuxer_turns_to_tcp(server: CameraServer) -> None:
    with RtspClient(server.url("dock")) as client:
        asked = client.ask(
            "SETUP", f"{client.url}/trackID=0", Transport="RTP/AVP;unicast;client_port=5000-5001"
        )
        assert asked.status == 461
    with av.open(
        server.url("dock"), options=TCP | {"rtsp_transport": "udp+tcp"}, timeout=PATIENCE
    ) as container:
        assert next(packets(container)).is_keyframe


def test_the_camera_tells_its_own_clock_right_or_wrong() -> None:
    now = datetime(2026, 11, 23, 2, 14, 7, tzinfo=UTC)
    with (
        running_cameras(ManualClock(now), plans=PLANS[:1]) as server,
        RtspClient(server.url("dock")) as client,
    ):
        for offset in (0.0, 41.0):
            server.change("dock", clock_offset=offset)
            client.play()
            report = next(packet for channel, packet in client.packets() if channel == 1)
            seconds = int.from_bytes(report[8:12], "big") - 2_208_988_800
            assert datetime.fromtimestamp(seconds, UTC) == now + timedelta(seconds=offset)
            client.ask("TEARDOWN")
            client._packets.clear()


def test_a_stream_that_changes_its_size_says_so_before_the_keyframe(server: CameraServer) -> None:
    sizes = set()
    with watch(server.url("dock")) as container:
        for number, packet in enumerate(itertools.islice(packets(container), 30)):
            if number == 1:
                server.change("dock", small=True)
            sizes |= {(frame.width, frame.height) for frame in packet.decode()}
    assert sizes == {(1024, 576), (320, 180)}


def test_two_viewers_of_one_stream_get_the_same_pictures(server: CameraServer) -> None:
    with RtspClient(server.url("dock")) as one, RtspClient(server.url("dock")) as two:
        one.play()
        two.play()
        theirs = {packet for channel, packet in itertools.islice(two.packets(), 12) if channel == 0}
        ours = [packet for channel, packet in itertools.islice(one.packets(), 40) if channel == 0]
        assert theirs <= set(ours)


def _peer(connection: camera_connection.CameraConnection) -> int:
    assert connection._transport is not None
    return int(connection._transport.get_extra_info("peername")[1])


def test_a_slow_viewer_is_dropped_to_the_next_keyframe_and_memory_is_bounded(server: CameraServer) -> None:
    with (
        RtspClient(server.url("dock"), receive_buffer=4096) as client,
        RtspClient(server.url("dock")) as other,
    ):
        client.play()
        other.play()
        until(lambda: len(server.connections) == 2)
        port = client._socket.getsockname()[1]
        slow = next(each for each in server.connections if _peer(each) == port)
        transport = slow._transport
        assert transport is not None
        huge = [b"\x80\x60" + bytes(60_000)] * 10

        def push() -> None:
            for _ in range(40):  # 24 MB of pictures that nobody reads
                slow.send(VIDEO, huge, keyframe=False, report=b"")

        server._loop.call_soon_threadsafe(push)
        until(lambda: slow._waits)
        assert transport.get_write_buffer_size() <= MAX_PENDING + 11 * 60_100
        assert len(list(itertools.islice(other.packets(), 30))) == 30  # the others see nothing of it
        until_small = (packet for channel, packet in client.packets() if channel == 0 and len(packet) < 2_000)
        first = next(until_small)
        assert first[12] & 0x1F == 7  # parameter sets: it goes on with a keyframe


def test_who_takes_nothing_or_never_finishes_a_request_is_cut(
    server: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_connection, "SLOW_REQUEST", 0.1)
    with RtspClient(server.url("dock")) as client:
        client.send(b"DESCRIBE rtsp://")
        assert client.closed()


def test_one_connection_too_many_is_cut_and_the_others_live_on(server: CameraServer) -> None:
    clients = [RtspClient(server.url("dock", "sub")) for _ in range(MAX_CONNECTIONS)]
    try:
        for client in clients:
            client.__enter__()
            client.play()
        with RtspClient(server.url("dock")) as more:
            assert more.closed()
        assert all(next(client.packets()) for client in clients)
    finally:
        for client in clients:
            client.__exit__(None, None, None)
    until(lambda: not server.connections)


def test_noise_and_unknown_paths_harm_nobody(server: CameraServer) -> None:
    with RtspClient(server.url("dock")) as client:
        client.send(b"\x16\x03\x01\x00\xa5noise")
        assert client.closed()
    with RtspClient(server.url("nowhere")) as client:
        assert client.ask("DESCRIBE").status == 404
        assert client.ask("DESCRIBE", server.url("dock", "third")).status == 404
        assert client.ask("DESCRIBE", server.url("dock")).status == 200


def test_the_control_file_changes_a_running_camera(server: CameraServer, tmp_path: Path) -> None:
    dock = server.cameras["dock"]
    write_control(tmp_path, "dock", clip="person", seconds=1.0)
    write_control(tmp_path, "park", frozen="silent")
    until(lambda: dock.condition().clip == "person")
    until(lambda: server.cameras["park"].condition().frozen == "silent")
    until(lambda: dock.condition().clip == "calm")  # after its second
    write_control(tmp_path, "park", gone=True)  # another camera's order does not begin it again
    until(lambda: server.cameras["park"].condition() == Condition(audio=True, gone=True))
    assert dock.condition().clip == "calm"
    (tmp_path / CONTROL_FILE).write_text('{"dock": {"clip": 3}}', "utf-8")
    (tmp_path / CONTROL_FILE).write_text("no JSON", "utf-8")
    write_control(tmp_path, "dock", clip="person", seconds=60.0)
    until(lambda: dock.condition().clip == "person")
    (tmp_path / CONTROL_FILE).unlink()
    until(lambda: dock.condition() == Condition())
    with pytest.raises(BadControlError, match="silent"):
        write_control(tmp_path, "dock", frozen="yes")
    with pytest.raises(BadControlError, match="clip"):
        write_control(tmp_path, "dock", clips="person")


def test_files_of_ones_own_are_played_round_robin_or_refused(short: Path) -> None:
    shutil.copy(SCENES / "portail-calm.mp4", short / "b.mp4")
    with running_cameras(SystemClock(), plans=PLANS[2:4], footage=short) as server:
        assert [camera.clip("main").width for camera in server.cameras.values()] == [1024, 704]
        with watch(server.url("park", "sub")) as container:
            assert next(packets(container)).is_keyframe
    (short / "c.mp4").write_bytes(b"not a film")
    with pytest.raises(BadClipError, match=r"c\.mp4"), running_cameras(SystemClock(), footage=short):
        pass
    with pytest.raises(BadClipError, match="aucun"), running_cameras(SystemClock(), footage=short / "none"):
        pass


def test_who_is_spoken_to_goes_away(server: CameraServer) -> None:
    wharf = server.cameras["wharf"]
    address = Address("rtsp", server.url("wharf"), user=wharf.plan.user, password="lilas")
    assert has_loudspeaker(address, SystemClock())
    assert not has_loudspeaker(Address("rtsp", server.url("dock")), SystemClock())
    line = Loudspeaker(address, SystemClock())
    voice = (9_000 * np.sin(np.arange(PACKET_SAMPLES) / 3)).astype("<i2").tobytes()
    for packet in [SILENCE] * 100 + [voice] * 40:
        line.say(packet)
    until(lambda: wharf.loudspeaker.seconds > 0.79)
    assert wharf.condition().clip == "person", "silence and a short word change nothing"
    for _ in range(20):
        line.say(voice)
    until(lambda: wharf.condition().clip == "calm")
    line.close()
    assert server.set_up == [("wharf/main", "trackID=2")]
