"""The reception's SQL, read once from `queries.sql`: each query has a name and a sentence (house rule 16)."""

from __future__ import annotations

import re
from importlib.resources import files

_BLOCK = re.compile(
    r"^-- name: (?P<name>\w+)\n(?P<sentence>(?:-- [^\n]*\n)+)(?P<sql>.+?);\s*$", re.MULTILINE | re.DOTALL
)


def read_queries(text: str) -> dict[str, tuple[str, bytes]]:
    """Name → its sentence and its SQL. psycopg wants bytes or literals where nothing is interpolated."""
    return {
        match["name"]: (match["sentence"].replace("-- ", "").strip(), match["sql"].encode())
        for match in _BLOCK.finditer(text)
    }


QUERIES = read_queries(files(__package__).joinpath("queries.sql").read_text("utf-8"))


def query(name: str) -> bytes:
    """A query by its name; KeyError when there is none."""
    return QUERIES[name][1]
