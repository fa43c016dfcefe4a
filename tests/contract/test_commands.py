"""Every command of the contract (ARCHITECTURE.md §7), typed as a user types it, beside a running centre."""

from __future__ import annotations

import json
import re
import subprocess
import time
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from tests.acceptance.centre import Centre, Said, enter

KEY = "30313233343536373839414243444546"
EFFECTIVE = 2.0  # seconds an import may take to reach every role
SIGNAL_KEYS = [
    "id", "position", "received_at", "line", "account", "protocol", "token", "sequence", "verdict", "copies",
    "peer", "raw", "events",
]  # fmt: skip
EVENT_KEYS = ["category", "code", "qualifier", "area", "zone", "user", "text", "extended"]
INCIDENT_KEYS = [
    "id", "reference", "site", "category", "priority", "state", "opened_at", "taken_at", "first_act_at",
    "closed_at", "signals",
]  # fmt: skip
VERDICTS = {
    "accepted", "ghost", "unknown_code", "unreadable", "no_key", "bad_key", "stale", "clear_refused", "other_line",
}  # fmt: skip
COMMANDS = [
    (),
    ("up",),
    ("run",),
    ("sites",),
    ("sites", "import"),
    ("sites", "export"),
    ("signals",),
    ("incidents",),
    ("logbook",),
    ("logbook", "verify"),
    ("user",),
    ("user", "add"),
    ("openapi",),
    ("replay",),
    ("demo",),
    ("doctor",),
    ("keys",),
    ("keys", "rotate"),
]
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def site(reference: str, account: str, **more: object) -> dict[str, object]:
    """The smallest site of the form."""
    return {"reference": reference, "name": f"Site {reference}", "panels": [{"account": account}], **more}


def write(path: Path, *sites: object) -> str:
    """A file to import."""
    path.write_text(yaml.safe_dump({"sites": list(sites)}, allow_unicode=True), "utf-8")
    return str(path)


def references(centre: Centre) -> set[str]:
    """The sites the centre has now."""
    return {each["reference"] for each in yaml.safe_load(centre.told("sites", "export"))["sites"]}


def wait_for_incident(centre: Centre, site_reference: str) -> dict[str, object]:
    """The dossier of a site, as soon as the watch has opened it."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for line in centre.lines("incidents", "--json"):
            if line["site"] == site_reference:
                return line
    raise AssertionError(f"no dossier of {site_reference}")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words) or "veilleur")
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    done = enter(*command, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout
    assert done.stdout.count("\n") > 5


def test_the_centre_says_who_is_ready(centre: Centre) -> None:
    status, body = centre.health()
    assert status == 200
    assert set(body["roles"]) >= {"watch", "reception", "desk", "worker"}
    assert all(role["ready"] for role in body["roles"].values())


def test_user_add_reads_the_password_from_standard_input(centre: Centre) -> None:
    argv = ("user", "add", "claire", "--name", "Claire Test", "--role", "administrator")
    done = centre.run(*argv, stdin="un mot de passe\n")
    assert "claire" in done.stdout
    assert "un mot de passe" not in done.stdout + done.stderr
    assert "claire" in centre.told("user", "list")
    assert_sentence(centre.run(*argv, stdin="un mot de passe\n", check=False))


def assert_sentence(done: Said | subprocess.CompletedProcess[str]) -> None:
    """A user's mistake: a non-zero exit, some words, no traceback."""
    assert done.returncode != 0
    said = done.stderr + done.stdout
    assert "Traceback" not in said
    assert 10 < len(said.strip()) < 1500, said


@pytest.mark.parametrize(
    "argv",
    [
        ("sites", "import", "absent.yaml"),
        ("demo", "burglary"),
        ("demo", "rien-de-tel"),
        ("replay",),
        ("replay", "--site", "S-9999"),
        ("replay", "--signal", "999999"),
        ("run", "cuisine"),
        ("up", "--http", "ici"),
        ("signals", "--after", "beaucoup"),
        ("logbook", "verify", "--checkpoint", "absent"),
        ("user", "add", "z", "--name", "Z", "--role", "roi"),
        ("user", "add", "x", "--name", "X", "--role", "operator", "--expires", "demain"),
        ("frobnicate",),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_sentence(centre: Centre, argv: tuple[str, ...]) -> None:
    place = () if argv[0] == "frobnicate" else ("--data-dir", str(centre.data_dir))
    assert_sentence(enter(*argv, *place, stdin="un mot de passe\n"))


@pytest.mark.parametrize(
    "argv",
    [
        ("signals", "--json"),
        ("incidents", "--json"),
        ("logbook", "verify"),
        ("sites", "export"),
        ("replay", "--signal", "1"),
        ("keys", "rotate"),
        ("backup", "copies"),
        ("retention", "--apply"),
        ("video", "check"),
    ],
    ids=" ".join,
)
def test_a_mistyped_directory_does_not_become_a_centre(tmp_path: Path, argv: tuple[str, ...]) -> None:
    absent = tmp_path / "centrre"
    said = enter(*argv, "--data-dir", str(absent))
    assert_sentence(said)
    assert "Aucun centre dans" in said.stderr
    assert not absent.exists()


def test_an_unreadable_file_names_its_line(centre: Centre, tmp_path: Path) -> None:
    broken = tmp_path / "casse.yaml"
    broken.write_text("sites:\n  - reference: S-0100\n    name: [jamais fermé\n", "utf-8")
    done = centre.run("sites", "import", str(broken), check=False)
    assert_sentence(done)
    assert re.search(r"[34]", done.stderr + done.stdout)


def test_import_dry_run_changes_nothing(centre: Centre, tmp_path: Path) -> None:
    done = centre.run("sites", "import", write(tmp_path / "a.yaml", site("S-0200", "2000")), "--dry-run")
    assert "1" in done.stdout
    assert "S-0200" not in references(centre)


def test_import_takes_what_is_right_and_writes_the_rest(centre: Centre, tmp_path: Path) -> None:
    rejects = tmp_path / "refus.yaml"
    file = write(tmp_path / "b.yaml", site("S-0300", "3000"), site("S-0301", "pas un compte !"))
    done = centre.run("sites", "import", file, "--rejects", str(rejects), check=False)
    assert done.returncode == 1
    assert "account" in done.stderr + done.stdout
    assert {"S-0300", "S-0301"} & references(centre) == {"S-0300"}
    assert [each["reference"] for each in yaml.safe_load(rejects.read_text("utf-8"))["sites"]] == ["S-0301"]

    # The rejects file, put right, is imported as it is.
    mended = yaml.safe_load(rejects.read_text("utf-8"))
    mended["sites"][0]["panels"][0]["account"] = "3001"
    rejects.write_text(yaml.safe_dump(mended, allow_unicode=True), "utf-8")
    centre.run("sites", "import", str(rejects))
    assert "S-0301" in references(centre)


def test_strict_import_takes_all_or_nothing(centre: Centre, tmp_path: Path) -> None:
    file = write(tmp_path / "c.yaml", site("S-0400", "4000"), site("S-0401", "!!!"))
    assert centre.run("sites", "import", file, "--strict", check=False).returncode == 1
    assert not {"S-0400", "S-0401"} & references(centre)


def test_import_is_idempotent_and_export_gives_it_back(centre: Centre, tmp_path: Path) -> None:
    first = centre.run("sites", "export").stdout
    assert "lilas" not in first
    assert KEY not in first
    exported = tmp_path / "export.yaml"
    exported.write_text(first, "utf-8")
    before = len(centre.lines("logbook", "--json"))
    centre.run("sites", "import", str(exported))
    assert centre.told("sites", "export") == first
    # What did not change wrote nothing: at most the import itself is an entry.
    assert len(centre.lines("logbook", "--json")) - before <= 1
    # Masked secrets were kept: the panel with its key is still understood.
    assert centre.say(centre.panel("1234", KEY), "602", number="000")


def test_an_import_takes_effect_without_a_restart(centre: Centre, tmp_path: Path) -> None:
    centre.run("sites", "import", write(tmp_path / "d.yaml", site("S-0500", "5555")))
    time.sleep(EFFECTIVE)
    assert centre.say(centre.panel("5555"), "130", number="003")
    (signal,) = centre.lines("signals", "--json", "--account", "5555")
    assert signal["verdict"] == "accepted"
    assert wait_for_incident(centre, "S-0500")["category"] == "intrusion"


def test_signals_are_as_the_contract_has_them(centre: Centre) -> None:
    panel = centre.panel("1234", KEY)
    assert centre.say(panel, "130", number="015")
    assert centre.say(panel, "130", number="015", qualifier="3")
    assert centre.say(centre.panel("7777"), "130", number="001")  # a ghost is acknowledged and kept
    lines = centre.lines("signals", "--json")
    for line in lines:
        assert list(line) == SIGNAL_KEYS
        assert line["verdict"] in VERDICTS
        assert RFC3339.fullmatch(line["received_at"])
        assert bytes.fromhex(line["raw"])
        for event in line["events"]:
            assert list(event) == EVENT_KEYS
    positions = [line["position"] for line in lines]
    assert positions == sorted(set(positions))

    mine = centre.lines("signals", "--json", "--account", "1234")
    assert {line["account"] for line in mine} == {"1234"}
    alarm, restore = mine[-2:]
    assert (alarm["line"], alarm["protocol"], alarm["token"]) == ("R1", "dc09", "ADM-CID")
    assert [event["qualifier"] for event in alarm["events"] + restore["events"]] == ["new", "restore"]
    assert (alarm["events"][0]["category"], alarm["events"][0]["code"]) == ("intrusion", "130")
    assert (alarm["events"][0]["area"], alarm["events"][0]["zone"]) == ("01", "015")
    assert [line["verdict"] for line in centre.lines("signals", "--json", "--account", "7777")] == ["ghost"]
    after = centre.lines("signals", "--json", "--after", str(alarm["position"]))
    assert [line["position"] for line in after] == [p for p in positions if p > alarm["position"]]


def test_a_dossier_is_as_the_contract_has_it(centre: Centre) -> None:
    assert centre.say(centre.panel("2345"), "130", number="007")
    incident = wait_for_incident(centre, "S-0002")
    assert set(incident) == set(INCIDENT_KEYS)
    assert (incident["category"], incident["priority"], incident["state"]) == ("intrusion", 3, "new")
    assert RFC3339.fullmatch(str(incident["opened_at"]))
    assert (incident["taken_at"], incident["first_act_at"], incident["closed_at"]) == (None, None, None)
    received = centre.lines("signals", "--json", "--account", "2345")
    assert incident["signals"] == [line["id"] for line in received]


def test_the_logbook_is_read_and_verified(centre: Centre) -> None:
    assert centre.say(centre.panel("2345"), "131", number="008")
    lines = centre.lines("logbook", "--json")
    positions = [line["position"] for line in lines]
    assert positions == sorted(set(positions))
    assert all(line["sentence"] and line["kind"] and line["happened_at"] for line in lines)
    half = positions[len(positions) // 2]
    later = centre.lines("logbook", "--json", "--after", str(half))
    told = [
        line["position"] for line in later if line["position"] <= positions[-1]
    ]  # the centre goes on writing
    assert told == [p for p in positions if p > half]

    done = centre.run("logbook", "verify")
    assert "CONFORME" in done.stdout
    assert "rien d’extérieur" in done.stdout  # nothing outside vouches: it always says so


def test_openapi_describes_the_api(centre: Centre) -> None:
    document = json.loads(centre.run("openapi", data_dir=False).stdout)
    assert document["openapi"].startswith("3.")
    assert {"/api/login", "/api/snapshot", "/api/incidents/{incident_id}"} <= set(document["paths"])


def test_replay_decides_again_and_writes_nothing(centre: Centre) -> None:
    assert centre.say(centre.panel("2345"), "130", number="009")
    before = centre.lines("incidents", "--json")
    lines = centre.lines("replay", "--site", "S-0002")
    assert "Open" in [made["decision"] for made in lines[0]["decisions"]]
    assert [line["id"] for line in centre.lines("incidents", "--json")] == [line["id"] for line in before]
    one = centre.lines("signals", "--json", "--account", "2345")[0]["id"]
    assert centre.lines("replay", "--signal", str(one))


def test_doctor_looks_at_the_centre(centre: Centre) -> None:
    said = centre.run("doctor").stdout
    assert "Python" in said
    assert "Base de données : répond" in said
    assert f"Poste {centre.http} : répond" in said  # where this centre listens, not where one does by default
    assert f"Réception R1 127.0.0.1:{centre.dc09_port} : répond" in said
    for role in ("watch", "reception", "desk", "worker"):
        assert f"Rôle {role} : prêt" in said
    assert "Santé : heure, certificats, sauvegarde, journal, rien à signaler" in said
    key = centre.data_dir / "keys" / "contact.key"
    key.chmod(0o644)
    try:
        done = centre.run("doctor", check=False)
        assert done.returncode != 0
        assert f"chmod 600 {key}" in done.stdout + done.stderr
    finally:
        key.chmod(0o600)


def test_keys_rotate_keeps_every_secret(centre: Centre) -> None:
    said = centre.run("keys", "rotate").stdout
    assert re.match(r"[1-9]", said)
    time.sleep(EFFECTIVE)
    assert centre.say(centre.panel("1234", KEY), "602")
    assert centre.lines("signals", "--json", "--account", "1234")[-1]["verdict"] == "accepted"


def test_times_are_utc_and_in_order(centre: Centre) -> None:
    seen = [datetime.fromisoformat(line["received_at"]) for line in centre.lines("signals", "--json")]
    assert seen == sorted(seen)
