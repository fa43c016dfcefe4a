"""`/healthz` and `/metrics`: what a supervisor and a monitoring system ask."""

from __future__ import annotations

import hmac
from typing import Any

import psycopg
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from veilleur.db.engine import Database
from veilleur.features.continuity.queries import station_view
from veilleur.kernel.errors import NotFoundError
from veilleur.web.metrics import CentreFigures
from veilleur.web.services import DeskServices, Health

#: Seconds after which a request is slow for an operator (100 ms from key to paint).
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

LOOPBACK = ("127.0.0.1", "::1")

#: Seconds within which a database answers who connects. A monitor must hear «no», not nothing.
ANSWER_SECONDS = 2


class Meters:
    """The figures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "veilleur_http_requests", "Requests.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "veilleur_http_seconds", "Seconds to answer.", ("route",), buckets=BUCKETS, registry=self.registry
        )

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts one answer. `route` is a template: a peer cannot make new series."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


def health_router(services: DeskServices, meters: Meters) -> APIRouter:
    """Both routes, open to anybody: they tell nothing of the room. Metrics: this machine, or a token."""
    router = APIRouter(include_in_schema=False)
    meters.registry.register(CentreFigures(services.database, services.clock))

    @router.get("/healthz")
    def healthz() -> JSONResponse:
        commits = database_commits(services.database)
        health = _asked(services) if commits else Health(ready=False)
        body: dict[str, Any] = {"ready": health.ready and commits, "database": commits, "roles": health.roles}
        body["station"] = station_of(services.database) if commits else None
        return JSONResponse(
            body, status_code=200 if body["ready"] else 503, headers={"Cache-Control": "no-store"}
        )

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        if not _may_read(request, services):
            raise NotFoundError(what="address")
        return Response(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _may_read(request: Request, services: DeskServices) -> bool:
    """This machine itself, or whoever shows the token of the settings. Behind a proxy everybody is this machine:
    its configuration must not pass `/metrics` on."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if services.metrics_token is not None:
        return hmac.compare_digest(given.encode(), services.metrics_token.encode())
    return request.client is not None and request.client.host in LOOPBACK


def _asked(services: DeskServices) -> Health:
    try:
        return services.health()
    except (SQLAlchemyError, psycopg.Error):
        return Health(ready=False)


def station_of(database: Database) -> dict[str, Any] | None:
    """Whether somebody can take an alarm (P7); null before a post was ever held, or without an answer."""
    try:
        with database.read() as session:
            view = station_view(session)
    except (SQLAlchemyError, psycopg.Error):
        return None
    if view is None or view.held is None:
        return None
    since = view.unheld_since.isoformat() if view.unheld_since else None
    return {"held": view.held, "since": since, "acknowledges": not view.withheld}


def database_commits(database: Database) -> bool:
    """Whether the database takes a write now (a transaction's number is written to its journal).

    By a connection of its own: one of the pool would wait for ever for a server that stands still.
    """
    try:
        with psycopg.connect(database.dsn, connect_timeout=ANSWER_SECONDS) as connection:
            connection.execute("SELECT pg_current_xact_id()")
    except psycopg.Error:
        return False
    return True
