"""The health of the house as dossiers of its own site; its heartbeat and its figures outside."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from tests.continuity.outside import gateway
from tests.features.people.conftest import Room, room
from tests.protocols.test_sntp import answer
from tests.web.serving import serve
from veilleur.jobs.heartbeat import beat
from veilleur.kernel.clock import ManualClock, SystemClock
from veilleur.settings import Outside, Settings, load_settings
from veilleur.watch.ailments import CHECKS, House, ask_time, examine
from veilleur.watch.health import Health
from veilleur.watch.lease import acquire

__all__ = ["room"]


def settings(folder: Path, **given: Any) -> Settings:
    return load_settings(data_dir=folder, **({"disk_warning_gib": 0, "disk_critical_gib": 0} | given))


@pytest.fixture
def health(room: Room, tmp_path: Path) -> Health:
    held = acquire(room.database, "watch", "test", ttl=3600)
    assert held is not None
    return Health(House(room.database, room.clock, settings(tmp_path)), held)


def with_settings(health: Health, folder: Path, **given: Any) -> Health:
    old = health.house
    return Health(House(old.database, old.clock, settings(folder, **given)), health.held)


def dossiers(room: Room) -> list[tuple[str, int, str, str | None]]:
    """Code, priority, state and what is said, of the centre's dossiers."""
    query = "SELECT headline->>'code' AS code, priority, state, headline->>'text' AS said FROM incident ORDER BY id"
    with room.database.read() as session:
        return [(row.code, row.priority, row.state, row.said) for row in session.execute(text(query))]


def sign(room: Room, role: str, *, ago: float = 0) -> None:
    with room.database.write() as session:
        session.execute(
            text(
                "INSERT INTO role_status (role, holder, started_at, seen_at, ready, detail) "
                "VALUES (:role, 'x/1', :at, :at, true, '{}') "
                "ON CONFLICT (role, holder) DO UPDATE SET seen_at = excluded.seen_at"
            ),
            {"role": role, "at": room.clock.now() - timedelta(seconds=ago)},
        )


def test_a_healthy_house_opens_nothing(health: Health, room: Room) -> None:
    sign(room, "desk")
    for _ in range(3):
        health.look()
    assert dossiers(room) == []
    assert set(examine(health.house).values()) == {None}


def test_a_fault_opens_one_dossier_at_the_second_look_and_closes_it_when_it_is_over(
    health: Health, room: Room
) -> None:
    sign(room, "worker", ago=16)
    health.look()
    assert dossiers(room) == [], "a role that is being started again is no fault"
    for _ in range(3):
        health.look()
    assert dossiers(room) == [("role_silent", 3, "new", "worker")]
    sign(room, "worker")
    health.look()
    assert dossiers(room) == [("role_silent", 3, "closed", "worker")]
    sign(room, "worker", ago=16)
    health.look()
    health.look()
    assert [state for _, _, state, _ in dossiers(room)] == ["closed", "new"]


def test_a_dossier_that_somebody_holds_stays_his_with_its_point_back(health: Health, room: Room) -> None:
    from veilleur.features.incidents import commands as incidents
    from veilleur.logbook.act import Actor

    sign(room, "worker", ago=16)
    health.look()
    health.look()
    user = room.user("ana")
    with room.database.write() as session:
        act = room.act(session, Actor("user", user, "Ana"))
        incident = session.execute(text("SELECT id FROM incident")).scalar_one()
        incidents.take(act, incident)
    sign(room, "worker")
    health.look()
    assert [state for _, _, state, _ in dossiers(room)] == ["taken"]
    with room.database.read() as session:
        assert session.execute(text("SELECT normal_by FROM incident_point")).scalar_one() == "restore"


def test_a_check_that_cannot_be_made_changes_nothing(health: Health, room: Room, tmp_path: Path) -> None:
    sign(room, "worker", ago=16)
    health.look()
    health.look()
    with room.database.write() as session:
        session.execute(text("DELETE FROM role_status"))
    health.look()
    assert [state for _, _, state, _ in dossiers(room)] == ["new"]


def test_the_disk(health: Health, room: Room, tmp_path: Path) -> None:
    urgent = with_settings(health, tmp_path, disk_critical_gib=10**6, wal_archive=tmp_path / "log")
    urgent.look()
    urgent.look()
    told = dossiers(room)
    assert [(code, priority) for code, priority, _, _ in told if code == "disk_full"] == [
        ("disk_full", 2)
    ] * 2
    assert ("log_not_followed", 4, "new", "log") in told
    warning = with_settings(health, tmp_path, disk_warning_gib=10**6)
    assert examine(warning.house)["disk:data"].priority == 5  # type: ignore[union-attr]


def test_decisions_that_come_late_are_told(health: Health, room: Room) -> None:
    """A frame of hundreds of events, a site that never stops: who waits behind must not wait in silence."""
    assert examine(health.house)["decisions"] is None
    with room.database.write() as session:
        session.execute(
            text(
                "INSERT INTO signal (batch_id, received_at, line, transport, peer, protocol, token, raw, verdict, events,"
                " encrypted) VALUES (1, :at, 'R1', 'tcp', '', 'dc09', 'SIA-DCS', '', 'accepted', '[]', false)"
            ),
            {"at": room.clock.now() - timedelta(seconds=60)},
        )
    health.look()
    health.look()
    assert dossiers(room) == [("decisions_late", 2, "new", "60 s")]


def test_a_line_that_the_dialler_does_not_hear(health: Health, room: Room) -> None:
    def line(sent_ago: float, *, received: bool) -> None:
        now = room.clock.now()
        with room.database.write() as session:
            session.execute(text("DELETE FROM chain_line"))
            session.execute(
                text(
                    "INSERT INTO chain_line (line, round, nonce, sent_at, received_at) VALUES ('R2', 1, 'x', :at, :got)"
                ),
                {"at": now - timedelta(seconds=sent_ago), "got": now if received else None},
            )

    line(9, received=False)
    health.look()
    health.look()
    assert dossiers(room) == [("line_unheard", 2, "new", "R2")]
    line(1, received=False)
    health.look()
    assert dossiers(room)[0][2] == "new", "the next round is under way: nothing is known yet"
    line(1, received=True)
    health.look()
    assert dossiers(room)[0][2] == "closed"


def test_the_certificate_of_pushes_by_ftp_is_watched_too(health: Health, tmp_path: Path) -> None:
    file = certificate(tmp_path / "ftp.pem", 5)
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(key + file.read_bytes())
    seen = examine(with_settings(health, tmp_path, video_ftp_certificate=file).house)
    assert seen["certificate:ftp.pem"] is not None


def certificate(file: Path, days: float) -> Path:
    """A self-signed certificate that ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "veilleur.exemple.test")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=90))
    signed = made.not_valid_after(now + timedelta(days=days)).sign(key, hashes.SHA256())
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.parametrize(("days", "priority"), [(60, None), (20, 6), (3, 4), (-1, 4)])
def test_certificates(health: Health, tmp_path: Path, days: float, priority: int | None) -> None:
    file = certificate(tmp_path / "https.pem", days)
    fault = examine(with_settings(health, tmp_path, certificates=[file]).house)["certificate:https.pem"]
    assert (fault.priority if fault else None) == priority
    file.write_bytes(b"rien")
    unread = examine(with_settings(health, tmp_path, certificates=[file]).house)["certificate:https.pem"]
    assert unread is not None
    assert unread.code == "certificate_unread"


def test_backups(health: Health, room: Room, tmp_path: Path) -> None:
    with room.database.write() as session:
        room.act(session).record("centre.backed_up", {"place": "x"})
    assert examine(health.house)["backup:age"] is None
    room.clock.advance(193 * 3600)
    late = examine(health.house)["backup:age"]
    assert late is not None
    assert (late.code, late.text) == ("backup_old", "23/11/2026 02:14")
    assert "backup:age" not in examine(with_settings(health, tmp_path, backup_max_age=0).house)


@pytest.fixture
def time_server() -> Iterator[tuple[str, list[float]]]:
    """A real server on loopback that is wrong by so many seconds."""
    wrong = [0.0]
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))

    def serve_time() -> None:
        while True:
            asked, who = line.recvfrom(512)
            if not asked:
                return
            line.sendto(answer(asked, SystemClock().now() + timedelta(seconds=wrong[0])), who)

    thread = threading.Thread(target=serve_time, daemon=True)
    thread.start()
    address = "{}:{}".format(*line.getsockname())
    yield address, wrong
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", line.getsockname())
    thread.join(5)
    line.close()


def test_our_clock_against_a_time_server(
    health: Health, tmp_path: Path, time_server: tuple[str, list[float]]
) -> None:
    address, wrong = time_server
    house = with_settings(health, tmp_path, ntp_server=address).house
    found = examine(house)
    assert (found["ntp:reach"], found["ntp:offset"]) == (None, None)
    wrong[0] = -90
    off = examine(house)["ntp:offset"]
    assert off is not None
    assert (off.code, off.text[:3]) == ("clock_off", "-90")


def test_a_time_server_that_says_nothing(health: Health, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        address = "{}:{}".format(*deaf.getsockname())
        with pytest.raises(TimeoutError):
            ask_time(address, SystemClock(), 0.1)
        silent = examine(with_settings(health, tmp_path, ntp_server=address).house)["ntp:reach"]
    assert silent is not None
    assert (silent.code, silent.priority) == ("ntp_silent", 6)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_fault_has_its_word(language: str) -> None:
    import inspect
    import re

    from veilleur.locale.render import catalogue

    codes = set(re.findall(r'Fault\("(\w+)"', "".join(inspect.getsource(check) for check in CHECKS)))
    assert len(codes) >= 9
    assert codes | {"certificate_ends"} <= set(catalogue(language, "vocabulary")["internal_code"])


def verified(room: Room, ago: float) -> None:
    at = room.clock.now() - timedelta(seconds=ago)
    with room.database.write() as session:
        session.execute(
            text(
                "INSERT INTO chain_state (id, round, sent_at, verified_round, verified_at) VALUES (1, 1, :at, 1, :at) "
                "ON CONFLICT (id) DO UPDATE SET verified_at = excluded.verified_at"
            ),
            {"at": at},
        )


def test_the_heartbeat_leaves_only_while_the_chain_is_verified(room: Room) -> None:
    with gateway() as server:
        outside = Outside(heartbeat_url=f"{server.url}/battement", heartbeat_method="POST")
        assert not beat(room.database, room.clock, outside), "no round yet"
        verified(room, 80)
        assert beat(room.database, room.clock, outside)
        room.clock.advance(11)
        assert not beat(room.database, room.clock, outside)
        verified(room, 0)
        assert not beat(room.database, room.clock, Outside())
        server.status = 500
        assert not beat(room.database, room.clock, outside)
    assert [(method, path) for method, path, _, _ in server.asked] == [("POST", "/battement")] * 2


def test_figures_hold_no_name_and_know_the_chain(room: Room, clock: ManualClock, database: Any) -> None:
    verified(room, 12)
    sign(room, "watch", ago=2)
    room.user("zephyrine")
    room.take(room.login("zephyrine"), room.post("Poste Zéphyr"))
    with serve(room.database, clock, database.app_dsn) as desk:  # type: ignore[arg-type]
        said = desk.browser().get("/metrics").text
    figures = dict(
        line.rsplit(" ", 1)
        for line in said.splitlines()
        if line.startswith("veilleur_") and "http" not in line
    )
    assert figures["veilleur_database_up"] == "1.0"
    assert figures["veilleur_chain_verified_age_seconds"] == "12.0"
    assert figures['veilleur_role_age_seconds{role="watch"}'] == "2.0"
    assert figures["veilleur_posts_held"] == figures["veilleur_posts_live"] == "1.0"
    assert {"veilleur_signals_undecided", "veilleur_entries_unsealed", "veilleur_deadlines_late"} <= set(
        figures
    )
    assert "phyr" not in said.lower()


def test_a_token_is_asked_when_one_is_set(room: Room, clock: ManualClock, database: Any) -> None:
    token = "un-jeton-de-vingt-signes"
    with serve(room.database, clock, database.app_dsn, metrics_token=token) as desk:  # type: ignore[arg-type]
        browser = desk.browser()
        assert browser.get("/metrics").status_code == 404
        assert browser.get("/metrics", headers={"Authorization": "Bearer faux"}).status_code == 404
        shown = browser.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert (shown.status_code, "veilleur_http_requests" in shown.text) == (200, True)
