"""Two hundred open dossiers: the queue stays a queue, the counters are right, nothing spills (desk.md «Finish», U7, U10)."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import expect

from tests.acceptance.centre import Centre, enter
from tests.acceptance.room import Seat
from veilleur.demo.dialler import dial
from veilleur.kernel.clock import SystemClock
from veilleur.protocols import dc09

Sit = Callable[..., Seat]

MANY = 200
AT_ONCE = 8
#: What a town says in a storm: code, and the kind of its point.
SAYS = (
    ("130", "intrusion"),
    ("131", "intrusion"),
    ("122", "hold_up"),
    ("110", "fire"),
    ("301", "technical"),
    ("137", "tamper"),
    ("130", "intrusion"),
    ("151", "gas"),
)
SHOPS = (
    "Boulangerie",
    "Bijouterie",
    "Pharmacie",
    "Agence bancaire",
    "Entrepôt",
    "Collège",
    "Maison",
    "Garage",
)
STREETS = ("du Port", "des Halles", "de la Gare", "Sainte-Catherine", "de l’Écluse", "du Marché", "Jean-Macé")
POINTS = ("Porte d’entrée", "Réserve", "Bouton du comptoir", "Détecteur de fumée", "Alimentation", "Boîtier")
SIZES = ((1920, 1080), (1366, 768), (1280, 720))


def town() -> dict[str, list[dict[str, object]]]:
    """Sites of a whole town, fictional."""
    return {
        "sites": [
            {
                "reference": f"F-{number:04}",
                "name": f"{SHOPS[number % len(SHOPS)]} {STREETS[number % len(STREETS)]} {number}",
                "address": {"town": ("Villeneuve-sur-Essai", "Port-Essai")[number % 2], "postcode": "99001"},
                "panels": [
                    {
                        "account": f"{9000 + number}",
                        "zones": [{"number": "001", "area": "1", "name": POINTS[number % len(POINTS)]}],
                    }
                ],
            }
            for number in range(MANY)
        ]
    }


async def storm(centre: Centre) -> int:
    """Every site of the town dials; how many frames were acknowledged."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> bool:
        panel = centre.panel(f"{9000 + number}")
        data = dc09.cid_data(
            panel.account, SAYS[number % len(SAYS)][0], qualifier="1", area="01", number="001"
        )
        async with turn:
            return await dial(panel, SystemClock(), "ADM-CID", data)

    return sum(await asyncio.gather(*(one(number) for number in range(MANY))))


@pytest.fixture(scope="module")
def flooded(centre: Centre, tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """A centre where all of them have dialled."""
    file = tmp_path_factory.mktemp("town") / "town.yaml"
    file.write_text(yaml.safe_dump(town(), allow_unicode=True), "utf-8")
    said = enter("sites", "import", str(file), "--strict", "--data-dir", str(centre.data_dir))
    assert said.returncode == 0, said
    known_at_reception(centre, f"{9000 + MANY - 1}")
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, storm(centre)).result() == MANY
    opened_by_the_watch(centre)
    return centre


def known_at_reception(centre: Centre, account: str) -> None:
    """An import reaches every role within 2 s (contract); dialled until it has."""
    for sequence in range(100, 160):
        assert centre.say(centre.panel(account, sequence=sequence), "602")
        if centre.lines("signals", "--json", "--account", account)[-1]["verdict"] == "accepted":
            return
        time.sleep(0.25)
    raise AssertionError("the import did not reach reception")


def opened_by_the_watch(centre: Centre) -> None:
    """The watch has decided all of the storm."""
    for _ in range(120):
        if len({line["site"] for line in centre.lines("incidents", "--json")}) >= MANY:
            return
        time.sleep(0.5)
    raise AssertionError(f"{len(centre.lines('incidents', '--json'))} dossiers of {MANY}")


def counted(seat: Seat) -> dict[str, int]:
    """What the top bar says is to be taken, by band."""
    titles = [
        each.get_attribute("title") or "" for each in seat.page.locator("header [title*='à prendre']").all()
    ]
    return {title.split("\u00a0: ")[0]: int(re.findall(r"(\d+) à prendre", title)[0]) for title in titles}


BAND_NAMES = {1: "Priorité 1", 2: "Priorité 2 ou 3", 3: "Priorité 4", 4: "Priorité 5 et au-delà"}


def test_every_dossier_is_there_and_counted(sit: Sit, flooded: Centre) -> None:
    seat = sit("claire")
    expect(seat.page.get_by_role("heading", name="À traiter")).to_be_visible()
    rows = [row for row in seat.incidents_list() if row["site"]["reference"].startswith("F-")]
    assert len(rows) == MANY
    wanted = Counter(BAND_NAMES[row["band"]] for row in seat.incidents_list() if row["state"] == "new")
    expect(seat.page.get_by_title(f"Priorité 1\u00a0: {wanted['Priorité 1']} à prendre")).to_be_visible()
    assert counted(seat) == {name: wanted[name] for name in BAND_NAMES.values()}
    assert seat.errors == []


def test_the_queue_scrolls_and_the_page_does_not(sit: Sit, flooded: Centre) -> None:
    seat = sit("claire")
    first = seat.queue.get_by_role("option").first
    expect(first).to_contain_text("P1")
    seat.queue.focus()
    seat.press("Home", "End")
    last = seat.queue.locator("[aria-selected=true]")
    expect(last).to_be_in_viewport()
    expect(last).not_to_contain_text("P1")
    drawn = seat.queue.get_by_role("option").count()
    assert drawn < 60, f"{drawn} rows drawn: a queue draws what is seen"
    seat.press("Home")
    expect(seat.queue.locator("[aria-selected=true]")).to_contain_text("P1")
    # From a key to the row it moves to: 100 ms is the aim; a loaded machine is given more.
    spent = seat.page.evaluate(
        """async () => {
          const list = document.querySelector("[role=listbox]");
          const began = performance.now();
          for (let n = 0; n < 30; n += 1) {
            list.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
            await new Promise(requestAnimationFrame);
          }
          return (performance.now() - began) / 30;
        }"""
    )
    assert spent < 250, f"{spent:.0f} ms a row"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}×{size[1]}")
def test_nothing_spills_in_a_flood(
    sit: Sit, flooded: Centre, size: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    seat = sit("claire", width=size[0], height=size[1])
    seat.take_first()
    expect(seat.page.locator("li[aria-current=step]").first).to_be_visible()
    spilt = seat.page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("header, main, aside, footer, section")]
            .filter((part) => part.scrollWidth > part.clientWidth + 1)
            .map((part) => `${part.tagName} ${part.className} ${part.scrollWidth} > ${part.clientWidth}`)"""
    )
    assert spilt == []
    assert seat.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    place = tmp_path_factory.getbasetemp() / "screens"
    place.mkdir(exist_ok=True)
    seat.page.screenshot(path=Path(place) / f"flood-{size[0]}x{size[1]}.png")
