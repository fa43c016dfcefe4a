"""`keys rotate`: every secret under the newest keys, traced, while a running process keeps reading."""

from __future__ import annotations

import pytest

from veilleur.features.sites.commands import reseal_secrets
from veilleur.features.sites.queries import site_words
from veilleur.features.sites.secrets import open_panel_key
from veilleur.features.sites.tables import Contact, Panel
from veilleur.kernel.sealing import SealError, open_key_ring

SITES = "sites:\n" + "".join(
    f"  - {{reference: S-{i}, name: Site {i}, panels: [{{account: '{i}', key: 0123456789abcde{i}}}],\n"
    f"     contacts: [{{name: A, code_word: lilas{i}, duress_word: orage{i}}}, {{name: B}}]}}\n"
    for i in range(1, 4)
)


def test_every_secret_is_sealed_again_under_one_traced_entry(world):
    world.taken(SITES)
    running = open_key_ring(world.keys.contacts.path)
    world.keys.panels.add_key()
    world.keys.contacts.add_key()
    with world.acting() as act:
        assert reseal_secrets(act, world.keys) == 9
        (entry,) = act.entries
    assert world.entries("keys.resealed") == 1
    for row in (*world.rows(Panel), *world.rows(Contact, Contact.code_word.is_not(None))):
        assert row.entry_id == entry
    for panel in world.rows(Panel):
        assert world.keys.panels.is_current(panel.key_sealed)
        assert (
            open_panel_key(world.keys.panels, panel.id, panel.key_sealed)
            == f"0123456789abcde{panel.account}".encode()
        )
    with world.database.read() as session:
        words = site_words(session, running, world.site("S-2").id, world.clock.now())
    assert [(row.code_word, row.duress_word) for row in words] == [("lilas2", "orage2"), (None, None)]
    with world.acting() as act:
        assert reseal_secrets(act, world.keys) == 0, "nothing left: no entry"
        assert act.entries == []


def test_it_goes_by_short_transactions_and_takes_up_where_it_was(world):
    world.taken(SITES)
    world.keys.contacts.add_key()
    counts = []
    for _ in range(5):
        with world.acting() as act:
            counts.append(reseal_secrets(act, world.keys, most=1))
    assert counts == [2, 2, 2, 0, 0]


def test_a_secret_that_cannot_be_opened_stops_it_unchanged(world, tmp_path):
    world.taken(SITES)
    sealed = [row.code_word for row in world.rows(Contact)]
    stranger = type(world.keys)(world.keys.panels, open_key_ring(tmp_path / "other.key"), world.keys.cameras)
    with pytest.raises(SealError), world.acting() as act:
        reseal_secrets(act, stranger)
    assert [row.code_word for row in world.rows(Contact)] == sealed


def test_an_import_after_a_rotation_still_changes_nothing(world):
    world.taken(SITES)
    world.keys.panels.add_key()
    world.keys.contacts.add_key()
    assert world.taken(SITES).total("changed") == 0
