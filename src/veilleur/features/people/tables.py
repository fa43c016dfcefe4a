"""Users, titles, posts and web sessions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Json, Traced


class User(Traced, Base):
    """A person who logs in. `perimeter`: {organisations, customers, communes}: list, or null for all."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str]
    sort_key: Mapped[str]
    password_hash: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(doc="operator | lead (chef de salle) | administrator | auditor")
    perimeter: Mapped[Json]
    language: Mapped[str] = mapped_column(Text, default="fr")
    disabled_at: Mapped[datetime | None]


class Title(Traced, Base):
    """What lets a person hold a post: CNAPS card, mayor's designation, préfet's agrément (practice.md)."""

    __tablename__ = "title"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str] = mapped_column(Text, doc="card | provisional | designation | agreement")
    number: Mapped[str]
    activities: Mapped[list[str]] = mapped_column(doc="remote_monitoring | video | telecare")
    issued_on: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str] = mapped_column(Text, default="valid", doc="valid | suspended | withdrawn")
    renewal_receipt_on: Mapped[date | None] = mapped_column(
        Date, doc="R612-17: the receipt lets work continue"
    )
    checked_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None]
    warned_months: Mapped[int | None] = mapped_column(doc="last warning of its end: 6, 4 or 3 months (S4)")
    corrected_at: Mapped[datetime | None] = mapped_column(doc="last correction; it is reviewed (practice)")
    corrected_by: Mapped[str | None]
    correction_proof: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]


class Post(Traced, Base):
    """A workplace of the room."""

    __tablename__ = "post"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text, doc="remote_monitoring | video | both")
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    held_since: Mapped[datetime | None]
    title_id: Mapped[int | None] = mapped_column(ForeignKey("title.id"))
    motif: Mapped[str | None] = mapped_column(Text, doc="motif of viewing, inherited by what is opened")
    sound_ok: Mapped[bool | None] = mapped_column(doc="the holder's last self-test: false tells the room")
    title_warned_at: Mapped[datetime | None] = mapped_column(
        doc="when the lead was told that the title ends soon"
    )
    removed_at: Mapped[datetime | None]
    unverified_since: Mapped[datetime | None] = mapped_column(
        doc="the built-in dialler's row was not painted on this post since (P7)"
    )


class WebSession(Base):
    """A server-side session. Only the SHA-256 of the cookie is stored. Not traced; logins are entries."""

    __tablename__ = "web_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    csrf: Mapped[str]
    peer: Mapped[str]
    created_at: Mapped[datetime]
    last_seen: Mapped[datetime]
    last_act: Mapped[datetime]
    ends_at: Mapped[datetime]
    sound_ok: Mapped[bool | None] = mapped_column(doc="the desk's last self-test of its sound")
    painted_round: Mapped[int | None] = mapped_column(doc="last round of the built-in dialler painted here")
    painted_at: Mapped[datetime | None]


class LoginThrottle(Base):
    """Slow-down, never lock-out: failures per login and per peer."""

    __tablename__ = "login_throttle"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int]
    next_try_at: Mapped[datetime]


class CommandAnswer(Base):
    """Answers of commands, kept 24 h: a repeated command id gets its first answer."""

    __tablename__ = "command_answer"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(Text, primary_key=True)
    command_id: Mapped[str] = mapped_column(Text, primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    answer: Mapped[Json | None]
    at: Mapped[datetime]


class RefusalCount(Base):
    """Refused logins and floods, counted per kind, peer and minute; one entry when the minute ends."""

    __tablename__ = "refusal_count"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    peer: Mapped[str] = mapped_column(Text, primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
    detail: Mapped[Json]
    entered: Mapped[bool] = mapped_column(default=False, server_default="false")
