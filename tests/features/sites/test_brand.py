"""Enseigne: one change applies to every shop but the named exceptions, previewed, in each shop's history (need 6)."""

from __future__ import annotations

import pytest

from tests.features.sites.test_sites_http import seated
from tests.web.serving import serve
from veilleur.features.incidents.procedure import choose_procedure
from veilleur.features.sites.brands import exceptions_of, taken
from veilleur.features.sites.evidence import registered_numbers
from veilleur.features.sites.queries import check_contact_word, lock_site, read_site_view
from veilleur.features.sites.tables import Site
from veilleur.kernel.sealing import KeyRing
from veilleur.locale.render import render_entry

SHOPS = 400

BRAND = """
brands:
  - reference: B-1
    name: Chaussures du Rhône
    contacts:
      - {{name: Direction régionale, phone: "{phone}", code_word: semelle}}
      - {{name: Sécurité, phone: "+33 6 39 98 00 11", code_word: lacet}}
    instructions: [{{text: "{consigne}"}}]
    procedures: [{{event: intrusion, steps: [{{key: a, act: {act}}}]}}]
"""


def brand(
    phone: str = "+33 6 39 98 00 10", consigne: str = "Appeler la direction", act: str = "call_site"
) -> str:
    return BRAND.format(phone=phone, consigne=consigne, act=act)


def shops(count: int = 4) -> str:
    plain = "".join(
        f"  - {{reference: M-{n:03d}, name: Magasin {n}, brand: B-1}}\n" for n in range(3, count + 1)
    )
    return f"""
sites:
  - reference: M-001
    name: Magasin 1
    brand: B-1
    brand_exceptions: {{contacts: [direction regionale], instructions: [Appeler la direction], procedures: [intrusion]}}
  - reference: M-002
    name: Magasin 2
    brand: B-1
    brand_exceptions: {{contacts: [Direction régionale]}}
    contacts: [{{name: Gérante, phone: "+33 6 39 98 00 20"}}]
{plain}  - {{reference: X-001, name: Sans enseigne}}
"""


@pytest.fixture
def chain(world):
    world.taken(brand() + shops())
    return world


def view(world, reference: str):
    with world.database.read() as session:
        return read_site_view(session, world.site(reference).id)


def names(world, reference: str) -> list[str]:
    return [contact.name for contact in view(world, reference).contacts]


def procedure(world, reference: str) -> tuple[str, str]:
    with world.database.read() as session:
        kept = choose_procedure(session, world.site(reference), "intrusion", "intrusion")
    return kept["source"], kept["steps"][0]["act"]


def test_a_shop_takes_contacts_consignes_and_procedures_of_its_brand(chain):
    assert names(chain, "M-003") == ["Direction régionale", "Sécurité"]
    assert [row.text for row in view(chain, "M-003").instructions] == ["Appeler la direction"]
    assert procedure(chain, "M-003") == ("brand", "call_site")


def test_named_exceptions_are_left_out_everywhere(chain):
    assert names(chain, "M-001") == ["Sécurité"], "case and accents do not count"
    assert view(chain, "M-001").instructions == ()
    assert procedure(chain, "M-001")[0] == "built_in"
    assert names(chain, "M-002") == ["Gérante", "Sécurité"]
    assert procedure(chain, "M-002")[0] == "brand"
    with chain.database.read() as session:
        site = chain.site("M-002")
        assert registered_numbers(session, site) == {"+33639980011", "+33639980020"}
        heard = check_contact_word(session, chain.keys.contacts, site.id, "semelle", now=chain.clock.now())
        assert heard.result == "wrong", "the word of somebody who is nobody here identifies nobody"
        plain = chain.site("M-003").id
        heard = check_contact_word(session, chain.keys.contacts, plain, "semelle", now=chain.clock.now())
        assert heard.result == "right"


def test_a_site_without_a_brand_follows_nobody_elses_procedure(chain):
    """A site that names neither brand nor customer must never meet another site's steps."""
    chain.taken(
        "sites: [{reference: Y-1, name: Autre, procedures: [{event: intrusion, steps: [{key: z, act: call_fire}]}]}]"
    )
    assert procedure(chain, "X-001")[0] == "built_in"
    assert procedure(chain, "M-001")[0] == "built_in"
    assert procedure(chain, "Y-1") == ("site", "call_fire")


def test_a_dry_run_says_how_many_sites_change_and_changes_nothing(world):
    world.taken(brand() + shops(SHOPS))
    before = world.entries()
    report = world.taken(brand(phone="+33 6 39 98 00 99"), dry_run=True)
    (told,) = [issue.sentence("fr") for issue in report.notices if issue.code == "brand_reaches"]
    assert told == (
        "enseigne Chaussures du Rhône : 398 sites changent (contacts[Direction régionale]) ; exceptions : M-001, M-002."
    )
    assert world.entries() == before
    assert view(world, "M-200").contacts[0].phones[0]["number"] == "+33639980010"


def test_one_change_reaches_every_shop_and_its_history(chain):
    versions = {row.reference: row.entry_id for row in chain.rows(Site)}
    report = chain.taken(brand(phone="+33 6 39 98 00 99", consigne="Appeler le siège"))
    assert [issue.params["sites"] for issue in report.notices if issue.code == "brand_reaches"] == [4]
    assert view(chain, "M-004").contacts[0].phones[0]["number"] == "+33639980099"
    assert [row.text for row in view(chain, "M-004").instructions] == ["Appeler le siège"]
    assert [row.text for row in view(chain, "M-001").instructions] == ["Appeler le siège"], (
        "an exception names a consigne: another one is not excepted"
    )
    moved = {row.reference for row in chain.rows(Site) if row.entry_id != versions[row.reference]}
    assert moved == {"M-001", "M-002", "M-003", "M-004"}
    assert chain.entries("site.brand_changed") == 4
    said = render_entry("fr", "site.brand_changed", 1, {"params": chain.last("site.brand_changed")})
    assert said.startswith("Enseigne Chaussures du Rhône : contacts[Direction régionale], ")
    assert said.endswith(" – s’applique à Magasin 4")


def test_a_shop_that_takes_nothing_of_the_change_does_not_move(chain):
    before = {row.reference: row.entry_id for row in chain.rows(Site)}
    chain.taken(brand(phone="+33 6 39 98 00 99"))
    moved = {row.reference for row in chain.rows(Site) if row.entry_id != before[row.reference]}
    assert moved == {"M-003", "M-004"}


def test_the_same_file_again_changes_nothing_and_the_export_keeps_the_exceptions(chain):
    again = chain.taken(brand() + shops())
    assert again.total("changed") == again.total("added") == 0
    assert "brand_reaches" not in {issue.code for issue in again.notices}
    told = chain.export()
    assert "brand_exceptions:\n    contacts:\n    - direction regionale" in told
    chain.taken("sites: [{reference: M-002, name: Magasin 2, brand_exceptions: null}]")
    assert sorted(names(chain, "M-002")) == ["Direction régionale", "Gérante", "Sécurité"]


def test_the_change_waits_for_who_holds_a_shop(chain):
    """The site row is the lock: a decision under way on a shop is never overtaken."""
    with chain.database.write() as session:
        lock_site(session, chain.site("M-003").id)
        report = chain.load(brand(phone="+33 6 39 98 00 99"))
    assert [issue.code for issue in report.issues] == ["not_written"]
    assert chain.entries("brand.changed") == 0, "nothing by halves"


def test_the_desk_names_the_exceptions(chain):
    with serve(
        chain.database, chain.clock, chain.database.dsn, provide={KeyRing: chain.keys.contacts}
    ) as desk:
        told = seated(desk, "anna", post="Poste 1").get(f"/api/sites/{chain.site('M-002').id}").json()
    assert (told["brand"], told["brand_exceptions"]) == (
        "Chaussures du Rhône",
        [{"kind": "contacts", "name": "Direction régionale"}],
    )


def test_what_is_taken():
    items = [("contacts", "Direction"), ("procedures", "fire")]
    assert taken(None, items) == items
    assert taken({"contacts": ["DIRECTION"]}, items) == [("procedures", "fire")]
    assert exceptions_of({}).takes("contacts", "x")
