"""A search names sites and people: entries hold their ids only."""

from __future__ import annotations

import pytest

from tests.logbook.conftest import Room
from veilleur.features.people.tables import User
from veilleur.features.sites.tables import Site
from veilleur.logbook.act import Act, Actor, Subject, fold
from veilleur.logbook.commands import erase
from veilleur.logbook.naming import MOST_NAMED, MOST_WAYS, Way, answering, combined
from veilleur.logbook.queries import Wanted, search

JEWELLER, JEWELLER_TOO, PHARMACY = (
    "Bijouterie Sainte-Catherine",
    "Bijouterie d’Ainay",
    "Pharmacie de l’Écluse",
)


def site(act: Act, name: str) -> int:
    """A site of this name."""
    row = Site(
        reference=name, name=name, sort_key=fold(name), services=[], codes=[], schedule=[], area_groups={}, search="",
        entry_id=act.record("test.site"),
    )  # fmt: skip
    act.session.add(row)
    act.session.flush()
    return row.id


@pytest.fixture
def told(room: Room) -> dict[str, int]:
    """Entries whose sentence names neither their site nor who acted, sealed."""
    made: dict[str, int] = {}
    with room.database.write() as session:
        centre = Act(session, room.clock.now(), Actor("centre"))
        sites = [site(centre, name) for name in (JEWELLER, JEWELLER_TOO, PHARMACY)]
        user = User(
            login="helene", name="Hélène Marchand", sort_key=fold("Hélène Marchand"), password_hash="x", roles=["operator"],
            perimeter={}, entry_id=centre.record("test.user"),
        )  # fmt: skip
        session.add(user)
        session.flush()
        hers = Act(session, room.clock.now(), Actor("user", user.id, user.name))
        for name, act, subject, words in (
            ("listened", centre, Subject(site_id=sites[0]), "Écouter : indisponible"),
            ("looked", hers, Subject(site_id=sites[0]), "Regarder : rien d’anormal"),
            ("elsewhere", hers, Subject(site_id=sites[1]), "Écouter : rien d’anormal"),
            ("far", centre, Subject(site_id=sites[2]), "Écouter : rien d’anormal"),
            ("said", centre, Subject(), "Le bijoutier Catherine a rappelé la bijouterie sainte"),
        ):
            made[name] = act.record("log.entry", {"text": words}, subject=subject)
    room.seal()
    return made


def found(room: Room, words: str, **wanted: int) -> list[int]:
    with room.database.read() as session:
        return [line.id for line in search(session, Wanted(words, **wanted))]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("bijouterie écouter", ["elsewhere", "listened"]),
        ("BIJOUTERIE SAINTE ecou", ["listened"]),
        ("sainte-catherine", ["said", "looked", "listened"]),
        ("l'écluse", ["far"]),
        ("helene", ["elsewhere", "looked"]),
        ("Hélène anormal", ["elsewhere", "looked"]),
        ("marchand bijouterie regarder", ["looked"]),
        ("helene ainay", ["elsewhere"]),
        ("helene ecluse", []),
        ("cluse", []),
        ("pharmacie bijouterie", []),
    ],
)
def test_an_entry_is_found_by_its_site_and_by_who_acted(
    room: Room, told: dict[str, int], words: str, names: list[str]
) -> None:
    assert found(room, words) == [told[name] for name in names]


def test_names_narrow_with_the_rest_and_pages_follow(room: Room, told: dict[str, int]) -> None:
    with room.database.read() as session:
        site_id = search(session, Wanted("sainte ecouter"))[0].site
        assert site_id is not None
        whole = search(session, Wanted("bijouterie"))
        pages = [search(session, Wanted("bijouterie"), limit=1)[0]]
        while rest := search(session, Wanted("bijouterie", before=pages[-1].position), limit=1):
            pages += rest
    assert [line.id for line in pages] == [line.id for line in whole]
    assert found(room, "bijouterie", site_id=site_id.id) == [told["looked"], told["listened"]]


def test_what_was_just_written_is_found_by_its_site(room: Room, told: dict[str, int]) -> None:
    with room.database.write() as session:
        act = Act(session, room.clock.now(), Actor("centre"))
        new = act.record(
            "log.entry", {"text": "Écouter"}, subject=Subject(site_id=site(act, "Bijouterie neuve"))
        )
    assert found(room, "bijouterie neuve ecouter") == [new]


def test_a_name_that_goes_or_changes_is_found_no_more_in_what_was_written(
    room: Room, told: dict[str, int]
) -> None:
    """Nothing of a name is kept with an entry for the sake of searches: what erases it needs look nowhere else."""
    with room.database.write() as session:
        act = Act(session, room.clock.now(), Actor("centre"))
        row = session.query(Site).filter_by(name=PHARMACY).one()
        row.name, row.sort_key, row.entry_id = "Officine", "officine", act.record("test.renamed")
        erase(act, told["looked"], "RGPD art. 17")
    room.seal()
    assert found(room, "ecluse") == []
    assert found(room, "officine") == [told["far"]]
    assert found(room, "marchand") == [told["elsewhere"]]
    kept = "\n".join(row[0] for row in room.rows("SELECT search FROM entry_payload"))
    assert all(name not in kept for name in ("pharmacie", "marchand", "ainay"))


def test_the_ways_are_few_and_the_surest_first() -> None:
    words = [f"mot{n}" for n in range(12)]
    many = answering(words, {n: f"mot{n % 12} mot{n // 12}" for n in range(144)})
    ways = combined(words, many, many)
    assert ways[0] == Way(tuple(words))
    assert len(ways) == MOST_WAYS
    assert [len(way.words) for way in ways[1:]] == sorted(len(way.words) for way in ways[1:])
    assert combined(["a"], {}, {}) == [Way(("a",))]
    assert MOST_NAMED > 100
