"""After a day of the demonstration, with people who type what they should and what they should not: every secret is
looked for in everything that leaves the centre or lies on its disk (issue 3 «Keep»). Only the key files may hold one.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import subprocess
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.acceptance.centre import Centre, centre_up, enter
from tests.contract.test_processes import wait
from veilleur.db.embedded import SUPERUSER, attach
from veilleur.db.embedded.binaries import wheel_folder
from veilleur.demo.panels import tell, town_panels
from veilleur.demo.scenarios import OPENING, SCENARIOS
from veilleur.demo.town import TOWN
from veilleur.settings import LineSettings, split_address

ACCOUNT, KEY = "9001", secrets.token_hex(16).upper()
#: No French word and no number of anything: whatever holds one of these holds the secret.
WORD, DURESS, OTHER = "zibelhonte", "quetzalmire", "hydromelune"
PASSWORD, WRONG_PASSWORD = "Xylophore-8841-garance", "Mauvais-7763-essai"
SITES = f"""
sites:
  - reference: S-9001
    name: Chapellerie Sans-Secret
    panels: [{{account: '{ACCOUNT}', line: R1, key: '{KEY}'}}]
    contacts:
      - {{name: M. Anselme Ferrat, rank: 1, phone: "+33 6 39 98 90 01", code_word: {WORD}, duress_word: {DURESS}}}
      - {{name: Mme Berthe Ferrat, rank: 2, phone: "+33 6 39 98 90 02", code_word: {OTHER}}}
"""


@dataclass
class Person:
    """Somebody at a desk, who remembers every answer of the server that is not an answer to «show me the word»."""

    http: httpx2.Client
    csrf: str = "none"
    heard: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def ask(self, method: str, path: str, body: Any = None, *, told: bool = True) -> Any:
        """Sends; the answer's body, whatever its status."""
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": uuid.uuid4().hex}
        answer = self.http.request(method, path, json=body, headers=headers)
        self.tokens |= {cookie.value for cookie in self.http.cookies.jar if cookie.value}
        if told:
            self.heard.append(
                f"{method} {path.partition('?')[0]} {answer.status_code} {answer.headers} {answer.text}"
            )
        return json.loads(answer.text) if answer.text[:1] in ("{", "[") else answer.text

    def login(self, login: str, password: str) -> Any:
        """The cookie is the secret: what carries it is not kept."""
        me = self.ask("POST", "/api/login", {"login": login, "password": password}, told=False)
        self.csrf = me.get("csrf", "none")
        return me


@dataclass
class Day:
    """What is left of the day: everything written or said, by where; and the session tokens of the day."""

    centre: Centre
    said: dict[str, str]
    tokens: set[str]
    done: set[str]

    @cached_property
    def folded(self) -> dict[str, str]:
        """The same without regard to case."""
        return {where: text.casefold() for where, text in self.said.items()}


def played(centre: Centre) -> None:
    """Every scenario of the town at once, and its opening."""
    host, port = split_address(f"127.0.0.1:{centre.dc09_port}")
    lines = [LineSettings(name=f"R{n + 1}", listen=f"{host}:{port + n}") for n in range(3)]
    panels = town_panels(TOWN, lines)
    for panel in panels.values():
        panel.panel.sequence = 5000
    story = [*OPENING, *(said for scenario in SCENARIOS.values() for said in scenario.said)]
    quick = [replace(said, after=0.02 * n) for n, said in enumerate(story)]
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, tell(panels, quick, centre_clock(centre))).result()


def centre_clock(centre: Centre) -> Any:
    """The town's hour: encrypted panels are judged by it."""
    from veilleur.composition import Context
    from veilleur.settings import load_settings

    return Context(load_settings(data_dir=centre.data_dir)).clock


def handled(person: Person) -> set[str]:
    """Takes the dossier of our site, telephones, and hears every kind of word; what came of it."""
    done: set[str] = set()
    rows = person.ask("GET", "/api/snapshot")["incidents"]
    (row,) = [row for row in rows if row["site"]["reference"] == "S-9001"]
    base = f"/api/incidents/{row['id']}"
    person.ask("POST", f"{base}/take")
    site = person.ask("GET", f"/api/sites/{row['site']['id']}")
    first, second = (contact["id"] for contact in site["contacts"])
    for contact, words in ((second, [f"{OTHER}x", WORD, OTHER.upper()]), (first, [f"{WORD[:-1]}a", DURESS])):
        call = person.ask("POST", f"{base}/calls", {"target": "contact", "contact_id": contact})
        shown = person.ask("POST", f"{base}/calls/{call['id']}/reveal", {"contact_id": contact}, told=False)
        done |= {"revealed"} if OTHER in json.dumps(shown) or WORD in json.dumps(shown) else set()
        for typed in words:
            after = person.ask("POST", f"{base}/calls/{call['id']}/word", {"typed": typed})
            done |= {str((after.get("heard") or {}).get("result"))}
        person.ask("POST", f"{base}/calls/{call['id']}/word", {"typed": WORD, "verdict": 5})
        person.ask("POST", f"{base}/calls/{call['id']}/result", {"result": "no_answer"})
    for other in rows:
        base = f"/api/incidents/{other['id']}"
        for verb, body in (
            ("take", {}),
            ("note", {"text": "rien vu", "age_ms": 0}),
            ("closing", {"outcome": "x"}),
        ):
            person.ask("POST", f"{base}/{verb}", body)
        person.ask("GET", base)
        person.ask("GET", f"{base}/handling")
        for reader in ("customer", "prefect", "internal"):
            person.ask("GET", f"{base}/report?for={reader}")
    return done


def looked_around(person: Person) -> None:
    """Every list and page that the person may read."""
    for path in (
        *(
            "/api/me",
            "/api/snapshot",
            "/api/ghosts",
            "/api/monitor",
            "/api/logbook",
            "/api/accounts",
            "/api/drafts",
        ),
        *("/api/sites?q=s", "/api/incidents", "/api/deferrals", "/api/reviews", "/healthz", "/metrics", "/"),
        *("/api/logbook?q=" + word for word in (WORD, DURESS)),
    ):
        person.ask("GET", path)
    for site in person.ask("GET", "/api/sites?q=e"):
        person.ask("GET", f"/api/sites/{site['id']}")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The day, lived in some seconds."""
    place = tmp_path_factory.mktemp("day")
    file = place / "site.yaml"
    file.write_text(SITES, "utf-8")
    with centre_up(place / "data", "--demo") as centre:
        here = ("--data-dir", str(centre.data_dir))
        centre.told("sites", "import", str(file), "--strict")
        added = enter(
            *("user", "add", "vera", "--name", "Véra Secret", "--role", "operator", "--role", "lead"),
            *("--card", "CAR-099-2029-05-01-20990009001", "--expires", "2099-12-31", *here),
            stdin=f"{PASSWORD}\n",
        )
        assert added.returncode == 0, added
        played(centre)
        panel = centre.panel(ACCOUNT, KEY)
        wait(lambda: centre.say(panel, "130", number="001"), 30)
        wait(lambda: any(row["site"] == "S-9001" for row in centre.lines("incidents", "--json")), 30)
        people = [Person(httpx2.Client(base_url=centre.url, timeout=30)) for _ in range(3)]
        vera, admin, thief = people
        thief.login("vera", WRONG_PASSWORD)
        thief.ask("POST", "/api/login", {"login": "vera", "password": [WRONG_PASSWORD]})
        thief.ask("POST", "/api/login", {"login": "vera", "password": WRONG_PASSWORD, "more": PASSWORD})
        vera.login("vera", PASSWORD)
        posts = vera.ask("GET", "/api/me")["posts"]
        post = next(each for each in posts if each["holder"] is None and each["kind"] == "remote_monitoring")
        vera.ask("POST", f"/api/posts/{post['id']}/take", {"motif": None})
        done = handled(vera)
        vera.ask("POST", "/api/me/password", {"password": WRONG_PASSWORD, "new_password": "court"})
        admin.login("admin", "veilleur-demo")
        for person in (vera, admin):
            looked_around(person)
        said = everything(centre, place)
        for number, person in enumerate(people):
            said |= {f"answers of person {number}": "\n".join(person.heard)}
        yield Day(centre, said, {token for person in people for token in person.tokens}, done)


def everything(centre: Centre, place: Path) -> dict[str, str]:
    """What leaves the centre by its commands, its dump, and the files of its folder but the keys."""
    said = {" ".join(argv): centre.told(*argv) for argv in COMMANDS}
    export = place / "export"
    centre.told("logbook", "export", "--to", str(export))
    dsn = attach(centre.data_dir).dsn(SUPERUSER)
    dumped = subprocess.run(
        [str(wheel_folder() / "pg_dump"), "--dbname", dsn], capture_output=True, check=True
    )
    said["pg_dump"] = dumped.stdout.decode("utf-8", "replace")
    assert "COPY public.contact " in said["pg_dump"]
    for folder in (centre.data_dir, export):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and (centre.data_dir / "keys") not in file.parents:
                said[str(file.relative_to(place))] = file.read_bytes().decode("latin-1")
    said["up.log"] = (place / "up.log").read_text("utf-8", "replace")
    return said


COMMANDS = (
    *(
        ("signals", "--json"),
        ("incidents", "--json"),
        ("logbook", "--json"),
        ("logbook",),
        ("logbook", "export"),
    ),
    *(("sites", "export"), ("user", "list"), ("doctor",)),
)


def spellings(secret: str) -> list[str]:
    """As text, as the bytes of a column in a dump, in base 64, and as a latin-1 reader sees its UTF-8."""
    raw = secret.encode()
    return [secret, raw.hex(), base64.b64encode(raw).decode().rstrip("="), raw.decode("latin-1")]


def holders(day: Day, needle: str) -> list[str]:
    """Where it is found, whatever the case."""
    wanted = needle.casefold()
    return [where for where, text in day.folded.items() if wanted in text]


def test_the_day_was_a_day(day: Day) -> None:
    """What is not there cannot be found: words were heard and shown, frames and people are in what is searched."""
    assert day.done >= {"right", "duress", "revealed"}
    assert day.tokens
    found = holders(day, "Anselme Ferrat")
    assert {"sites export", "pg_dump"} <= set(found)
    assert any(where.startswith("data/postgres/") for where in found), "the database's own files are searched"
    assert any(where.startswith("answers") for where in found)
    assert ACCOUNT in day.said["signals --json"]
    assert "role" in day.said["up.log"]


@pytest.mark.parametrize("secret", [WORD, DURESS, OTHER, PASSWORD, WRONG_PASSWORD])
def test_no_word_and_no_password(day: Day, secret: str) -> None:
    for spelling in spellings(secret):
        assert holders(day, spelling) == []


def test_no_key_of_a_panel(day: Day) -> None:
    keys = [KEY, *re.findall(r"^\s+key: \"(\w+)\"", TOWN.read_text("utf-8"), re.MULTILINE)]
    assert len(keys) == 4
    for key in keys:
        raw = bytes.fromhex(key)
        for spelling in (key, base64.b64encode(raw).decode().rstrip("="), raw.decode("latin-1")):
            assert holders(day, spelling) == []


def test_no_session_and_no_key_file(day: Day) -> None:
    for token in day.tokens:
        assert holders(day, token) == []
    kept = 0
    for file in (day.centre.data_dir / "keys").iterdir():
        for line in file.read_text("utf-8", "replace").splitlines():
            for part in re.findall(r"[A-Za-z0-9+/_-]{40,}", line):
                kept += 1
                assert holders(day, part) == [], f"a key of {file.name}"
    assert kept >= 3


def test_no_word_of_the_town(day: Day) -> None:
    """Its words are French ones: looked for as whole words, where the town's own text does not say them."""
    town = yaml.safe_load(TOWN.read_text("utf-8"))
    contacts = [contact for site in town["sites"] for contact in site.get("contacts", ())]
    words = {contact[key] for contact in contacts for key in ("code_word", "duress_word") if key in contact}
    plain = re.sub(r"(code|duress)_word: [^,}]+", "", TOWN.read_text("utf-8")).casefold()
    hidden = {word for word in words if word.casefold() not in plain}
    assert len(hidden) > 20
    text = {where: said for where, said in day.said.items() if not where.startswith("data/postgres/")}
    for word in hidden:
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        assert [
            where for where, said in text.items() if word in said.casefold() and pattern.search(said)
        ] == [], word
