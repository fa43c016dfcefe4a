"""The file of a site: whose it is, what is in it, who is told, what the customer asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Json, Perimeter, Traced


class Centre(Traced, Base):
    """The centre itself, one row: name, numéro de rappel, authorisation, time zone, limits of the house."""

    __tablename__ = "centre"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    call_back: Mapped[str | None] = mapped_column(doc="numéro de rappel given to the police (D613-20)")
    authorisation: Mapped[str | None] = mapped_column(doc="CNAPS authorisation, L612-15")
    timezone: Mapped[str] = mapped_column(Text, default="Europe/Paris")
    settings: Mapped[Json] = mapped_column(doc="response limits and delays; see features/incidents/limits.py")


class Customer(Traced, Perimeter, Base):
    """The contracting customer (abonné)."""

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str]
    sort_key: Mapped[str]
    kind: Mapped[str] = mapped_column(Text, default="professional")
    codes: Mapped[list[Json]] = mapped_column(
        doc="overrides of classification: [{code, category, priority, …}]"
    )


class Brand(Traced, Perimeter, Base):
    """An enseigne: shops that share contacts and consignes."""

    __tablename__ = "brand"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str]
    sort_key: Mapped[str]


class PanelModel(Traced, Base):
    """A make and model of panel: its own codes and whether it sends restores (practice P5)."""

    __tablename__ = "panel_model"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    sends_restores: Mapped[str] = mapped_column(Text, default="unknown")
    codes: Mapped[list[Json]]


class Site(Traced, Perimeter, Base):
    """A watched place. Its row is the lock: every command and decision takes it FOR UPDATE first."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str]
    sort_key: Mapped[str]
    kind: Mapped[str] = mapped_column(Text, default="professional", doc="professional | private")
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id"))
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    town: Mapped[str | None]
    country: Mapped[str] = mapped_column(Text, default="FR")
    access: Mapped[str | None] = mapped_column(
        doc="floor, code, interphone, key point: for those who go there"
    )
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    timezone: Mapped[str] = mapped_column(Text, default="Europe/Paris")
    phone: Mapped[str | None] = mapped_column(doc="the site's own number: the contre-appel")
    connection: Mapped[str] = mapped_column(
        Text, default="in_service", doc="connecting | in_service | suspended | terminated"
    )
    services: Mapped[list[str]] = mapped_column(doc="intervention | video | guarding | listen_in")
    risks: Mapped[str | None]
    note: Mapped[str | None]
    codes: Mapped[list[Json]] = mapped_column(doc="overrides of classification for this site")
    schedule: Mapped[list[Json]] = mapped_column(doc="expected closed periods: [{days, from, to}]")
    area_groups: Mapped[Json] = mapped_column(doc="{group name: [area numbers]}; absent areas form «main»")
    brand_exceptions: Mapped[Json | None] = mapped_column(
        doc="what of its brand does not apply here: {contacts: [names], instructions: [texts], procedures: [events]}"
    )
    search: Mapped[str] = mapped_column(Text, doc="folded name, reference, town, phones, accounts")
    police_zone: Mapped[str | None]


class Area(Traced, Base):
    """A part of a site armed together. `armed` null = never heard."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("site_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    number: Mapped[str] = mapped_column(Text, doc="canonical: without leading zeros")
    name: Mapped[str | None]
    armed: Mapped[bool | None]
    partial: Mapped[bool] = mapped_column(default=False)
    armed_since: Mapped[datetime | None]
    armed_by: Mapped[str | None] = mapped_column(doc="user number as sent")


class Panel(Traced, Base):
    """A control panel: reception line (null = any) + account (practice P9)."""

    __tablename__ = "panel"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    account: Mapped[str] = mapped_column(Text, doc="as written in the file")
    canonical: Mapped[str] = mapped_column(Text, doc="upper case, without leading zeros")
    line: Mapped[str | None]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("panel_model.id"))
    key_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, doc="key id ‖ nonce ‖ AES-256-GCM")
    time_policy: Mapped[str] = mapped_column(Text, default="standard")
    clear_allowed: Mapped[bool] = mapped_column(default=False, doc="clear frames on a keyed account")
    duplicate_seconds: Mapped[int] = mapped_column(default=60)
    sends_restores: Mapped[str] = mapped_column(Text, default="unknown", doc="yes | no | on_disarm | unknown")
    adopted: Mapped[bool] = mapped_column(
        default=False, doc="a ghost made ours: no import drops it by omission"
    )
    removed_at: Mapped[datetime | None]


Index(
    "uq_panel_line_canonical",
    func.coalesce(Panel.line, text("''")),
    Panel.canonical,
    unique=True,
    postgresql_where=Panel.removed_at.is_(None),
)
Index("ix_panel_canonical", Panel.canonical)


class Path(Traced, Base):
    """A transmission path, supervised by itself; `match`: transport, receiver, prefix, peer, g (G block)."""

    __tablename__ = "panel_path"
    __table_args__ = (UniqueConstraint("panel_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    name: Mapped[str]
    interval: Mapped[int | None] = mapped_column(
        doc="seconds expected between signs of life; null: unsupervised"
    )
    reporting: Mapped[int | None] = mapped_column(
        doc="seconds of silence before it is lost; default 2 × interval + 30"
    )
    match: Mapped[Json]
    carrier: Mapped[str | None]
    state: Mapped[str] = mapped_column(Text, default="unknown", doc="unknown | up | lost")
    state_since: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class PathSeen(Base):
    """Last sign of life per path; flushed once a second by each reception; untraced."""

    __tablename__ = "path_seen"

    path_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_seen: Mapped[datetime] = mapped_column(index=True)
    holder: Mapped[str] = mapped_column(Text, doc="the reception process that saw it")


class Watermark(Base):
    """How far each live reception has flushed its last-seen; the watch expires no path past the oldest."""

    __tablename__ = "reception_watermark"

    holder: Mapped[str] = mapped_column(Text, primary_key=True)
    lines: Mapped[list[str]]
    started_at: Mapped[datetime]
    flushed_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


class Zone(Traced, Base):
    """A detection point that speaks. Unknown ones are created when they first speak."""

    __tablename__ = "zone"
    __table_args__ = (UniqueConstraint("panel_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    number: Mapped[str] = mapped_column(Text, doc="canonical: without leading zeros")
    shown: Mapped[str] = mapped_column(Text, doc="as written")
    area: Mapped[str | None]
    name: Mapped[str | None]
    kind: Mapped[str | None] = mapped_column(doc="a category: intrusion, fire, hold_up, technical…")
    sends_restores: Mapped[str | None]
    codes: Mapped[list[Json]]
    state: Mapped[str] = mapped_column(
        Text, default="unknown", doc="unknown | normal | alarm | fault | bypassed"
    )
    state_since: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    alarm_at: Mapped[datetime | None] = mapped_column(doc="last alarm or fault")
    tested_at: Mapped[datetime | None] = mapped_column(doc="last spoke during a connection or an on-test")
    discovered: Mapped[bool] = mapped_column(default=False, doc="not in the file: made when it first spoke")
    removed_at: Mapped[datetime | None]


class ConnectionRecord(Traced, Base):
    """The procès-verbal of a connection: what was tested and what never spoke when the site went in service."""

    __tablename__ = "connection_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    accepted_at: Mapped[datetime]
    accepted_by: Mapped[str] = mapped_column(doc="who accepted: installer or customer, by name")
    operator: Mapped[str | None] = mapped_column(doc="who entered it")
    motif: Mapped[str | None] = mapped_column(doc="why in service although something is missing")
    note: Mapped[str | None]
    missing: Mapped[list[Json]] = mapped_column(doc="[{code, items}] as of then; empty: complete")
    points: Mapped[list[Json]] = mapped_column(
        doc="each point as of then: {number, name, state, tested_at, …}"
    )


class Contact(Traced, Base):
    """A destinataire d'alerte of a site or of a brand. Words are sealed with the contact-secrets key."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id"), index=True)
    name: Mapped[str]
    rank: Mapped[int]
    role: Mapped[str | None] = mapped_column(doc="gérante, concierge, gardien…")
    phones: Mapped[list[Json]] = mapped_column(doc="[{number (E.164), label}]")
    availability: Mapped[list[Json]] = mapped_column(
        doc="[{days: [1..7], from: hh:mm, to: hh:mm}]; empty: always"
    )
    authorised: Mapped[bool] = mapped_column(default=True, doc="habilité: may identify, cancel, ask")
    user_number: Mapped[str | None] = mapped_column(doc="user of the panel who is this person")
    code_word: Mapped[bytes | None] = mapped_column(LargeBinary)
    duress_word: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str | None]
    note: Mapped[str | None]
    provisional_until: Mapped[datetime | None] = mapped_column(
        doc="practice: night changes add, expire at noon"
    )
    provisional_basis: Mapped[str | None]
    provisional_at: Mapped[datetime | None] = mapped_column(
        doc="when it was added, by whom, why: for the review"
    )
    provisional_by: Mapped[str | None]
    provisional_motif: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class Instruction(Traced, Base):
    """A consigne that knows the hour. `schedule`: [{days: [1..7], from, to}]; empty: at all hours."""

    __tablename__ = "instruction"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id"), index=True)
    kind: Mapped[str] = mapped_column(Text, doc="permanent | temporary | particular")
    text: Mapped[str]
    schedule: Mapped[list[Json]]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    asked_by: Mapped[str | None]
    origin: Mapped[str] = mapped_column(
        Text, default="import", doc="import | desk: an import ends only its own"
    )
    ended_at: Mapped[datetime | None]


class Procedure(Traced, Base):
    """Ordered, branching steps for a category, of a site, a customer, a brand or the centre (all null)."""

    __tablename__ = "procedure"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id"))
    event: Mapped[str] = mapped_column(Text, doc="a category, or «default»")
    steps: Mapped[list[Json]] = mapped_column(doc="see features/incidents/procedure.py")
    ended_at: Mapped[datetime | None]


class Responder(Traced, Base):
    """An intervention firm or agent."""

    __tablename__ = "responder"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str]
    firm: Mapped[str | None]
    phone: Mapped[str]
    communes: Mapped[list[str]]
    card_expires_on: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class OnCall(Traced, Base):
    """Somebody outside the room, or a backup centre, who is called when nobody takes an alarm (practice P7)."""

    __tablename__ = "on_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(Text, default="person", doc="person | centre")
    rank: Mapped[int] = mapped_column(default=1, doc="the order of calls")
    ways: Mapped[list[Json]] = mapped_column(
        doc="[{channel, to}]: a channel of the settings, and an address there"
    )
    removed_at: Mapped[datetime | None]


class SiteResponder(Traced, Base):
    """Who goes to a site, in which order, with which keys, in how many minutes by contract."""

    __tablename__ = "site_responder"

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responder.id"), primary_key=True)
    rank: Mapped[int]
    keys: Mapped[str | None]
    minutes: Mapped[int | None]
    removed_at: Mapped[datetime | None]


class OnTest(Traced, Base):
    """En essai: signals of the scope are noted, not treated, until an hour; what breaks through is in P10."""

    __tablename__ = "on_test"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    scope: Mapped[Json] = mapped_column(
        doc="{panel: id|null, areas: [..]|null, zones: [..]|null}; nulls: whole site"
    )
    asked_by: Mapped[str]
    contact_id: Mapped[int | None]
    word_result: Mapped[str] = mapped_column(
        Text, doc="right | wrong | duress | not_asked (with a second person)"
    )
    started_at: Mapped[datetime]
    until: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_note: Mapped[str | None]
    results: Mapped[list[Json]] = mapped_column(doc="per point: {zone, label, alarms, restored, state}")


class DirectoryEntry(Traced, Base):
    """Who answers 17, 18, 15 for a commune, by reserved number (D613-17): police, fire, medical…"""

    __tablename__ = "directory_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    commune: Mapped[str] = mapped_column(Text, index=True)
    town: Mapped[str]
    service: Mapped[str] = mapped_column(Text, doc="police | gendarmerie | municipal_police | fire | medical")
    zone: Mapped[str] = mapped_column(Text, default="", server_default="")
    name: Mapped[str]
    number: Mapped[str] = mapped_column(Text, doc="reserved and confidential: masked outside the call")
    call_back: Mapped[str | None] = mapped_column(doc="our number to give, if not the centre's")
    checked_on: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("commune", "service", "zone"),)
