"""What the desk reads and sends of authorisations."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Words = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
Days = Annotated[int, Field(ge=1, le=30)]


class StandsOn(BaseModel):
    """A camera that stands on an authorisation."""

    id: int
    name: str


class AuthorisationLine(BaseModel):
    """An authorisation. `stage`: running | 12_months | 6_months | 4_months | 20_days | ended."""

    id: int
    reference: str
    system: str
    number: str
    authority: str
    granted_on: date | None
    expires_on: date
    purposes: list[str]
    retention_days: int
    min_retention_days: int
    commune: str | None
    stage: str
    cameras: list[StandsOn]


class GrantedAsked(BaseModel):
    """What the arrêté says. `purposes`: codes of L251-2; `commune`: an INSEE code."""

    model_config = ConfigDict(extra="forbid")

    reference: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s#][^\r\n\t]*$")]
    system: Words
    number: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
    authority: Words
    granted_on: date | None = None
    expires_on: date
    purposes: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=11)]
    retention_days: Days
    min_retention_days: Annotated[int, Field(ge=0, le=30)] = 0
    commune: Annotated[str, Field(max_length=20)] | None = None


class RenewalAsked(BaseModel):
    """A renewal. `retention_days`: as before when left out."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
    granted_on: date | None = None
    expires_on: date
    retention_days: Days | None = None


class WithdrawalAsked(BaseModel):
    """Why it is over before its end."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
