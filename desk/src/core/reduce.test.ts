import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY, LINES_KEPT, mergeLines, withBeat, withItem, withSnapshot, type World } from "./reduce";
import { sampleLine, sampleRow } from "./samples";
import type { IncidentRow, Snapshot, StreamItem } from "./views";

/** A history at the server: entry n changes one dossier (opens, changes or closes it) at position n. */
interface Change {
  incident: number;
  gone: boolean;
}

function stateAfter(history: Change[], upTo: number): Map<number, IncidentRow> {
  const state = new Map<number, IncidentRow>();
  history.slice(0, upTo).forEach(({ incident, gone }, index) => {
    if (gone) {
      state.delete(incident);
    } else {
      state.set(incident, sampleRow({ id: incident, version: index + 1, signal_count: index }));
    }
  });
  return state;
}

function snapshotAt(history: Change[], position: number): Snapshot {
  const incidents = [...stateAfter(history, position).values()];
  return { position, now: "2026-11-23T02:00:00Z", incidents, posts: [], tests: [], gauge: null, entries: [] };
}

/** The item of an entry carries the view as it was when it was read: at that entry, or later. */
function itemAt(history: Change[], position: number, readAt: number): StreamItem {
  const { incident } = history[position - 1] as Change;
  const view = stateAfter(history, readAt).get(incident) ?? null;
  const last =
    history
      .slice(0, readAt)
      .map((change) => change.incident)
      .lastIndexOf(incident) + 1;
  return {
    position,
    entry: sampleLine(position),
    touched: [{ kind: "incident", id: incident, version: last, view }],
  };
}

const shown = (world: World): IncidentRow[] =>
  [...world.incidents.values()].flatMap((kept) => (kept.view ? [kept.view] : [])).sort((a, b) => a.id - b.id);

const histories = fc.array(fc.record({ incident: fc.integer({ min: 1, max: 4 }), gone: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

describe("a beat", () => {
  const beat = {
    now: "2026-11-23T02:00:00Z",
    position: 1,
    sealed_at: null,
    unsealed_since: null,
    live_posts: [],
    gauge: { measure: "taken", seconds: 90, share: 0.5, target: 0.8, count: 2 } as const,
    station: null,
    chain: null,
  };

  it("keeps the gauge live, and the same world when nothing moved", () => {
    const first = withBeat(EMPTY, beat);
    expect(first.gauge?.share).toBe(0.5);
    expect(withBeat(first, beat)).toBe(first);
    expect(withBeat(first, { ...beat, gauge: { ...beat.gauge, count: 3, share: 1 } }).gauge?.share).toBe(1);
  });

  it("carries the room and the chain, and moves nothing when they did not", () => {
    const chain = { round: 4, verified_at: "2026-11-23T02:00:00Z", sent_at: "2026-11-23T02:00:00Z" };
    const first = withBeat(EMPTY, { ...beat, chain });
    expect(first.chain?.round).toBe(4);
    expect(withBeat(first, { ...beat, chain: { ...chain } })).toBe(first);
    expect(withBeat(first, { ...beat, chain: { ...chain, round: 5 } }).chain?.round).toBe(5);
  });

  it("leaves the gauge to who may not read it as the snapshot gave it", () => {
    expect(withBeat(withBeat(EMPTY, beat), { ...beat, gauge: null }).gauge?.share).toBe(0.5);
  });
});

describe("the reducer", () => {
  it("ends in the server's own view, whatever the interleaving of snapshot and items, with repeats", () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat({ max: 10_000 })), (history, dice) => {
        const roll = (below: number): number => (dice.next().value as number) % below;
        const length = history.length;
        const seenAt = roll(length + 1);
        let world = EMPTY;
        // Items may come before the snapshot (the window listens first); each may be repeated.
        for (let position = Math.max(1, seenAt - roll(3)); position <= seenAt; position += 1) {
          world = withItem(world, itemAt(history, position, position + roll(length - position + 1)));
        }
        world = withSnapshot(world, snapshotAt(history, seenAt));
        for (let position = seenAt + 1; position <= length; position += 1) {
          const item = itemAt(history, position, position + roll(length - position + 1));
          world = withItem(world, item);
          if (roll(2) === 0) {
            world = withItem(world, itemAt(history, 1 + roll(position), length));
          }
          if (roll(4) === 0) {
            world = withSnapshot(world, snapshotAt(history, position));
          }
        }
        expect(shown(world)).toEqual([...stateAfter(history, length).values()].sort((a, b) => a.id - b.id));
        expect(world.position).toBe(length);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps the higher version when an old view comes late", () => {
    const fresh = sampleRow({ version: 9, state: "taken" });
    let world = withSnapshot(EMPTY, { ...snapshotAt([], 0), incidents: [fresh], position: 9 });
    const touched = [{ kind: "incident" as const, id: 1, version: 4, view: sampleRow({ version: 4 }) }];
    world = withItem(world, { position: 4, entry: sampleLine(4), touched });
    expect(shown(world)).toEqual([fresh]);
  });

  it("does not bring back what is gone", () => {
    const gone = [{ kind: "incident" as const, id: 1, version: 9, view: null }];
    const old = [{ kind: "incident" as const, id: 1, version: 4, view: sampleRow({ version: 4 }) }];
    let world = withItem(EMPTY, { position: 9, entry: sampleLine(9), touched: gone });
    world = withItem(world, { position: 4, entry: sampleLine(4), touched: old });
    expect(shown(world)).toEqual([]);
  });

  it("forgets what a fresh picture no longer holds", () => {
    let world = withSnapshot(EMPTY, { ...snapshotAt([], 0), incidents: [sampleRow()], position: 3 });
    world = withSnapshot(world, { ...snapshotAt([], 0), incidents: [], position: 20_000 });
    expect(shown(world)).toEqual([]);
  });
});

describe("the lines of the main courante", () => {
  it("are newest first, each once, the sealed one in place of the unsealed", () => {
    const lines = mergeLines([sampleLine(2, null), sampleLine(1)], [sampleLine(2, 2), sampleLine(3)]);
    expect(lines.map((line) => [line.id, line.position])).toEqual([
      [3, 3],
      [2, 2],
      [1, 1],
    ]);
  });

  it("do not grow without end", () => {
    const many = Array.from({ length: LINES_KEPT + 50 }, (_, n) => sampleLine(n + 1));
    expect(mergeLines([], many)).toHaveLength(LINES_KEPT);
  });

  it("leave out what is not for this reader", () => {
    expect(withItem(EMPTY, { position: 3, entry: null, touched: [] }).lines).toEqual([]);
  });
});
