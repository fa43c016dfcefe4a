"""What the routes of people, titles and posts are sent."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from veilleur.features.people.model import MAX_PASSWORD

Password = Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD)]
Login = Annotated[str, Field(min_length=1, max_length=100)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Codes = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=2000)]


class NewAccount(BaseModel):
    """A person who joins. He changes this first password himself, on his account page."""

    login: Login
    name: Name
    roles: Codes
    password: Password
    language: Literal["fr", "en"] = "fr"


class Roles(BaseModel):
    """All the roles the person has from now on."""

    roles: Codes


class PerimeterGiven(BaseModel):
    """Bounds; null lets all pass. Customers by reference."""

    organisations: Codes | None = None
    customers: Codes | None = None
    communes: Codes | None = None


class GivenPassword(BaseModel):
    """The password an administrator gives; the person's sessions end."""

    password: Password


class Reasoned(BaseModel):
    """Why; it is entered in the logbook."""

    reason: Reason


class NewTitle(BaseModel):
    """A title that was seen. `expires_on` left out: a card ends five years after its issue (R612-13)."""

    kind: str
    number: Annotated[str, Field(max_length=100)]
    activities: Codes
    issued_on: date | None = None
    expires_on: date | None = None


class TitleCorrection(BaseModel):
    """What the title really says, and what was looked at to know it (practice: the evening's correction)."""

    number: Annotated[str, Field(min_length=1, max_length=100)]
    activities: Codes
    issued_on: date | None = None
    expires_on: date | None = None
    proof: Reason


class TitleStatus(BaseModel):
    """valid | suspended | withdrawn, and why."""

    status: str
    reason: Reason


class Receipt(BaseModel):
    """The day of the renewal's receipt (R612-17)."""

    on: date


class NewPost(BaseModel):
    """A workplace: remote_monitoring | video | both."""

    name: Name
    kind: str


class PostName(BaseModel):
    """What the room calls it from now on."""

    name: Name


class Made(BaseModel):
    """The id of what was made."""

    id: int
