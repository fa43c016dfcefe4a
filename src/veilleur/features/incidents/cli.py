"""`veilleur incidents`: the dossiers, one JSON object a line (ARCHITECTURE.md §7)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from veilleur.features.incidents.queries import every_incident

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The data directory.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command("incidents")(incidents)


def incidents(
    ctx: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List every dossier, the oldest first."""
    with ctx.obj.existing(data_dir).database().read() as session:
        for row in every_incident(session):
            typer.echo(json.dumps(_shown(row), ensure_ascii=False) if as_json else _line(row))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {key: _utc(value) if isinstance(value, datetime) else value for key, value in row.items()}


def _utc(moment: datetime) -> str:
    """RFC 3339, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _line(row: dict[str, Any]) -> str:
    words = (
        row["reference"],
        f"{row['opened_at'].astimezone(UTC):%Y-%m-%d %H:%M:%S}Z",
        f"P{row['priority']}",
    )
    return "  ".join((*words, f"{row['state']:<11}", row["site"], row["category"]))
