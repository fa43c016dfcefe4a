"""Who telephones (practice need 4): found by what he says, quickly, and nothing sensitive comes out."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from veilleur.features.sites.files import find_sites
from veilleur.features.sites.searching import search_sites
from veilleur.features.sites.views import SiteFound
from veilleur.kernel.ports import Perimeter, Reader

TOWN = """
customers: [{reference: C-PORT, name: Société du Port}, {reference: C-VAL, name: Garage de la Vallée SARL}]
brands: [{reference: B-1, name: Chaussures du Centre}]
sites:
  - {reference: S-01, name: Boulangerie du Port, customer: C-PORT, phone: "+33 1 99 00 12 34",
     address: {street: 12 rue de l'Écluse, postcode: "99001", town: Villeneuve-sur-Essai},
     panels: [{account: "001234", line: R1, key: "0123456789abcdef"}],
     contacts: [{name: Hélène Martin, phone: "+33 6 39 98 12 34", code_word: lilas, duress_word: orage}]}
  - {reference: S-02, name: Villa Mimosas, address: {town: Œuvreville}, panels: [{account: "1234", line: R3}]}
  - {reference: S-03, name: Garage, customer: C-VAL, address: {town: Port-Vieux}, panels: [{account: "12345"}]}
  - {reference: S-04, name: Écluse 100%, brand: B-1, commune: "99002", panels: [{account: foc7688}]}
"""

QUERIES = [
    ("boulangerie", ["S-01"], "name"),
    ("BOULANG PORT", ["S-01"], "name"),
    ("port", ["S-01", "S-03"], "name"),
    ("ecluse", ["S-04", "S-01"], "name"),
    ("Écluse", ["S-04", "S-01"], "name"),
    ("oeuvreville", ["S-02"], "town"),
    ("villeneuve", ["S-01"], "town"),
    ("boulangerie villeneuve", ["S-01"], "name"),
    ("martin", ["S-01"], "contact"),
    ("helene martin", ["S-01"], "contact"),
    ("06 39 98 12 34", ["S-01"], "phone"),
    ("+33 6 39 98 12 34", ["S-01"], "phone"),
    ("0033639981234", ["S-01"], "phone"),
    ("0199001234", ["S-01"], "phone"),
    ("981234", ["S-01"], "phone"),
    ("1234", ["S-01", "S-02", "S-03"], "account"),
    ("001234", ["S-01"], "account"),
    ("12345", ["S-03"], "account"),
    ("foc7688", ["S-04"], "account"),
    ("FOC", ["S-04"], "account"),
    ("S-02", ["S-02"], "reference"),
    ("s-03", ["S-03"], "reference"),
    ("société", ["S-01"], "customer"),
    ("chaussures", ["S-04"], None),
    ("vallée sarl", ["S-03"], "customer"),
    ("100%", ["S-04"], "name"),
    ("%", [], None),
    ("_", [], None),
    ("'; DROP TABLE site; --", [], None),
    ("12", [], None),
    ("", [], None),
    ("   ", [], None),
    ("lilas", [], None),  # un mot de passe ne se cherche pas
    ("orage", [], None),
    ("x" * 5000, [], None),
]


@pytest.fixture
def town(world):
    world.taken(TOWN)
    return world


@pytest.mark.parametrize(("query", "references", "matched"), QUERIES)
def test_a_caller_is_found_by_what_he_says(town, query, references, matched):
    with town.database.read() as session:
        found = search_sites(session, query, Perimeter())
    assert sorted(row.reference for row in found) == sorted(references)
    if len(references) == 1 and matched:
        assert found[0].matched == matched


def test_the_surest_comes_first(town):
    with town.database.read() as session:
        found = {
            q: [row.reference for row in search_sites(session, q, Perimeter())]
            for q in ("1234", "ecluse", "port")
        }
    assert found["1234"][2] == "S-03", "that very account before one that begins so"
    assert found["ecluse"] == ["S-04", "S-01"], "the name before the street"
    assert found["port"] == ["S-01", "S-03"]


def test_a_name_comes_before_the_digits_of_a_reference(town):
    """«rue 000»: the site of that street, not the one whose number holds three zeros."""
    town.taken(
        "sites:\n"
        "  - {reference: D-00042, name: Tabac de la rue 004, address: {street: 4 rue 004}}\n"
        "  - {reference: D-00043, name: Bar, address: {street: 9 rue 004}}\n"
        "  - {reference: D-7, name: Zinc de la rue 000}\n"
        "  - {reference: D-8, name: Zoo, address: {street: 3 rue 000}}\n"
        "  - {reference: D-9, name: Rue 0001}\n"
    )
    with town.database.read() as session:
        found = [row.reference for row in search_sites(session, "rue 000", Perimeter())]
    assert found == ["D-9", "D-7", "D-8", "D-00043", "D-00042"]


def test_nothing_outside_the_perimeter_is_found(town):
    customer = town.site("S-01").customer_id
    reader = Reader(1, "Test", frozenset({"operator"}), Perimeter(customers=frozenset({customer})))
    with town.database.read() as session:
        assert [row.reference for row in find_sites(session, "1234", reader)] == ["S-01"]
        assert [row.reference for row in find_sites(session, "mimosas", reader)] == []


def test_an_answer_holds_nothing_sensitive(town):
    reader = Reader(1, "Test", frozenset({"operator"}))
    with town.database.read() as session:
        (found,) = find_sites(session, "martin", reader)
    assert set(SiteFound.model_fields) == {
        "id", "reference", "name", "town", "customer", "matched", "open_incidents", "on_test",
    }  # fmt: skip
    said = found.model_dump_json()
    for secret in ("lilas", "orage", "Martin", "39981234", "Écluse"):
        assert secret not in said


def test_at_most_twenty_are_shown(town):
    rows = "".join(f"  - {{reference: X-{i:03d}, name: Villa {i:03d}}}\n" for i in range(30))
    town.taken("sites:\n" + rows)
    with town.database.read() as session:
        found = search_sites(session, "villa", Perimeter())
    assert len(found) == 20
    assert [row.name for row in found[:2]] == ["Villa 000", "Villa 001"]


@pytest.mark.slow
def test_twenty_thousand_sites_answer_within_300_ms(town, database):
    import time

    import psycopg

    with psycopg.connect(database.owner_dsn) as connection:
        entry = connection.execute(
            "INSERT INTO entry (id, kind, version, happened_at, entered_at, actor_kind, touched, leaf, organisation) "
            "SELECT nextval('entry_id_seq'), 'test', 1, now(), now(), 'test', '{}', '', 'centre' RETURNING id"
        ).fetchone()[0]
        connection.execute(
            "INSERT INTO site (reference, name, sort_key, services, codes, schedule, area_groups, search, entry_id, "
            "kind, country, timezone, connection, town) SELECT 'M-' || n, 'Magasin ' || md5(n::text), "
            "'magasin ' || md5(n::text), '{}', '[]', '[]', '{}', ' magasin ' || md5(n::text) || ' m-' || n || "
            "' villeneuve 336' || lpad(n::text, 8, '0') || ' #' || n || ' ' || repeat('x', 120), %s, 'professional', 'FR', "
            "'Europe/Paris', 'in_service', 'Villeneuve' FROM generate_series(1, 20000) n",
            (entry,),
        )
    with town.database.read() as session:
        assert session.execute(text("SELECT count(*) FROM site")).scalar_one() >= 20_000
        search_sites(session, "boulangerie", Perimeter())
        for query in (
            "boulangerie du port",
            "0600012345",
            "M-19999",
            "magasin",
            "introuvable nulle part",
            "12345",
        ):
            begun = time.perf_counter()
            search_sites(session, query, Perimeter())
            assert time.perf_counter() - begun < 0.3, query
