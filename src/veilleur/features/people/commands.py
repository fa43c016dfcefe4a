"""Use cases about accounts and titles. Each is one entry and its change, in the act's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from veilleur.features.people.model import check_password
from veilleur.features.people.passwords import hash_password, verify_password
from veilleur.features.people.queries import (
    customer_references,
    read_perimeter,
    user_by_login,
)
from veilleur.features.people.tables import User, WebSession
from veilleur.features.people.titles import (
    correct_title,
    grant_title,
    record_receipt,
    review_title,
    set_title_status,
    undo_title_review,
    warn_of_title_ends,
)
from veilleur.kernel.errors import ConflictError, InvalidError, NotFoundError
from veilleur.kernel.ports import ROLES
from veilleur.logbook.act import Act, fold

__all__ = [
    "change_password",
    "correct_title",
    "create_user",
    "disable_user",
    "enable_user",
    "grant_title",
    "record_receipt",
    "review_title",
    "set_password",
    "set_perimeter",
    "set_roles",
    "set_title_status",
    "undo_title_review",
    "warn_of_title_ends",
]

#: Those of the screens.
LANGUAGES = ("fr", "en")


class LoginTakenError(ConflictError):
    """Somebody has this login already: choose another."""

    code = "login_taken"


class AccountStateError(ConflictError):
    """The account is open already, or closed already."""

    code = "account_state"


class LastAdministratorError(ConflictError):
    """Nobody else administers the centre: make another administrator first."""

    code = "last_administrator"


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
    and InvalidError on an unknown role or language, or a password that is too short.
    """
    key = login.strip().casefold()
    if not key or not name.strip():
        raise InvalidError("A login and a name are needed.", field="login")
    if language not in LANGUAGES:
        raise InvalidError(f"Languages are {', '.join(LANGUAGES)}.", field="language")
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
    if "administrator" not in roles:
        _refuse_last_administrator(act, user_id)
    user = _locked(act, user_id)
    user.entry_id = act.record(
        "user.roles_changed", {"name": user.name, "before": user.roles, "roles": list(roles)}
    )
    user.roles = list(roles)


def disable_user(act: Act, user_id: int, reason: str) -> None:
    """Ends an account and every session of it. A held post stays held, and rings, until somebody takes it."""
    said = _reason(reason)
    _refuse_last_administrator(act, user_id)
    user = _locked(act, user_id)
    if user.disabled_at is not None:
        raise AccountStateError(name=user.name, state="disabled")
    user.entry_id = act.record("user.disabled", {"name": user.name, "reason": said})
    user.disabled_at = act.now
    act.session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def enable_user(act: Act, user_id: int, reason: str) -> None:
    """Opens a closed account again; its password and titles are those it had."""
    said = _reason(reason)
    user = _locked(act, user_id)
    if user.disabled_at is None:
        raise AccountStateError(name=user.name, state="active")
    user.entry_id = act.record("user.enabled", {"name": user.name, "reason": said})
    user.disabled_at = None


def set_perimeter(act: Act, user_id: int, perimeter: Mapping[str, Sequence[Any] | None]) -> None:
    """Bounds what a person sees: {organisations, customers (ids), communes (codes)}; None or absent lets all pass.

    An empty list lets nothing pass. Open screens follow within seconds. Raises InvalidError on another bound.
    """
    if unknown := set(perimeter) - {"organisations", "customers", "communes"}:
        raise InvalidError("Bounds are organisations, customers, communes.", field=min(unknown))
    bounds = {name: sorted(set(items)) for name, items in perimeter.items() if items is not None}
    user = _locked(act, user_id)
    user.entry_id = act.record(
        "user.perimeter_changed",
        {
            "name": user.name,
            "before": user.perimeter,
            "perimeter": bounds,
            "whole": None if bounds else "whole",
            "communes": [str(code) for code in bounds.get("communes", [])] or None,
            "customers": customer_references(act.session, bounds.get("customers", [])) or None,
            "organisations": [str(name) for name in bounds.get("organisations", [])] or None,
        },
    )
    user.perimeter = bounds


def _reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidError("Say why.", field="reason")
    return reason.strip()


def _refuse_last_administrator(act: Act, user_id: int) -> None:
    """Somebody must be able to open accounts from the desk.

    The administrators' rows are locked in one order, first of all: of two who leave at once, one stays.
    """
    left = act.session.scalars(
        select(User.id)
        .where(User.roles.contains(["administrator"]), User.disabled_at.is_(None))
        .order_by(User.id)
        .with_for_update()
    ).all()
    if set(left) == {user_id}:
        raise LastAdministratorError


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
