"""Titles and slow-down: pure rules about people, as dated data with their source."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from veilleur.kernel.errors import ConflictError, InvalidError

#: What each kind of post asks of the title of its holder: activities, all of them.
ACTIVITIES_OF_POST = {
    "remote_monitoring": ("remote_monitoring",),
    "video": ("video",),
    "both": ("remote_monitoring", "video"),
}

ACTIVITIES = ("remote_monitoring", "video", "telecare")
TITLE_KINDS = ("card", "provisional", "designation", "agreement")

#: R612-13: the carte professionnelle is valid five years from its issue.
CARD_YEARS = 5

#: Practice, «Title by kind of post»: the chef is told this long before a title ends under its holder.
WARN_BEFORE = timedelta(hours=6)


#: Duty S4: the end of a title is told this many months before. The last is R612-17's: a renewal is asked for three
#: months before the end at the latest.
WARN_MONTHS = (6, 4, 3)


@dataclass(frozen=True)
class TitleRule:
    """Which kind of title lets a person do an activity, by which text, since when."""

    activity: str
    kind: str
    reference: str
    since: date


#: Titles by activity. Private security works under the CNAPS card; a town's agents under the mayor's
#: designation (R253-3), with the préfet's agrément where the CSU is shared between towns (L132-14-1, reach
#: disputed: the agreement is accepted, never required). `provisional` is in no line: R612-20 forbids its
#: holder any post.
#: The dates from which they are in force are unverified (U) and only matter to a replay of the past.
TITLE_RULES = (
    TitleRule("remote_monitoring", "card", "L612-20", date(2012, 5, 1)),
    TitleRule("video", "card", "L613-13", date(2021, 11, 26)),
    TitleRule("video", "designation", "R253-3", date(2012, 5, 1)),
    TitleRule("video", "agreement", "L132-14-1", date(2021, 5, 27)),
    TitleRule("telecare", "card", "L612-20", date(2012, 5, 1)),
)

#: Why a title does not serve, the nearest miss first, with the text that says so for a card.
REASONS = {
    "expired": "R612-13",
    "suspended": "L612-20",
    "withdrawn": "L612-20",
    "provisional": "R612-20",
    "wrong_activity": "R612-16",
    "missing": "L612-20",
}

#: The same for the titles of a town's agents.
OTHER_REFERENCES = {"designation": "R253-3", "agreement": "L132-14-1"}


class TitleRefusedError(ConflictError):
    """Your title does not allow this post: see the rule, and ask the chef de salle."""

    code = "title_refused"


@dataclass(frozen=True)
class TitleCard:
    """A title as the rules read it. Dates are days of the centre's time zone."""

    id: int
    kind: str
    number: str
    activities: frozenset[str]
    issued_on: date | None = None
    expires_on: date | None = None
    status: str = "valid"
    renewal_receipt_on: date | None = None

    @property
    def last_day(self) -> date | None:
        """The last day it is valid: as written, else five years from issue for a card (R612-13)."""
        if self.expires_on is not None or self.kind != "card" or self.issued_on is None:
            return self.expires_on
        try:
            return self.issued_on.replace(year=self.issued_on.year + CARD_YEARS)
        except ValueError:  # issued on a 29th of February
            return self.issued_on.replace(year=self.issued_on.year + CARD_YEARS, day=28)

    @property
    def renewal_counts(self) -> bool:
        """R612-17: the receipt of a renewal asked for before the end lets work continue."""
        last = self.last_day
        return self.renewal_receipt_on is not None and last is not None and self.renewal_receipt_on <= last

    @property
    def renew_by(self) -> date | None:
        """The last day on which a renewal may be asked for: three months before the end (R612-17)."""
        last = self.last_day
        return months_before(last, WARN_MONTHS[-1]) if self.kind == "card" and last is not None else None

    def months_left(self, today: date) -> int | None:
        """The warning it is time for: 6, 4 or 3 months (S4); None when it is far, or a receipt holds it up.

        A title that has ended stays at 3: nobody renewed it.
        """
        last = self.last_day
        if last is None or self.status == "withdrawn" or self.renewal_counts:
            return None
        due = [months for months in WARN_MONTHS if today >= months_before(last, months)]
        return min(due, default=None)

    def state(self, today: date) -> str:
        """valid | renewing (expired, with a receipt) | expired | suspended | withdrawn | provisional."""
        if self.status != "valid":
            return self.status
        if self.kind == "provisional":
            return "provisional"
        last = self.last_day
        if last is None or today <= last:
            return "valid"
        return "renewing" if self.renewal_counts else "expired"

    def serves(self, activity: str, today: date) -> str | None:
        """None when it allows the activity today, else the reason why not (a key of REASONS)."""
        state = self.state(today)
        if state not in ("valid", "renewing"):
            return state
        allowed = any(
            rule.activity == activity and rule.kind == self.kind and rule.since <= today
            for rule in TITLE_RULES
        )
        return None if allowed and activity in self.activities else "wrong_activity"

    def ends_at(self, zone: ZoneInfo) -> datetime | None:
        """The instant (UTC) from which it no longer allows a post; None: no end, or a receipt holds it up."""
        last = self.last_day
        if last is None or self.renewal_counts:
            return None
        return datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def superseded(card: TitleCard, titles: Iterable[TitleCard], today: date) -> bool:
    """Whether later titles of the same person already allow, past its end, all that it allows."""
    after = (card.last_day or date.max - timedelta(days=1)) + timedelta(days=1)
    others = [other for other in titles if other.id != card.id]
    return all(
        any(other.serves(activity, max(after, today)) is None for other in others)
        for activity in card.activities
    )


def allowed_activities(titles: Iterable[TitleCard], today: date) -> frozenset[str]:
    """The activities that a person's titles allow today."""
    cards = list(titles)
    return frozenset(a for a in ACTIVITIES if any(card.serves(a, today) is None for card in cards))


def is_barred(titles: Iterable[TitleCard], today: date) -> bool:
    """Whether a title was withdrawn or suspended and none allows anything: no right to work, not an end to renew (L612-20)."""
    cards = list(titles)
    taken = any(card.status in {"withdrawn", "suspended"} for card in cards)
    return taken and not allowed_activities(cards, today)


def title_for_post(kind: str, titles: Iterable[TitleCard], today: date) -> TitleCard:
    """The title under which a person may hold a post of this kind.

    Raises TitleRefusedError with `reason`, `rule` (article), `activity`, and the number and last day of the
    title that came nearest (duty S4). A post that asks two activities answers with the title that ends first.
    """
    cards = list(titles)
    found: list[TitleCard] = []
    for activity in ACTIVITIES_OF_POST[kind]:
        judged = [(card.serves(activity, today), card) for card in cards]
        good = [card for reason, card in judged if reason is None]
        if not good:
            raise _refusal(activity, [(reason, card) for reason, card in judged if reason is not None])
        found.append(max(good, key=lambda card: card.last_day or date.max))
    return min(found, key=lambda card: card.last_day or date.max)


def _refusal(activity: str, judged: list[tuple[str, TitleCard]]) -> TitleRefusedError:
    order = list(REASONS)
    near = min(judged, key=lambda pair: order.index(pair[0]), default=None)
    reason, card = near if near is not None else ("missing", None)
    return TitleRefusedError(
        reason=reason,
        rule=OTHER_REFERENCES.get(card.kind if card else "", REASONS[reason]),
        activity=activity,
        number=card.number if card else None,
        last_day=card.last_day.isoformat() if card and card.last_day else None,
    )


#: Slow-down, never lock-out: failures that cost nothing, then 1, 2, 4… seconds up to the ceiling.
FREE_FAILURES = {"login": 3, "pair": 3, "peer": 20}
CEILING_SECONDS = {"login": 30.0, "pair": 8.0, "peer": 15.0}


def slow_down(kind: str, failures: int) -> timedelta:
    """How long after its nth failure in a row a login, a known pair (login, peer) or a peer waits."""
    beyond = failures - FREE_FAILURES[kind]
    if beyond <= 0:
        return timedelta(0)
    return timedelta(seconds=min(2.0 ** min(beyond - 1, 10), CEILING_SECONDS[kind]))


#: A password a person can keep: long rather than twisted. The upper bound is what a peer controls.
MIN_PASSWORD = 12
MAX_PASSWORD = 200


def check_password(password: str, login: str) -> None:
    """Raises InvalidError when a new password is too short, too long or is the login."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InvalidError("Choose a password of 12 characters or more.", field="password", reason="length")
    if password.casefold() == login.casefold():
        raise InvalidError("The password must not be the login.", field="password", reason="same_as_login")
