"""What a report says of a point that is not back, of an image that was looked at, of a result said by hand."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from tests.features.handling.room import NEW_POINT, Room
from tests.features.reports.test_redaction import page
from veilleur.features.cameras.tables import Camera
from veilleur.features.handling import commands
from veilleur.features.handling.clues import ImageSeen
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.points import points_of
from veilleur.features.reports.redaction import AUDIENCES

PARIS = ZoneInfo("Europe/Paris")


def section(html: str, name: str) -> str:
    found = re.search(rf'<section class="{name}">.*?</section>', html, re.DOTALL)
    assert found, name
    return unescape(found[0])


@pytest.mark.parametrize("audience", AUDIENCES)
def test_un_point_qui_n_est_pas_revenu_est_suivi_par_quelqu_un_jusqu_a_une_heure(
    room: Room, audience: str
) -> None:
    """S12: never «revenu par —»; the deferral says of which point. The customer reads no name of ours."""
    dossier = room.open()
    room.join(dossier, NEW_POINT)
    with room.read() as session:
        quay, office = points_of(session, dossier)
    room.do("watch", incidents.mark_point_normal, dossier, quay.key, "restore", room.clock.now())
    until = room.clock.now() + timedelta(hours=8)
    room.do(
        "Ana", incidents.defer, dossier, "vitre à remplacer", "Vitrier Essai", until, point_ids=[office.id]
    )
    html = page(room, dossier, audience)
    local = f"{until.astimezone(PARIS):%d/%m %H:%M:%S}"
    points, deferrals = section(html, "points"), section(html, "deferrals")
    back, waiting = points.split("</tr>")[1:3]
    assert "fin d’alarme" in back
    assert local not in back
    assert "Suivi en attente jusqu’au" in points
    assert local in waiting
    assert ("Vitrier Essai" in waiting) == (audience != "customer")
    assert "point 016 Bureau du quai" in deferrals
    assert "point 015" not in deferrals
    assert re.search(
        r"Suivi en attente : vitre à remplacer.*point 016 Bureau du quai", section(html, "timeline")
    )


def test_la_levee_de_doute_commence_quand_quelqu_un_regarde(room: Room) -> None:
    """L613-6: never at the hour of the picture, which is before the first signal; the clue names its camera."""
    dossier = room.open(taken_by=None)
    taken_from = room.clock.now() - timedelta(seconds=14)
    room.clock.advance(31)
    room.do("Ana", incidents.take, dossier)
    room.clock.advance(60)
    with room.act("Ana") as act:
        entry_id = act.record("test.camera")
        row = Camera(
            reference="C-4", name="cam 04 Bureau", sort_key="cam 04 bureau", site_id=room.site_id, regime="private",
            source={}, live_roles=[], recorded_roles=[], neighbours=[], expected={}, entry_id=entry_id,
        )  # fmt: skip
        act.session.add(row)
        act.session.flush()
        camera = row.id
    seen = ImageSeen(camera, "cam 04 Bureau", taken_from)
    room.do("Ana", commands.add_clue, dossier, "image", "", image=seen)
    html = page(room, dossier, "prefect")
    begun = f"Commencée</dt><dd>{room.clock.now().astimezone(PARIS):%d/%m/%Y %H:%M:%S}</dd>"
    assert begun in section(html, "verification")
    clues = section(html, "clues")
    assert "cam 04 Bureau" in clues
    assert f"{taken_from.astimezone(PARIS):%d/%m %H:%M:%S}" in clues
    assert "caméra cam 04 Bureau, image de" in section(html, "timeline")


@pytest.mark.parametrize("audience", ["prefect", "internal"])
def test_un_resultat_dit_par_l_operateur_est_dans_le_deroule(room: Room, audience: str) -> None:
    dossier = room.open()
    room.do("Ana", incidents.step_done, dossier, "site", "no_answer", "pas de ligne", by_hand=True)
    told = section(page(room, dossier, audience), "timeline")
    assert re.search(r"Contre-appel du site.{0,5}Pas de réponse", told)
    assert ("pas de ligne" in told) == (audience == "internal")
