"""House rules that a machine can refuse (docs/../CONTRIBUTING.md): sizes, clocks, bans, strings of both languages.

Each rule is a function that yields sentences; the script prints them and fails when there is one.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "veilleur"

FILE_LINES = {".py": 400, ".ts": 250, ".tsx": 250}  # limits bite on the tail (anchors.md §1)
FUNCTION_LINES = 60
BANNED_NAMES = {"service.py", "utils.py", "helpers.py", "manager.py"}
GENERATED = ("desk/src/api/schema.d.ts", "/migrations/versions/")
CLOCK = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|time\.monotonic)\(")
DESK_CLOCK = re.compile(r"\b(Date\.now\(|new Date\(\))")
DESK_CLOCK_HOME = "desk/src/core/clock.ts"
LOCK_HOST = re.compile(r'"resolved": *"https?:|--(extra-)?index-url|registry *= *"?https?:')


def tracked(*patterns: str) -> list[Path]:
    """Files git knows, or would add."""
    out = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).is_file()]


def name(path: Path) -> str:
    """A path as the repository names it."""
    return str(path.relative_to(ROOT))


def file_sizes() -> Iterator[str]:
    """Files stay small enough to be read whole."""
    for path in tracked("*.py", "*.ts", "*.tsx"):
        if any(part in name(path) for part in GENERATED):
            continue
        lines = path.read_text("utf-8").count("\n")
        if lines > FILE_LINES[path.suffix]:
            yield f"{name(path)}: {lines} lines, limit {FILE_LINES[path.suffix]}: split it by meaning"


def function_sizes() -> Iterator[str]:
    """Functions stay on one screen."""
    for path in tracked("src/**/*.py", "bench/*.py", "scripts/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    yield f"{name(path)}:{node.lineno}: {node.name} has {lines} lines, limit {FUNCTION_LINES}"


def clocks() -> Iterator[str]:
    """Only the clock modules know what time it is."""
    for path in tracked("src/**/*.py"):
        if path == SOURCE / "kernel" / "clock.py":
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if CLOCK.search(line):
                yield f"{name(path)}:{number}: take the time from kernel/clock.py"
    for path in tracked("desk/src/**/*.ts", "desk/src/**/*.tsx"):
        if name(path) == DESK_CLOCK_HOME or ".test." in path.name:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if DESK_CLOCK.search(line):
                yield f"{name(path)}:{number}: take the time from {DESK_CLOCK_HOME}"


def bans() -> Iterator[str]:
    """No drawer names, no host of a registry in a lock."""
    for path in tracked("src/**/*.py"):
        if path.name in BANNED_NAMES:
            yield f"{name(path)}: name it by what it does"
    for path in tracked("*.json", "*.txt", "*.toml", "*.cfg", ".npmrc", "*.lock"):
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if LOCK_HOST.search(line):
                yield f"{name(path)}:{number}: names a registry's host"


def strings() -> Iterator[str]:
    """Both languages say the same things, with the same parameters."""
    places = re.compile(r"\{(\w+)(?:\|\w+)?\}")
    french, english = SOURCE / "locale" / "fr", SOURCE / "locale" / "en"
    for path in sorted({p.name for p in (*french.glob("*.json"), *english.glob("*.json"))}):
        sides = [
            json.loads((d / path).read_text("utf-8")) if (d / path).exists() else {}
            for d in (french, english)
        ]
        flat = [dict(flatten(side)) for side in sides]
        for key in sorted(flat[0].keys() ^ flat[1].keys()):
            yield f"locale: {path}: «{key}» is missing in {'English' if key in flat[0] else 'French'}"
        for key in flat[0].keys() & flat[1].keys():
            if set(places.findall(flat[0][key])) != set(places.findall(flat[1][key])):
                yield f"locale: {path}: «{key}» has other parameters in English"


def flatten(value: object, prefix: str = "") -> Iterator[tuple[str, str]]:
    """A nested catalogue as dotted keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, str(value)


def entry_kinds() -> Iterator[str]:
    """Each entry kind and each error code written in the source has its sentence."""
    entries: set[str] = set()
    errors: set[str] = set()
    for path in (SOURCE / "locale" / "fr").glob("*.json"):
        catalogue = json.loads(path.read_text("utf-8"))
        entries |= catalogue.get("entries", {}).keys()
        errors |= catalogue.get("errors", {}).keys()
    kinds = re.compile(r"""\brecord\(\s*f?["']([a-z_]+\.[a-z_.]+)["']""")
    codes = re.compile(r"""^\s+code(?:: ClassVar\[str\])? = ["']([a-z_.]+)["']""", re.MULTILINE)
    for path in tracked("src/**/*.py"):
        source = path.read_text("utf-8")
        for kind in kinds.findall(source):
            if kind not in entries:
                yield f"{name(path)}: the entry kind «{kind}» has no sentence in locale/"
        for code in codes.findall(source):
            if code not in errors:
                yield f"{name(path)}: the error code «{code}» has no sentence in locale/"


RULES = (file_sizes, function_sizes, clocks, bans, strings, entry_kinds)


def main() -> int:
    """Runs every rule."""
    faults = [fault for rule in RULES for fault in rule()]
    for fault in faults:
        print(fault)
    print(f"house rules: {len(RULES)} rules, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
