"""A million mutations of the golden frames per codec, half of them with CRC and length repaired so that they get past the
door: nothing may be raised but what a codec declares, and the share that reached the decoder is told.

Three codecs meet bytes of strangers: the receiver's side of DC-09 (a stream, a datagram, what is in an opened frame), the
dialler's side (a receiver's reply) and SNTP (a time server's reply).

python -m bench fuzz [--mutations 1000000] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.report import Series, tell
from veilleur.protocols import dc09, sntp
from veilleur.protocols.dc09.crypto import decrypt_hex, encrypt_hex
from veilleur.protocols.dc09.encode import wrap
from veilleur.protocols.dc09.limits import MAX_DECLARED_LENGTH

MUTATIONS = 1_000_000
PARTS = 20  # independent shares of the work: their rates show how steady it was
QUICK = ("--mutations", "20000")
FRAMES = Path(__file__).parents[1] / "tests" / "frames"
NOW = datetime(2026, 12, 31, 13, 59, 58, tzinfo=UTC)
TELLING = b'"#*[]|_^/{}\\\r\n\x00\xff0123456789ABCDEFabcdefLRNX :,-.'  # bytes that mean something somewhere
KEY = bytes(range(16))
MAX_PAD = 32  # bytes in front of encrypted data


@dataclass(frozen=True)
class Seed:
    """A frame of the corpus: as sent, and what stands between its length and its CR, opened when a key is known."""

    raw: bytes
    key: bytes | None
    head: bytes = b""
    clear: bytes | None = None


@dataclass
class Account:
    """What became of a share of the mutations."""

    tried: int = 0
    repaired: int = 0
    reached: int = 0
    reached_raw: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def corpus(replies: bool) -> list[Seed]:
    """The golden frames and the quirks, panels' or receivers'."""
    found = []
    for name in ("golden.json", "quirks.json"):
        for case in json.loads((FRAMES / name).read_text("utf-8")):
            if case["name"].startswith("surgard"):
                continue
            text = case.get("expect_reply_hex") if replies else case["hex"]
            if text:
                found.append(seed(bytes.fromhex(text), bytes.fromhex(case["key"]) if case["key"] else None))
    return found


def seed(raw: bytes, key: bytes | None) -> Seed:
    """A frame taken apart at its opening bracket; encrypted content is opened, so that it can be changed inside."""
    inner = raw[raw.find(b'"') : raw.rfind(b"\r")]
    head, bracket, body = inner.partition(b"[")
    opened = decrypt_hex(key, body) if key and b'"*' in head else None
    return Seed(raw, key, head + bracket, opened)


def mutate(chance: random.Random, data: bytes, others: list[Seed]) -> bytes:
    """One to four changes: bytes set, bits turned, pieces cut, doubled, moved, or taken from another frame."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 4))):
        at = chance.randrange(len(made) + 1)
        end = min(len(made), at + chance.randrange(1, 9))
        match chance.randrange(7):
            case 0 if at < len(made):
                made[at] = chance.choice(TELLING)
            case 1 if at < len(made):
                made[at] ^= 1 << chance.randrange(8)
            case 2:
                del made[at:end]
            case 3:
                made[at:at] = bytes(chance.choice(TELLING) for _ in range(chance.randrange(1, 6)))
            case 4:
                made[at:at] = made[at:end] * chance.randrange(1, 40)
            case 5:
                other = chance.choice(others).raw
                cut = chance.randrange(len(other))
                made[at:end] = other[cut : cut + chance.randrange(1, 40)]
            case _:
                made[at:end] = chance.randbytes(end - at)
    return bytes(made)


def repaired(chance: random.Random, one: Seed, others: list[Seed]) -> bytes:
    """A mutation under a true CRC and length: of the body mostly, of the head with it sometimes.

    Encrypted content is changed in clear and encrypted again: what reaches the decoder is what a panel with the right key
    could send.
    """
    inner = one.raw[one.raw.find(b'"') : one.raw.rfind(b"\r")]
    if chance.random() < 0.2:
        return wrap(mutate(chance, inner, others)[:MAX_DECLARED_LENGTH])
    if one.clear is None or one.key is None:
        return wrap((one.head + mutate(chance, inner[len(one.head) :], others))[:MAX_DECLARED_LENGTH])
    # Encrypting adds a pad in front: what was the pad is then part of the data, as from an older device.
    changed = mutate(chance, one.clear, others)[: (MAX_DECLARED_LENGTH - len(one.head)) // 2 - MAX_PAD]
    return wrap(one.head + encrypt_hex(one.key, changed))


def receive(data: bytes, key: bytes | None, account: Account, chance: random.Random) -> bool:
    """As reception does: a stream in pieces, or a datagram; opened, answered, redacted. Whether a frame was opened."""
    if chance.random() < 0.2:
        messages = [dc09.read_datagram(data)]
    else:
        framer, cut = dc09.Framer(), chance.randrange(len(data) + 1)
        messages = [
            *framer.receive_data(data[:cut]), *framer.receive_data(data[cut:]), *framer.receive_eof()
        ]  # fmt: skip
    reached = False
    for message in messages:
        dc09.redact(message.raw)
        if isinstance(message, dc09.Malformed):
            account.outcomes[f"malformed: {message.reason}"] += 1
            continue
        reached = True
        opened = dc09.open_frame(message, key=key, now=NOW)
        if isinstance(opened, dc09.Refused):
            account.outcomes[f"refused: {opened.verdict}"] += 1
            continue
        account.outcomes["unreadable" if opened.content.unreadable else "read"] += 1
        dc09.dedupe_key("R1", message, opened)
        if opened.content.unreadable:
            dc09.duh(message)
        else:
            dc09.ack(message, key=key, now=NOW)
    return reached


def hear_reply(data: bytes, key: bytes | None, account: Account, _chance: random.Random) -> bool:
    """As a dialler does."""
    try:
        dc09.parse_reply(data, key)
    except dc09.BadReplyError as declared:
        account.outcomes[str(declared)] += 1
        return isinstance(dc09.read_datagram(data), dc09.Frame)
    account.outcomes["read"] += 1
    return True


ASKED = sntp.request(NOW)


def hear_time(data: bytes, _key: bytes | None, account: Account, _chance: random.Random) -> bool:
    """As the watch does of a time server's answer."""
    try:
        sntp.offset(data, ASKED, NOW, NOW + timedelta(milliseconds=20))
    except sntp.BadTimeReplyError as declared:
        account.outcomes[str(declared) if not str(declared)[0].isdigit() else "too short"] += 1
        return len(data) >= sntp.SIZE
    account.outcomes["read"] += 1
    return True


def time_reply() -> Seed:
    """A true answer of a server of stratum 2."""
    stamp = ASKED[40:48]
    return Seed(bytes([4 << 3 | 4, 2, 6, 0xEC]) + bytes(20) + stamp + stamp + stamp, None)


def repaired_time(chance: random.Random, one: Seed, others: list[Seed]) -> bytes:
    """There is no sum to repair: of 48 bytes or more, its originate time ours, so that it is read to its end."""
    made = bytearray(mutate(chance, one.raw, others).ljust(sntp.SIZE, b"\x01"))
    made[24:32] = ASKED[40:48]
    return bytes(made)


Hear = Callable[[bytes, bytes | None, Account, random.Random], bool]
Repair = Callable[[random.Random, Seed, list[Seed]], bytes]
CODECS: dict[str, tuple[Hear, Repair]] = {
    "DC-09, receiver": (receive, repaired),
    "DC-09, dialler": (hear_reply, repaired),
    "SNTP, client": (hear_time, repaired_time),
}


def seeds(codec: str) -> list[Seed]:
    """The corpus of a codec."""
    return [time_reply()] if codec.startswith("SNTP") else corpus(replies="dialler" in codec)


def share(codec: str, count: int, number: int) -> tuple[Account, float]:
    """One share of the mutations of a codec, and the seconds it took. `number` begins its chance: it can be run again."""
    hear, repair = CODECS[codec]
    chance, account, found = random.Random(f"{codec} {number}"), Account(), seeds(codec)
    begun = time.perf_counter()
    for n in range(count):
        one = chance.choice(found)
        whole = n % 2 == 1
        data = repair(chance, one, found) if whole else mutate(chance, one.raw, found)
        account.tried += 1
        account.repaired += whole
        try:
            reached = hear(data, one.key if chance.random() < 0.9 else KEY, account, chance)
        except Exception as fault:  # noqa: BLE001  # what is looked for
            account.faults.append(f"{type(fault).__name__}: {fault} on {data.hex()}")
            continue
        account.reached += reached
        account.reached_raw += reached and not whole
    return account, time.perf_counter() - begun


def main(argv: list[str]) -> None:
    """Every codec. Ends with an error and the frames when anything but the declared was raised."""
    parser = argparse.ArgumentParser(prog="bench fuzz")
    parser.add_argument("--mutations", type=int, default=MUTATIONS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    faults: list[str] = []
    with ProcessPoolExecutor(2) as pool:
        for codec in CODECS:
            count = given.mutations // PARTS
            work = [pool.submit(share, codec, count, given.seed * PARTS + part) for part in range(PARTS)]
            parts = [each.result() for each in work]
            faults += report(codec, parts)
    if faults:
        raise SystemExit("\n".join([f"{len(faults)} undeclared exceptions:", *faults[:20]]))


def report(codec: str, parts: list[tuple[Account, float]]) -> list[str]:
    """Tells a codec's account; its faults."""
    accounts = [account for account, _ in parts]
    tried, reached, raw, whole = (
        sum(getattr(each, name) for each in accounts)
        for name in ("tried", "reached", "reached_raw", "repaired")
    )
    outcomes: Counter[str] = sum((each.outcomes for each in accounts), Counter())
    faults = [fault for each in accounts for fault in each.faults]
    most = ", ".join(f"{name} {count / tried:.1%}" for name, count in outcomes.most_common(6))
    tell(
        f"Fuzz of {codec}: {tried:,} mutations, {whole / tried:.0%} repaired",
        [
            Series("reached the decoder, all", "%", (100 * reached / tried,), steady=False),
            Series("reached the decoder, repaired", "%", (100 * (reached - raw) / whole,), steady=False),
            Series("reached the decoder, not repaired", "%", (100 * raw / (tried - whole),), steady=False),
            Series("undeclared exceptions", "", (float(len(faults)),), steady=False),
            Series(
                "speed of one process",
                "per second",
                tuple(each.tried / spent for each, spent in parts),
                steady=False,
            ),
        ],
        notes=[most],
    )
    return faults


if __name__ == "__main__":
    main(sys.argv[1:])
