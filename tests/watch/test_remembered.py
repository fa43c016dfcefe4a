"""The files of sites that the watch keeps: never another than the one the database holds (ARCHITECTURE.md §5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.features.sites.conftest import World, world  # noqa: F401  # the fixture
from veilleur.features.sites import commands
from veilleur.features.sites.queries import lock_site, read_site_view
from veilleur.features.sites.tables import OnTest, Path, Site, Zone
from veilleur.kernel.errors import NotFoundError
from veilleur.watch.remembered import SiteFiles

FILE = """
customers: [{{reference: C-1, name: Client, codes: [{{code: "130", priority: {priority}}}]}}]
models: [{{name: M-1, sends_restores: {sends}}}]
brands:
  - {{reference: B-1, name: Enseigne, contacts: [{{name: Direction, phone: "{phone}"}}], instructions: [{{text: {said}}}]}}
sites:
  - reference: S-1
    name: {name}
    customer: C-1
    brand: B-1
    brand_exceptions: {{contacts: [{excepted}]}}
    areas: [{{number: 1, name: {area}}}]
    panels:
      - {{account: "22", model: M-1, paths: [{{name: ip, interval: {interval}}}], zones: [{{number: "1", name: {zone}}}]}}
    contacts: [{{name: Gérante, phone: "+33 6 39 98 00 01"}}]
    instructions: [{{text: {consigne}}}]
  - {{reference: S-2, name: Autre}}
"""
AT_FIRST = {
    "priority": 3, "sends": "yes", "phone": "+33 6 39 98 00 10", "said": "Direction d’abord", "name": "École",
    "excepted": "Personne", "area": "Classes", "interval": 90, "zone": "Porte", "consigne": "Livraison mardi",
}  # fmt: skip
BY_IMPORT = {
    "priority": 2, "sends": "no", "phone": "+33 6 39 98 00 99", "said": "Plus d’appel", "name": "Collège",
    "excepted": "Direction", "area": "Ateliers", "interval": 300, "zone": "Fenêtre", "consigne": "Livraison jeudi",
}  # fmt: skip


@pytest.fixture
def town(world: World) -> World:  # noqa: F811
    world.taken(FILE.format(**AT_FIRST))
    return world


def one(world: World, table: Any) -> Any:  # noqa: F811
    return world.rows(table)[0]


def acting(change: Callable[[Any, World], object]) -> Callable[[World], None]:
    def run(world: World) -> None:  # noqa: F811
        with world.acting() as act:
            lock_site(act.session, world.site().id)
            change(act, world)

    return run


CHANGES: dict[str, Callable[[World], object]] = {
    **{
        f"import : {name}": (lambda w, name=name: w.taken(FILE.format(**AT_FIRST | {name: BY_IMPORT[name]})))
        for name in AT_FIRST
    },
    "un point en alarme": acting(
        lambda act, w: commands.set_zone_state(act, one(w, Zone).id, "alarm", w.clock.now())
    ),
    "un secteur mis en service": acting(
        lambda act, w: commands.set_area_state(
            act, w.site().id, "1", armed=True, partial=False, at=w.clock.now(), by="3"
        )
    ),
    "une voie perdue": acting(lambda act, w: commands.set_path_state(act, one(w, Path).id, "lost", w.clock.now())),
    "un point découvert": acting(
        lambda act, w: commands.discover_zone(
            act, site_id=w.site().id, panel_id=one(w, Zone).panel_id, number="9", shown="009", area=None, name=None,
            kind=None, at=w.clock.now(),
        )
    ),
    "une consigne de la nuit": acting(
        lambda act, w: commands.add_instruction(
            act, w.site().id, text="Portail ouvert", asked_by="X", valid_until=w.clock.now() + timedelta(hours=2)
        )
    ),
    "un destinataire provisoire": acting(
        lambda act, w: commands.add_provisional_contact(
            act, w.site().id, commands.NewContact("Voisin", "+33 6 39 98 00 55", None, None), call_id=None, motif="nuit"
        )
    ),
    "un transmetteur adopté": acting(lambda act, w: commands.adopt_account(act, w.site().id, "R1", "4321")),
}  # fmt: skip


def same(world: World, files: SiteFiles) -> None:  # noqa: F811
    for reference in ("S-1", "S-2"):
        with world.database.read() as session:
            site_id = session.scalar(select(Site.id).where(Site.reference == reference)) or 0
            assert files.view(session, site_id) == read_site_view(session, site_id)


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_seen_at_once(town: World, what: str) -> None:
    files = SiteFiles()
    same(town, files)
    with town.database.read() as session:
        before = read_site_view(session, town.site().id)
    CHANGES[what](town)
    same(town, files)
    with town.database.read() as session:
        assert read_site_view(session, town.site().id) != before, "the change is one of the file"


def test_a_test_begins_and_ends(town: World) -> None:
    files = SiteFiles()
    same(town, files)
    with town.acting() as act:
        entry = act.record("on_test.started")
        row = OnTest(
            site_id=town.site().id, scope={}, asked_by="X", word_result="right", started_at=act.now,
            until=act.now + timedelta(hours=1), results=[], entry_id=entry,
        )  # fmt: skip
        act.session.add(row)
    same(town, files)
    with town.acting() as act:
        held = act.session.get_one(OnTest, row.id)
        held.ended_at, held.entry_id = act.now, act.record("on_test.ended")
    same(town, files)


def test_what_was_rolled_back_is_forgotten(town: World) -> None:
    files = SiteFiles()

    class UndoneError(Exception):
        pass

    def change_and_undo() -> None:
        with town.acting() as act:
            commands.set_zone_state(act, one(town, Zone).id, "alarm", act.now)
            assert files.view(act.session, town.site().id).panels[0].zones[0].state == "alarm"
            raise UndoneError

    with pytest.raises(UndoneError):
        change_and_undo()
    same(town, files)


def test_what_has_not_changed_is_not_read_again(town: World) -> None:
    files = SiteFiles()
    same(town, files)
    same(town, files)
    assert files.whole == 2
    CHANGES["un point en alarme"](town)
    same(town, files)
    assert files.whole == 2, "the points alone"


def test_memory_is_bounded(town: World) -> None:
    files = SiteFiles(most=1)
    same(town, files)
    same(town, files)
    assert files.whole == 4
    assert len(files._held) == 1


def test_a_site_that_is_not_there(town: World) -> None:
    with town.database.read() as session, pytest.raises(NotFoundError):
        SiteFiles().view(session, 999)
