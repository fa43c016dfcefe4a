"""Events of a device by pull point: one thread, a bounded queue, renewed, taken up again after any failure."""

from __future__ import annotations

import contextlib
import queue
import threading
from datetime import datetime
from typing import Any

from onveef import envelopes, parsers

from veilleur.kernel.clock import Clock
from veilleur.video.model import EPOCH, SourceError, to_wall
from veilleur.video.onvif.limits import (
    AGAIN_FIRST,
    AGAIN_LAST,
    ANSWER_SECONDS,
    MAX_EVENT_ITEMS,
    MAX_EVENTS_WAITING,
    PULL_MESSAGES,
    PULL_SECONDS,
    SUBSCRIPTION_SECONDS,
)
from veilleur.video.onvif.soap import Soap
from veilleur.video.onvif.values import DeviceEvent, clean

_PULL = "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/PullMessagesRequest"
_RENEW = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest"
_END = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/UnsubscribeRequest"
_TERM = f"PT{SUBSCRIPTION_SECONDS}S"


class Events:
    """A subscription that keeps itself alive (`EventsPort`)."""

    def __init__(self, soap: Soap, url: str, clock: Clock) -> None:
        self._soap, self._url, self._clock = soap, url, clock
        self._queue: queue.Queue[DeviceEvent] = queue.Queue(MAX_EVENTS_WAITING)
        self._closed = threading.Event()
        self._subscription = ""
        self.lost = 0
        """Events that nobody read in time: the oldest went."""
        self.fault: SourceError | None = None
        """Why nothing comes now; None: the subscription lives, or is being made for the first time."""
        self._thread = threading.Thread(target=self._run, name="onvif-events", daemon=True)
        self._thread.start()

    def get(self, seconds: float) -> DeviceEvent | None:
        """The next event, or None when there was none for so long."""
        try:
            return self._queue.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def close(self) -> None:
        """Ends the subscription. The thread may finish its last pull (5 s) on its own."""
        if self._closed.is_set():
            return
        self._closed.set()
        subscription, self._subscription = self._subscription, ""
        if subscription:
            with contextlib.suppress(SourceError):
                self._soap.call(subscription, envelopes.events_unsubscribe(), _nothing, action=_END)

    def _run(self) -> None:
        wait = AGAIN_FIRST
        while not self._closed.is_set():
            try:
                self._subscribe()
                while not self._closed.is_set():
                    self._pull()
                    self.fault, wait = None, AGAIN_FIRST
            except SourceError as fault:
                self.fault = fault
                self._closed.wait(wait)
                wait = min(2 * wait, AGAIN_LAST)

    def _subscribe(self) -> None:
        body = envelopes.events_create_pull_point_subscription(termination_time=_TERM)
        told = self._soap.call(self._url, body, parsers.parse_create_pull_point)
        if not told.get("subscription_url"):
            raise SourceError("unsupported", "the device subscribes us to nothing")
        self._subscription = self._soap.exchange.here(str(told["subscription_url"]))
        self._renew_at = self._clock.monotonic() + SUBSCRIPTION_SECONDS / 2

    def _pull(self) -> None:
        """One long poll; a renewal first when half of the subscription's life is over."""
        subscription = self._subscription
        if not subscription:
            return
        if self._clock.monotonic() >= self._renew_at:
            body = envelopes.events_renew(termination_time=_TERM)
            with contextlib.suppress(
                SourceError
            ):  # many renew with each pull, and refuse Renew: the pull will tell
                self._soap.call(subscription, body, _nothing, action=_RENEW)
            self._renew_at = self._clock.monotonic() + SUBSCRIPTION_SECONDS / 2
        body = envelopes.events_pull_messages(timeout=f"PT{PULL_SECONDS}S", message_limit=PULL_MESSAGES)
        patience = PULL_SECONDS + ANSWER_SECONDS
        told = self._soap.call(
            subscription, body, parsers.parse_pull_messages, action=_PULL, seconds=patience
        )
        for each in told["messages"]:
            self._keep(read_event(each, self._soap.ahead))

    def _keep(self, event: DeviceEvent) -> None:
        while True:
            try:
                return self._queue.put_nowait(event)
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._queue.get_nowait()
                    self.lost += 1


def read_event(told: dict[str, Any], ahead: int | None) -> DeviceEvent:
    """A message of the device in our words; its hour with the clock's offset taken away."""
    return DeviceEvent(
        clean(told.get("topic", "")),
        device_time(str(told.get("utc_time", "")), ahead),
        clean(told.get("property_operation", ""), 20),
        _items(told.get("source")),
        _items(told.get("data")),
    )


def device_time(text: str, ahead: int | None) -> int | None:
    """An xs:dateTime of the device as wall µs of our clock, None when it is none. Without zone: UTC."""
    try:
        told = datetime.fromisoformat(text.strip()[:40])
        told = told if told.tzinfo is not None else told.replace(tzinfo=EPOCH.tzinfo)
        return to_wall(told) - (ahead or 0)
    except (ValueError, OverflowError):
        return None


def _items(told: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(told, dict):
        return ()
    return tuple((clean(name), clean(value)) for name, value in list(told.items())[:MAX_EVENT_ITEMS])


def _nothing(_: str) -> None:
    """An answer that says nothing more than yes."""
