"""Site by site or all at once: what is accepted is in, what is refused is in the rejects file, re-importable."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from veilleur.features.sites import commands
from veilleur.features.sites.hours import Period, parse_clock
from veilleur.features.sites.importer import FileRefusedError
from veilleur.features.sites.tables import Area, Contact, Instruction, Panel, Path, Site, Zone
from veilleur.locale.render import render_entry

THREE = """
sites:
  - {reference: S-1, name: Un, panels: [{account: "0001"}]}
  - reference: S-2
    name: Deux   # un commentaire
    phone: "12"
    contacts:
      - {name: "Anne: l'aînée", code_word: "015", phone: 06 39 98 00 01}
  - {reference: S-3, name: Trois, panels: [{account: "0003"}]}
"""


def test_each_site_is_accepted_or_refused_by_itself(world):
    report = world.load(THREE)
    assert report.committed
    assert report.counts["sites"] == {"added": 2, "rejected": 1}
    assert [site.reference for site in world.rows(Site)] == ["S-1", "S-3"]


def test_the_rejects_file_has_the_faults_and_can_be_mended_and_imported(world):
    rejects = world.folder / "refus.yaml"
    world.load(THREE, rejects=rejects)
    written = rejects.read_text("utf-8")
    assert "# ligne 6, sites[S-2].phone : «12» n’est pas un numéro de téléphone" in written
    assert "S-1" not in written
    assert rejects.stat().st_mode & 0o077 == 0, "it holds what the file holds, secrets too"
    report = world.taken(written.replace('"12"', '"+33 1 99 00 00 12"'))
    assert report.counts["sites"] == {"added": 1}
    contact = world.rows(Contact)[0]
    assert contact.name == "Anne: l'aînée"
    world.taken(THREE.replace('"12"', '"+33 1 99 00 00 12"'), rejects=rejects)
    assert world.rows(Site)[2].phone == "+33199000012"
    assert rejects.read_text() == "sites: []\n"


def test_a_rejects_file_that_cannot_be_written_is_said(world):
    with pytest.raises(FileRefusedError, match="peut pas être écrit"):
        world.load(THREE, rejects=world.folder / "absent" / "refus.yaml")


def test_refused_objects_of_the_top_keep_their_section(world):
    rejects = world.folder / "refus.yaml"
    world.load(
        "customers: [{reference: C-1}]\ncentre: {call_back: '1'}\nsites: [{reference: S-1}]\n",
        rejects=rejects,
    )
    written = rejects.read_text()
    assert [line for line in written.splitlines() if line.endswith(":") and not line.startswith(" ")] == [
        "centre:", "customers:", "sites:",
    ]  # fmt: skip
    mended = (
        written.replace("reference: C-1", "reference: C-1\n    name: Client")
        .replace("'1'", "'+33199000001'")
        .replace('"1"', '"+33199000001"')
    )
    world.taken(mended.replace("reference: S-1", "reference: S-1\n    name: Site"))


def test_strict_takes_all_or_nothing(world):
    report = world.load(THREE, strict=True)
    assert not report.committed
    assert world.rows(Site) == []
    assert world.entries() == 0
    report = world.taken(THREE.replace('"12"', '"+33 1 99 00 00 12"'), strict=True)
    assert report.committed
    assert len(world.rows(Site)) == 3
    assert world.entries("import.done") == 1
    done = world.last("import.done")
    said = render_entry("fr", "import.done", 2, {"params": done})
    assert len(done["sha256"]) == 64
    assert said.endswith(f"(empreinte {done['sha256'][:12]}…)")
    old = {name: value for name, value in done.items() if name != "mark"}
    assert render_entry("fr", "import.done", 1, {"params": old}).endswith(f"(SHA-256 {done['sha256']})")
    with world.database.read() as session:
        transactions = session.execute(text("SELECT count(DISTINCT txid::text) FROM entry")).scalar_one()
    assert transactions == 1


def test_without_strict_each_site_has_its_transaction_and_its_entry(world):
    world.load(THREE)
    with world.database.read() as session:
        kinds = session.execute(text("SELECT kind FROM entry ORDER BY id")).scalars().all()
        transactions = session.execute(text("SELECT count(DISTINCT txid::text) FROM entry")).scalar_one()
    assert kinds == ["site.added", "site.added", "import.done"]
    assert transactions == 3


@pytest.mark.parametrize("strict", [False, True])
def test_a_dry_run_tells_the_same_and_changes_nothing(world, strict):
    wet_text = (
        THREE
        + "customers: [{reference: C-1, name: Client}]\nresponders: [{reference: R-1, name: R, phone: '+33199000020'}]\n"
    )
    wet_text = wet_text.replace("name: Trois", "name: Trois, customer: C-1, responders: [{responder: R-1}]")
    dry = world.load(wet_text, dry_run=True, strict=strict)
    assert not dry.committed
    assert world.entries() == 0
    assert world.rows(Site) == []
    wet = world.load(wet_text)
    assert dry.counts == wet.counts
    assert [(i.line, i.code) for i in dry.issues] == [(i.line, i.code) for i in wet.issues]


def test_a_missing_directory_number_is_told_at_import_not_at_three_in_the_morning(world, sentences):
    site = "sites: [{reference: S-1, name: A, address: {postcode: '99001'}}, {reference: S-2, name: B}]\n"
    report = world.taken(site, dry_run=True)
    assert [notice.sentence("fr") for notice in report.notices] == [
        "Sites sans commune ni code postal : 1. Aucun numéro de secours ne pourra être proposé.",
        "commune 99001 (sites : 1) : l’annuaire n’a pas de numéro pour police ou gendarmerie, pompiers (CODIS), SAMU.",
    ]
    line = "  - {{commune: '99001', town: V, service: {0}, name: {0}, number: '17'}}\n"
    directory = "directory:\n" + "".join(line.format(service) for service in ("gendarmerie", "fire"))
    report = world.taken(site + directory, dry_run=True)
    assert report.notices[1].params["services"] == ["medical"], "what the same file brings is counted"


# ---- accounts (practice P9) ---------------------------------------------------------------------------------

ACCOUNTS = [
    # line and account of the first site, of the second, whether the second is refused
    ("R1", "1234", "R1", "1234", True),
    ("R1", "1234", "R3", "1234", False),
    (None, "1234", "R3", "1234", True),
    ("R1", "1234", None, "1234", True),
    (None, "1234", None, "1234", True),
    ("R1", "001234", "R1", "1234", True),
    ("R1", "abc", "R1", "ABC", True),
    ("R1", "1234", "R1", "12340", False),
]


@pytest.mark.parametrize("apart", [False, True], ids=["one file", "two files"])
@pytest.mark.parametrize(("line1", "account1", "line2", "account2", "refused"), ACCOUNTS)
def test_the_key_of_a_panel_is_line_and_account(world, line1, account1, line2, account2, refused, apart):
    def site(reference, line, account):
        said = f", line: {line}" if line else ""
        return f"  - {{reference: {reference}, name: X, panels: [{{account: '{account}'{said}}}]}}\n"

    one, two = site("S-1", line1, account1), site("S-2", line2, account2)
    if apart:
        world.taken("sites:\n" + one)
        report = world.load("sites:\n" + two)
    else:
        report = world.load("sites:\n" + one + two)
    codes = [issue.code for issue in report.issues]
    assert codes == ([] if not refused else ["account_held"] if apart else ["account_twice_in_file"])
    assert all(issue.where == f"sites[S-2].panels[{account2}].account" for issue in report.issues)
    assert len(world.rows(Panel)) == (1 if refused else 2)


def test_an_account_may_move_to_another_site_in_any_order_of_the_file(world):
    world.taken("sites: [{reference: S-1, name: A, panels: [{account: '1'}]}, {reference: S-2, name: B}]")
    moved = (
        "sites: [{reference: S-2, name: B, panels: [{account: '1'}]}, {reference: S-1, name: A, panels: []}]"
    )
    dry = world.taken(moved, dry_run=True)
    assert dry.counts["sites"] == {"changed": 2}
    assert world.taken(moved).counts["sites"] == {"changed": 2}
    panels = world.rows(Panel, Panel.removed_at.is_(None))
    assert [panel.site_id for panel in panels] == [world.site("S-2").id]


def test_two_imports_at_once_never_give_an_account_twice(world):
    files = []
    for number in (1, 2):
        path = world.folder / f"{number}.yaml"
        rows = [
            f"  - {{reference: 'S-{number}-{i}', name: X, panels: [{{account: '{i}'{', line: R1' if number == 1 else ''}}}]}}"
            for i in range(1, 16)
        ]
        path.write_text("sites:\n" + "\n".join(rows))
        files.append(path)
    from veilleur.features.sites.importer import import_file

    reports = []
    threads = [
        threading.Thread(
            target=lambda p=path: reports.append(import_file(world.database, world.clock, world.keys, p))
        )
        for path in files
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(report.counts["sites"]["added"] for report in reports) == 15
    assert sum(report.counts["sites"]["rejected"] for report in reports) == 15
    assert sorted(panel.canonical for panel in world.rows(Panel)) == sorted(str(i) for i in range(1, 16))


# ---- what the file leaves out, and what others wrote --------------------------------------------------------

SMALL = """
sites:
  - reference: S-1
    name: Un
    phone: "+33 1 99 00 00 01"
    areas: [{number: 1, name: Atelier}]
    panels:
      - {account: "1", line: R1, sends_restores: no, zones: [{number: 1, name: Porte}, {number: 2, name: Fenêtre}]}
    contacts: [{name: Anne, rank: 1, code_word: lilas}, {name: Bob, rank: 2}]
    instructions: [{text: Toujours}, {text: Travaux, kind: temporary, until: 2026-12-01}]
"""


def test_a_key_left_out_leaves_what_is_there_an_empty_one_clears(world):
    world.taken(SMALL)
    assert world.taken("sites: [{reference: S-1, name: Un}]").total("unchanged") == 1
    assert world.site().phone == "+33199000001"
    world.taken("sites: [{reference: S-1, name: Un, phone: null, contacts: [], instructions: null}]")
    assert world.site().phone is None
    assert world.rows(Contact, Contact.removed_at.is_(None)) == []
    assert world.rows(Instruction, Instruction.ended_at.is_(None)) == []
    assert len(world.rows(Panel, Panel.removed_at.is_(None))) == 1


def test_an_item_left_out_of_a_list_is_ended_and_comes_back_as_it_was(world):
    world.taken(SMALL)
    zones = {zone.number: zone.id for zone in world.rows(Zone)}
    world.taken(SMALL.replace(", {number: 2, name: Fenêtre}", ""))
    assert [zone.number for zone in world.rows(Zone, Zone.removed_at.is_(None))] == ["1"]
    world.taken(SMALL)
    assert {zone.number: zone.id for zone in world.rows(Zone, Zone.removed_at.is_(None))} == zones


def test_a_panel_whose_line_changes_stays_the_same_panel(world):
    world.taken(SMALL)
    panel = world.rows(Panel)[0]
    world.taken(SMALL.replace("line: R1", "line: R3"))
    assert [(row.id, row.line) for row in world.rows(Panel, Panel.removed_at.is_(None))] == [(panel.id, "R3")]


def test_the_masked_secret_stays_and_the_new_one_replaces(world):
    from veilleur.features.sites.queries import site_words

    def word():
        with world.database.read() as session:
            rows = site_words(session, world.keys.contacts, world.site().id, world.clock.now())
        return [row.code_word for row in rows if row.code_word]

    world.taken(SMALL)
    sealed = world.rows(Contact)[0].code_word
    assert world.taken(SMALL.replace("lilas", "'***'")).total("changed") == 0
    assert world.rows(Contact)[0].code_word == sealed
    world.taken(SMALL.replace("lilas", "iris"))
    assert word() == ["iris"]
    world.taken(SMALL.replace("code_word: lilas", "code_word: null"))
    assert word() == []


def test_what_operators_and_signals_added_survives_an_import(world):
    world.taken(SMALL)
    site, panel = world.site(), world.rows(Panel)[0]
    period = Period(frozenset({1}), parse_clock("22:00"), parse_clock("06:00"))
    with world.acting() as act:
        commands.discover_zone(
            act, site_id=site.id, panel_id=panel.id, number="009", shown="009", area=None, name=None, kind=None,
            at=act.now,
        )  # fmt: skip
        commands.adopt_account(act, site.id, "R3", "77")
        commands.add_provisional_contact(
            act,
            site.id,
            commands.NewContact("Carole", "06 39 98 00 09", None, None),
            motif="gérante hospitalisée",
        )
        commands.add_instruction(
            act, site.id, text="Portail ouvert", asked_by="Anne", valid_until=act.now.replace(day=25),
            schedule_periods=[period],
        )  # fmt: skip
        works = next(row for row in world.rows(Instruction) if row.text == "Travaux")
        commands.end_instruction(act, site.id, works.id, reason="finis")
    before = world.entries()
    report = world.taken(SMALL)
    assert report.total("changed") == 0, world.last()
    assert world.entries() == before
    assert [notice.code for notice in report.notices if notice.code.startswith("instruction")] == [
        "instruction_was_ended"
    ]
    assert sorted(row.account for row in world.rows(Panel, Panel.removed_at.is_(None))) == ["1", "77"]
    assert sorted(row.number for row in world.rows(Zone, Zone.removed_at.is_(None))) == ["1", "2", "9"]
    assert [row.name for row in world.rows(Contact, Contact.removed_at.is_(None))] == [
        "Anne",
        "Bob",
        "Carole",
    ]
    running = world.rows(Instruction, Instruction.ended_at.is_(None))
    assert sorted(row.text for row in running) == ["Portail ouvert", "Toujours"]
    assert "Carole" not in world.export()
    world.taken(SMALL.replace("{name: Bob, rank: 2}", "{name: Bob, rank: 2}, {name: carole, rank: 3}"))
    carole = next(row for row in world.rows(Contact) if row.name == "carole")
    assert carole.provisional_until is None, "the office confirmed her"
    world.taken(SMALL.replace("panels:", "panels:\n      - {account: '77', line: R3, removed: true}"))
    assert [row.account for row in world.rows(Panel, Panel.removed_at.is_(None))] == ["1"]


def test_an_import_takes_no_part_in_what_is_armed_or_lost(world):
    world.taken(SMALL)
    with world.acting() as act:
        site, path, zone = world.site(), world.rows(Path)[0], world.rows(Zone)[0]
        commands.set_area_state(act, site.id, "01", armed=True, partial=False, at=act.now, by="3")
        commands.set_path_state(act, path.id, "lost", act.now)
        commands.set_zone_state(act, zone.id, "alarm", act.now)
    world.taken(SMALL.replace("name: Porte", "name: Porte d'entrée").replace("Atelier", "Grand atelier"))
    assert (world.rows(Area)[0].armed, world.rows(Area)[0].name) == (True, "Grand atelier")
    assert world.rows(Path)[0].state == "lost"
    assert (world.rows(Zone)[0].state, world.rows(Zone)[0].name) == ("alarm", "Porte d'entrée")


@pytest.mark.parametrize("strict", [False, True])
def test_a_site_that_somebody_holds_is_refused_in_words_and_the_others_are_taken(world, strict):
    import psycopg

    world.taken(SMALL)
    both = SMALL.replace("name: Un", "name: Nouveau") + "  - {reference: S-2, name: Deux}\n"
    with psycopg.connect(world.database.dsn) as other:
        other.execute("SELECT 1 FROM site WHERE reference = 'S-1' FOR UPDATE")
        report = world.load(both, strict=strict)
    assert [issue.code for issue in report.issues] == ["not_written"]
    assert "lock timeout" in report.issues[0].sentence("fr")
    assert [site.name for site in world.rows(Site)] == (["Un"] if strict else ["Un", "Deux"])
