"""The built desk: index.html as a template with the answer's nonce, and assets that never change."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from veilleur.kernel.errors import NotFoundError

STATIC = Path(__file__).parent / "static"

PLACEHOLDER = "__NONCE__"

#: The page says before any login whether this centre is the demonstration: «yes» or «».
DEMO = "__DEMO__"

#: Files whose name holds a hash of their content.
FOREVER = "public, max-age=31536000, immutable"

MISSING = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Veilleur</title>'
    "<p>Le bureau n’est pas construit : lancez <code>make desk</code>.</p></html>"
)


def desk_router(folder: Path = STATIC, *, demo: bool = False) -> APIRouter:
    """The last router: files of the desk, and its page for every other address (the desk routes by itself)."""
    router = APIRouter(include_in_schema=False)
    root = folder.resolve()

    @router.get("/{path:path}")
    def desk(path: str, request: Request) -> Response:
        if path.startswith(("api/", "assets/")) or path == "api":
            file = _inside(root, path)
            if file is None or path.startswith("api"):
                raise NotFoundError(what="address")
            return FileResponse(file, headers={"Cache-Control": FOREVER})
        file = _inside(root, path) if path and path != "index.html" else None
        if file is not None:
            return FileResponse(file, headers={"Cache-Control": "no-cache"})
        return _page(root, request.state.nonce, demo)

    return router


def _inside(root: Path, path: str) -> Path | None:
    """The file, if it is one and inside: a path with `..` or a link out of the folder is nothing."""
    file = (root / path).resolve()
    return file if file.is_relative_to(root) and file.is_file() else None


def _page(root: Path, nonce: str, demo: bool) -> Response:
    index = root / "index.html"
    text = index.read_text("utf-8") if index.is_file() else MISSING
    text = text.replace(PLACEHOLDER, nonce).replace(DEMO, "yes" if demo else "")
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})
