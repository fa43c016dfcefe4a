"""Business errors: each is a type with an HTTP status, a text code and parameters.

The API returns the code and the parameters, never a sentence; the catalogues (`locale/`) hold the sentences,
which say what to do. `message` is for the command line and the logs.
"""

from __future__ import annotations

from typing import ClassVar


class VeilleurError(Exception):
    """Something the caller can understand and act on."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", **params: object) -> None:
        super().__init__(message or self.__class__.__doc__ or self.code)
        self.message = message or (self.__class__.__doc__ or self.code)
        self.params = params


class NotFoundError(VeilleurError):
    """No such object, or not in your perimeter."""

    status = 404
    code = "not_found"


class ForbiddenError(VeilleurError):
    """Your role does not allow this act."""

    status = 403
    code = "forbidden"


class UnauthenticatedError(VeilleurError):
    """Log in first."""

    status = 401
    code = "unauthenticated"


class ConflictError(VeilleurError):
    """The object is not in a state that allows this act."""

    status = 409
    code = "conflict"


class NothingToReviewError(ConflictError):
    """This was reviewed already, or waits for no review."""

    code = "nothing_to_review"


class InvalidError(VeilleurError):
    """A field is missing or wrong."""

    status = 422
    code = "invalid"


class UnavailableError(VeilleurError):
    """The store cannot take this now; try again."""

    status = 503
    code = "unavailable"


class SettingsError(VeilleurError):
    """A setting is wrong."""

    code = "settings"
