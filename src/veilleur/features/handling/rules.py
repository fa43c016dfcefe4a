"""The rules of the police call as dated data, per préfet's zone (practice P4; L613-6). Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from veilleur.kernel.errors import SettingsError

#: Rule of every zone that has none of its own.
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """What justifies a police call on goods, by which text, from which day, in which zone, approved by whom."""

    reference: str
    zone: str
    in_force: date
    approved_by: str
    proofs: tuple[str, ...]
    supports: tuple[str, ...]
    callbacks: int
    distinct_persons: bool
    override_motifs: tuple[str, ...]


def read_rule(row: Mapping[str, Any]) -> Rule:
    """A rule from its TOML or JSON form. Raises SettingsError naming what is missing or wrong."""
    try:
        in_force = row["in_force"]
        rule = Rule(
            reference=str(row["reference"]),
            zone=str(row["zone"]),
            in_force=in_force if isinstance(in_force, date) else date.fromisoformat(str(in_force)),
            approved_by=str(row["approved_by"]),
            proofs=tuple(row["proofs"]),
            supports=tuple(row["supports"]),
            callbacks=int(row["callbacks"]),
            distinct_persons=bool(row["distinct_persons"]),
            override_motifs=tuple(row["override_motifs"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"A rule of verification cannot be read: {error}.") from error
    if rule.callbacks < 2:
        raise SettingsError("A rule of verification asks for two call-backs at least (INTD1502555C).")
    if "subscriber_demand" not in rule.override_motifs:
        raise SettingsError("The motifs of a rule of verification hold «subscriber_demand» (P4).")
    return rule


@lru_cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules that come with the software."""
    text = files(__package__).joinpath("rules.toml").read_text("utf-8")
    return tuple(read_rule(row) for row in tomllib.loads(text)["rule"])


def all_rules(settings: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The shipped rules and the centre's own (`verification_rules` of its settings)."""
    return (*shipped_rules(), *(read_rule(row) for row in settings.get("verification_rules") or ()))


def zone_of(commune: str | None, postcode: str | None) -> str:
    """The département of a commune (INSEE code) or postcode: the préfet's zone. «*» when neither is known."""
    code = (commune or postcode or "").strip().upper()
    if len(code) < 2:
        return EVERYWHERE
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def rule_for(rules: Iterable[Rule], zone: str, on: date) -> Rule:
    """The newest rule in force of the zone, else of everywhere. Raises SettingsError when none is in force yet."""
    in_force = [rule for rule in rules if rule.in_force <= on and rule.zone in (zone, EVERYWHERE)]
    if not in_force:
        raise SettingsError(f"No rule of verification is in force on {on.isoformat()}.")
    return max(in_force, key=lambda rule: (rule.zone == zone, rule.in_force))
