"""The web application: routers found by themselves, one gate, one shell."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

import veilleur.features
from veilleur import __version__
from veilleur.db.engine import Database
from veilleur.desk.feed import Feed
from veilleur.features.http import GatedRoute, right_of
from veilleur.kernel.ports import CookieJar, DeskFacts, PolicyBook
from veilleur.web.cookies import SessionCookie
from veilleur.web.errors import ErrorAnswer, install_handlers
from veilleur.web.gate import WebGate
from veilleur.web.health import Meters, health_router
from veilleur.web.housekeeping import Housekeeping
from veilleur.web.on_call import on_call_router
from veilleur.web.services import DeskServices
from veilleur.web.shell import Shell
from veilleur.web.static import desk_router

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

#: Routers that stand above features.
ABOVE = (
    "veilleur.desk.http",
    "veilleur.desk.dossier_http",
    "veilleur.desk.logbook_http",
    "veilleur.desk.reviews_http",
)


def find_routers() -> Iterator[APIRouter]:
    """Every `router` of `features/*/http.py` by name, then those of the desk."""
    names = sorted(module.name for module in pkgutil.iter_modules(veilleur.features.__path__) if module.ispkg)
    modules = [f"veilleur.features.{name}.http" for name in names]
    for module in [*(name for name in modules if find_spec(name)), *ABOVE]:
        yield importlib.import_module(module).router


def _operation_id(route: APIRoute) -> str:
    """`incidents_take`: the feature and the function; unique, and readable in the generated client."""
    parts = route.endpoint.__module__.split(".")
    return f"{parts[-2]}_{route.name}"


def _bare(lifespan: Lifespan | None = None) -> FastAPI:
    app = FastAPI(
        lifespan=lifespan,
        title="Veilleur",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
        responses={
            "default": {"model": ErrorAnswer, "description": "Refused or failed: a code and its parameters."}
        },
    )
    for router in find_routers():
        app.include_router(router)
    return app


def gated_routes(app: FastAPI) -> list[GatedRoute]:
    """Every route that passes the gate."""
    routes = (context.original_route for context in iter_route_contexts(app.router.routes))
    return [route for route in routes if isinstance(route, GatedRoute)]


def policy_book(app: FastAPI) -> PolicyBook:
    """The rights tables that the registered routes name."""
    tables = [right_of(route.endpoint).policy for route in gated_routes(app)]
    return PolicyBook(tuple({id(table): table for table in tables if table is not None}.values()))


def create_app(services: DeskServices) -> FastAPI:
    """Builds the application of one desk process. It opens its connections when it starts, not before."""
    cookie = SessionCookie(services.secure_cookies, services.centre)
    feed = Feed(services.database, services.clock)
    app = _bare(_lifespan(feed, Housekeeping(services.database, services.clock)))
    provided = {
        **services.provide,
        Database: services.database,
        CookieJar: cookie,
        PolicyBook: policy_book(app),
        DeskFacts: services.facts,
        Feed: feed,
    }
    app.state.gate = WebGate(services.database, services.clock, cookie, provided)
    app.state.feed = feed
    meters = Meters()
    app.include_router(health_router(services, meters))
    app.include_router(on_call_router(services.database, services.clock))
    app.include_router(desk_router(demo=services.facts.demo))
    install_handlers(app)
    app.add_middleware(
        Shell,
        clock=services.clock,
        allowed_hosts=services.allowed_hosts,
        pictures_from=services.pictures_from,
        secure=services.secure_cookies,
        observe=meters.observe,
    )
    return app


def _lifespan(feed: Feed, housekeeping: Housekeeping) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(feed.run()), asyncio.create_task(housekeeping.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)

    return lifespan


def openapi_json() -> str:
    """The OpenAPI document, as JSON with sorted keys: the same code gives the same text."""
    return json.dumps(_bare().openapi(), ensure_ascii=False, indent=2, sort_keys=True)
