"""The whole form goes in, comes out the same, and goes in again without a change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from veilleur.features.sites.importer.form import SECTIONS
from veilleur.features.sites.queries import read_site_view, site_words
from veilleur.features.sites.secrets import open_panel_key
from veilleur.features.sites.tables import Contact, DirectoryEntry, Panel, Site, Zone

WHOLE = (Path(__file__).parent / "whole.yaml").read_text("utf-8")


def forms_in(form, value, found, path):
    """Notes which fields a parsed document uses, by form path."""
    for key, inner in value.items():
        found.add(f"{path}.{key}")
        for item in inner if isinstance(inner, list) else [inner]:
            if isinstance(item, dict):
                forms_in(form, item, found, f"{path}.{key}")


def test_the_example_uses_every_field_of_every_section():
    document = yaml.safe_load(WHOLE)
    used: set[str] = set()
    for section, value in document.items():
        for item in value if isinstance(value, list) else [value]:
            forms_in(None, item, used, section)
    missing = {
        f"{section}.{name}"
        for section, (form, _) in SECTIONS.items()
        for name in form
        if f"{section}.{name}" not in used
    }
    assert missing <= {"brands.procedures", "directory.zone"}


def test_everything_is_taken_and_a_second_time_writes_no_entry(world):
    report = world.taken(WHOLE)
    assert report.committed
    assert report.counts["sites"] == {"added": 1}
    assert report.notices == []
    before = world.entries()
    assert before == 14, "one entry for each object, one for the act"
    again = world.taken(WHOLE)
    assert again.total("unchanged") == 13
    assert again.total("added") + again.total("changed") == 0
    assert world.entries() == before


def test_what_is_read_is_what_was_written(world):
    world.taken(WHOLE)
    with world.database.read() as session:
        site = session.query(Site).one()
        view = read_site_view(session, site.id)
        words = {
            row.contact_id: row
            for row in site_words(session, world.keys.contacts, site.id, world.clock.now())
        }
        key = open_panel_key(
            world.keys.panels, view.panels[0].id, session.get(Panel, view.panels[0].id).key_sealed
        )
    assert (view.phone, view.commune, view.connection) == ("+33199001200", "99001", "connecting")
    assert view.group_of("01") == view.group_of("2") == "atelier"
    assert view.group_of("3") == "main"
    panel = view.panels[0]
    assert key == b"0123456789ABCDEF"
    assert [(path.name, path.silence, dict(path.match)) for path in panel.paths] == [
        ("ip", 240, {"transport": "tcp"}),
        ("radio", 7230, {"transport": "udp", "receiver": "1"}),
    ]
    assert [(zone.number, zone.shown, zone.area) for zone in panel.zones] == [
        ("15", "015", "1"),
        ("16", "16", None),
    ]
    assert view.sends_restores(panel.id, "15") == "no", "the point's own word"
    assert view.sends_restores(panel.id, "016") == "yes", "the panel's word wins over its model's"
    assert view.code_rules(panel.id, "16") == (
        ({"code": "BA", "priority": 2},),
        ({"code": "150", "category": "environment", "priority": 3, "needs_operator": True},),
        ({"when": "technical", "priority": 4},),
        ({"code": "130", "priority": 3},),
    )
    assert [contact.name for contact in view.contacts] == ["Gérante", "Direction régionale", "Voisin"]
    first = view.contacts[0]
    assert (words[first.id].code_word, words[first.id].duress_word) == ("lilas", "orage")
    works = next(row for row in view.instructions if row.text == "Travaux")
    assert works.valid_until == datetime(2026, 12, 4, 23, tzinfo=UTC), (
        "a day alone is whole, on the site's clock"
    )


def test_no_secret_is_stored_or_told_in_clear(world, database):
    world.taken(WHOLE)
    import psycopg

    with psycopg.connect(database.owner_dsn) as connection:
        for table in ("contact", "panel", "camera", "entry_payload", "entry"):
            dump = str(connection.execute(f"SELECT row_to_json(t)::text FROM {table} t").fetchall())  # type: ignore[arg-type]
            payloads = b"".join(
                row[0] for row in connection.execute("SELECT body FROM entry_payload").fetchall()
            )
            for secret in (
                "lilas",
                "orage",
                "semelle",
                "tournesol-cam",
                "30313233343536373839414243444546",
                "0123456789ABCDEF",
            ):
                assert secret not in dump
                assert secret.encode() not in payloads
                assert secret.encode().hex() not in dump


def test_export_gives_the_same_back_with_secrets_masked(world):
    world.taken(WHOLE)
    text = world.export()
    assert "lilas" not in text
    assert "orage" not in text
    assert "303132" not in text
    assert "tournesol" not in text
    assert "+33199000017" not in text, "a reserved number is confidential (D613-17)"
    document = yaml.safe_load(text)
    assert document["sites"][0]["panels"][0]["key"] == "***"
    assert document["sites"][0]["panels"][0]["zones"][0]["number"] == "015"
    before = world.entries()
    report = world.taken(text)
    assert report.total("unchanged") == 13
    assert world.entries() == before


def test_export_with_secrets_is_traced_and_rebuilds_another_centre(world, make_database, clock, tmp_path):
    from veilleur.db.engine import open_database

    world.taken(WHOLE)
    text = world.export(with_secrets=True)
    assert world.entries("export.with_secrets") == 1
    assert "lilas" in text
    assert "tournesol-cam" in text
    assert "+33199000017" in text
    other = type(world)(open_database(make_database().app_dsn), clock, world.keys, tmp_path)
    try:
        other.taken(text)
        assert other.export(with_secrets=True) == text
        assert other.rows(DirectoryEntry)[0].number == "+33199000017"
    finally:
        other.database.close()


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ("name: Boulangerie du Port", "name: Boulangerie du Quai", ["name"]),
        ("name: Quai de livraison", "name: Quai 3", ["panels[1234].zones[015]"]),
        ("code_word: lilas", "code_word: iris", ["contacts[Gérante]"]),
        ('key: "30313233343536373839414243444546"', "key: null", ["panels[1234].key=null"]),
        ("interval: 90", "interval: 60", ["panels[1234].paths[ip]"]),
        ("keys: trousseau 118", "keys: trousseau 119", ["responders[R-RONDE]"]),
        ("bearing: 270", "bearing: 90", ["cameras[CAM-1]"]),
        ("tournesol-cam", "iris-cam", ["cameras[CAM-1]"]),
        ("x: 0.25, y: 0.5", "x: 0.25, y: 0.75", ["cameras[CAM-1].masks[Fenêtres]"]),
        ('token: "1", name: Large', 'token: "1", name: Loin', ["cameras[CAM-1].presets[1]"]),
        ("- event: hold_up", "- event: panic", ["procedures[panic]", "procedures[hold_up]"]),
    ],
)
def test_one_change_is_one_object_changed_and_told(world, before, after, fields):
    import json

    from veilleur.logbook.tables import Entry, EntryPayload

    world.taken(WHOLE)
    assert before in WHOLE
    report = world.taken(WHOLE.replace(before, after))
    assert report.total("changed") == 1
    assert report.counts["sites"] == {"changed": 1}
    with world.database.read() as session:
        entry = session.query(Entry).filter_by(kind="site.changed").one()
        body = json.loads(session.get(EntryPayload, entry.id).body)
    assert body["params"]["fields"] == fields
    assert "iris" not in json.dumps(body)


def test_texts_stay_texts(world):
    world.taken(
        "sites: [{reference: NO, name: on, panels: [{account: 0015, zones: [{number: 007, name: yes}]}]}]"
    )
    assert world.site("NO").name == "on"
    assert world.rows(Panel)[0].account == "0015"
    assert world.rows(Panel)[0].canonical == "15"
    assert (world.rows(Zone)[0].shown, world.rows(Zone)[0].name) == ("007", "yes")


def test_the_least_that_can_be_said_is_enough(world):
    world.taken(
        "sites: [{reference: S-1, name: Chez nous, panels: [{account: '42'}], contacts: [{name: Moi}]}]"
    )
    site, panel, contact = world.site(), world.rows(Panel)[0], world.rows(Contact)[0]
    assert (site.connection, site.kind, site.timezone, site.country) == (
        "in_service", "professional", "Europe/Paris", "FR",
    )  # fmt: skip
    assert (panel.line, panel.time_policy, panel.sends_restores) == (None, "standard", "unknown")
    assert (contact.rank, contact.authorised, contact.phones) == (1, True, [])


def test_a_step_comes_out_with_its_key_first_and_its_numbers_as_numbers(world):
    step = "{act: call_contact, timer: 60, rank: 1, parallel: oui, key: manager}"
    text = f"sites:\n  - reference: S-1\n    name: Test\n    procedures: [{{event: intrusion, steps: [{step}]}}]\n"
    world.taken(text)
    told = world.export()
    (back,) = yaml.safe_load(told)["sites"][0]["procedures"][0]["steps"]
    assert list(back)[:2] == ["key", "act"]
    assert back == {"key": "manager", "act": "call_contact", "timer": 60, "rank": 1, "parallel": True}
    assert world.taken(told).total("unchanged") == 1
