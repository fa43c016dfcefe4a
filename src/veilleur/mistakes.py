"""What is told, in one sentence, of whatever a command could not do.

A person's mistake, a machine that refuses (no space, no right, an address in use) and a database that is away are no
fault of the program: they are told without a traceback. Anything else is a fault of ours, and keeps its traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from veilleur.kernel.errors import VeilleurError
from veilleur.locale.terminal import mistake, told

USAGE = 2  # the shell's own: a command that was not written as it should


@dataclass(frozen=True)
class Told:
    """A sentence, the status to leave with, and lines to print before it (how the command is written)."""

    sentence: str
    status: int = 1
    before: tuple[str, ...] = ()


def mistake_of(error: BaseException) -> Told | None:
    """How to tell it; None for a fault of ours."""
    if isinstance(error, VeilleurError):
        return Told(mistake(error))
    if isinstance(error, typer.Abort):
        return Told(told("Aborted."))
    if isinstance(error, typer.TyperException):
        return _usage(error)
    if isinstance(error, OSError):
        return Told(_machine(error))
    return _database(error)


def _usage(error: typer.TyperException) -> Told | None:
    """A command that does not exist, an option that lacks its value…"""
    said, context = getattr(error, "format_message", None), getattr(error, "ctx", None)
    if said is None:
        return None
    if context is None:
        return Told(told(said()), getattr(error, "exit_code", USAGE))
    if type(error).__name__ == "NoArgsIsHelpError":  # nothing was asked: the help is the answer
        return Told(told("Missing command."), USAGE, (context.get_help(),))
    usage = told(str(context.get_usage()).strip())
    return Told(told(said()), USAGE, (usage, told(f"Help: {context.command_path} --help")))


def _machine(error: OSError) -> str:
    """What the operating system refused, and on what."""
    why = error.strerror or str(error)
    if error.filename is None:
        return told(f"The machine refuses: {why}.")
    return told(f"{error.filename} cannot be used: {why}.")


def _database(error: BaseException) -> Told | None:
    """A database that is away or refuses us. Its library is known only if something used it."""
    away = tuple(_database_errors())
    found: BaseException | None = error
    while found is not None and away:
        if isinstance(found, away):
            lines = str(found).strip().splitlines() or [type(found).__name__]
            return Told(told(f"The database does not answer: {lines[0]}"))
        found = found.__cause__
    return None


def _database_errors() -> Iterator[type[BaseException]]:
    library = sys.modules.get("psycopg")
    if library is not None:
        yield library.OperationalError
        yield library.InterfaceError
