"""The link of a message to somebody on call: a page and one button. No login: the token is the key, once.

Mail scanners follow links: reading changes nothing, only the button does.
"""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse

from veilleur.db.engine import Database
from veilleur.features.continuity import commands, queries
from veilleur.features.continuity.tables import TRIAL
from veilleur.features.sites.queries import centre
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import ConflictError, NotFoundError
from veilleur.locale.render import catalogue, render
from veilleur.logbook.act import Act, Actor

LANGUAGE = "fr"
STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}"
    "button{font:inherit;padding:.8rem 1.4rem;border-radius:.4rem;border:0;background:#114a8b;color:#fff}"
)

TokenPath = Annotated[str, Path(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


def on_call_router(database: Database, clock: Clock) -> APIRouter:
    """Both routes, outside `/api`: open to whoever holds the link."""
    router = APIRouter(include_in_schema=False, prefix="/astreinte")

    @router.get("/{token}")
    def show(token: TokenPath, request: Request) -> HTMLResponse:
        with database.read() as session:
            known = queries.call_by_token(session, commands.hash_token(token))
            house = centre(session)
        if known is None:
            return _page(request, _words("call_out.gone"), status=404)
        params = {
            "centre": house.name if house else "Station",
            "reason": known.reason,
            "since": known.opened_at.isoformat(),
            "dossiers": list(known.incidents),
        }
        said = render(LANGUAGE, _words("call_out.page"), params, house.timezone if house else "Europe/Paris")
        return _page(request, said, button=_words("call_out.button"))

    @router.post("/{token}")
    def take(token: TokenPath, request: Request) -> HTMLResponse:
        try:
            with database.write() as session:
                act = Act(session, clock.now(), Actor("centre", name="Veilleur"))
                name, reason = commands.taken_by_link(act, token)
        except (NotFoundError, ConflictError):
            return _page(request, _words("call_out.gone"), status=404)
        return _page(request, render(LANGUAGE, _words(_done(reason)), {"name": name}))

    return router


def _done(reason: str) -> str:
    return "call_out.trial_done" if reason == TRIAL else "call_out.done"


def _words(code: str) -> str:
    return str(catalogue(LANGUAGE, "messages")[code])


def _page(request: Request, text: str, *, button: str = "", status: int = 200) -> HTMLResponse:
    form = f'<form method="post"><button>{escape(button)}</button></form>' if button else ""
    title = escape(_words("call_out.page_title"))
    nonce = request.state.nonce
    body = (
        f'<!doctype html><html lang="{LANGUAGE}"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f'<style nonce="{nonce}">{STYLE}</style><h1>{title}</h1><p>{escape(text)}</p>{form}'
    )
    return HTMLResponse(body, status_code=status, headers={"Cache-Control": "no-store"})
