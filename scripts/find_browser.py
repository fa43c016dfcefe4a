"""Finds a Chromium for the browser tests and remembers its path in `.make/browser-path`.

The machine's own first (chromium, google-chrome); else the npm package @sparticuz/chromium, unpacked into
`.make/browser` with the wheel's Node: a binary that lives inside a registry package and asks for no download.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from build_desk import NODE, NPM, ROOT
from playwright.sync_api import Error, sync_playwright

STAMPS = ROOT / ".make"
PLACE = STAMPS / "browser"
REMEMBERED = STAMPS / "browser-path"
PACKAGE = "@sparticuz/chromium@153.0.0"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
START_SECONDS = 60

UNPACK = """
import { createReadStream, createWriteStream } from "node:fs";
import { createBrotliDecompress } from "node:zlib";
import { pipeline } from "node:stream/promises";
const [from, to] = process.argv.slice(2);
for (const [name, out] of [["chromium.br", "headless"], ["al2023.tar.br", "al2023.tar"],
  ["swiftshader.tar.br", "swiftshader.tar"], ["fonts.tar.br", "fonts.tar"]])
  await pipeline(createReadStream(`${from}/${name}`), createBrotliDecompress(),
    createWriteStream(`${to}/${out}`));
"""

LAUNCHER = """#!/bin/sh
# Adds what the machine lacks: its own libraries or fonts.
here="$(dirname "$(readlink -f "$0")")"
{libraries}
{fonts}
exec "$here/headless" "$@"
"""


def works(browser: Path) -> bool:
    """It starts without a display and paints a page, driven as the tests drive it."""
    try:
        with sync_playwright() as driver:
            started = driver.chromium.launch(
                executable_path=browser, args=list(FLAGS), timeout=START_SECONDS * 1000
            )
            page = started.new_page()
            page.set_content("<body style='background:#135'>Veilleur")
            painted = page.screenshot()
            started.close()
    except (Error, OSError):
        return False
    return len(painted) > 0


def unpack() -> Path:
    """Installs the npm package into the build folder and makes a launcher for its binary."""
    launcher = PLACE / "chromium"
    PLACE.mkdir(parents=True, exist_ok=True)
    print("Installing a Chromium for the tests…", flush=True)
    (PLACE / "package.json").write_text('{"private": true}\n')
    environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    quiet = ("--ignore-scripts", "--no-fund", "--no-audit", "--no-save", "--loglevel=error")
    subprocess.run(
        [NODE, NPM, "install", *quiet, PACKAGE], cwd=PLACE, env=environment, check=True, stdout=sys.stderr
    )
    source = PLACE / "node_modules" / "@sparticuz" / "chromium" / "bin"
    script = PLACE / "unpack.mjs"
    script.write_text(UNPACK)
    subprocess.run([NODE, script, source, PLACE], check=True)
    for name in ("al2023", "swiftshader", "fonts"):
        with tarfile.open(PLACE / f"{name}.tar") as archive:
            archive.extractall(PLACE, filter="data")
        (PLACE / f"{name}.tar").unlink()
    (PLACE / "headless").chmod(0o755)
    shutil.rmtree(PLACE / "node_modules")
    lacking = (
        "not found"
        in subprocess.run(["ldd", PLACE / "headless"], capture_output=True, text=True, check=False).stdout
    )
    bare = not any(Path("/usr/share/fonts").rglob("*.ttf"))
    launcher.write_text(
        LAUNCHER.format(
            libraries='export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"'
            if lacking
            else "",
            fonts='export FONTCONFIG_PATH="$here"' if bare else "",
        )
    )
    launcher.chmod(0o755)
    return launcher


def find() -> Path:
    """The first browser that really starts."""
    known = [Path(REMEMBERED.read_text().strip())] if REMEMBERED.exists() else []
    installed = [Path(found) for name in NAMES if (found := shutil.which(name))]
    for candidate in [*known, *installed, PLACE / "chromium"]:
        if candidate.exists() and works(candidate):
            return candidate
    browser = unpack()
    if not works(browser):
        raise SystemExit("No Chromium starts here. Install one (Debian: apt install chromium) and try again.")
    return browser


def main() -> None:
    """Finds, remembers, prints."""
    STAMPS.mkdir(exist_ok=True)
    browser = find()
    REMEMBERED.write_text(f"{browser}\n")
    print(browser)


if __name__ == "__main__":
    main()
