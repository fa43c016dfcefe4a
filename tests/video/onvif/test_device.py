"""Our port against the simulated device: streams, pictures, clock, PTZ, events, recordings; then its bad days."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.simulators.onvif_device import running_device
from tests.simulators.onvif_words import JPEG, PASSWORD, USER
from tests.video.onvif.presets import remembering
from veilleur.kernel.clock import SystemClock
from veilleur.video.model import SourceError, to_wall
from veilleur.video.onvif import Device, Preset, Profile, Trust, device_url, views

CLOCK = SystemClock()


@pytest.fixture
def simulator():
    with running_device() as running:
        yield running


def connect(simulator, password=PASSWORD, trust=None):
    return Device.connect(f"127.0.0.1:{simulator.port}", USER, password, clock=CLOCK, trust=trust)


def refusal(act, kind):
    with pytest.raises(SourceError) as caught:
        act()
    assert caught.value.kind == kind, caught.value
    assert (
        PASSWORD
        not in f"{caught.value} {caught.value.message} {caught.value.params} {caught.value.__cause__}"
    )
    return caught.value


def test_the_clock_is_asked_first_and_unsigned(simulator):
    connect(simulator)
    assert simulator.asked == ["GetSystemDateAndTime", "GetServices"]
    assert "Username" not in simulator.bodies[0]
    assert "PasswordDigest" in simulator.bodies[1]
    assert PASSWORD not in "".join(simulator.bodies)


@pytest.mark.parametrize("ahead", [timedelta(seconds=-41), timedelta(days=-20_000), timedelta(days=3650)])
def test_a_wrong_clock_signs_right_and_is_told(simulator, ahead):
    simulator.behaviour.ahead = ahead
    device = connect(simulator)
    assert device.identity().manufacturer == "Atelier"
    assert abs(device.clock_offset_ms - ahead / timedelta(milliseconds=1)) <= 1500


def test_a_device_that_tells_no_hour_by_onvif_tells_it_by_http(simulator):
    simulator.behaviour.ahead = timedelta(hours=3)
    simulator.behaviour.trouble, simulator.behaviour.where = "fault_with_password", ("GetSystemDateAndTime",)
    assert abs(connect(simulator).clock_offset_ms - 3 * 3_600_000) <= 1500


def test_a_wrong_password_is_refused_and_says_the_drift(simulator):
    fault = refusal(lambda: connect(simulator, "autre"), "refused")
    assert "clock" in str(fault)
    assert "autre" not in str(fault)


def test_profiles_and_the_two_views(simulator):
    device = connect(simulator)
    main, sub = views(device.profiles())
    assert (main.token, main.codec, main.width, main.height, main.fps) == ("main", "h264", 1920, 1080, 25.0)
    assert main.rtsp == "rtsp://127.0.0.1:8554/main?a=1&b=2"
    assert sub.token == "sub", "the smallest that is at least 300 wide"
    assert main.snapshot == f"http://127.0.0.1:{simulator.port}/snap.jpg", (
        "a relative address is the device's"
    )
    address = device.address()
    assert (address.kind, address.main, address.sub) == ("onvif", main.rtsp, sub.rtsp)
    assert PASSWORD not in repr(address)


def test_views_stay_with_one_lens():
    def profile(token, source, width):
        return Profile(
            token, token, source, "h264", width, width // 2, 25.0, "rtsp://a/b", None, False, False
        )

    main, sub = views([profile("a", "1", 1920), profile("b", "2", 640), profile("c", "1", 200)])
    assert (main.token, sub) == ("a", None)


def test_addresses_of_another_network_become_the_one_that_answered(simulator):
    simulator.behaviour.advertised = "192.0.2.7:9999"
    device = connect(simulator)
    assert device.identity().serial == "42"
    assert device.profiles()[0].rtsp == "rtsp://127.0.0.1:8554/main?a=1&b=2"


def test_a_snapshot_by_digest(simulator):
    assert connect(simulator).snapshot() == JPEG
    assert any(each.startswith("Digest ") for each in simulator.headers)


def test_basic_in_clear_only_when_a_person_said_so(simulator):
    simulator.behaviour.snapshot_auth = "basic"
    refusal(connect(simulator).snapshot, "refused")
    assert not any(each.startswith("Basic") for each in simulator.headers)
    assert connect(simulator, trust=Trust(clear_password=True)).snapshot() == JPEG


def test_ptz_moves_stops_and_never_names_an_axis_in_vain(simulator):
    device = connect(simulator)
    device.ptz.move(0.5, 3, 0)
    device.ptz.move(0, 0, -0.25)
    device.ptz.move(0, 0, 0)
    assert simulator.orders == [
        ("move", {"pan": 0.5, "tilt": 1.0}),
        ("move", {"pan": 0.0, "tilt": 0.0, "zoom": -0.25}),
        ("stop", {}),
    ]
    assert "PT1S" in next(body for body in simulator.bodies if "ContinuousMove" in body)
    with pytest.raises(ValueError, match="number"):
        device.ptz.move(float("nan"), 0, 0)


def test_ptz_stops_when_the_device_is_closed(simulator):
    with connect(simulator) as device:
        device.ptz.move(1, 0, 0)
    assert simulator.orders[-1] == ("stop", {})
    with connect(simulator) as device:
        device.ptz.presets()
    assert simulator.orders[-1] == ("stop", {}), "and only when it turned"
    assert len(simulator.orders) == 2


def test_firmware_that_refuses_timeouts_still_turns(simulator):
    simulator.behaviour.refuses_timeout = True
    connect(simulator).ptz.move(1, 0, 0)
    assert simulator.orders == [("move", {"pan": 1.0, "tilt": 0.0})]


def test_presets_and_position(simulator):
    ptz = connect(simulator).ptz
    assert ptz.presets() == [Preset("p1", "Portail")]
    ptz.goto("p1")
    assert simulator.orders == [("p1", {})]
    place = ptz.position()
    assert (place.pan, place.tilt, place.zoom, place.moving) == (0.25, -0.5, None, True)


def test_a_preset_is_forgotten_by_the_device_once(simulator, monkeypatch):
    remembering(monkeypatch)
    ptz = connect(simulator).ptz
    kept = ptz.keep("Quai")
    ptz.remove("p1")
    assert ptz.presets() == [Preset(kept, "Quai")]
    ptz.remove("p1")
    assert simulator.asked.count("RemovePreset") == 2, "what it does not have is forgotten already"
    assert ptz.presets() == [Preset(kept, "Quai")]


def test_a_device_that_cannot_forget_says_so_while_it_has_the_preset(simulator):
    ptz = connect(simulator).ptz
    refusal(lambda: ptz.remove("p1"), "unsupported")
    ptz.remove("p9")


def test_presets_whose_prefixes_nobody_declared(simulator):
    simulator.behaviour.presets = '<ptz:Preset token="p2"><tt:Name>A & B</tt:Name></ptz:Preset>\x01'
    assert connect(simulator).ptz.presets() == [Preset("p2", "A & B")]


def test_a_device_that_does_not_turn_nor_record(simulator):
    simulator.behaviour.services = ("device", "media")
    device = connect(simulator)
    for act in (lambda: device.ptz, device.events, device.recordings, lambda: device.replay_uri("r")):
        refusal(act, "unsupported")


def test_events_with_hostile_topics(simulator):
    simulator.behaviour.ahead = timedelta(hours=-2)
    at = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    hostile = "tns1:Rule/<script>alert(1)</script>\u2028\u202e" + "A" * 100_000
    simulator.behaviour.events += [
        (
            "tns1:RuleEngine/CellMotionDetector/Motion",
            at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            {"IsMotion": "true"},
        ),
        (hostile, "yesterday", {f"n{n}": "v" * 5000 for n in range(200)}),
    ]
    with connect(simulator) as device:
        events = device.events()
        first, second = events.get(10), events.get(10)
        assert first.topic == "tns1:RuleEngine/CellMotionDetector/Motion"
        assert first.data == (("IsMotion", "true"),)
        assert abs(first.wall - to_wall(at + timedelta(hours=2))) <= 1_500_000, "by our clock"
        assert second.wall is None
        assert len(second.topic) <= 200
        assert second.topic.isprintable()
        assert len(second.data) <= 32
        assert all(len(value) <= 200 for _, value in second.data)
    assert not simulator.subscriptions, "unsubscribed at the end"


def test_events_come_again_after_the_device_forgot_us(simulator):
    simulator.behaviour.events.append(("one", "", {}))
    with connect(simulator) as device:
        events = device.events()
        assert events.get(10).topic == "one"
        simulator.subscriptions.clear()  # a reboot
        simulator.behaviour.events.append(("two", "", {}))
        assert events.get(20).topic == "two"
        assert simulator.asked.count("CreatePullPointSubscription") >= 2


def test_events_nobody_reads_push_the_oldest_out(simulator):
    simulator.behaviour.events += [(f"e{n}", "", {}) for n in range(700)]
    with connect(simulator) as device:
        events = device.events()
        for _ in range(500):
            if events.lost == 200:
                break
            time.sleep(0.02)
        assert events.get(1).topic == "e200"
        assert events.lost == 200


def test_recordings_and_their_replay(simulator):
    simulator.behaviour.ahead = timedelta(seconds=41)
    start, end = datetime(2026, 11, 23, 1, tzinfo=UTC), datetime(2026, 11, 23, 3, tzinfo=UTC)
    simulator.behaviour.recordings.append(("r1", start, end))
    simulator.behaviour.replay = "rtsp://192.0.2.9:8554/replay?x=1&y=2"
    device = connect(simulator)
    (found,) = device.recordings()
    assert (found.token, found.name, found.source) == ("r1", "Quai", "lens")
    assert abs(found.start - to_wall(start - timedelta(seconds=41))) <= 1_500_000
    assert device.replay_uri("r1") == "rtsp://127.0.0.1:8554/replay?x=1&y=2"
    assert simulator.asked[-2] == "EndSearch"


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ("garbage", "unsupported"),
        ("html", "unsupported"),
        ("bomb", "unsupported"),
        ("deep", "unsupported"),
        ("huge", "unsupported"),
        ("endless_head", "unsupported"),
        ("truncated", "unreachable"),
        ("drip", "unreachable"),
        ("fault_with_password", "unsupported"),
    ],
)
def test_bad_answers(simulator, trouble, kind):
    device = connect(simulator)
    simulator.behaviour.trouble, simulator.behaviour.where = trouble, ("GetPresets",)
    device.profiles()
    refusal(device.ptz.presets, kind)
    simulator.behaviour.trouble = ""
    assert device.ptz.presets(), "and the device is usable again"


@pytest.mark.parametrize("trouble", ["huge", "bomb", "truncated"])
def test_bad_snapshots(simulator, trouble):
    device = connect(simulator)
    device.profiles()
    simulator.behaviour.trouble, simulator.behaviour.where = trouble, ("Snapshot",)
    refusal(device.snapshot, "unreachable" if trouble == "truncated" else "unsupported")


def test_a_redirection_to_another_host_is_refused(simulator):
    with running_device() as other:
        simulator.behaviour.trouble = "redirect"
        simulator.behaviour.elsewhere = other.url.replace("127.0.0.1", "localhost")
        fault = refusal(lambda: connect(simulator), "unsupported")
        assert "another host" in str(fault)
        assert not other.asked
        simulator.behaviour.elsewhere = simulator.url
        refusal(lambda: connect(simulator), "unsupported")
        assert len(simulator.asked) <= 5, "nor in circles"


def test_nothing_there_is_said_at_once():
    refusal(lambda: Device.connect("127.0.0.1:9", USER, PASSWORD, clock=CLOCK), "unreachable")


@pytest.mark.parametrize(
    ("where", "url"),
    [
        ("192.0.2.1", "http://192.0.2.1/onvif/device_service"),
        ("cam.example:8080", "http://cam.example:8080/onvif/device_service"),
        ("2001:db8::1", "http://[2001:db8::1]/onvif/device_service"),
        ("https://cam.example/x?y=1", "https://cam.example/x?y=1"),
        ("http://cam.example/", "http://cam.example/onvif/device_service"),
    ],
)
def test_where_a_device_is(where, url):
    assert device_url(where) == url


@pytest.mark.parametrize("where", ["", "rtsp://a/b", "http://u:p@a/b", "http://[::1", "http://a:999999/"])
def test_where_no_device_is(where):
    refusal(lambda: device_url(where), "unsupported")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate signed by itself, as cameras have: its TLS context and its fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2021, 1, 1, tzinfo=UTC))  # long over, as in the field
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "camera.pem"
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, made.fingerprint(hashes.SHA256()).hex(":")


def test_a_pinned_certificate_must_be_shown(certificate):
    context, fingerprint = certificate
    with running_device(tls=context) as simulator:
        where = f"https://127.0.0.1:{simulator.port}"

        def reach(pinned):
            return Device.connect(where, USER, PASSWORD, clock=CLOCK, trust=Trust(fingerprint=pinned))

        refusal(lambda: reach("00" * 32), "refused")
        assert not simulator.asked
        device = reach(fingerprint)
        assert device.snapshot() == JPEG
        assert reach(None).url.startswith("https://")


def test_what_is_not_https_is_never_tried_in_clear(simulator):
    where = f"https://127.0.0.1:{simulator.port}"
    refusal(lambda: Device.connect(where, USER, PASSWORD, clock=CLOCK), "unreachable")
    assert not simulator.asked
