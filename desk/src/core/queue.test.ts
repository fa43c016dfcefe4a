import { describe, expect, it } from "vitest";
import {
  bannerOf,
  counters,
  dock,
  duressOf,
  givesWay,
  groupQueue,
  isLate,
  limitOf,
  nextDuress,
  nextToTake,
  numbered,
} from "./queue";
import { sampleRow } from "./samples";

const A = { id: 1, name: "Opératrice A" };
const B = { id: 2, name: "Opérateur B" };
const rows = [
  sampleRow({ id: 1, priority: 3, opened_at: "2026-11-23T02:05:00Z" }),
  sampleRow({ id: 2, priority: 3, opened_at: "2026-11-23T02:01:00Z" }),
  sampleRow({ id: 3, priority: 1, opened_at: "2026-11-23T02:10:00Z" }),
  sampleRow({ id: 4, priority: 2, owner: A, state: "taken", taken_at: "2026-11-23T02:02:00Z" }),
  sampleRow({ id: 5, priority: 2, owner: B, state: "taken" }),
  sampleRow({ id: 6, priority: 6 }),
  sampleRow({ id: 7, priority: 1, state: "closed" }),
  sampleRow({ id: 8, priority: 3, owner: A, state: "parked", taken_at: "2026-11-23T01:00:00Z" }),
];

describe("the queue", () => {
  it("puts the untaken first, then mine, then others’, then faults; priority, then age", () => {
    const ids = groupQueue(rows, A.id).map(({ key, rows: held }) => [key, held.map((row) => row.id)]);
    expect(ids).toEqual([
      ["untaken", [3, 2, 1]],
      ["mine", [4, 8]],
      ["others", [5]],
      ["faults", [6]],
    ]);
  });

  it("every post knows of who is under duress, the oldest first; the sign goes round them", () => {
    const held = [
      sampleRow({ id: 11, duress: true, owner: B, state: "taken", opened_at: "2026-11-23T02:20:00Z" }),
      sampleRow({ id: 12, duress: true, owner: B, state: "taken" }),
      sampleRow({ id: 13, duress: true, state: "closed" }),
    ];
    const under = duressOf([...rows, ...held]);
    expect(under.map((row) => row.id)).toEqual([12, 11]);
    expect([null, 12, 11, 3].map((shown) => nextDuress(under, shown)?.id)).toEqual([12, 11, 12, 12]);
    expect(nextDuress([], null)).toBeNull();
  });

  it("an orphan waits among the untaken, under the name of who holds it (need 2)", () => {
    const lost = sampleRow({ id: 9, priority: 2, owner: B, state: "taken", ring_reason: "orphan" });
    expect(groupQueue([...rows, lost], A.id)[0]?.rows.map((row) => row.id)).toEqual([3, 9, 2, 1]);
    expect(nextToTake([{ ...lost, abilities: ["take"] }])?.id).toBe(9);
  });

  it("a dossier that woke is to be taken again, though its holder's name stays", () => {
    const woken = sampleRow({ id: 9, priority: 2, owner: A, taken_at: "2026-11-23T02:02:00Z" });
    expect(groupQueue([woken], A.id)[0]?.rows).toEqual([woken]);
    expect(nextToTake([woken])?.id).toBe(9);
    expect(dock([woken], A.id)).toEqual([woken]);
  });

  it("offers nothing that the server does not let this person take", () => {
    expect(nextToTake([sampleRow({ abilities: [] })])).toBeNull();
  });

  it("gives the oldest of the highest priority that nobody has", () => {
    expect(nextToTake(rows)?.id).toBe(3);
    expect(nextToTake(rows.filter((row) => row.id !== 3))?.id).toBe(2);
    expect(nextToTake([])).toBeNull();
  });

  it("tells an untaken P1 unless it is the one in view", () => {
    expect(bannerOf(rows, 4)?.id).toBe(3);
    expect(bannerOf(rows, 3)).toBeNull();
  });

  it("tells a P2 that nobody took in its first delay, over any work, after every P1 (P7)", () => {
    const waits = sampleRow({ id: 10, priority: 2 });
    const every = { ...waits, escalation: 1 };
    expect(bannerOf([waits], null)).toBeNull();
    expect(bannerOf([every], null)?.id).toBe(10);
    expect(bannerOf([every], 10)).toBeNull();
    expect(bannerOf([...rows, every], null)?.id).toBe(3);
    expect(bannerOf([{ ...every, state: "taken" }], null)).toBeNull();
    expect(bannerOf([sampleRow({ priority: 3, escalation: 1 })], null)).toBeNull();
  });

  it("counts its limit from the raise of its priority, and the next one once it is taken", () => {
    const limits = { take: 30, act: 60, take_since: "2026-11-23T02:10:00Z", act_since: null };
    const opened_at = "2026-11-23T02:00:00Z";
    expect(limitOf(sampleRow({ opened_at, limits }))).toEqual({ seconds: 30, since: limits.take_since });
    expect(limitOf(sampleRow({ opened_at, limits, state: "taken" }))).toEqual({
      seconds: 60,
      since: opened_at,
    });
    expect(limitOf(sampleRow({ opened_at, limits, state: "taken", first_act_at: opened_at }))).toBeNull();
  });

  it("counts per band: to take, taken, parked", () => {
    expect(counters(rows).map((count) => [count.untaken, count.taken, count.parked])).toEqual([
      [1, 0, 0],
      [2, 2, 1],
      [0, 0, 0],
      [1, 0, 0],
    ]);
  });

  it("keeps the dock in the order taken, so that Ctrl+1 does not move under the fingers", () => {
    expect(dock(rows, A.id).map((row) => row.id)).toEqual([8, 4]);
  });
});

it("knows a dossier by its whole number or an end of it, never by digits inside", () => {
  for (const said of ["2026-000421", "2026", "421", "000421"]) {
    expect(numbered("2026-000421", said)).toBe(true);
  }
  for (const said of ["rue 000", "000", "004"]) {
    expect(numbered("2026-000421", said)).toBe(false);
  }
});

describe("what F8 does with the dossier in hand", () => {
  const inHand = (priority: number) => sampleRow({ id: 20, priority, state: "taken", abilities: ["park"] });

  it("puts aside only what is less grave than the alarm of the banner", () => {
    const urgent = sampleRow({ id: 21, priority: 2 });
    expect([1, 2, 3].map((priority) => givesWay(inHand(priority), urgent))).toEqual([false, false, true]);
    expect(givesWay({ ...inHand(3), abilities: [] }, urgent)).toBe(false);
    expect(givesWay({ ...inHand(3), state: "parked" }, urgent)).toBe(false);
  });
});

describe("the dock", () => {
  it("keeps each place when a dossier is taken over, whose hour is that of its first holder", () => {
    const mine = [
      sampleRow({ id: 31, owner: A, state: "taken", taken_at: "2026-11-23T02:10:00Z" }),
      sampleRow({ id: 32, owner: A, state: "taken", taken_at: "2026-11-23T02:20:00Z" }),
    ];
    const over = sampleRow({ id: 33, owner: A, state: "taken", taken_at: "2026-11-23T02:00:00Z" });
    const before = dock(mine, A.id).map((row) => row.id);
    expect(before).toEqual([31, 32]);
    expect(dock([over, ...mine], A.id, before).map((row) => row.id)).toEqual([31, 32, 33]);
    expect(dock([over, ...mine.slice(1)], A.id, [31, 32, 33]).map((row) => row.id)).toEqual([32, 33]);
  });
});

it("is late by the limit that runs now: a raise begins it anew", () => {
  const raised = sampleRow({
    priority: 2,
    opened_at: "2026-11-23T02:00:00Z",
    limits: { take: 90, act: 60, take_since: "2026-11-23T02:00:45Z" },
  });
  const at = (time: string): number => Date.parse(`2026-11-23T${time}Z`);
  expect(isLate(raised, at("02:01:40"))).toBe(false);
  expect(isLate(raised, at("02:02:17"))).toBe(true);
  expect(isLate({ ...raised, limits: { take: 90, act: 60 } }, at("02:01:40"))).toBe(true);
});
