"""The installer on the telephone: his frame within a second, his ghost a panel in two keys."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.features.signals.conftest import Dial
from tests.reception.reception_house import plant_panel
from tests.web.serving import Desk
from veilleur.features.people.commands import set_perimeter
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import open_key_ring
from veilleur.protocols import dc09
from veilleur.protocols.dc09.encode import wrap

KEY = b"0123456789ABCDEF"


def cid(sequence: int, account: str = "1234", **more: Any) -> bytes:
    data = dc09.cid_data(account, "130", area="01", number="015")
    return dc09.build_frame("ADM-CID", sequence=sequence, account=account, data=data, **more)


def test_frames_by_line_account_and_peer(database: Any, clock: ManualClock, dial: Dial, desk: Desk) -> None:
    desk.room.user("lea")
    browser = desk.browser("lea")
    plant_panel(database.app_dsn, clock, "1234")
    dial([cid(1), cid(2, "BEEF"), cid(3)])
    # Not sealed yet: shown all the same, without position.
    early = browser.get("/api/monitor").json()
    assert [(frame["sequence"], frame["position"]) for frame in early["frames"]] == [
        ("0003", None), ("0002", None), ("0001", None),
    ]  # fmt: skip
    assert early["after"] == 0
    desk.seal()
    page = browser.get("/api/monitor").json()
    assert [frame["position"] for frame in page["frames"]] == [3, 2, 1]
    assert page["after"] == 3
    assert [frame["verdict"] for frame in page["frames"]] == ["accepted", "ghost", "accepted"]
    assert page["frames"][0]["site"]["name"] == "S-1234-any"
    assert page["frames"][1]["site"] is None
    one = browser.get("/api/monitor", params={"account": "001234", "line": "r1", "peer": "127.0."}).json()
    assert [frame["sequence"] for frame in one["frames"]] == ["0003", "0001"]
    assert browser.get("/api/monitor", params={"line": "R2"}).json()["frames"] == []
    assert browser.get("/api/monitor", params={"after": page["after"]}).json()["frames"] == []
    dial([cid(4)])
    desk.seal()
    more = browser.get("/api/monitor", params={"after": page["after"]}).json()
    assert ([frame["sequence"] for frame in more["frames"]], more["after"]) == (["0004"], 4)


def test_a_link_test_makes_no_signal_and_is_seen(
    database: Any, clock: ManualClock, dial: Dial, desk: Desk
) -> None:
    """The installer sends a test of the link: no row is written for it, its hour is on the monitor."""
    desk.room.user("lea")
    browser = desk.browser("lea")
    paths = ({"name": "ip", "match": {"transport": "tcp"}}, {"name": "radio", "match": {"transport": "udp"}})
    plant_panel(database.app_dsn, clock, "1234", paths=paths)
    plant_panel(database.app_dsn, clock, "5678")
    null = dc09.build_frame("NULL", sequence=0, account="1234")
    assert browser.get("/api/monitor").json()["signs"] == []
    assert dial([null])[0] is not None
    page = browser.get("/api/monitor", params={"account": "01234"}).json()
    (sign,) = page["signs"]
    assert page["frames"] == []
    assert (sign["account"], sign["path"], sign["kind"], sign["interval"]) == ("1234", "ip", "link_test", 90)
    assert sign["at"] == clock.now().isoformat().replace("+00:00", "Z")
    clock.advance(5)
    dial([cid(1, "5678")])
    signs = browser.get("/api/monitor").json()["signs"]
    assert [(sign["account"], sign["kind"]) for sign in signs] == [("5678", "signal"), ("1234", "link_test")]
    assert browser.get("/api/monitor", params={"peer": "127.0.0.1"}).json()["signs"] == []
    clock.advance(5)
    dial([cid(1, "5678")])  # a copy: heard again, nothing new stored
    assert browser.get("/api/monitor", params={"account": "5678"}).json()["signs"][0]["kind"] == "signal"
    clock.advance(5)
    dial([dc09.build_frame("NULL", sequence=0, account="5678")])
    assert browser.get("/api/monitor", params={"account": "5678"}).json()["signs"][0]["kind"] == "link_test"
    marc = desk.room.user("marc")
    with desk.room.database.write() as session:
        elsewhere = {"communes": ["99002"], "customers": None, "organisations": None}
        set_perimeter(desk.room.act(session), marc, elsewhere)
    assert desk.browser("marc").get("/api/monitor").json()["signs"] == []


def test_what_was_refused_is_shown_beside(database: Any, clock: ManualClock, dial: Dial, desk: Desk) -> None:
    desk.room.user("lea")
    plant_panel(database.app_dsn, clock, "1234", key_sealed=b"a key sealed elsewhere, long enough to be one")
    secret = "00112233445566778899AABBCCDDEEFF"
    assert dial([cid(1, extended=[("K", secret)])]) == [None]
    page = desk.browser("lea").get("/api/monitor").json()
    (trouble,) = page["troubles"]
    assert (trouble["kind"], trouble["count"], trouble["account"]) == ("clear_refused", 1, "1234")
    assert (b"*" * 32).hex() in trouble["sample"]
    assert [frame["verdict"] for frame in page["frames"]] == ["clear_refused"]
    assert secret.encode().hex() not in str(page)


def test_refusals_of_an_account_are_its_own_and_those_of_its_address(
    database: Any, clock: ManualClock, dial: Dial, desk: Desk
) -> None:
    """One peer, one minute, one kind: each account has its count; nothing without a name is hidden from its address."""
    desk.room.user("lea")
    browser = desk.browser("lea")
    for account in ("1234", "5678"):
        plant_panel(
            database.app_dsn, clock, account, key_sealed=b"a key sealed elsewhere, long enough to be one"
        )
    bad = b"\n0000" + cid(9)[5:]
    dial([cid(1, "001234"), cid(2, "5678"), cid(3, "5678"), bad])

    def refused(**asked: str) -> list[tuple[str, str | None, int]]:
        troubles = browser.get("/api/monitor", params=asked).json()["troubles"]
        return sorted((each["kind"], each["account"], each["count"]) for each in troubles)

    one, other, unnamed = (
        ("clear_refused", "001234", 1),
        ("clear_refused", "5678", 2),
        ("bad_crc", None, 1),
    )
    assert refused() == [unnamed, one, other]
    assert refused(account="1234", line="r1") == [unnamed, one]
    assert refused(account="05678") == [unnamed, other]
    assert refused(account="9999") == []
    made_up = [cid(n, f"A{n:03d}", key=KEY, timestamp=clock.now()) for n in range(1, 12)]
    dial(made_up)
    troubles = browser.get("/api/monitor").json()["troubles"]
    no_key = [each for each in troubles if each["kind"] == "no_key"]
    assert (len(no_key), sum(each["count"] for each in no_key)) == (9, 11)
    assert [(each["account"], each["count"]) for each in no_key if each["others"]] == [(None, 3)]


def test_a_clock_that_drifts_is_said(
    database: Any, clock: ManualClock, dial: Dial, desk: Desk, tmp_path: Path
) -> None:
    desk.room.user("lea")
    browser = desk.browser("lea")
    keys = open_key_ring(tmp_path / "keys" / "panel.key")
    plant_panel(database.app_dsn, clock, "1234")
    plant_panel(database.app_dsn, clock, "5678", key=KEY, keys=keys)
    tomorrow = clock.now() + timedelta(days=1)
    dial([cid(1, timestamp=tomorrow), cid(2, "5678", key=KEY, timestamp=tomorrow)])
    page = browser.get("/api/monitor").json()
    assert {frame["verdict"]: round(frame["drift"]) for frame in page["frames"]} == {
        "accepted": 86400,
        "stale": 86400,
    }
    (stale,) = page["troubles"]
    assert (stale["kind"], stale["account"], round(stale["drift"])) == ("stale", "5678", 86400)


def test_another_account_inside_a_frame_is_marked(
    database: Any, clock: ManualClock, dial: Dial, desk: Desk
) -> None:
    """In clear nothing proves either: the header is believed, as the answer is built from it, and it is said."""
    desk.room.user("lea")
    plant_panel(database.app_dsn, clock, "1234")
    data = dc09.cid_data("9500", "130")
    odd = dc09.build_frame("ADM-CID", sequence=1, account="1234", data=data)
    same = dc09.build_frame("ADM-CID", sequence=2, account="1234", data=dc09.cid_data("001234", "130"))
    assert None not in dial([odd, same])
    page = desk.browser("lea").get("/api/monitor").json()
    assert [(each["verdict"], each["inner_account"]) for each in page["frames"]] == [
        ("accepted", None), ("accepted", "9500"),
    ]  # fmt: skip
    (trouble,) = page["troubles"]
    assert (trouble["kind"], trouble["account"], trouble["count"]) == ("inner_account", "1234", 1)


def test_a_ghost_becomes_a_panel_of_a_site(database: Any, clock: ManualClock, dial: Dial, desk: Desk) -> None:
    desk.room.user("lea", "lead")
    browser = desk.browser("lea")
    plant_panel(database.app_dsn, clock, "1234")
    dial([cid(1, "00BEEF"), cid(2, "00BEEF")])
    (ghost,) = browser.get("/api/ghosts").json()
    assert (ghost["account"], ghost["line"], ghost["count"], ghost["peer"]) == (
        "00BEEF",
        "R1",
        2,
        "127.0.0.1",
    )
    assert browser.get("/api/ghosts", params={"account": "beef", "line": "r1", "peer": "127."}).json() == [
        ghost
    ]
    for other in ({"account": "1234"}, {"line": "R2"}, {"peer": "192."}):
        assert browser.get("/api/ghosts", params=other).json() == []
    assert browser.get(f"/api/ghosts/{ghost['id']}/sites").json() == []
    dial([cid(3)])  # from the same address as the ghost
    (proposed,) = browser.get(f"/api/ghosts/{ghost['id']}/sites").json()
    assert (proposed["name"], proposed["why"], proposed["sure"]) == ("S-1234-any", "peer", True)
    assert browser.get("/api/ghosts/999/sites").status_code == 404
    with desk.room.database.read() as session:
        from veilleur.features.sites.tables import Site

        site_id = session.query(Site).one().id
    answer = browser.post(f"/api/ghosts/{ghost['id']}/adopt", {"site_id": site_id})
    assert answer.status_code == 200, answer.text
    assert browser.get("/api/ghosts").json() == []
    again = browser.post(f"/api/ghosts/{ghost['id']}/adopt", {"site_id": site_id})
    assert (again.status_code, again.json()["code"]) == (409, "account_taken")
    assert browser.post("/api/ghosts/999/adopt", {"site_id": site_id}).status_code == 404
    dial([cid(4, "BEEF")])
    frame = browser.get("/api/monitor", params={"account": "BEEF"}).json()["frames"][0]
    assert (frame["sequence"], frame["verdict"], frame["site"]["id"]) == ("0004", "accepted", site_id)


def test_what_names_no_account_a_site_can_have_is_adopted_by_none(
    database: Any, clock: ManualClock, dial: Dial, desk: Desk
) -> None:
    """An import would refuse what an export of it says; a frame without account would be every such frame's panel."""
    desk.room.user("lea", "lead")
    browser = desk.browser("lea")
    plant_panel(database.app_dsn, clock, "1234")
    nameless = wrap(b'"ADM-CID"0001L0[|1130 01 001]')
    assert None not in dial([nameless, cid(2, "A-B"), cid(3, "BEEF")])
    ghosts = {ghost["account"]: ghost for ghost in browser.get("/api/ghosts").json()}
    assert {account: ghost["adoptable"] for account, ghost in ghosts.items()} == {
        "": False,
        "A-B": False,
        "BEEF": True,
    }
    with desk.room.database.read() as session:
        from veilleur.features.sites.tables import Site

        site_id = session.query(Site).one().id
    for account in ("", "A-B"):
        answer = browser.post(f"/api/ghosts/{ghosts[account]['id']}/adopt", {"site_id": site_id})
        assert (answer.status_code, answer.json()["code"]) == (422, "account_form")


def test_an_operator_without_a_post_adopts_nothing(
    database: Any, clock: ManualClock, dial: Dial, desk: Desk
) -> None:
    desk.room.user("lea")
    browser = desk.browser("lea")
    plant_panel(database.app_dsn, clock, "1234")
    dial([cid(1, "BEEF")])
    (ghost,) = browser.get("/api/ghosts").json()
    assert browser.post(f"/api/ghosts/{ghost['id']}/adopt", {"site_id": 1}).status_code == 403
