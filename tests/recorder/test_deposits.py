"""What a customer's camera deposits by FTP in a real recorder, by clients that are not ours: Python's ftplib, curl."""

from __future__ import annotations

import datetime
import ftplib
import hashlib
import io
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.acceptance.centre import free_port
from tests.recorder.stage import Stage, until
from tests.recorder.test_keeping import entries
from tests.recorder.test_pushing import Garden, jpeg
from tests.video.conftest import needs
from veilleur.features.cameras.tables import Camera
from veilleur.kernel.errors import SettingsError
from veilleur.locale.render import render_entry
from veilleur.recorder.deposit_session import MAX_BAD, MAX_TRIES
from veilleur.recorder.deposits import MAX_PER_PEER, MAX_WRONG
from veilleur.recorder.house import FtpPlace
from veilleur.settings import load_settings
from veilleur.video.checking import check
from veilleur.video.playback import Playback
from veilleur.video.remote_limits import MAX_PUSHED
from veilleur.video.store import LocalStore

PASSIVE = 41
"""Ports for the data of one door: more connections than any test has."""

WAIT = 60.0


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    raw = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "ftp.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + raw)
    return path


class Porch(Garden):
    """A garden's camera whose pictures come by FTP."""

    def __init__(self, stage: Stage, **columns: Any) -> None:
        super().__init__(stage, **columns)
        with stage.database.read() as session:
            row = session.get_one(Camera, self.camera)
            self.name, self.called = row.reference, row.name
        self.port = 0

    def connect(self) -> ftplib.FTP:
        line = ftplib.FTP(timeout=WAIT)
        line.connect("127.0.0.1", self.port)
        return line

    def log_in(self) -> ftplib.FTP:
        line = self.connect()
        line.login(self.name, self.token)
        return line

    def raw(self) -> socket.socket:
        """A socket logged in by hand."""
        line = self.bare()
        for said, code in ((f"USER {self.name}", b"331"), (f"PASS {self.token}", b"230")):
            assert talk(line, said).startswith(code)
        return line

    def bare(self) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.port), WAIT)
        assert answer(line).startswith(b"220")
        return line


def answer(line: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"\n") and (byte := line.recv(1)):
        said += byte
    return said


def talk(line: socket.socket, said: str) -> bytes:
    line.sendall(said.encode() + b"\r\n")
    return answer(line)


def lane(line: socket.socket, source: str = "127.0.0.1") -> socket.socket:
    """The data connection of a new EPSV, from an address."""
    port = int(talk(line, "EPSV").split(b"|||")[1].split(b"|")[0])
    return socket.create_connection(("127.0.0.1", port), WAIT, (source, 0))


@contextmanager
def porch_of(stage: Stage, **given: Any) -> Iterator[Porch]:
    columns = given.pop("columns", {})
    made = Porch(stage, **columns)
    first = free_port(PASSIVE)
    ftp = FtpPlace(("127.0.0.1", 0), (first, first + PASSIVE - 1), **({"clear": True} | given))
    with stage.recorder(ftp=ftp) as recorder:
        made.running = recorder
        said = until(lambda: recorder.health.get("ftp"), "the door")
        made.port = int(said.rpartition(":")[2])

        def known() -> bool:
            with suppress(ftplib.Error), made.log_in() as line:
                return line.pwd() == "/"
            return False

        until(known, "the lease")
        yield made


@pytest.fixture
def porch(stage: Stage) -> Iterator[Porch]:
    with porch_of(stage) as made:
        yield made


def store(line: ftplib.FTP, name: str, body: bytes) -> str:
    return line.storbinary(f"STOR {name}", io.BytesIO(body))


def refused(call: Callable[[], Any], code: str) -> None:
    with pytest.raises(ftplib.Error, match=f"^{code}"):
        call()


def test_a_deposited_picture_is_kept_byte_for_byte_hashed_and_played(porch: Porch) -> None:
    picture = jpeg()
    with porch.log_in() as line:
        assert line.mkd("2026-11-29") == "/2026-11-29"
        line.cwd("2026-11-29")
        assert store(line, "14h02.jpg", picture).startswith("226")
        assert line.size("14h02.jpg") == len(picture)
        for grey in (10, 20):
            assert store(line, f"{grey}.jpg", jpeg(grey=grey)).startswith("226")
    clip, *others = porch.clips()
    assert len(others) == 2
    assert (clip.state, clip.source, clip.size) == ("kept", "FTP", len(picture))
    assert clip.digest == hashlib.sha256(picture).digest()
    folder = LocalStore(porch.stage.folder)
    first, *_ = folder.entries(str(porch.camera), 0, 2**62)
    reading = Playback(folder, str(porch.camera)).read(first.segment.start, first.segment.end)
    assert reading is not None
    assert picture in [payload for _, payload in reading.fragments]
    said = entries(porch.stage, "clip.pushed")[0]
    assert "fichier 14h02.jpg, par FTP" in render_entry("fr", "clip.pushed", 1, said)
    (report,) = check(porch.stage.folder)
    assert (report.segments, report.missing, report.altered, report.broken) == (3, [], [], [])


def test_by_tls_where_the_centre_has_a_certificate_and_not_otherwise(stage: Stage, pem: Path) -> None:
    with porch_of(stage, certificate=pem) as porch:
        pass
    made = porch
    with stage.recorder(ftp=FtpPlace(("127.0.0.1", 0), (20_000, 60_000), certificate=pem)) as recorder:
        made.port = int(until(lambda: recorder.health.get("ftp"), "the door").rpartition(":")[2])
        with made.connect() as line:
            refused(lambda: line.login(made.name, made.token), "530 No password in clear")
        context = ssl.create_default_context(cafile=str(pem))
        context.check_hostname = False

        def known() -> ftplib.FTP_TLS | None:
            line = ftplib.FTP_TLS(context=context, timeout=WAIT)
            line.connect("127.0.0.1", made.port)
            try:
                line.login(made.name, made.token)
            except ftplib.Error:
                line.close()
                return None
            return line

        with until(known, "the lease") as line:
            refused(lambda: store(line, "a.jpg", jpeg()), "521")
            line.prot_p()
            assert store(line, "a.jpg", jpeg()).startswith("226")
        with made.bare() as injected:  # what is slipped in behind AUTH is not obeyed as if it were secured
            injected.sendall(b"AUTH TLS\r\nUSER eve\r\n")
            assert answer(injected) == b""
        assert len(made.clips()) == 1
        if shutil.which("curl"):
            _curl(made, "--ssl-reqd", "--insecure")
            assert len(made.clips()) == 2


def test_by_curl(porch: Porch) -> None:
    needs(shutil.which("curl") is not None, "curl")
    _curl(porch)
    _curl(porch, "--disable-epsv", "--ftp-create-dirs", path="/jour/heure/vue.jpg")
    assert [clip.source for clip in porch.clips()] == ["FTP", "FTP"]


def _curl(porch: Porch, *more: str, path: str = "/vue.jpg") -> None:
    url = f"ftp://127.0.0.1:{porch.port}{path}"
    command = [
        "curl",
        "-sS",
        "--noproxy",
        "*",
        "-m",
        "50",
        "-u",
        f"{porch.name}:{porch.token}",
        "-T",
        "-",
        *more,
        url,
    ]
    done = subprocess.run(command, input=jpeg(), capture_output=True, timeout=WAIT, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_is_read_listed_erased_and_no_path_leaves(porch: Porch) -> None:
    with porch.log_in() as line:
        for command in (
            "RETR a.jpg",
            "LIST",
            "NLST",
            "DELE a.jpg",
            "RNFR a.jpg",
            "APPE a.jpg",
            "SITE CHMOD 777 a",
        ):
            refused(lambda command=command: line.sendcmd(command), "502")  # type: ignore[misc]
        line.cwd("../../../../etc")
        assert line.pwd() == "/etc"
        assert store(line, "../../../etc/passwd.jpg", jpeg()).startswith("226")
        refused(lambda: store(line, "..", jpeg()), "501")
    (said,) = entries(porch.stage, "clip.pushed")
    assert said["params"]["file"] == "passwd.jpg"
    beside = [path.name for path in porch.stage.folder.rglob("*passwd*")]
    assert beside == [], "no file is called as a camera says"


def test_we_connect_to_nobody(porch: Porch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as victim, porch.log_in() as line:
        victim.setblocking(False)
        refused(lambda: line.sendport("127.0.0.1", victim.getsockname()[1]), "502")
        refused(lambda: line.sendeprt("127.0.0.1", victim.getsockname()[1]), "502")
        refused(lambda: line.sendcmd("STOR a.jpg"), "425")
        with pytest.raises(BlockingIOError):
            victim.accept()


def test_only_the_camera_itself_may_bring_the_picture(porch: Porch) -> None:
    with porch.raw() as line:
        port = int(talk(line, "EPSV").split(b"|||")[1].split(b"|")[0])
        with socket.create_connection(("127.0.0.1", port), WAIT, ("127.0.0.9", 0)) as thief:
            assert talk(line, "STOR a.jpg").startswith(b"150")
            with suppress(OSError):
                thief.sendall(jpeg(grey=1))
            with suppress(OSError):
                assert thief.recv(1) == b""
        with socket.create_connection(("127.0.0.1", port), WAIT) as data:
            data.sendall(jpeg(grey=2))
        assert answer(line).startswith(b"226")
    (clip,) = porch.clips()
    assert clip.digest == hashlib.sha256(jpeg(grey=2)).digest()


def test_a_cut_upload_is_no_picture(porch: Porch) -> None:
    whole = jpeg(640, 360)
    with porch.raw() as line:
        with lane(line) as data:  # ended as if it were whole
            assert talk(line, "STOR a.jpg").startswith(b"150")
            data.sendall(whole[: len(whole) // 2])
        assert answer(line).startswith(b"553")
        data = lane(line)
        assert talk(line, "STOR a.jpg").startswith(b"150")
        data.sendall(whole[: len(whole) // 2])
        data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        data.close()  # reset
        assert answer(line).startswith((b"426", b"553"))
        with lane(line) as data:
            assert talk(line, "STOR a.jpg").startswith(b"150")
            data.sendall(whole)
        assert answer(line).startswith(b"226")
    assert len(porch.clips()) == 1


def test_what_is_too_large_is_cut(porch: Porch) -> None:
    with porch.raw() as line, lane(line) as data:
        assert talk(line, "STOR a.jpg").startswith(b"150")
        with suppress(OSError):
            for _ in range(MAX_PUSHED // 2**20 + 2):
                data.sendall(bytes(2**20))
        assert answer(line).startswith(b"552")
    assert porch.clips() == []


def test_who_is_slow_is_sent_away_and_holds_nobody_up(porch: Porch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("veilleur.recorder.deposit_lane.SILENCE_SECONDS", 0.5)
    with porch.raw() as line, lane(line) as data:
        assert talk(line, "STOR a.jpg").startswith(b"150")
        data.sendall(jpeg()[:20])
        assert answer(line).startswith(b"426")
    monkeypatch.setattr("veilleur.recorder.deposit_session.LOGIN_SECONDS", 0.5)
    with porch.bare() as idle:
        assert answer(idle).startswith(b"421")
        assert answer(idle) == b""


def test_wrong_passwords_are_counted_told_and_end(porch: Porch) -> None:
    with porch.bare() as line:
        said = []
        for _ in range(MAX_TRIES):
            assert talk(line, f"USER {porch.name}").startswith(b"331")
            said.append(talk(line, "PASS guess")[:3])
        assert said == [b"530"] * MAX_TRIES
        assert answer(line) == b""
    told = until(lambda: entries(porch.stage, "push.refused"), "the entry")
    assert f"pour la caméra {porch.called}" in render_entry("fr", "push.refused", 1, told[0])
    assert porch.running is not None
    until(lambda: porch.running and porch.running.health["wrong_passwords"] >= MAX_TRIES, "the count")
    other = Porch(porch.stage)
    for _ in range(MAX_WRONG - MAX_TRIES):
        with porch.connect() as line:
            refused(lambda line=line: line.login(porch.name, other.token), "530")  # type: ignore[misc]
    with socket.create_connection(("127.0.0.1", porch.port), WAIT) as waits:
        assert answer(waits).startswith(b"421")


def test_lines_that_are_none_and_too_many_sessions(porch: Porch) -> None:
    with porch.bare() as line:
        codes = [talk(line, "?" * 9)[:3] for _ in range(MAX_BAD)]
        assert codes == [b"501"] * MAX_BAD
        assert answer(line) == b""
    with porch.bare() as line:
        line.sendall(b"x" * 5_000)
        assert answer(line).startswith(b"500")
    held: list[socket.socket] = []
    try:
        held.extend(porch.bare() for _ in range(MAX_PER_PEER))
        with socket.create_connection(("127.0.0.1", porch.port), WAIT) as one_more:
            assert answer(one_more).startswith(b"421")
    finally:
        for line in held:
            line.close()


def test_a_replaced_password_stores_nothing_more(porch: Porch) -> None:
    with porch.log_in() as line:
        porch.renew()
        refused(lambda: store(line, "a.jpg", jpeg()), "421")
    assert porch.clips() == []


def test_a_home_without_an_alarm_keeps_nothing(stage: Stage) -> None:
    with porch_of(stage, columns={"regime": "home"}) as porch, porch.log_in() as line:
        refused(lambda: store(line, "a.jpg", jpeg()), "553 Nothing may be recorded")
    assert porch.clips() == []


def test_the_settings_say_whether_passwords_go_in_clear(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="video_ftp_clear"):
        load_settings(data_dir=tmp_path, video_ftp="127.0.0.1:2121")
    with pytest.raises(SettingsError, match="FIRST-LAST"):
        load_settings(data_dir=tmp_path, video_ftp_ports="9-1")
    said = load_settings(data_dir=tmp_path, video_ftp="[::1]:2121", video_ftp_clear=True)
    assert said.recorder_ftp(2) == ("::1", 2122)
