"""What an operator changes alone at night (practice): added, never removed, provisional, after a call-back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from veilleur.features.deadlines.tables import Deadline
from veilleur.features.handling.tables import Call
from veilleur.features.sites import commands
from veilleur.features.sites.commands import NewContact
from veilleur.features.sites.errors import (
    AccountTakenError,
    CallBackNeededError,
    CallProvesNothingError,
    InstructionEndedError,
    InstructionLengthError,
    InstructionNotTemporaryError,
    NotAPhoneError,
    TextLengthError,
)
from veilleur.features.sites.queries import current_contacts, read_site_view
from veilleur.features.sites.tables import Contact, Instruction, Panel, Path
from veilleur.kernel.errors import NotFoundError

SITE = """
sites:
  - reference: S-1
    name: Boulangerie
    phone: "+33 1 99 00 00 01"
    panels: [{account: "1234", line: R1}]
    contacts:
      - {name: Anne, phone: "+33 6 39 98 00 01"}
      - {name: Ancien, phone: "+33 6 39 98 00 02", authorised: no}
    instructions: [{text: Toujours}]
  - {reference: S-2, name: Autre, contacts: [{name: Zoé, phone: "+33 6 39 98 00 09"}]}
"""
CAROLE = NewContact("Carole", "06 39 98 00 77", "voisine", None)


@pytest.fixture
def site(world):
    world.taken(SITE)
    return world.site()


def call(act, site, **given):
    row = Call(
        **{
            "site_id": site.id, "direction": "out", "target": "contact", "label": "x", "number": "+33639980001",
            "started_at": act.now, "identified": True, "word": "right", "result": "answered", "settled": False,
            "tries": 0, "entry_id": act.record("call.started", {}), **given,
        }
    )  # fmt: skip
    act.session.add(row)
    act.session.flush()
    return row.id


CALLS = [
    # what the call was, whether it allows the change
    ({}, True),
    ({"word": None, "identified": True}, True),
    ({"target": "site", "number": "+33199000001"}, True),
    ({"number": "+33639980077"}, False),  # le numéro nouveau
    ({"number": "+33639980002"}, False),  # une personne qui n'est plus habilitée
    ({"number": "+33639980009"}, False),  # un numéro d'un autre site
    ({"number": None}, False),
    ({"direction": "in"}, False),  # il nous a appelés: ce n'est pas un rappel
    ({"target": "caller"}, False),
    ({"word": None, "identified": False}, False),  # personne n'a répondu
    ({"word": "wrong", "identified": False}, False),
]


@pytest.mark.parametrize(("given", "allowed"), CALLS)
def test_a_new_contact_needs_a_call_back_to_the_old_registered_number(world, site, given, allowed):
    with world.acting() as act:
        call_id = call(act, site, **given)
        if not allowed:
            with pytest.raises(CallBackNeededError):
                commands.add_provisional_contact(act, site.id, CAROLE, call_id=call_id)
            return
        contact_id = commands.add_provisional_contact(act, site.id, CAROLE, call_id=call_id)
    row = world.rows(Contact, Contact.id == contact_id)[0]
    assert row.provisional_basis == "call_back"
    assert row.phones == [{"number": "+33639980077", "label": None}]
    assert not row.authorised, "it may be told, it may not identify, cancel or ask"
    assert row.rank == 3
    assert row.provisional_until.isoformat() == "2026-11-23T11:00:00+00:00", "noon in Paris of that Monday"


@pytest.mark.parametrize("how", ["another site", "undone", "old", "none"])
def test_a_call_that_proves_nothing_is_refused(world, site, how):
    other = world.site("S-2")
    with world.acting() as act:
        call_id = {
            "another site": lambda: call(act, other),
            "undone": lambda: call(act, site, undone_at=act.now),
            "old": lambda: call(act, site, started_at=act.now - timedelta(minutes=61)),
            "none": lambda: 999_999,
        }[how]()
        with pytest.raises(CallProvesNothingError):
            commands.add_provisional_contact(act, site.id, CAROLE, call_id=call_id)


def test_without_a_call_a_motif_is_kept_for_review(world, site):
    with world.acting() as act:
        for motif in (None, "  "):
            with pytest.raises(CallBackNeededError):
                commands.add_provisional_contact(act, site.id, CAROLE, motif=motif)
        commands.add_provisional_contact(act, site.id, CAROLE, motif="gérante hospitalisée")
    assert world.last("contact.added_provisionally")["motif"] == "gérante hospitalisée"
    assert world.rows(Contact, Contact.name == "Carole")[0].provisional_basis == "motif"


def test_a_provisional_contact_is_found_told_and_ends_at_noon(world, site):
    from veilleur.features.sites.searching import search_sites
    from veilleur.kernel.ports import Perimeter

    with world.acting() as act:
        contact_id = commands.add_provisional_contact(act, site.id, CAROLE, motif="m")
        deadline = act.session.scalars(select(Deadline).where(Deadline.kind == "provisional_contact")).one()
        assert (deadline.subject_id, deadline.site_id) == (contact_id, site.id)
        assert not commands.expire_provisional_contact(act, contact_id), "not yet"
        row = act.session.get(Contact, contact_id)
        assert deadline.due_at == row.provisional_until
    with world.database.read() as session:
        assert [found.reference for found in search_sites(session, "0639980077", Perimeter())] == ["S-1"]
        view = read_site_view(session, site.id)
    before = {contact.name for contact in current_contacts(view.contacts, world.clock.now())}
    world.clock.advance(12 * 3600)
    after = {contact.name for contact in current_contacts(view.contacts, world.clock.now())}
    assert before - after == {"Carole"}
    with world.acting() as act:
        assert commands.expire_provisional_contact(act, contact_id)
        assert not commands.expire_provisional_contact(act, contact_id), "no longer applies"
        anne = act.session.scalars(select(Contact.id).where(Contact.name == "Anne")).one()
        assert not commands.expire_provisional_contact(act, anne)
    with world.database.read() as session:
        assert search_sites(session, "0639980077", Perimeter()) == []


@pytest.mark.parametrize(
    ("contact", "error"),
    [
        (NewContact("", "0639980077", None, None), TextLengthError),
        (NewContact("x" * 201, "0639980077", None, None), TextLengthError),
        (NewContact("Carole", "12", None, None), NotAPhoneError),
    ],
)
def test_a_contact_without_name_or_number_is_refused(world, site, contact, error):
    with world.acting() as act, pytest.raises(error):
        commands.add_provisional_contact(act, site.id, contact, motif="m")


def test_a_temporary_consigne_has_an_end_and_can_be_ended(world, site):
    with world.acting() as act:
        until = act.now + timedelta(hours=8)
        made = commands.add_instruction(
            act, site.id, text=" Portail ouvert ", asked_by="Anne", valid_until=until
        )
        row = act.session.get(Instruction, made)
        assert (row.text, row.kind, row.asked_by, row.origin) == (
            "Portail ouvert",
            "temporary",
            "Anne",
            "desk",
        )
        for bad in (act.now, act.now - timedelta(hours=1), act.now + timedelta(days=100)):
            with pytest.raises(InstructionLengthError):
                commands.add_instruction(act, site.id, text="x", asked_by="Anne", valid_until=bad)
        for text, who in (("", "Anne"), ("x", " ")):
            with pytest.raises(TextLengthError):
                commands.add_instruction(act, site.id, text=text, asked_by=who, valid_until=until)
        commands.end_instruction(act, site.id, made, reason="refermé")
        with pytest.raises(InstructionEndedError):
            commands.end_instruction(act, site.id, made)
    assert world.last("instruction.ended")["reason"] == "refermé"


def test_a_permanent_consigne_or_another_site_s_is_not_ended_here(world, site):
    always = world.rows(Instruction)[0]
    with world.acting() as act:
        with pytest.raises(InstructionNotTemporaryError):
            commands.end_instruction(act, site.id, always.id)
        with pytest.raises(NotFoundError):
            commands.end_instruction(act, world.site("S-2").id, always.id)
        with pytest.raises(NotFoundError):
            commands.add_instruction(
                act, 999_999, text="x", asked_by="y", valid_until=act.now + timedelta(hours=1)
            )


ADOPTIONS = [
    ("R3", "1234", True),
    ("R1", "01234", False),
    (None, "1234", False),
    ("R1", "77", True),
    (None, "77", True),
]


@pytest.mark.parametrize(("line", "account", "allowed"), ADOPTIONS)
def test_a_ghost_becomes_a_panel_unless_its_account_is_taken(world, site, line, account, allowed):
    other = world.site("S-2")
    with world.acting() as act:
        if not allowed:
            with pytest.raises(AccountTakenError) as taken:
                commands.adopt_account(act, other.id, line, account)
            assert taken.value.params["site"] == "Boulangerie"
            return
        panel_id = commands.adopt_account(act, other.id, line, account)
    panel = world.rows(Panel, Panel.id == panel_id)[0]
    assert (panel.line, panel.account, panel.adopted, panel.key_sealed) == (line, account, True, None)
    assert [path.match for path in world.rows(Path, Path.panel_id == panel_id)] == [{}]
    assert f"#{panel.canonical}" in world.site("S-2").search


def test_every_night_change_moves_the_version_of_the_site(world, site):
    version = site.entry_id
    with world.acting() as act:
        for change in (
            lambda: commands.add_provisional_contact(act, site.id, CAROLE, motif="m"),
            lambda: commands.add_instruction(
                act, site.id, text="x", asked_by="y", valid_until=act.now + timedelta(hours=1)
            ),
            lambda: commands.adopt_account(act, site.id, "R9", "9"),
        ):
            change()
            act.session.flush()
            moved = act.session.get(type(site), site.id).entry_id
            assert moved > version
            version = moved
