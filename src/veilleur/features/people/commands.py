"""Use cases about accounts and titles. Each is one entry and its change, in the act's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from veilleur.features.people.model import ACTIVITIES, TITLE_KINDS, check_password
from veilleur.features.people.passwords import hash_password, verify_password
from veilleur.features.people.queries import read_perimeter, user_by_id, user_by_login
from veilleur.features.people.tables import Title, User, WebSession
from veilleur.kernel.errors import ConflictError, InvalidError, NotFoundError
from veilleur.kernel.ports import ROLES
from veilleur.logbook.act import Act, fold


class LoginTakenError(ConflictError):
    """Somebody has this login already: choose another."""

    code = "login_taken"


class WrongPasswordError(InvalidError):
    """The present password is not the right one."""

    code = "wrong_password"


def create_user(
    act: Act,
    *,
    login: str,
    name: str,
    roles: Sequence[str],
    password: str,
    perimeter: Mapping[str, Sequence[Any] | None] | None = None,
    language: str = "fr",
) -> int:
    """Makes an account and returns its id.

    `perimeter`: {organisations, customers, communes}, each a list or None for all. Raises LoginTakenError,
    and InvalidError on an unknown role or a password that is too short.
    """
    key = login.strip().casefold()
    if not key or not name.strip():
        raise InvalidError("A login and a name are needed.", field="login")
    _check_roles(roles)
    check_password(password, key)
    if user_by_login(act.session, key) is not None:
        raise LoginTakenError(login=key)
    bounds = dict(perimeter or {})
    read_perimeter(bounds)
    entry_id = act.record(
        "user.created", {"login": key, "name": name, "roles": list(roles), "perimeter": bounds}
    )
    user = User(
        login=key,
        name=name.strip(),
        sort_key=fold(name.strip()),
        password_hash=hash_password(password),
        roles=list(roles),
        perimeter=bounds,
        language=language,
        entry_id=entry_id,
    )
    act.session.add(user)
    act.session.flush()
    return user.id


def _check_roles(roles: Sequence[str]) -> None:
    if not roles or set(roles) - set(ROLES):
        raise InvalidError(f"Roles are {', '.join(ROLES)}.", field="roles")


def _locked(act: Act, user_id: int) -> User:
    user = act.session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFoundError(what="user", id=user_id)
    return user


def set_roles(act: Act, user_id: int, roles: Sequence[str]) -> None:
    """Changes what a person may do; open screens follow at their next request."""
    _check_roles(roles)
    user = _locked(act, user_id)
    user.entry_id = act.record(
        "user.roles_changed", {"name": user.name, "before": user.roles, "roles": list(roles)}
    )
    user.roles = list(roles)


def disable_user(act: Act, user_id: int, reason: str) -> None:
    """Ends an account and every session of it. A held post stays held, and rings, until somebody takes it."""
    user = _locked(act, user_id)
    user.entry_id = act.record("user.disabled", {"name": user.name, "reason": reason})
    user.disabled_at = act.now
    act.session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def change_password(
    act: Act, user_id: int, *, present: str, new: str, keep_session: bytes | None = None
) -> None:
    """A person changes his own password; his other sessions end. Raises WrongPasswordError."""
    user = _locked(act, user_id)
    if not verify_password(user.password_hash, present):
        raise WrongPasswordError(field="present")
    _replace_password(act, user, new, "user.password_changed", keep_session)


def set_password(act: Act, user_id: int, new: str) -> None:
    """An administrator gives a new password; every session of the person ends."""
    _replace_password(act, _locked(act, user_id), new, "user.password_set", None)


def _replace_password(act: Act, user: User, new: str, kind: str, keep: bytes | None) -> None:
    check_password(new, user.login)
    user.entry_id = act.record(kind, {"name": user.name})
    user.password_hash = hash_password(new)
    ended = delete(WebSession).where(WebSession.user_id == user.id)
    act.session.execute(ended if keep is None else ended.where(WebSession.token_hash != keep))


def grant_title(
    act: Act,
    user_id: int,
    *,
    kind: str,
    number: str,
    activities: Sequence[str],
    issued_on: date | None = None,
    expires_on: date | None = None,
    note: str | None = None,
) -> int:
    """Records a title that was seen: card (R612-13), designation (R253-3), agreement (L132-14-1)…

    Returns its id. Raises InvalidError on an unknown kind or activity, or without a number.
    """
    user = user_by_id(act.session, user_id)
    if kind not in TITLE_KINDS:
        raise InvalidError(f"Kinds of title are {', '.join(TITLE_KINDS)}.", field="kind")
    if not activities or set(activities) - set(ACTIVITIES):
        raise InvalidError(f"Activities are {', '.join(ACTIVITIES)}.", field="activities")
    if not number.strip():
        raise InvalidError("A title has a number.", field="number")
    facts = {
        "name": user.name,
        "kind": kind,
        "number": number.strip(),
        "activities": list(activities),
        "expires_on": expires_on.isoformat() if expires_on else None,
    }
    title = Title(
        user_id=user_id,
        kind=kind,
        number=number.strip(),
        activities=list(activities),
        issued_on=issued_on,
        expires_on=expires_on,
        status="valid",
        checked_on=act.now.date(),
        note=note,
        entry_id=act.record("title.granted", facts),
    )
    act.session.add(title)
    act.session.flush()
    return title.id


def _title(act: Act, title_id: int) -> tuple[Title, str]:
    title = act.session.get(Title, title_id, with_for_update=True)
    if title is None:
        raise NotFoundError(what="title", id=title_id)
    name = act.session.scalars(select(User.name).where(User.id == title.user_id)).one()
    return title, name


def set_title_status(act: Act, title_id: int, status: str, reason: str) -> None:
    """Suspends, withdraws or restores a title. Whoever holds a post under it keeps it until the relief."""
    if status not in ("valid", "suspended", "withdrawn"):
        raise InvalidError("A title is valid, suspended or withdrawn.", field="status")
    title, name = _title(act, title_id)
    title.entry_id = act.record(
        "title.status_changed", {"name": name, "number": title.number, "status": status, "reason": reason}
    )
    title.status = status


def record_receipt(act: Act, title_id: int, received_on: date) -> None:
    """Records the receipt of a renewal request: it lets work continue past the end (R612-17)."""
    title, name = _title(act, title_id)
    title.entry_id = act.record(
        "title.receipt_recorded", {"name": name, "number": title.number, "on": received_on.isoformat()}
    )
    title.renewal_receipt_on = received_on


def correct_title(
    act: Act,
    title_id: int,
    *,
    number: str,
    issued_on: date | None,
    expires_on: date | None,
    activities: Sequence[str],
    proof: str,
) -> None:
    """The responsable corrects a typing error with proof of the check (practice); the entry is for review."""
    if not proof.strip():
        raise InvalidError("Say what was checked, and where.", field="proof")
    if not activities or set(activities) - set(ACTIVITIES):
        raise InvalidError(f"Activities are {', '.join(ACTIVITIES)}.", field="activities")
    title, name = _title(act, title_id)
    facts = {
        "name": name,
        "number_before": title.number,
        "number": number.strip(),
        "expires_before": title.expires_on.isoformat() if title.expires_on else None,
        "expires_on": expires_on.isoformat() if expires_on else None,
        "proof": proof.strip(),
    }
    title.entry_id = act.record("title.corrected", facts)
    title.number, title.activities = number.strip(), list(activities)
    title.issued_on, title.expires_on, title.checked_on = issued_on, expires_on, act.now.date()
