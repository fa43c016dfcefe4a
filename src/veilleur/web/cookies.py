"""The session's cookie: HttpOnly, SameSite=Strict, Secure and bound to the host behind HTTPS."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True)
class SessionCookie:
    """Sets and reads the cookie. It has no date: it ends with the browser, and before that with the session."""

    secure: bool
    centre: str = ""
    """The centre's mark (`db.status.centre_mark`), in the cookie's name: cookies ignore ports, and two centres of one
    host would otherwise log each other's people out. All the desks of one centre share it."""

    @property
    def name(self) -> str:
        """`__Host-` forbids a neighbour on the same domain to set it; browsers ask for Secure with it."""
        name = f"veilleur-{self.centre}" if self.centre else "veilleur"
        return f"__Host-{name}" if self.secure else name

    def put(self, response: Response, value: str) -> None:
        """Sets the session's cookie on an answer."""
        response.set_cookie(self.name, value, path="/", secure=self.secure, httponly=True, samesite="strict")

    def clear(self, response: Response) -> None:
        """Takes it back."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="strict")

    def read(self, request: Request) -> str | None:
        """The cookie's value; None when there is none or it is longer than any of ours."""
        value = request.cookies.get(self.name)
        return value if value and len(value) <= 100 else None
