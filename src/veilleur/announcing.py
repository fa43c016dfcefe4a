"""What `veilleur up` says on the terminal: where to go, who may come in, and what is not ready yet, and why."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from veilleur.composition import recorder_numbers, recorder_role, roles_of
from veilleur.demo.town import CALLS_FILE, DEMO_PEOPLE
from veilleur.kernel.clock import Clock
from veilleur.kernel.doors import AddressBusyError
from veilleur.kernel.errors import SettingsError
from veilleur.locale.terminal import say
from veilleur.settings import Settings, split_address

NEEDED = frozenset({"watch", "reception", "desk"})
"""Ready, these take alarms and show them: people are told where to go, and wait for no other role."""
LATE = 20.0
"""Seconds after that in which another role may get ready without a word."""


@dataclass
class Announcer:
    """Says each thing once. `shut`: the role of a recorder whose address could not be had → why."""

    settings: Settings
    clock: Clock
    shut: Mapping[str, SettingsError] = field(default_factory=dict)
    console: Console = field(default_factory=Console)
    over: bool = False
    """Everything is ready, and was said."""
    _since: float | None = None
    _told: set[str] = field(default_factory=set)

    def look(self, ready: Collection[str]) -> None:
        """`ready`: the roles that say so now."""
        now = self.clock.monotonic()
        if self._since is None:
            if not NEEDED.issubset(ready):
                return
            self._since = now
            announce(self.settings, self.console, self.shut)
        missing = [role for role in roles_of(self.settings) if role not in ready]
        for role in missing:
            if role not in self._told and (role in self.shut or now - self._since >= LATE):
                self._told.add(role)
                self._print(self._why(role))
        for role in sorted(self._told.difference(missing)):
            self._told.discard(role)
            self._print(say("role_ready", role=role))
        self.over = not missing

    def _why(self, role: str) -> str:
        """One sentence: what is not ready, why, and how it is mended."""
        fault = self.shut.get(role)
        if fault is None:
            return say("role_late", role=role)
        number = next(each for each in recorder_numbers(self.settings) if recorder_role(each) == role)
        host, port = split_address(self.settings.recorder_address(number))
        if isinstance(fault, AddressBusyError):
            return say("recorder_port_taken", number=number, port=port, address=self.settings.video_http)
        return say("recorder_no_address", number=number, address=f"{host}:{port}")

    def _print(self, sentence: str) -> None:
        self.console.print(f"  {sentence}", markup=False, highlight=False, soft_wrap=True)


def typed() -> str:
    """The command line as this one was typed: it may not be on the path."""
    program = sys.argv[0]
    return program if Path(program).name == "veilleur" else "python -m veilleur"


def announce(settings: Settings, console: Console, shut: Collection[str] = ()) -> None:
    """Says on the terminal what a person needs to know at start."""
    console.print(f"\n[bold]Veilleur[/] est prêt : [bold cyan]http://{settings.http}[/]")
    for line in settings.reception_lines():
        console.print(
            f"  Réception {line.name} : DC-09, {' et '.join(t.upper() for t in line.transports)} {line.listen}"
        )
    for number in recorder_numbers(settings):
        if recorder_role(number) not in shut:
            console.print(f"  Images : enregistreur {number}, {settings.recorder_url(number)}")
    if settings.demo:
        console.print("  [bold]DÉMONSTRATION[/] — identifiants (identifiant / mot de passe) :")
        for person in DEMO_PEOPLE:
            console.print(f"    {person.login} / {person.password}   {person.label}")
        if recorder_numbers(settings):
            console.print(
                f"  Mur d’images : [bold cyan]http://{settings.http}/mur[/] (prenez d’abord un poste)"
            )
        place = settings.data_dir
        console.print(f"  L’astreinte n’appelle personne : ses messages vont dans {place / CALLS_FILE}")
        console.print(
            f"  D’autres scènes : {typed()} demo rixe --data-dir {place} (toutes : demo --help)",
            soft_wrap=True,
        )
    else:
        console.print(f"  Premier utilisateur : {typed()} user add --help", soft_wrap=True)
    console.print("  Ctrl-C pour tout arrêter.\n")
