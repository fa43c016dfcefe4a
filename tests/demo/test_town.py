"""The demonstration town: its file, its stories, its clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from tests.acceptance.centre import enter
from veilleur.centre import _environment
from veilleur.composition import parse_town_time
from veilleur.db.engine import open_database
from veilleur.demo.pager import MOST
from veilleur.demo.panels import SIGN
from veilleur.demo.scenarios import IP_CUT, LINK_SECONDS, OPENING, ORDINARY, SCENARIOS, Said, Scenario
from veilleur.demo.town import CALLS_FILE, TOWN, town_channels
from veilleur.features.sites.importer.run import import_file
from veilleur.jobs.channels import Message, examine, send
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.errors import SettingsError
from veilleur.keyring import Keys
from veilleur.protocols import contact_id, sia_codes
from veilleur.settings import ChannelSettings, load_settings

OPENS_AND_TESTS = ("3", "4", "6", "RP")
"""How codes begin whose number is a user's or nothing's, not a zone's (except 38x)."""

SPEAK_SIA = {"S-0005", "S-0007", "S-0011"}
"""The college, the villa of the lime trees, the car park."""


def test_the_file_imports_without_a_fault_or_a_notice(
    database: Any, clock: ManualClock, tmp_path: Path
) -> None:
    """Also: every site has emergency numbers, otherwise the import would say so."""
    opened = open_database(database.app_dsn, pool_size=1)
    try:
        keys = Keys(tmp_path / "keys")
        keys.make()
        report = import_file(opened, clock, keys, TOWN, strict=True)
    finally:
        opened.close()
    assert report.issues == []
    assert report.notices == []
    assert report.committed
    assert report.counts["sites"]["added"] == len(sites())


def test_its_people_on_call_are_called_by_a_way_that_ends_in_a_file(tmp_path: Path) -> None:
    (channel,) = town_channels(load_settings(data_dir=tmp_path))
    people = yaml.safe_load(TOWN.read_text("utf-8"))["on_call"]
    assert {way["channel"] for person in people for way in person["ways"]} == {channel.name}
    assert {person.get("kind", "person") for person in people} == {"person", "centre"}
    to = [way["to"] for person in people for way in person["ways"]]
    message = Message(to, "Station non tenue", "Dossier 12 : intrusion", "")
    examine(channel)
    send(channel, message)
    send(channel, message)
    written = (tmp_path / CALLS_FILE).read_text("utf-8")
    assert written.count("Dossier 12 : intrusion") == 2 * len(to)
    assert all(f"À {each} : Station non tenue" in written for each in to)
    (tmp_path / CALLS_FILE).write_text("x" * (MOST + 1))
    send(channel, message)
    assert (tmp_path / CALLS_FILE).stat().st_size < MOST, "it begins again"


def test_the_roles_are_told_of_it(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, demo=True)
    told = _environment(settings.model_copy(update={"channels": town_channels(settings)}), "run")
    read = TypeAdapter(tuple[ChannelSettings, ...]).validate_json(told["VEILLEUR_CHANNELS"])
    assert read == town_channels(settings)


def sites() -> dict[str, dict[str, Any]]:
    """The town's sites by reference."""
    return {site["reference"]: site for site in yaml.safe_load(TOWN.read_text("utf-8"))["sites"]}


STORIES = {name: story.said for name, story in SCENARIOS.items()} | {"opening": OPENING, "ordinary": ORDINARY}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_names_only_what_exists(name: str) -> None:
    """Every site, every zone that a message names, every path it is said on."""
    town = sites()
    for said in STORIES[name]:
        panel = town[said.site]["panels"][0]
        if names_a_zone(said):
            zones = {str(zone["number"]).lstrip("0") for zone in panel.get("zones", ())}
            assert said.number.lstrip("0") in zones, said
        if said.prefix is not None:
            assert said.prefix in {path.get("match", {}).get("prefix") for path in panel["paths"]}, said
    story = SCENARIOS.get(name, Scenario(""))
    assert {asked.site for asked in story.asked} <= town.keys()
    for silent in story.silent:
        assert silent.prefix in {path["match"]["prefix"] for path in town[silent.site]["panels"][0]["paths"]}
    assert [told.after for told in story.told] == sorted(told.after for told in story.told)
    assert [said.after for said in STORIES[name]] == sorted(said.after for said in STORIES[name])


def names_a_zone(said: Said) -> bool:
    """Alarms are said of a zone."""
    return not said.code.startswith(OPENS_AND_TESTS)


def test_three_panels_speak_sia_and_nothing_else_the_others_contact_id() -> None:
    """Every code is in the table of its panel's language."""
    told = [said for story in STORIES.values() for said in story]
    assert {said.site for said in told if said.sia} == SPEAK_SIA
    assert not {said.site for said in told if not said.sia} & SPEAK_SIA
    for said in told:
        assert (sia_codes if said.sia else contact_id).lookup(said.code) is not None, said


def test_supervision_is_as_the_towns_plan_says() -> None:
    """The bank every 30 s on two ways, the jeweller on two; a loss of the warehouse's radio is told before its IP's."""
    paths = {ref: site["panels"][0].get("paths", ()) for ref, site in sites().items()}
    assert [path["interval"] for path in paths["S-0002"]] == [30, 30]
    assert len(paths["S-0003"]) == 2
    ip, radio = paths["S-0001"]
    assert ip["interval"] == 90
    last = LINK_SECONDS - IP_CUT
    assert radio["reporting"] < IP_CUT + 2 * ip["interval"] + 30 - ip["interval"] * SIGN < last


def test_the_help_says_what_each_scenario_is() -> None:
    said = " ".join(enter("demo", "--help").stdout.split())
    for name, story in SCENARIOS.items():
        assert f"{name} : {story.title}." in said
        assert "\n" not in story.title


@pytest.mark.parametrize(
    ("text", "read"),
    [("lundi-02:55", (0, 2, 55)), ("mardi-02:40", (1, 2, 40)), ("Dimanche-23:59", (6, 23, 59))],
)
def test_the_towns_hour(text: str, read: tuple[int, int, int]) -> None:
    """A French day and an hour."""
    assert parse_town_time(text) == read


@pytest.mark.parametrize("text", ["", "mardi", "mardi-", "mardi-2", "tuesday-02:40", "mardi-aa:40", "02:40"])
def test_an_hour_that_cannot_be_read_is_refused(text: str) -> None:
    """In one sentence, with the form to write."""
    with pytest.raises(SettingsError, match="mardi-02:40"):
        parse_town_time(text)
