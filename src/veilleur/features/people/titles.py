"""Use cases about titles: recorded, corrected with its proof, suspended, renewed; warned of before their end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from veilleur.features.people.model import ACTIVITIES, TITLE_KINDS, superseded
from veilleur.features.people.queries import card_of, titles_of, today, user_by_id
from veilleur.features.people.tables import Title, User
from veilleur.kernel.errors import InvalidError, NotFoundError, NothingToReviewError
from veilleur.logbook.act import Act


class CardWithoutEndError(InvalidError):
    """A professional card is valid five years (R612-13): its last day, or the day it was issued."""

    code = "card_without_end"


def _refuse_endless(kind: str, issued_on: date | None, expires_on: date | None) -> None:
    if kind == "card" and issued_on is None and expires_on is None:
        raise CardWithoutEndError(field="expires_on")


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

    Returns its id. Raises InvalidError on an unknown kind or activity, or without a number; CardWithoutEndError.
    """
    user = user_by_id(act.session, user_id)
    if kind not in TITLE_KINDS:
        raise InvalidError(f"Kinds of title are {', '.join(TITLE_KINDS)}.", field="kind")
    if not activities or set(activities) - set(ACTIVITIES):
        raise InvalidError(f"Activities are {', '.join(ACTIVITIES)}.", field="activities")
    if not number.strip():
        raise InvalidError("A title has a number.", field="number")
    _refuse_endless(kind, issued_on, expires_on)
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
    _refuse_endless(title.kind, issued_on, expires_on)
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
    title.corrected_at, title.corrected_by = act.now, act.actor.name or act.actor.kind
    title.correction_proof, title.reviewed_at = proof.strip(), None
    title.warned_months = None


def review_title(act: Act, title_id: int, *, note: str | None = None, own: bool = False) -> int:
    """Somebody answerable has looked at a correction and its proof. Returns the entry.

    `own`: he made the correction himself; the entry says so. Raises NotFoundError, NothingToReviewError.
    """
    title, name = _title(act, title_id)
    if title.corrected_at is None or title.reviewed_at is not None:
        raise NothingToReviewError(kind="title")
    facts = {"name": name, "number": title.number, "own": "own" if own else None, "note": note}
    title.entry_id = act.record("title.reviewed", facts)
    title.reviewed_at = act.now
    return title.entry_id


def undo_title_review(act: Act, title_id: int) -> int:
    """Takes a review back: the correction waits for it again. Returns the entry."""
    title, name = _title(act, title_id)
    if title.reviewed_at is None:
        raise NothingToReviewError(kind="title")
    title.entry_id = act.record("title.review_undone", {"name": name, "number": title.number})
    title.reviewed_at = None
    return title.entry_id


def warn_of_title_ends(act: Act) -> list[int]:
    """Tells the end of a title 6, 4 and 3 months before (duty S4), each once. Returns the titles.

    Said of people who still work here, while no later title and no receipt of renewal takes over. A title first
    seen late is told once, at the nearest of the three. Safe to repeat, and beside others.
    """
    day = today(act.session, act.now)
    warned: list[int] = []
    rows = (
        select(Title, User.name)
        .join(User, User.id == Title.user_id)
        .where(User.disabled_at.is_(None))
        .order_by(Title.id)
        .with_for_update(of=Title, skip_locked=True)
    )
    for title, name in act.session.execute(rows).all():
        card = card_of(title)
        months = card.months_left(day)
        if months is None or (title.warned_months is not None and title.warned_months <= months):
            continue
        if superseded(card, titles_of(act.session, title.user_id), day):
            continue
        facts = {
            "name": name,
            "kind": card.kind,
            "number": card.number,
            "months": months,
            "last_day": card.last_day.isoformat() if card.last_day else None,
            "renew_by": card.renew_by.isoformat() if card.renew_by and card.renew_by >= day else None,
        }
        title.entry_id = act.record("title.ends_soon", facts)
        title.warned_months = months
        warned.append(title.id)
    return warned
