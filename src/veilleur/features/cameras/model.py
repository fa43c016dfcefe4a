"""What follows from a camera's regime, pure: the law's limits, the state of an authorisation, who may see which camera.

Rules are dated data with their source (law.md c1, practice: «Regime per camera»): a change of the law is a new line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from veilleur.features.people.model import months_before
from veilleur.kernel.ports import Reader, Scope


@dataclass(frozen=True)
class Regime:
    """What a regime asks. `protected`: vidéoprotection (CSI livre II titre V).

    `sound`: whether a sound track may be set up. `speech`: whether an operator may speak through its loudspeaker:
    vidéoprotection films, nothing foresees a voice (L251-2). `always`: images without an alarm or a consent. `rounds`: may be
    part of a ronde vidéo. `activity`: what a title must allow to see it. `most_days`: of keeping, whatever the
    authorisation says.
    """

    code: str
    protected: bool
    authorised: bool
    sound: bool
    speech: bool
    always: bool
    rounds: bool
    activity: str | None
    most_days: int
    references: tuple[str, ...]
    since: date


#: The longest anything is kept: L252-5 for vidéoprotection; the same month for the others (CNIL).
MOST_DAYS = 30

REGIMES: Mapping[str, Regime] = {
    each.code: each
    for each in (
        Regime(
            "public_road", protected=True, authorised=True, sound=False, speech=False, always=True, rounds=True,
            activity="video", most_days=MOST_DAYS, references=("L251-2", "L252-1", "L252-5", "R253-1", "R253-3", "R253-5"),
            since=date(2012, 5, 1),
        ),
        Regime(
            "public_place", protected=True, authorised=True, sound=False, speech=False, always=True, rounds=True,
            activity="video", most_days=MOST_DAYS, references=("L251-2", "L252-1", "L252-5", "R253-1", "R253-3", "R253-5"),
            since=date(2012, 5, 1),
        ),
        Regime(
            "private", protected=False, authorised=False, sound=False, speech=True, always=True, rounds=True, activity=None,
            most_days=MOST_DAYS, references=("RGPD 6", "L1222-4 C. trav."), since=date(2018, 5, 25),
        ),
        Regime(
            "home", protected=False, authorised=False, sound=False, speech=True, always=False, rounds=False, activity=None,
            most_days=MOST_DAYS, references=("RGPD 6", "CP 226-1"), since=date(2018, 5, 25),
        ),
    )
}  # fmt: skip

#: Purposes of vidéoprotection (L251-2), by codes of ours; the vocabulary «camera_purpose» words them.
PURPOSES = (
    "public_buildings",
    "defence",
    "traffic",
    "traffic_offences",
    "assaults_thefts",
    "terrorism",
    "natural_risks",
    "rescue",
    "amusement_parks",
    "insurance",
    "waste",
)


@dataclass(frozen=True)
class Floor:
    """The least that may be stored: pixels and real frames a second (arrêté of 3 August 2007, annexe)."""

    width: int
    height: int
    fps: float
    reference: str = "arrêté du 3 août 2007"


FLOORS = {True: Floor(704, 576, 12), False: Floor(352, 288, 6)}


def floor_of(regime: str, *, narrow: bool) -> Floor | None:
    """The floor of a camera; None where the arrêté does not apply."""
    return FLOORS[narrow] if REGIMES[regime].protected else None


def below_floor(floor: Floor | None, width: int, height: int, fps: float) -> bool:
    """Whether what is stored is under the floor, either way up. `fps` 0: unknown, not judged."""
    if floor is None:
        return False
    small = max(width, height) < floor.width or min(width, height) < floor.height
    return small or 0 < fps < floor.fps


def kept_days(regime: str, camera_days: int, authorised_days: int | None = None) -> int:
    """How long its pictures are kept: the camera's days, never beyond its authorisation nor the law (L252-5)."""
    days = min(camera_days, REGIMES[regime].most_days)
    return days if authorised_days is None else min(days, authorised_days)


# ---- authorisations --------------------------------------------------------------------------------------------

#: The end of an authorisation is told this early. Four months: silence of the préfet that long is a refusal (R252-15).
MONTHS = {"12_months": 12, "6_months": 6, "4_months": 4}
LAST_DAYS = {"20_days": 20}

#: From far to near; `running`: nothing to tell.
STAGES = ("running", *MONTHS, *LAST_DAYS, "ended")


def stage_of(expires_on: date, today: date) -> str:
    """Where an authorisation stands: running, 12_months, 6_months, 4_months, 20_days, ended (after its last day)."""
    if today > expires_on:
        return "ended"
    for stage, days in LAST_DAYS.items():
        if today >= expires_on - timedelta(days=days):
            return stage
    near = [stage for stage, months in MONTHS.items() if today >= months_before(expires_on, months)]
    return near[-1] if near else "running"


def may_record(regime: str, expires_on: date | None, today: date) -> bool:
    """Whether the law lets a camera film today: a public one has a running authorisation (L252-1, L253-4)."""
    if not REGIMES[regime].authorised:
        return True
    return expires_on is not None and today <= expires_on


def home_open(regime: str, *, alarm: bool, armed: bool, consent: bool = False) -> bool:
    """Whether a camera shows pictures now: at a home, only with an alarm open and an area armed, or by consent."""
    return REGIMES[regime].always or consent or (alarm and armed)


# ---- who sees which camera (need 11) ---------------------------------------------------------------------------

KINDS = ("live", "recorded", "lifted")

#: Those who keep the file of a camera or inspect it: they know that it exists, whatever their titles.
FILE_ROLES = frozenset({"administrator", "auditor"})


@dataclass(frozen=True)
class Lens:
    """What judging a reader asks of a camera."""

    regime: str
    live_roles: frozenset[str]
    recorded_roles: frozenset[str]
    scope: Scope = field(default_factory=Scope)
    suspended: bool = False

    def admits(self, reader: Reader) -> bool:
        """Whether the camera exists for this reader: perimeter, and a title where the regime asks for one."""
        return self.scope_holds(reader) and (self.titled(reader) or bool(reader.roles & FILE_ROLES))

    def scope_holds(self, reader: Reader) -> bool:
        """Whether it is inside his perimeter: the systems and communes that he was designated for."""
        return reader.perimeter.holds(self.scope)

    def titled(self, reader: Reader) -> bool:
        """Whether his titles allow what the regime asks (R253-3); one that was taken from him allows no image at all."""
        if reader.barred:
            return False
        activity = REGIMES[self.regime].activity
        return activity is None or activity in reader.activities

    def refused(self, reader: Reader, kind: str) -> str | None:
        """Why he may not look: `camera_outside`, `camera_withdrawn`, `camera_title`, `camera_role`; None: he may.

        `kind`: live | recorded | lifted (without its role mask, which asks for the chef de salle).
        """
        if not self.scope_holds(reader):
            return "camera_outside"
        if not self.titled(reader):
            return "camera_withdrawn" if reader.barred else "camera_title"
        roles = self.recorded_roles if kind == "recorded" else self.live_roles
        if kind == "lifted" and "lead" not in reader.roles:
            return "camera_role"
        return None if reader.roles & roles else "camera_role"


# ---- masks -----------------------------------------------------------------------------------------------------

MASK_KINDS = ("legal", "role")
MASK_STATES = ("unchecked", "there", "lost")

#: A mask of more corners than this was not drawn by a person.
MAX_CORNERS = 100


def mask_problem(polygon: Iterable[Mapping[str, Any]]) -> str | None:
    """What is wrong with a polygon of corners from 0 to 1: `too_few`, `too_many`, `outside`, `flat`; None: nothing."""
    corners = [(float(corner["x"]), float(corner["y"])) for corner in polygon]
    if len(corners) < 3:
        return "too_few"
    if len(corners) > MAX_CORNERS:
        return "too_many"
    if any(not 0 <= value <= 1 for corner in corners for value in corner):
        return "outside"
    turned = zip(corners, corners[1:] + corners[:1], strict=True)
    area = sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in turned) / 2
    return "flat" if abs(area) < 1e-6 else None


# ---- faults ----------------------------------------------------------------------------------------------------

#: What stops the recording while it lasts, and what a camera is then suspended for.
SUSPENDING = {"mask_lost": "mask_lost", "unauthorised": "unauthorised"}


def fault_priority(kind: str) -> int:
    """A lost legal mask and a camera without authorisation are P3 (practice P11); other faults P5."""
    return 3 if kind in SUSPENDING else 5
