"""`veilleur doctor` when no centre runs: the addresses of the next start."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from veilleur import doctor
from veilleur.composition import Context
from veilleur.features.sites.importer import import_file
from veilleur.settings import load_settings


@pytest.fixture
def held() -> Iterator[str]:
    """An address that another program holds."""
    with socket.socket() as program:
        program.bind(("127.0.0.1", 0))
        program.listen()
        yield f"127.0.0.1:{program.getsockname()[1]}"


def test_an_address_held_by_another_program_is_told(tmp_path: Path, database: Any, held: str) -> None:
    settings = load_settings(data_dir=tmp_path, http=held, dc09="127.0.0.1:1", database_url=database.app_dsn)
    context = Context(settings)
    for _ in range(2):  # without a run, then with one that is over
        post, line = doctor.ports(context)
        assert (post.what, bool(post.mend)) == (f"Poste {held} : occupé", True)
        assert (line.what, line.mend) == ("Réception R1 127.0.0.1:1 : libre", "")
        context.note_run("a-run-long-gone")


def test_an_address_that_another_took_from_a_role_is_not_said_to_answer(
    tmp_path: Path, database: Any, held: str
) -> None:
    settings = load_settings(
        data_dir=tmp_path,
        http="127.0.0.1:1",
        dc09="127.0.0.1:1",
        video_http=held,
        recorders=1,
        database_url=database.app_dsn,
    )
    context = Context(settings)
    context.note_run("abcd")
    with psycopg.connect(database.app_dsn) as connection:
        for role in ("watch", "reception", "desk", "worker"):
            connection.execute(
                "INSERT INTO role_status (role, holder, started_at, seen_at, ready, detail)"
                " VALUES (%s, 'abcd/1', now(), now(), true, '{}')",
                (role,),
            )
    told = {each.what: each.mend for each in doctor.ports(context)}
    assert told["Rôle recorder : absent"]
    assert "un autre programme" in told[f"Images (recorder) {held} : tenue par un autre"]


def test_the_note_of_a_run_keeps_every_line(tmp_path: Path) -> None:
    lines = [{"name": "R2", "listen": "127.0.0.1:7002"}]
    context = Context(load_settings(data_dir=tmp_path, http="[::1]:7000", dc09="127.0.0.1:7001", lines=lines))
    assert context.last_run() is None
    context.note_run("abcd")
    noted = context.last_run()
    assert noted is not None
    assert (noted.run, noted.http, noted.dc09) == ("abcd", "[::1]:7000", "127.0.0.1:7001")
    assert noted.lines == {"R1": "127.0.0.1:7001", "R2": "127.0.0.1:7002"}


def test_panels_on_a_line_that_is_gone_are_told(tmp_path: Path, database: Any) -> None:
    settings = load_settings(data_dir=tmp_path, dc09="127.0.0.1:1", database_url=database.app_dsn)
    context = Context(settings)
    file = tmp_path / "sites.yaml"
    panels = "[{account: '1', line: R1}, {account: '2', line: R9}, {account: '3'}]"
    file.write_text(f"sites:\n  - {{reference: S-1, name: Test, panels: {panels}}}\n", "utf-8")
    assert import_file(context.database(), context.clock, context.keys, file).ok
    (told,) = doctor.stray_panels(context)
    assert told.what == "Ligne de réception R9 : 1 transmetteur(s), dont celui du site S-1"
    assert "R1" in told.mend
    more = {"lines": [{"name": "R9", "listen": "127.0.0.1:2"}]}
    settings = load_settings(data_dir=tmp_path, dc09="127.0.0.1:1", database_url=database.app_dsn, **more)
    assert list(doctor.stray_panels(Context(settings))) == []


def test_each_channel_is_told_with_what_is_wrong(tmp_path: Path, held: str) -> None:
    ways = [
        {"name": "sms", "kind": "http", "url": f"http://{held}/"},
        {"name": "mail", "kind": "mail", "server": "127.0.0.1:1", "tls": "none"},
    ]
    told = list(doctor.channels(Context(load_settings(data_dir=tmp_path, channels=ways))))
    assert [(each.what, bool(each.mend)) for each in told] == [
        ("Canal sms : joignable", False),
        ("Canal mail", True),
    ]
    assert told[1].mend.startswith("serveur injoignable")
