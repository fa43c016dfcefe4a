"""What a feature's `http.py` stands on: a router, a declared right, the request's act and reader.

    router = feature_router()

    @router.post("/incidents/{incident_id}/take")
    @allow(POLICY, "incident.take")
    def take(incident_id: int, act: ActDep, reader: ReaderDep) -> Dossier: ...

Routes are plain `def`. `web` gives each request its `Passage` before the route runs:

- GET: `ReadDep` is one REPEATABLE READ transaction. Any other method: `ActDep` is one write transaction (and
  `ReadDep` its session), committed when the answer is made, before it leaves, the idempotent answer with it.
- A route without a declared right cannot be registered: default deny.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from veilleur.db.engine import ReadSession
from veilleur.kernel.clock import Clock
from veilleur.kernel.ports import Policy, Reader
from veilleur.logbook.act import Act

T = TypeVar("T")
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Inner = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Right:
    """What a route asks of its reader. `policy` None: open to anybody, logged in or not."""

    policy: Policy | None
    ability: str
    repeatable: bool = False
    """True: harmless when repeated (drafts, logout): asks for no `Idempotency-Key`."""
    transaction: bool = True
    """False: the route opens its own (a login hashes a password between two transactions)."""
    stream: bool = False
    """True: long-lived: outside the bound on requests in flight, and without a transaction."""


@dataclass
class Passage:
    """One request's way through: who, when, and the one transaction it may use."""

    clock: Clock
    provided: Mapping[Any, object]
    reader: Reader | None = None
    session: ReadSession | None = None
    act: Act | None = None
    session_hash: bytes | None = None
    """SHA-256 of the cookie: names the web session."""
    peer: str = ""
    nonce: str = ""
    """Lets a page of ours carry a `<style nonce=…>` under the strict CSP."""


class Gate(Protocol):
    """What `web` puts in `app.state.gate`."""

    async def __call__(self, request: Request, right: Right, inner: Inner) -> Response:
        """Lets the request through, or raises the VeilleurError that refuses it."""


class GatedRoute(APIRoute):
    """A route that refuses to exist without a declared right, and to run without its passage."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind the gate."""
        inner = super().get_route_handler()
        right = right_of(self.endpoint)

        async def handle(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            return await gate(request, right, inner)

        return handle


def feature_router() -> APIRouter:
    """A router under `/api` whose routes pass the gate."""
    return APIRouter(prefix="/api", route_class=GatedRoute)


def allow(
    policy: Policy, ability: str, *, repeatable: bool = False, transaction: bool = True, stream: bool = False
) -> Callable[[Endpoint], Endpoint]:
    """Declares which ability of a feature's rights table a route needs (below the route's decorator)."""
    if ability not in policy.cells:
        raise ValueError(f"no line «{ability}» in the rights table")
    return _mark(Right(policy, ability, repeatable, transaction and not stream, stream))


def anybody(ability: str) -> Callable[[Endpoint], Endpoint]:
    """Declares a route that needs no login (the login itself). Named, so that the walking test lists it."""
    return _mark(Right(None, ability, repeatable=True, transaction=False))


def _mark(right: Right) -> Callable[[Endpoint], Endpoint]:
    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__["veilleur_right"] = right
        return endpoint

    return mark


def right_of(endpoint: Callable[..., Any]) -> Right:
    """The right a route declared; TypeError when it declared none."""
    right = getattr(endpoint, "veilleur_right", None)
    if not isinstance(right, Right):
        raise TypeError(
            f"route {endpoint.__qualname__} declares no right: add @allow(POLICY, …) below its route"
        )
    return right


async def current_passage(request: Request) -> Passage:
    """The request's passage."""
    passage: Passage = request.state.passage
    return passage


PassageDep = Annotated[Passage, Depends(current_passage)]


async def current_reader(passage: PassageDep) -> Reader:
    """Who is logged in."""
    if passage.reader is None:
        raise TypeError("this route is open to anybody: it has no reader")
    return passage.reader


async def current_read(passage: PassageDep) -> ReadSession:
    """The request's transaction, to read."""
    if passage.session is None:
        raise TypeError("this route runs without a transaction")
    return passage.session


async def current_act(passage: PassageDep) -> Act:
    """The request's transaction, to write."""
    if passage.act is None:
        raise TypeError("GET routes have no act: change nothing in them")
    return passage.act


async def current_clock(passage: PassageDep) -> Clock:
    """The injected clock."""
    return passage.clock


def provided(kind: type[T]) -> Any:
    """A dependency on an object that the composition gave to `create_app(…, provide={kind: object})`."""

    async def give(passage: PassageDep) -> object:
        return passage.provided[kind]

    return Depends(give)


ReaderDep = Annotated[Reader, Depends(current_reader)]
ReadDep = Annotated[ReadSession, Depends(current_read)]
ActDep = Annotated[Act, Depends(current_act)]
ClockDep = Annotated[Clock, Depends(current_clock)]
