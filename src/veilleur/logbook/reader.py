"""Lit une main courante extraite de Veilleur, en français, sans rien de Veilleur : bibliothèque standard seule.

    python reader.py EXTRACTION.jsonl

Ne vérifie rien : c'est l'affaire de verifier.py. Les phrases sont celles que l'extraction porte.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PLACE = re.compile(r"\{(\w+)(?:\|(\w+))?\}")
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
ZONE = ZoneInfo("Europe/Paris")
LATE = 300  # secondes : au-delà, la saisie est différée


def local(time: str, pattern: str) -> str:
    return datetime.fromisoformat(time).astimezone(ZONE).strftime(pattern)


def day(written: str) -> str:
    """«28/02/2027»."""
    return "/".join(reversed(written.split("-")))


def duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d}"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d}"


class Reader:
    """Les phrases de l'extraction, et ce qu'elles donnent d'une entrée."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.vocabulary: dict[str, dict[str, str]] = {}

    def sentence(self, kind: str, version: int, params: dict[str, Any]) -> str:
        """La phrase d'une entrée : {nom}, {nom|liste de mots}, [partie qui disparaît sans son paramètre]."""
        template = self.entries.get(f"{kind}@{version}") or self.entries.get(kind) or kind

        def optional(match: re.Match[str]) -> str:
            absent = any(params.get(m[1]) in (None, "", []) for m in PLACE.finditer(match[1]))
            return "" if absent else match[1]

        return PLACE.sub(lambda m: self.word(params.get(m[1]), m[2]), OPTIONAL.sub(optional, template))

    def word(self, value: Any, how: str | None) -> str:
        """Un paramètre : tel quel, en heure, en durée, ou par son mot."""
        if value is None or value == "":
            return "—"
        if how in ("time", "datetime"):
            return local(str(value), "%H:%M:%S" if how == "time" else "%d/%m/%Y %H:%M:%S")
        if how == "duration":
            return duration(int(float(value)))
        if how is None and isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        words = self.vocabulary.get(how or "", {})
        every = value if isinstance(value, list) else [value]
        if how in ("point", "day"):
            say = self.point if how == "point" else day
            return ", ".join(say(str(one)) for one in every)
        return ", ".join(str(words.get(str(one), words.get("*", one))) for one in every)

    def point(self, label: str) -> str:
        """Le nom d'un point : tel qu'il fut écrit, ou en mots ce que son «#» désigne."""
        if not label.startswith("#"):
            return label
        kind, *rest = label[1:].split(":")
        codes = self.vocabulary.get("signal_code", {})
        if kind == "code" and rest and rest[0] in codes:
            return " ".join([codes[rest[0]], *rest[1:]])
        return " ".join([self.vocabulary.get("point_kind", {}).get(kind, kind), *rest])

    def read(self, line: str) -> str | None:
        """Une ligne de l'extraction, en français ; None quand il n'y a rien à lire."""
        item = json.loads(line)
        if item["type"] == "texts":
            if self.entries:  # verifier.py le dit aussi : les unes ou les autres sont fausses
                raise ValueError("ce fichier porte deux fois des phrases : il est altéré")
            self.entries, self.vocabulary = item["entries"], item["vocabulary"]
        if item["type"] != "entry":
            return None
        sealed = json.loads(item["leaf"].encode("utf-8", "surrogateescape"))
        happened, entered = sealed["happened_at"], sealed["entered_at"]
        if item["payload"] is None:
            actor, said = "", "(contenu effacé ou manquant)"
        else:
            payload = json.loads(item["payload"].encode("utf-8", "surrogateescape"))
            actor = payload["actor_name"]
            said = self.sentence(
                sealed["kind"], sealed["version"], {"actor": actor or None, **payload["params"]}
            )
        age = datetime.fromisoformat(entered) - datetime.fromisoformat(happened)
        late = (
            f" [saisie différée, {local(entered, '%d/%m/%Y %H:%M:%S')}]" if age.total_seconds() > LATE else ""
        )
        who = f"{actor} – " if actor else ""
        read = f"{item['position']:>8}  {local(happened, '%d/%m/%Y %H:%M:%S')}  {who}{said}{late}"
        # Une ligne par entrée : ce qui y fut tapé ne se fait pas passer pour une autre, et ne commande pas l'écran.
        read = read.replace("\n", " ⏎ ")
        return "".join(each if each.isprintable() or each in "\u00a0\u202f" else "�" for each in read)


def read_file(path: Path) -> Iterator[str]:
    """Toutes les lignes qui se lisent."""
    reader = Reader()
    with path.open(encoding="utf-8") as file:
        for line in file:
            if said := reader.read(line):
                yield said


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python reader.py EXTRACTION.jsonl")
    try:
        for each in read_file(Path(sys.argv[1])):
            sys.stdout.write(each + "\n")
    except OSError as error:
        sys.exit(f"«{sys.argv[1]}» ne peut pas être lu (erreur {error.errno})")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        sys.exit(f"La lecture s'arrête : ce n'est pas une extraction de Veilleur ({error})")
