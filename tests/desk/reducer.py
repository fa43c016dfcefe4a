"""The desk's one rule in Python, line for line as desk/src/core/reduce.ts: keep the view with the higher version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KINDS = {"incident": "incidents", "post": "posts", "on_test": "tests"}


@dataclass
class Kept:
    version: int
    heard: int
    view: dict[str, Any] | None


def replaces(fresh: Kept, held: Kept) -> bool:
    """The higher version; at an equal one what was heard later (the reader's rights may have changed)."""
    return fresh.version > held.version or (fresh.version == held.version and fresh.heard >= held.heard)


@dataclass
class World:
    """What a window knows."""

    position: int = -1
    tables: dict[str, dict[int, Kept]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)

    def with_snapshot(self, snapshot: dict[str, Any]) -> None:
        heard = snapshot["position"]
        for kind, name in KINDS.items():
            held, views = self.tables[kind], snapshot[name]
            present = {view["id"] for view in views}
            kept = {
                id_: each
                for id_, each in held.items()
                if id_ in present or each.view is None or each.heard > heard
            }
            for view in views:
                known, fresh = kept.get(view["id"]), Kept(view["version"], heard, view)
                if known is None or replaces(fresh, known):
                    kept[view["id"]] = fresh
            self.tables[kind] = kept
        self.position = max(self.position, heard)
        self._lines(snapshot["entries"])

    def with_item(self, item: dict[str, Any]) -> None:
        for touched in item["touched"]:
            table = self.tables.get(touched["kind"], {})
            known = table.get(touched["id"])
            fresh = Kept(touched["version"], item["position"], touched["view"])
            if known is None or replaces(fresh, known):
                table[touched["id"]] = fresh
        self.position = max(self.position, item["position"])
        self._lines([item["entry"]] if item["entry"] is not None else [])

    def _lines(self, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            known = self.lines.get(line["id"])
            if known is None or known["position"] is None:
                self.lines[line["id"]] = line

    def shown(self) -> dict[str, dict[int, dict[str, Any]]]:
        return {
            kind: {id_: kept.view for id_, kept in table.items() if kept.view is not None}
            for kind, table in self.tables.items()
        }


def shown_by(snapshot: dict[str, Any]) -> dict[str, dict[int, dict[str, Any]]]:
    """The server's own view, in the same form."""
    return {kind: {view["id"]: view for view in snapshot[name]} for kind, name in KINDS.items()}
