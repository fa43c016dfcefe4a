# ruff: noqa: E501  # one case, one line
"""Every fault has its line, its field and its sentence; hostile files cost little and change nothing."""

from __future__ import annotations

import os

import pytest

from veilleur.features.sites.importer import FileRefusedError
from veilleur.features.sites.importer import nodes as limits
from veilleur.features.sites.tables import Instruction, Site

SITE = "sites:\n  - reference: S-1\n    name: Test\n"
PANEL = SITE + "    panels:\n      - account: '1'\n"
CONTACT = SITE + "    contacts:\n      - name: Anne\n"

FAULTS = [
    # text, line, where, code
    ("sites:\n  - name: Sans référence\n", 2, "sites[ligne 2]", "required"),
    ("sites:\n  - reference: S-1\n", 2, "sites[S-1]", "required"),
    ("sites:\n  - reference: S-1\n    name: ~\n", 3, "sites[S-1].name", "required"),
    (SITE + "    nmae: Test\n", 4, "sites[S-1].nmae", "unknown_field"),
    (SITE + "    kind: pro\n", 4, "sites[S-1].kind", "not_among"),
    (SITE + "    connection: en panne\n", 4, "sites[S-1].connection", "not_among"),
    (SITE + "    timezone: Paris\n", 4, "sites[S-1].timezone", "bad_timezone"),
    (SITE + "    timezone: ../../etc/passwd\n", 4, "sites[S-1].timezone", "bad_timezone"),
    (SITE + "    phone: '12'\n", 4, "sites[S-1].phone", "bad_phone"),
    (SITE + "    phone: +33 1 99 00\n", 4, "sites[S-1].phone", "bad_phone"),
    (SITE + "    position: {lat: 91, lon: 2}\n", 4, "sites[S-1].position.lat", "not_between"),
    (SITE + "    position: {lat: 45}\n", 4, "sites[S-1].position", "required"),
    (SITE + "    address: rue du Test\n", 4, "sites[S-1].address", "not_a_form"),
    (SITE + "    address: {country: France}\n", 4, "sites[S-1].address.country", "bad_country"),
    (SITE + "    services: [cuisine]\n", 4, "sites[S-1].services[1]", "not_among"),
    (SITE + "    schedule: [{days: lun-vwx, from: '8:00', to: '9:00'}]\n", 4, "sites[S-1].schedule[1].days", "bad_days"),
    (SITE + "    schedule: [{from: '8h', to: '9:00'}]\n", 4, "sites[S-1].schedule[1].from", "bad_clock"),
    (SITE + "    schedule: [{from: '25:00', to: '9:00'}]\n", 4, "sites[S-1].schedule[1].from", "bad_clock"),
    (SITE + "    area_groups: {a: ['1'], b: ['01']}\n", 4, "sites[S-1].area_groups.b", "area_in_two_groups"),
    (SITE + "    customer: C-9\n", 4, "sites[S-1].customer", "unknown_reference"),
    (SITE + "    responders: [{responder: R-9}]\n", 4, "sites[S-1].responders[R-9].responder", "unknown_reference"),
    (SITE + "    contacts: Anne\n", 4, "sites[S-1].contacts", "not_a_list"),
    (SITE + "    panels: [{line: R1}]\n", 4, "sites[S-1].panels[1]", "required"),
    (SITE + "    panels: [{account: '12 34'}]\n", 4, "sites[S-1].panels[12 34].account", "bad_account"),
    (SITE + "    panels: [{account: '1'}, {account: '01'}]\n", 4, "sites[S-1].panels[01]", "account_twice"),
    (SITE + "    panels: [{account: '1', line: R1}, {account: '1'}]\n", 4, "sites[S-1].panels[1]", "account_on_any_line"),
    (PANEL + "        line: ligne 1\n", 6, "sites[S-1].panels[1].line", "bad_line"),
    (PANEL + "        key: 0123\n", 6, "sites[S-1].panels[1].key", "bad_key"),
    (PANEL + "        key: '***'\n", 6, "sites[S-1].panels[1].key", "masked_without_secret"),
    (PANEL + "        model: X\n", 6, "sites[S-1].panels[1].model", "unknown_reference"),
    (PANEL + "        time_policy: UTC\n", 6, "sites[S-1].panels[1].time_policy", "not_among"),
    (PANEL + "        duplicate_seconds: 99999999999999999999\n", 6, "sites[S-1].panels[1].duplicate_seconds", "not_between"),
    (PANEL + "        clear_allowed: peut-être\n", 6, "sites[S-1].panels[1].clear_allowed", "not_a_flag"),
    (PANEL + "        zones: [{number: 1}, {number: '001'}]\n", 6, "sites[S-1].panels[1].zones", "twice"),
    (PANEL + "        zones: [{number: 1, kind: effraction}]\n", 6, "sites[S-1].panels[1].zones[1].kind", "not_among"),
    (PANEL + "        paths: [{name: a}, {name: b}]\n", 6, "sites[S-1].panels[1].paths", "paths_overlap"),
    (PANEL + "        paths: [{interval: 90, reporting: 60}]\n", 6, "sites[S-1].panels[1].paths", "reporting_before_interval"),
    (PANEL + "        paths: [{match: {peer: 300.1.1.1}}]\n", 6, "sites[S-1].panels[1].paths[1].match.peer", "bad_network"),
    (PANEL + "        paths: [{match: {receiver: XYZ}}]\n", 6, "sites[S-1].panels[1].paths[1].match.receiver", "bad_hexadecimal"),
    (CONTACT + "      - name: ANNE\n", 6, "sites[S-1].contacts", "twice"),
    (CONTACT + "        phone: '+33 6 39 98 12 34'\n        phones: ['+33 6 39 98 12 35']\n", 5, "sites[S-1].contacts[Anne]", "phone_and_phones"),
    (CONTACT + "        phone: 06 39 98\n", 6, "sites[S-1].contacts[Anne].phone", "bad_phone"),
    (CONTACT + "        code_word: Lilas\n        duress_word: li-las\n", 5, "sites[S-1].contacts[Anne]", "words_alike"),
    (CONTACT + "        code_word: '***'\n", 6, "sites[S-1].contacts[Anne].code_word", "masked_without_secret"),
    (CONTACT + "        code_word: lilas\n      - {name: Bob, duress_word: lilas}\n", 7, "sites[S-1].contacts[Bob]", "words_alike"),
    (SITE + "    instructions: [{text: A, kind: temporaire}]\n", 4, "sites[S-1].instructions", "temporary_without_end"),
    (SITE + "    instructions: [{text: A, from: 2026-12-02, until: 2026-12-01}]\n", 4, "sites[S-1].instructions", "ends_before_it_begins"),
    (SITE + "    instructions: [{text: A, until: demain}]\n", 4, "sites[S-1].instructions[1].until", "bad_instant"),
    (SITE + "    procedures: [{event: intrusion, steps: [{act: danser}]}]\n", 4, "sites[S-1].procedures[intrusion].steps[1].act", "bad_steps"),
    (SITE + "    procedures: [{event: vol, steps: []}]\n", 4, "sites[S-1].procedures[vol].event", "not_among"),
    (SITE + "  - reference: S-1\n    name: Encore\n", 4, "sites[S-1]", "twice"),
    (SITE + "    note: \"a\\x07b\"\n", 4, "sites[S-1].note", "control"),
    (SITE + "    risks: ''\n", 4, "sites[S-1].risks", "empty"),
    (SITE + "    name2: [[1]]\n", 4, "sites[S-1].name2", "unknown_field"),
    ("site: 3\nsites: []\n", 1, "", "unknown_field"),
    ("sites: [~]\n", 1, "sites[ligne 1]", "not_a_form"),
    ("sites: [3]\n", 1, "sites[ligne 1]", "not_a_form"),
    ("customers: [{reference: C-1}]\n", 1, "customers[C-1]", "required"),
    ("directory: [{commune: '99001', town: V, service: police, name: P, number: '***'}]\n", 1, "directory[P].number", "masked_without_secret"),
    ("site: []\nsites: []\n", 1, "", "unknown_field"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "where", "code"), FAULTS)
def test_each_fault_is_told_with_its_line_and_field(world, sentences, text, line, where, code):
    report = world.load(text)
    found = [(issue.line, issue.where, issue.code) for issue in report.issues]
    assert (line, where, code) in found
    for language in ("fr", "en"):
        for issue in report.issues:
            said = issue.sentence(language)
            assert said != issue.code
            assert "{" not in said
            assert "—" not in said, "every parameter of the sentence is given"


ROUND = (
    "sites:\n  - reference: S-1\n    name: Test\n    kind: pro\n    panels:\n      - {account: '1', line: R9}\n"
    "      - {account: '01', line: ligne 1}\n    procedures:\n      - event: intrusion\n        steps:\n"
    "          - {key: clip, act: view_clip}\n          - {key: site, act: danser}\n"
    "          - {act: note, timer: demain}\n    contacts:\n"
    "      - {name: Anne, code_word: lilas, duress_word: lilas}\n"
)


def test_all_is_said_in_one_round_by_line_and_nothing_is_concluded_from_what_was_not_read(world):
    report = world.load(ROUND, lines=["R1", "R2"], dry_run=True)
    steps = "sites[S-1].procedures[intrusion].steps"
    assert [(issue.line, issue.where, issue.code) for issue in report.issues] == [
        (4, "sites[S-1].kind", "not_among"),
        (6, "sites[S-1].panels[1].line", "no_such_line"),
        (7, "sites[S-1].panels[01].line", "bad_line"),
        (12, f"{steps}[2].act", "bad_steps"),
        (13, f"{steps}[3]", "bad_steps"),
        (13, f"{steps}[3].timer", "bad_steps"),
        (15, "sites[S-1].contacts[Anne]", "words_alike"),
    ]
    assert "qui nomment : R1, R2 ;" in report.issues[1].sentence("fr")


def test_a_panel_that_is_taken_off_may_name_a_line_that_is_gone(world):
    panel = PANEL + "        line: R3\n"
    assert world.load(panel).ok, "who does not know the settings refuses no line"
    assert [issue.code for issue in world.load(panel, lines=["R1"]).issues] == ["no_such_line"]
    assert world.load(panel + "        removed: yes\n", lines=["R1"]).ok


def test_a_likely_name_is_proposed(world, sentences):
    said = sentences(world.load(SITE + "    conections: en service\n"))
    assert said == [
        "ligne 4, sites[S-1].conections : le champ «conections» est inconnu ; vouliez-vous écrire «connection» ?"
    ]


def test_a_fault_never_tells_a_secret(world, sentences):
    text = (
        PANEL
        + "        key: ABCDEFGHIJ\n"
        + "    contacts: [{name: A, code_word: secretissime, duress_word: Secretissime}]\n"
    )
    said = " ".join(sentences(world.load(text)))
    assert "ABCDEFGHIJ" not in said
    assert "ecretissime" not in said


FILES = [
    ("a: &x [1]\nb: *x\n", "alias"),
    ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", "alias"),
    ("a: &a [*a]\n", "alias"),
    ("sites: !!python/object/apply:os.system [id]\n", "tag"),
    ("sites: []\nsites: []\n", "key_twice"),
    ("sites:\n  - {reference: A, reference: B}\n", "key_twice"),
    ("sites:\n  - {[a]: 1}\n", "key_not_text"),
    ("- 1\n", "not_a_mapping"),
    ("bonjour\n", "not_a_mapping"),
    ("sites: [}\n", "syntax"),
    ("sites: \"x\n", "syntax"),
    ("a: 1\n---\nb: 2\n", "two_documents"),
    ("sites:\n  - " + "[" * 40 + "]" * 40, "too_deep"),
    ("sites: " + "[" * 100_000, "too_deep"),
    ("sites: " + "{a: " * 100_000, "too_deep"),
    ("sites: [{reference: " + "x" * (limits.MAX_SCALAR + 1) + "}]", "long_text"),
    ("sites: [[" + "x," * (limits.MAX_NODES + 1) + "]]", "too_many_nodes"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), FILES)
def test_a_hostile_file_is_refused_whole(world, text, reason):
    with pytest.raises(FileRefusedError) as refused:
        world.load(text)
    assert refused.value.reason == reason
    assert "{" not in refused.value.sentence("en")
    assert world.entries() == 0


def test_bytes_that_are_no_text_are_refused(world):
    (world.folder / "sites.yaml").write_bytes(b"sites: [\xff\xfe\x00]")
    from veilleur.features.sites.importer import import_file

    with pytest.raises(FileRefusedError) as refused:
        import_file(world.database, world.clock, world.keys, world.folder / "sites.yaml")
    assert refused.value.reason == "not_utf8"
    assert (
        refused.value.sentence("fr")
        == "le fichier n’est pas un texte UTF-8 : enregistrez-le dans cet encodage."
    )
    with pytest.raises(FileRefusedError, match=r"«.*absent.yaml» ne peut pas être lu : introuvable\."):
        import_file(world.database, world.clock, world.keys, world.folder / "absent.yaml")


def test_a_pipe_is_refused_at_once(world):
    """It could not be read twice, and nobody may ever write in it."""
    from veilleur.features.sites.importer import import_file

    os.mkfifo(world.folder / "tube")
    with pytest.raises(FileRefusedError) as refused:
        import_file(world.database, world.clock, world.keys, world.folder / "tube")
    assert refused.value.reason == "not_a_file"


def test_a_section_in_capitals_is_named(world):
    assert "vouliez-vous écrire «sites» ?" in " ".join(
        issue.sentence("fr") for issue in world.load("SITES:\n  - {reference: A}\n").issues
    )


def test_a_file_too_large_is_not_even_read(world, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 10)
    with pytest.raises(FileRefusedError) as refused:
        world.load(SITE)
    assert refused.value.reason == "too_big"


def test_a_fault_of_syntax_at_the_end_changes_nothing(world):
    with pytest.raises(FileRefusedError):
        world.load(SITE + "  - reference: S-2\n    name: [\n")
    assert world.rows(Site) == []


def test_an_empty_file_is_an_import_of_nothing(world):
    for text in ("", "# rien\n", "~\n", "sites:\n", "sites: []\n"):
        assert world.taken(text).total("added") == 0
    assert world.entries() == 0


def test_what_is_written_twice_is_named(world):
    report = world.load(PANEL + "        zones: [{number: 15}, {number: '015'}]\n")
    assert [issue.params for issue in report.issues if issue.code == "twice"] == [{"first": 6, "name": "15"}]


def test_a_periodic_consigne_is_a_particular_one(world):
    text = (
        SITE
        + "    instructions: [{text: Quai, kind: périodique, schedule: [{days: mardi, from: '02:00', to: '03:00'}]}]\n"
    )
    assert world.load(text).issues == []
    assert [row.kind for row in world.rows(Instruction)] == ["particular"]
