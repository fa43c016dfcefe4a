"""Every route, driven by our own OpenAPI document: bodies and parameters that are right, odd or hostile, by every role.

Never a 5xx, never a code that the catalogues do not know, never an answer outside what the document says of errors.
"""

from __future__ import annotations

import json
import re
import string
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.desk.town import Town
from tests.web.serving import Desk
from tests.web.test_rights import _browser
from veilleur.kernel.ports import ROLES
from veilleur.web.factory import openapi_json

DOCUMENT: dict[str, Any] = json.loads(openapi_json())
CATALOGUE = {
    code
    for file in (Path(__file__).parents[2] / "src/veilleur/locale/fr").glob("*.json")
    for code in json.loads(file.read_text("utf-8")).get("errors", {})
}
METHODS = ("get", "post", "put", "delete")
ROUTES = [(method, path) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item]
#: An endless answer: the stream has tests of its own.
STREAMS = {"/api/stream"}

SHAPE = re.compile(r"(?<=/)[^/a-z]+(?=/|$)")

INTEGERS = [0, -1, 1, 2, 3, 2**31 - 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**40]
TEXTS = [
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "\u202e",
        "’" * 300,
        "x" * 5000,
        "é\n\r\t",
        "%",
        "%00",
        "../../etc/passwd",
    ),
    *(
        "' OR 1=1 --",
        "{}",
        "[]",
        "null",
        "0",
        "-1",
        "1e999",
        "NaN",
        "<script>alert(1)</script>",
        "${x}",
        "{{x}}",
    ),
    *(
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2026-02-30",
        "2026-11-23T03:14:07+99:99",
        "24:61",
    ),
    *(
        "2026-11-23T03:14:07Z",
        "2026-11-23T03:14:07",
        "+33 1 99 00 00 01",
        "S-1",
        "site",
        "contact",
        "police",
        "Ⅷ",
        "٣",
    ),
]
ODD = st.one_of(
    st.sampled_from(INTEGERS),
    st.sampled_from(TEXTS),
    st.text(max_size=20),
    st.sampled_from(
        [None, True, False, 1.5, float("nan"), float("inf"), [], {}, [[[[[]]]]], {"a": {"b": [None]}}]
    ),
)


def value(schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a schema; one in some is anything else."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if depth > 6:
        return ODD
    return st.one_of(_right(schema, depth), _right(schema, depth), _right(schema, depth), ODD)


def _right(schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if "anyOf" in schema:
        return st.one_of([value(each, depth + 1) for each in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    kind = schema.get("type")
    if kind == "object":
        fields = schema.get("properties", {})
        needed = {
            name: value(fields[name], depth + 1) for name in schema.get("required", ()) if name in fields
        }
        free = {name: value(each, depth + 1) for name, each in fields.items() if name not in needed}
        return st.fixed_dictionaries(needed, optional=free)
    if kind == "array":
        return st.lists(value(schema.get("items", {}), depth + 1), max_size=3)
    plain: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.one_of(st.integers(0, 4), st.sampled_from(INTEGERS)),
        "number": st.one_of(st.floats(), st.integers(-5, 5)),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return plain.get(str(kind), st.one_of(st.sampled_from(TEXTS), st.text(string.printable, max_size=12)))


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, dict[str, str], bytes | None]:
    """Method, target, headers and body of one request."""
    method, path = draw(st.sampled_from(ROUTES))
    said = DOCUMENT["paths"][path][method]
    asked, target = {}, path
    for parameter in said.get("parameters", ()):
        given_value = draw(value(parameter.get("schema", {})))
        as_text = given_value if isinstance(given_value, str) else json.dumps(given_value)
        if parameter["in"] == "path":
            plain = quote(as_text.encode("utf-8", "replace"), safe="") or "0"
            target = target.replace("{" + parameter["name"] + "}", plain)
        elif parameter["in"] == "query" and (parameter.get("required") or draw(st.booleans())):
            asked[parameter["name"]] = as_text.encode("utf-8", "replace")
    target = re.sub(r"\{\w+\}", "1", target)
    if asked:
        target += "?" + urlencode(asked)
    key = draw(
        st.one_of(st.uuids().map(lambda each: each.hex), st.sampled_from(["", "x" * 65, "é", "a b", "same"]))
    )
    headers = {"Idempotency-Key": key.encode("latin-1").decode("latin-1")}
    schema = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if method == "get":
        return method, target, headers, None
    body = json.dumps(draw(value(schema)) if schema else draw(st.sampled_from([{}, None, []]))).encode()
    broken = st.sampled_from(
        [b"", b"{", b"\xff\xfe", b"[" * 900, b'{"a": \x00}', b"{}", b'"\\ud800"', b"1" * 5000]
    )
    return method, target, headers, draw(st.one_of(st.just(body), st.just(body), st.just(body), broken))


@dataclass
class Crowd:
    """One browser of each role, at a post where the role may have one; sessions that a request ended come back."""

    desk: Desk
    town: Town
    browsers: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    def of(self, role: str) -> Any:
        """Its browser."""
        if role not in self.browsers:
            self.number += 1
            login = f"{role}{self.number}"
            self.desk.room.user(login, role, expires_on=date(2030, 1, 1))
            self.browsers[role] = _browser(self.desk, login)
            if role in ("operator", "lead"):
                post = self.desk.room.post(f"Poste {10 + self.number}")
                self.browsers[role].send("POST", f"/api/posts/{post}/take", {"motif": None})
        return self.browsers[role]

    def send(self, role: str, method: str, target: str, headers: dict[str, str], body: bytes | None) -> Any:
        """One request; whoever is no longer logged in is replaced."""
        answer = self._sent(role, method, target, headers, body)
        if answer.status_code == 401 and not target.startswith("/api/login"):
            del self.browsers[role]
            answer = self._sent(role, method, target, headers, body)
        return answer

    def _sent(self, role: str, method: str, target: str, headers: dict[str, str], body: bytes | None) -> Any:
        self.desk.room.clock.advance(1)
        browser = self.of(role)
        all_headers = {"X-CSRF-Token": browser.csrf, "Content-Type": "application/json"} | headers
        encoded = {name: text.encode("latin-1") for name, text in all_headers.items()}
        return browser.http.request(method.upper(), target, content=body, headers=encoded)


def judged(answer: httpx2.Response) -> str | None:
    """What is wrong with an answer; None when nothing is."""
    if answer.status_code >= 500:
        return f"{answer.status_code} {answer.text[:200]} {answer.request.method} {SHAPE.sub('_', answer.request.url.path)}"
    if answer.status_code < 400:
        return None
    told = answer.json()
    if set(told) != {"code", "params"} or told["code"] not in CATALOGUE:
        return f"{answer.status_code} without a code that we know: {told}"
    return None


@pytest.fixture
def crowd(desk: Desk) -> Crowd:
    """A room with dossiers in several states."""
    town = Town(desk.room).build()
    for act in ("open", "open", "open", "take", "note", "open", "take_over", "park", "room_line"):
        town.act(act, len(town.incidents))
    return Crowd(desk, town)


def storm(crowd: Crowd, examples: int) -> set[str]:
    """Sends that many requests; the routes that were met with something other than a refusal of their shape."""
    reached: set[str] = set()
    wrong: dict[str, str] = {}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(ROLES), requests())
    def send(role: str, request: tuple[str, str, dict[str, str], bytes | None]) -> None:
        method, target, headers, body = request
        if target.partition("?")[0] in STREAMS:
            return
        answer = crowd.send(role, method, target, headers, body)
        if (fault := judged(answer)) is not None:
            wrong.setdefault(fault, f"{role} {method} {target} {body!r}")
        if answer.status_code != 422:
            reached.add(f"{method} {target.partition('?')[0]}")

    send()
    assert wrong == {}
    return reached


def test_no_request_brings_the_desk_down(crowd: Crowd) -> None:
    assert len(storm(crowd, 150)) > 30


@pytest.mark.long
def test_no_request_of_many_brings_the_desk_down(crowd: Crowd) -> None:
    assert len(storm(crowd, 4_000)) > 200
