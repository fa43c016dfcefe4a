"""Taking, leaving and passing on a post (practice: title by kind of post, quick change of operator)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select, text, update

from veilleur.features.people.model import ACTIVITIES_OF_POST, WARN_BEFORE, title_for_post
from veilleur.features.people.queries import (
    card_of,
    centre_zone,
    live_posts,
    titles_of,
    today,
    user_by_id,
)
from veilleur.features.people.tables import Post, Title, User, WebSession
from veilleur.kernel.errors import ConflictError, InvalidError, NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act


class PostHeldError(ConflictError):
    """This post is held by somebody whose screen is alive: ask him, or use the quick change at his desk."""

    code = "post_held"


class PostNotHeldError(ConflictError):
    """You hold no post, or another one."""

    code = "post_not_held"


class AlreadyAtPostError(ConflictError):
    """Leave your present post first."""

    code = "already_at_post"


class PostNameTakenError(ConflictError):
    """A post has this name already."""

    code = "post_name_taken"


class HoldsDossiersError(ConflictError):
    """You hold open dossiers: hand them over, or confirm that they go back to the queue and ring."""

    code = "holds_dossiers"


@dataclass(frozen=True)
class HeldDossier:
    """An open dossier of the person who leaves."""

    id: int
    reference: str


def create_post(act: Act, *, name: str, kind: str) -> int:
    """Makes a workplace: remote_monitoring | video | both. Returns its id."""
    if kind not in ACTIVITIES_OF_POST:
        raise InvalidError(f"Kinds of post are {', '.join(ACTIVITIES_OF_POST)}.", field="kind")
    if not name.strip():
        raise InvalidError("A post has a name.", field="name")
    if act.session.scalars(select(Post.id).where(Post.name == name.strip())).first() is not None:
        raise PostNameTakenError(name=name.strip())
    post_id: int = act.session.execute(text("SELECT nextval('post_id_seq')")).scalar_one()
    facts = {"post": name.strip(), "kind": kind}
    entry_id = act.record("post.created", facts, touched={"post": [post_id]})
    post = Post(id=post_id, name=name.strip(), kind=kind, entry_id=entry_id)
    act.session.add(post)
    act.session.flush()
    return post.id


def rename_post(act: Act, post_id: int, name: str) -> None:
    """Gives a post another name. Raises PostNameTakenError, InvalidError."""
    said = name.strip()
    if not said:
        raise InvalidError("A post has a name.", field="name")
    post = lock_post(act, post_id)
    if act.session.scalars(select(Post.id).where(Post.name == said, Post.id != post_id)).first() is not None:
        raise PostNameTakenError(name=said)
    post.entry_id = act.record(
        "post.renamed", {"before": post.name, "post": said}, touched={"post": [post.id]}
    )
    post.name = said


def remove_post(act: Act, post_id: int, reason: str) -> None:
    """Takes a post out of the room; never one that somebody holds. Its name stays taken: entries tell of it.

    Raises PostHeldError, InvalidError.
    """
    if not reason.strip():
        raise InvalidError("Say why.", field="reason")
    post = lock_post(act, post_id)
    if post.holder_id is not None:
        raise PostHeldError(post=post.name, holder=user_by_id(act.session, post.holder_id).name)
    facts = {"post": post.name, "reason": reason.strip()}
    post.entry_id = act.record("post.removed", facts, touched={"post": [post.id]})
    post.removed_at = act.now


def lock_post(act: Act, post_id: int) -> Post:
    """The post's row, locked; NotFoundError when there is none in use."""
    post = act.session.get(Post, post_id, with_for_update=True, populate_existing=True)
    if post is None or post.removed_at is not None:
        raise NotFoundError(what="post", id=post_id)
    return post


def take_post(
    act: Act, reader: Reader, post_id: int, *, motif: str | None, session_hash: bytes | None
) -> None:
    """Prise de poste. Refused with the rule's name when no title serves (S4, R612-13, R612-17, R253-3).

    A post whose holder's screen is dead may be taken over (traced): a dead workstation unmans nothing. A
    video post asks for a motif of viewing, inherited by what is opened from it. Raises TitleRefusedError,
    PostHeldError, InvalidError.
    """
    if reader.post_id is not None and reader.post_id != post_id:
        raise AlreadyAtPostError(post=reader.post_id)
    post = lock_post(act, post_id)
    if post.holder_id not in (None, reader.user_id) and post_id in live_posts(act.session, act.now):
        raise PostHeldError(post=post.name, holder=user_by_id(act.session, post.holder_id or 0).name)
    day = today(act.session, act.now)
    card = title_for_post(post.kind, titles_of(act.session, reader.user_id), day)
    said = (motif or "").strip() or None
    if post.kind != "remote_monitoring" and said is None:
        raise InvalidError("Say why you watch: general watch, sector…", field="motif")
    before = _holder_name(act, post) if post.holder_id not in (None, reader.user_id) else None
    facts = {
        "post": post.name,
        "title": card.kind,
        "number": card.number,
        "state": card.state(day),
    }
    _leave_others(act, reader, post_id)
    post.entry_id = act.record(
        "post.taken", {**facts, "motif": said, "instead_of": before}, touched={"post": [post_id]}
    )
    _seat(act, post, user_id=reader.user_id, title_id=card.id, motif=said, session_hash=session_hash)


def _leave_others(act: Act, reader: Reader, post_id: int) -> None:
    """A person holds one post: what he still held from a session that died is left."""
    for other in act.session.scalars(
        select(Post).where(Post.holder_id == reader.user_id, Post.id != post_id).with_for_update()
    ):
        _empty(other, act.record("post.left", {"post": other.name}, touched={"post": [other.id]}))


def _seat(
    act: Act, post: Post, *, user_id: int, title_id: int, motif: str | None, session_hash: bytes | None
) -> None:
    post.holder_id, post.held_since, post.title_id, post.motif = user_id, act.now, title_id, motif
    post.sound_ok, post.title_warned_at, post.unverified_since = None, None, None
    # Receptions that stopped acknowledging for want of anybody hear it at once (practice P7).
    act.session.execute(text("SELECT pg_notify('veilleur_station', '')"))
    act.session.execute(
        update(WebSession)
        .where(WebSession.post_id == post.id, WebSession.token_hash != (session_hash or b""))
        .values(post_id=None)
    )
    if session_hash is not None:
        act.session.execute(
            update(WebSession)
            .where(WebSession.token_hash == session_hash)
            .values(post_id=post.id, sound_ok=None, last_act=act.now, last_seen=act.now)
        )


def _empty(post: Post, entry_id: int) -> None:
    post.holder_id, post.held_since, post.title_id, post.motif = None, None, None, None
    post.sound_ok, post.title_warned_at, post.unverified_since = None, None, None
    post.entry_id = entry_id


def _holder_name(act: Act, post: Post) -> str | None:
    return act.session.scalars(select(User.name).where(User.id == post.holder_id)).one_or_none()


def leave_post(act: Act, reader: Reader, held: Sequence[HeldDossier], *, confirmed: bool) -> None:
    """Leaves the post. With open dossiers it asks first: HoldsDossiersError names them; `confirmed` goes on.

    The caller gives the dossiers, and puts confirmed ones back in the queue in the same act.
    """
    if reader.post_id is None:
        raise PostNotHeldError
    if held and not confirmed:
        raise HoldsDossiersError(dossiers=[asdict(dossier) for dossier in held])
    post = lock_post(act, reader.post_id)
    if post.holder_id != reader.user_id:
        raise PostNotHeldError(post=post.name)
    facts = {"post": post.name, "dossiers": [dossier.reference for dossier in held]}
    _empty(post, act.record("post.left", facts, touched={"post": [post.id]}))
    act.session.execute(update(WebSession).where(WebSession.post_id == post.id).values(post_id=None))


def vacate_post(act: Act, post_id: int, reason: str) -> None:
    """The chef de salle frees a post that somebody left held; the reason is entered."""
    if not reason.strip():
        raise InvalidError("Say why.", field="reason")
    post = lock_post(act, post_id)
    if post.holder_id is None:
        raise PostNotHeldError(post=post.name)
    facts = {"post": post.name, "holder": _holder_name(act, post), "reason": reason.strip()}
    _empty(post, act.record("post.vacated", facts, touched={"post": [post.id]}))
    act.session.execute(update(WebSession).where(WebSession.post_id == post.id).values(post_id=None))


def pass_post(
    act: Act,
    *,
    to_user: int,
    post_id: int,
    from_user: int,
    session_hash: bytes,
    held: Sequence[HeldDossier] = (),
) -> None:
    """Quick change of operator: the newcomer is seated without a second of empty post; the alarms ring on.

    `held`: the previous holder's open dossiers, which the caller hands over in the same act.

    The newcomer's title is judged as for a prise de poste. The motif of viewing stays. TitleRefusedError
    leaves the previous holder seated.
    """
    post = lock_post(act, post_id)
    if post.holder_id != from_user:
        raise PostNotHeldError(post=post.name)
    card = title_for_post(post.kind, titles_of(act.session, to_user), today(act.session, act.now))
    newcomer = user_by_id(act.session, to_user)
    facts = {
        "post": post.name,
        "from": _holder_name(act, post),
        "to": newcomer.name,
        "number": card.number,
        "dossiers": [dossier.reference for dossier in held],
    }
    _leave_others(act, Reader(to_user, newcomer.name, frozenset()), post_id)
    post.entry_id = act.record("post.passed", facts, touched={"post": [post_id]})
    _seat(act, post, user_id=to_user, title_id=card.id, motif=post.motif, session_hash=session_hash)


def report_sound(act: Act, reader: Reader, *, ok: bool, session_hash: bytes) -> None:
    """The desk's self-test of its sound: a window that cannot sound tells the room (issue 2 §8, U5)."""
    act.session.execute(update(WebSession).where(WebSession.token_hash == session_hash).values(sound_ok=ok))
    if reader.post_id is None:
        act.record("sound.tested", {"ok": ok, "post": None})
        return
    post = lock_post(act, reader.post_id)
    post.entry_id = act.record("sound.tested", {"ok": ok, "post": post.name}, touched={"post": [post.id]})
    post.sound_ok = ok


def warn_of_ending_titles(act: Act) -> list[int]:
    """Tells the chef de salle, once, of each held post whose title ends within 6 h. Returns the posts.

    The end itself ejects nobody: the holder works on until the relief, and cannot take a post again.
    """
    zone = centre_zone(act.session)
    warned: list[int] = []
    held = select(Post, Title, User.name).join(Title, Title.id == Post.title_id)
    held = held.join(User, User.id == Post.holder_id).where(Post.title_warned_at.is_(None))
    for post, title, name in act.session.execute(held.with_for_update(of=Post, skip_locked=True)):
        ends = card_of(title).ends_at(zone)
        if ends is None or ends - act.now > WARN_BEFORE:
            continue
        facts = {"name": name, "post": post.name, "number": title.number, "ends_at": ends.isoformat()}
        post.entry_id = act.record("title.ending", facts, touched={"post": [post.id]})
        post.title_warned_at = act.now
        warned.append(post.id)
    return warned
