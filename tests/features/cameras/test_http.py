"""Cameras over HTTP: who sees which (need 11), what is changed, what is never told; a real address that is tried."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.features.cameras.conftest import PASSWORD, camera, person
from tests.web.serving import Browser, Desk
from veilleur.features.cameras.commands import check_mask, open_fault
from veilleur.features.cameras.secrets import CameraRing
from veilleur.features.cameras.tables import Camera, CameraFault, CameraMask, CameraStatus
from veilleur.features.people.commands import set_perimeter

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


def names(browser: Browser, query: str = "") -> list[str]:
    answer = browser.get(f"/api/cameras{query}")
    assert answer.status_code == 200, answer.text
    return [row["reference"] for row in answer.json()]


@pytest.fixture
def admin(desk: Desk) -> Browser:
    return person(desk, "ada", "administrator", post=False)


def test_an_operator_sees_cameras_at_a_post_only(desk, town) -> None:
    browser = person(desk, "anne", "operator", post=False)
    assert browser.get("/api/cameras").status_code == 403
    seated = person(desk, "octave", "operator")
    assert names(seated) == ["H-1", "VP-1", "P-1"], "by name, as a French reader sorts them"
    assert names(seated, f"?site={town.site('S-2').id}") == ["H-1", "P-1"]


def test_a_view_says_all_that_a_wall_needs(desk, town) -> None:
    seated = person(desk, "octave", "operator")
    row, quay = camera(town), camera(town, "P-1")
    with town.database.write() as session:
        session.add(
            CameraStatus(
                camera_id=row.id, state="online", since=town.clock.now(), seen_at=town.clock.now(),
                last_frame_at=town.clock.now(), recording=True,
                detail={"codec": "h264", "width": 1280, "height": 720, "fps": 25.0},
            )
        )  # fmt: skip
    (view,) = [each for each in seated.get("/api/cameras").json() if each["id"] == row.id]
    assert view["site"] == {"id": row.site_id, "name": "Voie publique", "town": None}
    assert (view["state"], view["codec"], view["width"], view["fps"]) == ("online", "h264", 1280, 25.0)
    assert view["views"] == ["main", "sub"]
    assert view["presets"] == [{"token": "1", "name": "Large"}]
    assert view["neighbours"] == [quay.id]
    assert view["retention_days"] == 15, "capped by its authorisation"
    assert view["authorisation"] == {"number": "2026-0117", "expires_on": "2028-12-18"}
    assert view["abilities"] == ["live", "recorded", "ptz", "event", "mark", "hold"]
    town.clock.advance(11)
    (view,) = [each for each in seated.get("/api/cameras").json() if each["id"] == row.id]
    assert view["state"] == "unknown", "its recorder says nothing any more"


def test_need_11_without_the_title_public_cameras_are_absent(desk, town) -> None:
    untitled = person(desk, "anne", "operator", activities=())
    assert names(untitled) == ["H-1", "P-1"]
    public = camera(town).id
    assert untitled.get(f"/api/cameras/{public}").status_code == 404
    snapshot = untitled.get("/api/snapshot").json()
    assert [row["reference"] for row in snapshot["cameras"]] == ["H-1", "P-1"]
    titled = person(desk, "octave", "operator")
    assert len(titled.get("/api/snapshot").json()["cameras"]) == 3


def test_need_11_a_designation_that_lacks_the_commune_hides_its_cameras(desk, town) -> None:
    user = desk.room.user("anne", "lead", activities=["video"], kind="designation", number="ARR-7")
    with desk.room.database.write() as session:
        set_perimeter(desk.room.act(session), user, {"communes": ["99002"]})
    browser = desk.browser("anne")
    assert names(browser) == ["H-1", "P-1"]
    assert browser.get(f"/api/cameras/{camera(town).id}").status_code == 404


def test_the_refusal_names_the_document(desk, town) -> None:
    from veilleur.features.cameras.queries import document_of, lens_of

    for login, title, named in (
        ("anne", {"activities": ["remote_monitoring"]}, ("card", "CAR-anne", "wrong_activity")),
        (
            "paul",
            {"activities": ["video"], "kind": "designation", "number": "ARR-7"},
            ("designation", "ARR-7", None),
        ),
        ("rene", {"card": False}, ("title", None, "missing")),
    ):
        desk.room.user(login, "operator", **title)
        reader = desk.room.reader(desk.room.login(login))
        assert (lens_of(camera(town)).refused(reader, "live") is None) is (login == "paul")
        with desk.room.database.read() as session:
            told = document_of(session, reader, "video", town.clock.now())
        assert (told["document"], told["number"], told["reason"]) == named


def test_who_keeps_the_file_knows_public_cameras_and_looks_at_none(desk, town, admin) -> None:
    assert "VP-1" in names(admin)
    (view,) = [row for row in admin.get("/api/cameras").json() if row["reference"] == "VP-1"]
    assert view["abilities"] == ["edit"]
    auditor = person(desk, "aude", "auditor", post=False)
    (view,) = [row for row in auditor.get("/api/cameras").json() if row["reference"] == "VP-1"]
    assert view["abilities"] == []


def test_the_file_of_a_camera(desk, town) -> None:
    lead = person(desk, "camille", "lead")
    row = camera(town)
    with town.acting() as act:
        open_fault(act, row.id, "moved", {"shift": 12}, JPEG, JPEG)
        check_mask(
            act, town.rows(CameraMask, CameraMask.kind == "legal")[0].id, there=True, proof=JPEG + b"m"
        )
    answer = lead.get(f"/api/cameras/{row.id}")
    assert answer.status_code == 200, answer.text
    file = answer.json()
    assert PASSWORD not in answer.text
    assert file["source"] == {
        "kind": "rtsp", "main": "rtsp://192.0.2.10/main", "sub": "rtsp://192.0.2.10/sub", "user": "veilleur",
        "has_password": True, "options": {},
    }  # fmt: skip
    assert [(mask["kind"], mask["state"], mask["has_proof"]) for mask in file["masks"]] == [
        ("legal", "there", True),
        ("role", "unchecked", False),
    ]
    assert file["authorisation_file"]["stage"] == "running"
    (fault,) = file["past_faults"]
    assert (fault["kind"], fault["has_before"], fault["until"]) == ("moved", True, None)
    assert fault["incident"]["reference"]
    assert "lifted" in file["abilities"], "it has a role mask, and she is the chef"
    base = f"/api/cameras/{row.id}/picture"
    assert lead.get(f"{base}/fault-{fault['id']}-before").content == JPEG
    proof = lead.get(f"{base}/mask-{file['masks'][0]['id']}")
    assert (proof.content, proof.headers["content-type"]) == (JPEG + b"m", "image/jpeg")
    for which in ("fault-999999-before", "mask-999999", "fault-1-beside", "..%2f..%2fetc", f"mask-{10**18}"):
        assert lead.get(f"{base}/{which}").status_code == 404
    other = camera(town, "P-1").id
    assert lead.get(f"/api/cameras/{other}/picture/fault-{fault['id']}-before").status_code == 404


def test_a_picture_is_an_image_of_the_camera(desk, town) -> None:
    town.taken(
        "sites: [{reference: S-2, name: Entrepôt, cameras: [{reference: P-1, name: Quai, regime: private, "
        'recorded_roles: [lead], address: {kind: rtsp, main: "rtsp://192.0.2.20/main"}}, {reference: H-1, name: '
        'Jardin, regime: home, address: {kind: snapshot, main: "http://192.0.2.21/i.jpg"}}]}]'
    )
    row = camera(town, "P-1")
    with town.acting() as act:
        open_fault(act, row.id, "moved", None, JPEG, None)
    path = f"/api/cameras/{row.id}/picture/fault-{town.rows(CameraFault)[0].id}-before"
    assert person(desk, "octave", "operator").get(path).status_code == 403
    assert person(desk, "camille", "lead").get(path).status_code == 200
    assert person(desk, "aude", "auditor", post=False).get(path).status_code == 200, "who inspects (L253-3)"
    assert person(desk, "ada", "administrator", post=False).get(path).status_code == 403


def test_a_camera_is_added_changed_suspended_and_removed(desk, town, admin) -> None:
    site = town.site("S-2").id
    made = admin.post(
        "/api/cameras",
        {
            "site_id": site, "name": "Portail", "regime": "private", "place": "rue du Port",
            "address": "rtsp://admin:hydromelune@192.0.2.30/main", "neighbours": [camera(town, "P-1").id],
            "zones": [{"zone": "015"}],
        },
    )  # fmt: skip
    assert made.status_code == 201, made.text
    row = town.rows(Camera, Camera.id == made.json()["id"])[0]
    assert row.reference == f"CAM-{row.id}"
    assert (row.source["kind"], row.source["main"]) == ("rtsp", "rtsp://192.0.2.30/main")
    assert CameraRing(town.keys.cameras).open(row.id, row.password_sealed) == "hydromelune"
    path = f"/api/cameras/{row.id}"
    changed = admin.send(
        "PUT", path, {"name": "Portail nord", "lat": 45.7, "lon": 4.8, "sub": "rtsp://192.0.2.30/sub"}
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["name"] == "Portail nord"
    assert changed.json()["source"]["main"] == "rtsp://192.0.2.30/main", "what is left out stays"
    assert changed.json()["zones"][0]["zone_name"] == "Quai"
    assert town.last("camera.changed")["fields"] == ["lat", "lon", "name", "source"]
    before = town.entries()
    assert admin.send("PUT", path, {"name": "Portail nord"}).status_code == 200
    assert town.entries() == before, "nothing differs: nothing is written"
    assert admin.post(f"{path}/password", {"password": "quetzalmire"}).status_code == 204
    row = town.rows(Camera, Camera.id == row.id)[0]
    assert CameraRing(town.keys.cameras).open(row.id, row.password_sealed) == "quetzalmire"
    assert admin.post(f"{path}/suspend", {"reason": "travaux"}).status_code == 204
    assert admin.get(path).json()["state"] == "suspended"
    assert admin.post(f"{path}/suspend", {"reason": "travaux"}).json()["code"] == "camera_state"
    assert admin.post(f"{path}/resume").status_code == 204
    assert admin.post(f"{path}/remove", {"reason": "déposée"}).status_code == 204
    assert admin.get(path).status_code == 404
    assert admin.post(f"{path}/suspend", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"address": "file:///etc/passwd"}, "camera_address", "bad_scheme"),
        ({"address": "file:///etc/passwd", "kind": "file"}, "invalid", None),
        ({"address": "http://192.0.2.1/?pwd=zibelhonte"}, "camera_address", "secret_in_address"),
        ({"address": "rtsp://a:1@192.0.2.1/", "password": "2"}, "camera_address", "two_passwords"),
        ({"options": {"onvif": "file:///etc/passwd"}, "address": "rtsp://192.0.2.1/"}, "camera_address", "bad_scheme"),
        ({"regime": "public_road"}, "camera_rule", "camera_needs_authorisation"),
        ({"regime": "public_road", "authorisation": "A-1", "purpose": "fun"}, "camera_rule", "camera_needs_purpose"),
        ({"authorisation": "NONE"}, "camera_rule", "unknown_reference"),
        ({"reference": "VP-1"}, "camera_rule", "camera_held"),
        ({"masks": [{"kind": "role", "name": "M", "polygon": []}]}, "camera_rule", "bad_mask"),
        ({"zones": [{"zone": "1", "preset": "9"}]}, "camera_rule", "unknown_preset"),
        ({"neighbours": [999999]}, "not_found", None),
        ({"name": ""}, "invalid", None),
        ({"janitor": True}, "invalid", None),
        ({"retention_days": 31}, "invalid", None),
        ({"live_roles": ["janitor"]}, "invalid", None),
        ({"site_id": 999999}, "not_found", None),
    ],
)  # fmt: skip
def test_what_is_refused(desk, town, admin, body, code, param) -> None:
    before = town.entries()
    asked = {"site_id": town.site("S-2").id, "name": "X", "regime": "private", "address": "rtsp://192.0.2.1/"}
    answer = admin.post("/api/cameras", asked | body)
    assert answer.status_code in (404, 422), answer.text
    assert answer.json()["code"] == code
    if param is not None:
        assert param in answer.json()["params"].values()
    assert "zibelhonte" not in answer.text
    assert town.entries() == before


def test_nobody_but_the_administrator_and_the_chef_changes_one(desk, town) -> None:
    operator = person(desk, "octave", "operator")
    path = f"/api/cameras/{camera(town).id}"
    assert operator.send("PUT", path, {"name": "X"}).status_code == 403
    assert operator.post(f"{path}/suspend", {"reason": "x"}).status_code == 403
    assert person(desk, "camille", "lead").post(f"{path}/suspend", {"reason": "x"}).status_code == 204


def test_the_administrator_of_one_commune_changes_no_other(desk, town) -> None:
    user = desk.room.user("ada", "administrator", card=False)
    with desk.room.database.write() as session:
        set_perimeter(desk.room.act(session), user, {"communes": ["99002"]})
    ada = desk.browser("ada")
    assert ada.post(f"/api/cameras/{camera(town).id}/remove", {"reason": "x"}).status_code == 404
    asked = {"site_id": town.site("S-1").id, "name": "X", "regime": "private", "address": "rtsp://192.0.2.1/"}
    assert ada.post("/api/cameras", asked).status_code == 404


def test_no_password_is_stored_told_or_logged_in_clear(desk, town, admin, database) -> None:
    path, secrets = f"/api/cameras/{camera(town).id}", (PASSWORD, "quetzalmire", "hydromelune")
    heard = [admin.post(f"{path}/password", {"password": "quetzalmire"}).text]
    heard += [admin.send("PUT", path, {"address": "rtsp://veilleur:hydromelune@192.0.2.10/main"}).text]
    heard += [
        admin.get("/api/snapshot").text,
        admin.get(path).text,
        admin.get("/api/cameras").text,
        town.export(),
    ]
    assert camera(town).source["main"] == "rtsp://192.0.2.10/main"
    with psycopg.connect(database.owner_dsn) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            heard.append(str(connection.execute(f'SELECT row_to_json(t)::text FROM "{table}" t').fetchall()))
        heard += [
            bytes(row[0]).decode("latin-1")
            for row in connection.execute("SELECT body FROM entry_payload").fetchall()
        ]
    for secret in secrets:
        for said in heard:
            assert secret not in said
            assert secret.encode().hex() not in said


def test_keys_rotate_and_passwords_still_open(town) -> None:
    from veilleur.features.cameras.commands import reseal_passwords

    town.keys.cameras.add_key()
    with town.acting() as act:
        assert reseal_passwords(act, town.keys.cameras, most=200) == 1
        assert reseal_passwords(act, town.keys.cameras, most=200) == 0
    row = camera(town)
    assert town.keys.cameras.is_current(row.password_sealed)
    assert CameraRing(town.keys.cameras).open(row.id, row.password_sealed) == PASSWORD


def test_the_stream_tells_a_change_and_the_beat_the_health(desk, town) -> None:
    seated, untitled = person(desk, "octave", "operator"), person(desk, "anne", "operator", activities=())
    row, quay, garden = (camera(town, name) for name in ("VP-1", "P-1", "H-1"))
    assert row.id < quay.id < garden.id
    desk.seal()
    position = seated.get("/api/snapshot").json()["position"]
    with town.acting() as act:
        open_fault(act, row.id, "frozen")
    desk.seal()
    with seated.http.stream("GET", f"/api/stream?after={position}") as answer:
        items, beat = until_the_beat(answer)
    told = [each for item in items for each in item["touched"] if each["kind"] == "camera"]
    assert {each["id"] for each in told} == {row.id}
    assert told[-1]["view"]["faults"][0]["kind"] == "frozen"
    assert [each[:2] for each in beat["cameras"]] == [[each.id, "unknown"] for each in (row, quay, garden)]
    with untitled.http.stream("GET", f"/api/stream?after={position}") as answer:
        items, beat = until_the_beat(answer)
    assert not [each for item in items for each in item["touched"] if each["kind"] == "camera"]
    assert [each[0] for each in beat["cameras"]] == [quay.id, garden.id]


def until_the_beat(answer) -> tuple[list[dict], dict]:
    """What an SSE answer says up to its first beat: the items, and the beat."""
    items: list[dict] = []
    event = ""
    for line in answer.iter_lines():
        if line.startswith("event:"):
            event = line.removeprefix("event:").strip()
        elif line.startswith("data:") and event == "item":
            items.append(json.loads(line.removeprefix("data:")))
        elif line.startswith("data:") and event == "beat":
            return items, json.loads(line.removeprefix("data:"))
    raise AssertionError("the stream ended without a beat")
