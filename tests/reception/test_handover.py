"""One reception takes over from another on the same sockets: nobody is refused, cut off or left unanswered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.reception.reception_house import ANSWER, LINES, Dialler, House, plant_panel
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.doors import Doors
from veilleur.kernel.sealing import KeyRing
from veilleur.protocols import dc09
from veilleur.reception.lines import Line
from veilleur.reception.role import Reception

ACCOUNT = "1234"

FRAMES_OF_ONE = 1_999
"""What each of five callers may say under a number of its own: a number said twice is one frame, stored once."""
PAUSE = 0.02
"""Between two calls: on the fastest machine a caller has numbers for 40 s."""


@pytest.fixture
def doors() -> Iterator[Doors]:
    """The sockets of the lines, held by whoever starts receptions."""
    held = Doors()
    for line in LINES:
        port = held.open(f"{line}/tcp", "127.0.0.1", 0)
        held.open(f"{line}/udp", "127.0.0.1", port, udp=True)
    yield held
    held.close()


class Room:
    """Starts receptions on the same sockets, as processes would be handed them."""

    def __init__(self, database: Any, clock: ManualClock, keys: KeyRing, doors: Doors) -> None:
        self.database, self.clock, self.keys, self.doors = database, clock, keys, doors
        self.port = doors.opened["R1/tcp"][0].getsockname()[1]
        plant_panel(database.app_dsn, clock, ACCOUNT, keys=keys)

    async def reception(self, number: int) -> Reception:
        """A reception that serves."""
        handed = {name: [door.dup() for door in doors] for name, doors in self.doors.opened.items()}
        lines = [Line(name, "127.0.0.1", 0) for name in LINES]
        made = Reception(self.database.app_dsn, lines, self.keys, self.clock, f"test/{number}", handed)
        await asyncio.wait_for(made.start(), 30)
        return made

    async def connect(self) -> Dialler:
        return Dialler(*await asyncio.open_connection("127.0.0.1", self.port))

    def house(self, reception: Reception) -> House:
        return House(reception, self.database.app_dsn, self.clock, self.keys)


@pytest.fixture
def room(database: Any, clock: ManualClock, keys: KeyRing, doors: Doors) -> Room:
    """With one known panel."""
    return Room(database, clock, keys, doors)


def frame(sequence: int) -> bytes:
    return dc09.build_frame(
        "ADM-CID",
        sequence=sequence,
        account=ACCOUNT,
        data=dc09.cid_data(ACCOUNT, "130", number=f"{sequence % 1000:03d}"),
    )


def is_ack(reply: bytes | None) -> bool:
    return reply is not None and b'"ACK"' in reply


async def test_who_has_just_connected_is_heard_before_the_old_one_ends(room: Room) -> None:
    old = await room.reception(1)
    newcomer, half = await room.connect(), await room.connect()
    await half.say(frame(1)[:20])
    await room.house(old).until(lambda: len(old.doorkeeper) == 2)
    stopping = asyncio.create_task(old.stop())
    await asyncio.sleep(0.1)
    await half.say(frame(1)[20:])
    assert is_ack(await half.reply())
    assert is_ack(await newcomer.ask(frame(2)))
    assert await newcomer.closed()
    await asyncio.wait_for(stopping, 30)
    assert len(room.house(old).signals()) == 2


async def test_a_held_line_is_ended_after_its_answer(room: Room) -> None:
    old = await room.reception(1)
    held = await room.connect()
    assert is_ack(await held.ask(frame(1)))
    await held.say(frame(2))
    await room.house(old).until(lambda: old.intake.stored == 2)
    await asyncio.wait_for(old.stop(), 30)
    assert is_ack(await held.reply())
    assert await held.closed()


async def test_who_calls_while_nobody_serves_waits_and_is_served(room: Room) -> None:
    old = await room.reception(1)
    await old.stop()
    waiting = await room.connect()  # nobody is there, and it is not refused
    await waiting.say(frame(1))
    new = await room.reception(2)
    assert is_ack(await waiting.reply())
    await new.stop()


async def test_no_call_fails_while_one_takes_over_from_the_other(room: Room) -> None:
    reception = await room.reception(0)
    done, faults, over = 0, [], False

    async def call(worker: int) -> None:
        nonlocal done
        sequence = worker * FRAMES_OF_ONE
        while not over and sequence < (worker + 1) * FRAMES_OF_ONE:
            sequence += 1
            await asyncio.sleep(PAUSE)
            try:
                panel = await room.connect()
                if not is_ack(await panel.ask(frame(sequence))):
                    faults.append(f"{sequence}: no acknowledgement")
                panel.writer.close()
                done += 1
            except OSError as fault:
                faults.append(f"{sequence}: {fault!r}")

    callers = [asyncio.create_task(call(worker)) for worker in range(5)]
    for number in range(1, 4):
        successor = await room.reception(number)
        await reception.stop()
        reception = successor
    over = True
    await asyncio.gather(*callers)
    stored = len(room.house(reception).signals())
    await reception.stop()
    assert faults == []
    assert stored == done > 20


async def test_a_datagram_between_two_is_answered_by_the_next(room: Room) -> None:
    old = await room.reception(1)
    assert is_ack(await room.house(old).datagram(frame(1)))
    await old.stop()
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    class Ear(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            heard.put_nowait(data)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Ear, remote_addr=("127.0.0.1", room.port))
    transport.sendto(frame(2))
    new = await room.reception(2)
    assert is_ack(await asyncio.wait_for(heard.get(), ANSWER))
    transport.close()
    await new.stop()
