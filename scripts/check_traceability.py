"""docs/traceability.md stays true: every row is there, every test and module it names exists.

A row is `| id | what | served by | proved by | state |`. Prints what is wrong and fails when there is something.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "traceability.md"
PLACES = (ROOT / "src" / "veilleur", ROOT)  # where a module named on the page may stand
STATES = ("done", "partly", "planned")


def numbered(letter: str, last: int) -> list[str]:
    """S1, S2… up to the last."""
    return [f"{letter}{number}" for number in range(1, last + 1)]


#: Duties, rules of practice, needs and requirements of the desk: none may be left out.
WANTED = (
    *numbered("LAW", 3),
    *numbered("S", 26),
    *numbered("C1.", 3),
    *numbered("C2.", 5),
    *numbered("SE", 4),
    "J1",
    *numbered("R", 9),
    *numbered("P", 11),
    *numbered("W", 8),
    *numbered("V", 12),
    *numbered("N", 12),
    *numbered("U", 16),
)


@cache
def tests_of(path: Path) -> frozenset[str]:
    """Names of a Python file's tests, or titles of a TypeScript file's."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        nodes = ast.walk(ast.parse(text))
        return frozenset(
            node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        )
    return frozenset(title for _, title in re.findall(r"\b(?:it|test)\(\s*([\"'`])(.+?)\1", text))


def fault_of_test(reference: str) -> str | None:
    """What is wrong with `file::name`; a TypeScript test may be named by the beginning of its title."""
    file, _, name = reference.partition("::")
    path = ROOT / file if file.startswith("desk/src/") else ROOT / "tests" / file
    if not path.is_file():
        return f"no file {path.relative_to(ROOT)}"
    known = tests_of(path)
    found = name in known if path.suffix == ".py" else any(title.startswith(name) for title in known)
    return None if found else f"no test «{name}» in {file}"


def faults(text: str) -> Iterator[str]:
    """Sentences, one for each thing that is not true."""
    seen: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] not in WANTED:
            continue
        seen.append(cells[0])
        if len(cells) != 5:
            yield f"{cells[0]}: {len(cells)} cells, not 5"
            continue
        yield from (f"{cells[0]}: {fault}" for fault in faults_of_row(*cells[2:]))
    yield from (f"{each}: no row" for each in WANTED if each not in seen)
    yield from (f"{each}: two rows" for each in WANTED if seen.count(each) > 1)


def faults_of_row(served: str, proved: str, state: str) -> Iterator[str]:
    """What is wrong with one row's last three cells."""
    for module in re.findall(r"`([^`]+)`", served):
        if not any((place / module).exists() for place in PLACES):
            yield f"no module {module}"
    references = re.findall(r"`([^`]+::[^`]+)`", proved)
    yield from (fault for each in references if (fault := fault_of_test(each)))
    kind, _, rest = state.partition(":")
    if kind not in STATES:
        yield f"state «{state}» is none of {', '.join(STATES)}"
    if kind == "done" and not references:
        yield "done, without a test"
    if kind == "partly" and not rest.strip():
        yield "partly, without what is there or lacks"


def main() -> None:
    """Checks the page."""
    found = list(faults(PAGE.read_text("utf-8")))
    for fault in found:
        print(f"docs/traceability.md: {fault}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
