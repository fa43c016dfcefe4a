"""Errors as the desk reads them: `{code, params}` with a status, never a sentence, never a detail of ours."""

from __future__ import annotations

import traceback
from typing import Any, ClassVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from veilleur.kernel.errors import ForbiddenError, VeilleurError

log = structlog.get_logger()

#: How many frames of a fault are logged, the innermost.
FRAMES = 6

#: How many fields of a refused body are named.
FIELDS = 20


class ErrorAnswer(BaseModel):
    """An error: `code` is a key of the catalogues' `errors`, `params` fill its sentence."""

    code: str
    params: dict[str, Any]


class CsrfError(ForbiddenError):
    """The request does not come from our page, or the page is out of date: reload it."""

    code = "csrf"


class WrongHostError(VeilleurError):
    """This host name is not ours: add it to the setting allowed_hosts."""

    status: ClassVar[int] = 421
    code = "wrong_host"


class TooManyError(VeilleurError):
    """Too many requests at once: try again in a moment."""

    status: ClassVar[int] = 429
    code = "too_many"


class TooLargeError(VeilleurError):
    """The request is longer than any of ours."""

    status: ClassVar[int] = 413
    code = "too_large"


class CommandIdMissingError(VeilleurError):
    """A command carries an Idempotency-Key of 1 to 64 letters, digits, - or _."""

    code = "command_id_missing"


class CommandIdReusedError(VeilleurError):
    """This Idempotency-Key has served for another command."""

    status: ClassVar[int] = 409
    code = "command_id_reused"


#: Codes of the statuses that the framework itself raises.
HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 400: "invalid"}

#: PostgreSQL's ways to say «not now»: lock and statement timeouts, deadlock, serialisation.
NOT_NOW = ("55P03", "57014", "40P01", "40001")


def answer(status: int, code: str, params: dict[str, Any] | None = None) -> JSONResponse:
    """The answer of an error; what does not fit JSON is written as text."""
    headers = {"Retry-After": "1"} if status in (429, 503) else None
    body = ErrorAnswer(code=code, params=params or {}).model_dump(mode="json")
    return JSONResponse(body, status_code=status, headers=headers)


def answer_to(error: Exception) -> JSONResponse:
    """The answer to any error that left a route."""
    status, code, params = _told(error)
    if status == 500:
        log.error("request_failed", error=type(error).__name__, trace=_trace(error))
    elif status == 503:
        log.warning("unavailable", error=type(error).__name__)
    return answer(status, code, params)


def _trace(error: Exception) -> str:
    """Where it broke, without the values of variables: a password may be one of them."""
    return "".join(traceback.format_exception(error, limit=-FRAMES))


def _told(error: Exception) -> tuple[int, str, dict[str, Any]]:
    told: tuple[int, str, dict[str, Any]] = (500, "internal", {})
    match error:
        case VeilleurError():
            told = (error.status, error.code, error.params)
        case RequestValidationError():
            fields = [".".join(str(part) for part in fault["loc"][1:]) for fault in error.errors()[:FIELDS]]
            told = (422, "invalid", {"field": fields[0] if fields else "", "fields": fields})
        case HTTPException():
            told = (error.status_code, HTTP_CODES.get(error.status_code, "error"), {})
        case TimeoutError():
            told = (408, "too_slow", {})
        case DataError():  # a number no column holds, a text with U+0000: nothing of ours was ever made of them
            told = (422, "invalid", {"field": "", "fields": []})
        case OperationalError() | PoolTimeoutError():
            told = (503, "unavailable", {})
        case DBAPIError() if getattr(error.orig, "sqlstate", None) in NOT_NOW:
            told = (503, "unavailable", {})
    return told


async def _handle(_: Request, error: Exception) -> JSONResponse:
    return answer_to(error)


def install_handlers(app: FastAPI) -> None:
    """Maps every known error; what is unknown is caught by the shell (shell.py)."""
    known = (VeilleurError, RequestValidationError, HTTPException, DBAPIError, PoolTimeoutError, TimeoutError)
    for kind in known:
        app.add_exception_handler(kind, _handle)
