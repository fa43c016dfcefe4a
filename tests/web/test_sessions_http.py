"""Cookies, CSRF, origin, host and headers, over a real socket."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.features.people.conftest import PASSWORD
from tests.web.serving import Desk, serve
from veilleur.db.engine import open_database
from veilleur.db.status import centre_mark
from veilleur.features.people import sessions
from veilleur.kernel.clock import ManualClock
from veilleur.web.shell import is_ours
from veilleur.web.static import desk_router


def test_the_cookie_is_http_only_strict_and_not_the_stored_value(desk: Desk) -> None:
    desk.room.user("anna")
    answer = desk.browser().login("anna")
    header = answer.headers["set-cookie"]
    assert "HttpOnly" in header
    assert "SameSite=strict" in header
    assert "Path=/" in header
    assert "Secure" not in header
    assert answer.headers["cache-control"] == "no-store"


def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(database: Any, clock: ManualClock) -> None:
    opened = open_database(database.app_dsn)
    with serve(opened, clock, database.app_dsn, secure_cookies=True) as desk:
        desk.room.user("anna")
        answer = desk.browser().login("anna")
    opened.close()
    assert answer.headers["set-cookie"].startswith("__Host-veilleur=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_two_centres_of_one_host_log_nobody_out(database: Any, clock: ManualClock) -> None:
    """Cookies ignore ports: the name carries the centre's mark."""
    opened = open_database(database.app_dsn)
    with (
        serve(opened, clock, database.app_dsn, centre="0a1b2c3d") as here,
        serve(opened, clock, database.app_dsn, centre="99887766") as there,
    ):
        here.room.user("anna")
        browser = here.browser("anna")
        second = there.browser()
        second.http.cookies = browser.http.cookies.jar  # one browser keeps one jar for the host
        assert second.login("anna").status_code == 200
        assert set(browser.http.cookies) == {"veilleur-0a1b2c3d", "veilleur-99887766"}
        assert browser.get("/api/me").json()["csrf"] == browser.csrf
        assert second.get("/api/me").json()["csrf"] == second.csrf
        assert browser.post("/api/logout").status_code == 204
        assert second.get("/api/me").status_code == 200
    opened.close()


def test_the_centres_mark_is_its_databases_own(database: Any) -> None:
    with psycopg.connect(database.app_dsn) as one, psycopg.connect(database.owner_dsn) as two:
        assert centre_mark(one) == centre_mark(two)
        assert re.fullmatch(r"[0-9a-f]{8}", centre_mark(one))
        mine = centre_mark(one)
    with psycopg.connect(database.owner_dsn, dbname="postgres") as other:
        assert centre_mark(other) != mine


def test_nothing_answers_without_a_session(desk: Desk) -> None:
    for path in ("/api/me", "/api/snapshot", "/api/stream", "/api/people"):
        answer = desk.browser().get(path)
        assert answer.status_code == 401, path
        assert answer.json() == {"code": "unauthenticated", "params": {}}


def test_a_forged_cookie_is_nobody(desk: Desk) -> None:
    browser = desk.browser()
    browser.http.cookies.set("veilleur", "x" * 43)
    assert browser.get("/api/me").status_code == 401


def test_a_write_without_the_csrf_token_is_refused_and_counted(desk: Desk) -> None:
    desk.room.user("anna")
    browser = desk.browser("anna")
    browser.csrf = ""
    refused = browser.post("/api/me/sound", {"ok": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    browser.csrf = "x" * 43
    assert browser.post("/api/logout").status_code == 403
    assert browser.get("/api/me").status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": "http://ailleurs.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_write_from_another_page_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    desk.room.user("anna")
    browser = desk.browser("anna")
    browser.http.headers.update(headers)
    assert browser.post("/api/logout").json()["code"] == "csrf"
    assert desk.browser().http.post(
        "/api/login", json={"login": "anna", "password": PASSWORD}, headers=headers
    ).json() == {"code": "csrf", "params": {}}


def test_logins_slow_down_over_http(desk: Desk) -> None:
    desk.room.user("anna")
    browser = desk.browser()
    codes = [browser.login("anna", "faux").status_code for _ in range(5)]
    assert codes == [401] * 4 + [429]
    told = browser.login("anna")
    assert told.json()["code"] == "too_soon"
    assert 0 < told.json()["params"]["seconds"] <= 1
    assert told.headers["retry-after"] == "1"
    desk.room.clock.advance(2)
    assert browser.login("anna").status_code == 200


def test_a_session_ends_by_silence(desk: Desk) -> None:
    desk.room.user("anna")
    browser = desk.browser("anna")
    desk.room.clock.advance(sessions.IDLE.total_seconds() - 1)
    assert browser.get("/api/me").status_code == 200
    desk.room.clock.advance((sessions.IDLE + timedelta(seconds=1)).total_seconds())
    assert browser.get("/api/me").status_code == 401


def test_logout_ends_the_session_for_whoever_kept_the_cookie(desk: Desk) -> None:
    desk.room.user("anna")
    browser = desk.browser("anna")
    kept = dict(browser.http.cookies)
    assert browser.post("/api/logout").status_code == 204
    thief = desk.browser()
    thief.http.cookies.update(kept)
    assert thief.get("/api/me").status_code == 401


def test_the_page_carries_a_new_nonce_that_the_policy_allows(desk: Desk) -> None:
    pages = [desk.browser().get(path) for path in ("/", "/main-courante", "/")]
    nonces = []
    for page in pages:
        policy = page.headers["content-security-policy"]
        found = re.search(r"script-src 'self' 'nonce-([\w-]+)'", policy)
        assert found is not None
        nonces.append(found[1])
        assert f"style-src 'self' 'nonce-{found[1]}'" in policy
        assert "unsafe" not in policy
        assert "__NONCE__" not in page.text
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"
    assert len(set(nonces)) == 3


@pytest.mark.parametrize(("demo", "said"), [(True, "yes"), (False, "")])
def test_the_page_says_before_any_login_that_it_is_a_demonstration(
    tmp_path: Path, *, demo: bool, said: str
) -> None:
    """demo-town.md: every output is marked; the login page knows nothing else of its centre."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    (tmp_path / "index.html").write_text('<meta name="veilleur-demo" content="__DEMO__" />')
    app = FastAPI()

    @app.middleware("http")
    async def nonce(request: Any, call_next: Any) -> Any:
        request.state.nonce = "n"
        return await call_next(request)

    app.include_router(desk_router(tmp_path, demo=demo))
    assert f'content="{said}"' in TestClient(app).get("/").text


def test_the_built_page_and_its_assets(tmp_path: Path) -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from veilleur.web.errors import install_handlers
    from veilleur.web.shell import Shell

    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<script nonce="__NONCE__" src="/assets/a-1.js"></script>')
    (tmp_path / "assets" / "a-1.js").write_text("1")
    (tmp_path / "veilleur.svg").write_text("<svg/>")
    (tmp_path.parent / "secret.txt").write_text("secret")
    app = FastAPI()
    app.include_router(desk_router(tmp_path))
    install_handlers(app)
    app.add_middleware(
        Shell,
        clock=ManualClock(None),
        allowed_hosts=(),
        secure=False,
        observe=lambda *_: None,  # type: ignore[arg-type]
    )
    client = TestClient(app, base_url="http://localhost")
    page = client.get("/site/12")
    nonce = re.search(r'nonce="([\w-]+)"', page.text)
    assert nonce is not None
    assert f"'nonce-{nonce[1]}'" in page.headers["content-security-policy"]
    asset = client.get("/assets/a-1.js")
    assert "immutable" in asset.headers["cache-control"]
    assert client.get("/veilleur.svg").headers["cache-control"] == "no-cache"
    assert client.get("/assets/none.js").status_code == 404
    assert client.get("/api/none").json() == {"code": "not_found", "params": {"what": "address"}}
    assert "secret" not in client.get("/..%2fsecret.txt").text


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost:8600", True),
        ("127.0.0.1", True),
        ("[::1]:8600", True),
        ("192.0.2.7:8600", True),
        ("centre.example", True),
        ("evil.example", False),
        ("evil.example:8600", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_only_our_host_names_are_answered(host: str, ours: bool) -> None:
    assert is_ours(host, ("Centre.example",)) is ours


def test_another_host_name_is_refused(desk: Desk) -> None:
    answer = desk.browser().get("/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (421, "wrong_host")


@pytest.mark.parametrize("said", ["its length", "nothing"])
def test_a_long_body_is_refused(desk: Desk, said: str) -> None:
    body = b"x" * 300_000 if said == "its length" else iter([b"x" * 100_000] * 3)
    answer = desk.browser().http.post("/api/login", content=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_wrong_body_names_its_fields(desk: Desk) -> None:
    answer = desk.browser().http.post("/api/login", json={"login": "anna"})
    assert answer.status_code == 422
    assert answer.json() == {"code": "invalid", "params": {"field": "password", "fields": ["password"]}}


def test_a_fault_of_ours_tells_nothing(desk: Desk) -> None:
    def explode(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    desk.room.user("anna")
    browser = desk.browser("anna")
    gate = desk.app.state.gate
    gate._enter = explode
    answer = browser.get("/api/me")
    assert (answer.status_code, answer.json()) == (500, {"code": "internal", "params": {}})
    assert "content-security-policy" in answer.headers


def test_health_and_metrics(desk: Desk) -> None:
    browser = desk.browser()
    health = browser.get("/healthz")
    assert (health.status_code, health.json()) == (
        200,
        {"ready": True, "database": True, "roles": {}, "station": None},
    )
    text = browser.get("/metrics").text
    assert 'veilleur_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in text


def test_the_documents_of_the_api_are_not_served(desk: Desk) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert "swagger" not in desk.browser().get(path).text.lower()
