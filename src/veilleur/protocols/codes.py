"""What a code of an alarm dialect means: the shape shared by the Contact ID and SIA tables."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType

from veilleur.protocols.events import Category, Qualifier


class Nature(StrEnum):
    """What the station owes the event: `alarm` needs an act, `fault` a repair, `information` nothing."""

    ALARM = "alarm"
    FAULT = "fault"
    INFORMATION = "information"


class NumberKind(StrEnum):
    """What the number after the code counts."""

    ZONE = "zone"
    USER = "user"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """One row of a code table.

    `qualifier` is what the code itself says (SIA: BR is a restore); None when the frame says it (Contact ID).
    `restores` are the codes that this one ends (SIA); Contact ID ends a code by its own qualifier 3.
    `label_end_*` are the words for the same code with qualifier «restore», when they are not simply its end.
    """

    code: str
    category: Category
    number: NumberKind
    nature: Nature
    label_fr: str
    label_en: str
    qualifier: Qualifier | None = None
    label_end_fr: str | None = None
    label_end_en: str | None = None
    restores: frozenset[str] = frozenset()

    @property
    def alarm(self) -> bool:
        """Whether a new event of this code is an alarm, neither a fault nor information."""
        return self.nature is Nature.ALARM

    def label(self, qualifier: Qualifier | None = None, language: str = "fr") -> str:
        """The words for this code (`language` «fr» or «en»), told as its end when `qualifier` is restore."""
        french = language == "fr"
        label = self.label_fr if french else self.label_en
        if qualifier is Qualifier.STATUS and self.qualifier is None:
            return f"{label} (toujours présent)" if french else f"{label} (still present)"
        if qualifier is not Qualifier.RESTORE or self.qualifier is Qualifier.RESTORE:
            return label
        end = self.label_end_fr if french else self.label_end_en
        if end:
            return end
        return _END[self.nature][0 if french else 1] + label


_END = {
    Nature.ALARM: ("Fin d'alarme – ", "Alarm restored – "),
    Nature.FAULT: ("Fin de défaut – ", "Trouble restored – "),
    Nature.INFORMATION: ("Fin – ", "End – "),
}


def read_table(package: str, name: str) -> Mapping[str, CodeInfo]:
    """Read a code table (CSV with semicolons, beside the package's module) once, at import."""
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter=";")
    return MappingProxyType({row["code"]: _row(row) for row in rows})


def _row(row: dict[str, str]) -> CodeInfo:
    qualifier = row.get("qualifier")
    return CodeInfo(
        code=row["code"],
        category=Category(row["category"]),
        number=NumberKind(row["number"]),
        nature=Nature(row["nature"]),
        label_fr=row["fr"],
        label_en=row["en"],
        qualifier=Qualifier(qualifier) if qualifier else None,
        label_end_fr=row.get("end_fr") or None,
        label_end_en=row.get("end_en") or None,
        restores=frozenset((row.get("restores") or "").split()),
    )
