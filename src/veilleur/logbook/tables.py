"""Tables of the logbook (ARCHITECTURE.md §5). Written once: the application role inserts and selects."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    Sequence,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from veilleur.db.base import Base, Json, Perimeter

entry_id_seq = Sequence("entry_id_seq", metadata=Base.metadata)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in DDL."""
        return "xid8"


class Entry(Perimeter, Base):
    """A typed, immutable domain event. `leaf` holds the exact bytes that are hashed."""

    __tablename__ = "entry"
    __table_args__ = ({"info": {"untraced": True}},)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    txid: Mapped[int] = mapped_column(Xid8(), server_default=text("pg_current_xact_id()"))
    kind: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(SmallInteger)
    happened_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(Text, doc="user | watch | reception | centre | import | cli")
    actor_id: Mapped[int | None]
    post_id: Mapped[int | None]
    site_id: Mapped[int | None] = mapped_column(index=True)
    incident_id: Mapped[int | None] = mapped_column(index=True)
    corrects_id: Mapped[int | None]
    touched: Mapped[Json] = mapped_column(doc="kind → list of ids whose views this entry changes")
    leaf: Mapped[bytes] = mapped_column(LargeBinary)


Index("ix_entry_happened_at", Entry.happened_at)
Index("ix_entry_kind", Entry.kind, Entry.id)
Index("ix_entry_actor", Entry.actor_id, Entry.id)


class EntryPayload(Base):
    """The entry's personal text: canonical JSON and the salt of its commitment. Erasable, by one function."""

    __tablename__ = "entry_payload"

    payload_of: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary, doc="canonical JSON, UTF-8: the bytes committed to")
    search: Mapped[str] = mapped_column(Text, doc="the words of the French sentence, folded")
    words: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', search)", persisted=True))


Index("ix_entry_payload_words", EntryPayload.words, postgresql_using="gin")


class EntryUnsealed(Base):
    """Committed entries that wait for their position (filled by a trigger)."""

    __tablename__ = "entry_unsealed"

    unsealed: Mapped[int] = mapped_column("entry_id", BigInteger, primary_key=True, autoincrement=False)
    __table_args__ = ({"info": {"untraced": True}},)


class EntryPosition(Base):
    """The sealed order: position (from 0, without gap) → entry and RFC 6962 leaf hash."""

    __tablename__ = "entry_position"
    __table_args__ = ({"info": {"untraced": True}},)

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sealed: Mapped[int] = mapped_column("entry_id", BigInteger, unique=True)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]


class MerkleNode(Base):
    """Hashes of complete subtrees: level 1 covers 2 leaves, level n covers 2^n; `index` counts from 0."""

    __tablename__ = "merkle_node"

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Checkpoint(Base):
    """A signed statement of size and root, in the C2SP signed-note form."""

    __tablename__ = "checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    vkey: Mapped[str] = mapped_column(Text, doc="the verifier key of its signer (C2SP signed-note)")
    signed_at: Mapped[datetime]


class CheckpointSent(Base):
    """Which checkpoints left the machine, when and where to."""

    __tablename__ = "checkpoint_sent"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(Text, primary_key=True)
    sent_at: Mapped[datetime]
