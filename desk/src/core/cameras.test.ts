import { describe, expect, it } from "vitest";
import { atPresent, countCameras, withHealth } from "./cameras";
import { EMPTY, withBeat, withItem, withSnapshot } from "./reduce";
import { sampleCamera } from "./samples";
import type { Beat, Snapshot } from "./views";

const snapshot = (position: number, cameras: Snapshot["cameras"]): Snapshot => ({
  position,
  now: "2026-11-23T02:00:00Z",
  incidents: [],
  posts: [],
  tests: [],
  gauge: null,
  entries: [],
  ...(cameras ? { cameras } : {}),
});
const beat = (cameras: Beat["cameras"]): Beat => ({
  now: "2026-11-23T02:00:00Z",
  position: 1,
  sealed_at: null,
  unsealed_since: null,
  live_posts: [],
  gauge: null,
  station: null,
  chain: null,
  ...(cameras ? { cameras } : {}),
});

describe("cameras of the world", () => {
  it("come with the snapshot and move with the stream, the higher version kept", () => {
    const held = withSnapshot(EMPTY, snapshot(10, [sampleCamera({ id: 7, version: 4, name: "Quai" })]));
    const moved = withItem(held, {
      position: 11,
      entry: null,
      touched: [
        { kind: "camera", id: 7, version: 5, view: sampleCamera({ id: 7, version: 5, name: "Quai 2" }) },
      ],
    });
    expect(moved.cameras.get(7)?.view?.name).toBe("Quai 2");
    const late = withItem(moved, {
      position: 12,
      entry: null,
      touched: [{ kind: "camera", id: 7, version: 4, view: sampleCamera({ id: 7, version: 4 }) }],
    });
    expect(late.cameras.get(7)?.view?.name).toBe("Quai 2");
  });

  it("take their health from the beat, and are online when it does not name them", () => {
    const since = "2026-11-23T00:12:00Z";
    const held = withBeat(EMPTY, beat([[7, "frozen", since, since]]));
    expect(atPresent(sampleCamera({ id: 7 }), held.health)).toMatchObject({ state: "frozen", since });
    expect(atPresent(sampleCamera({ id: 8, state: "offline" }), held.health).state).toBe("online");
    const before = sampleCamera({ id: 8, state: "offline" });
    expect(atPresent(before, null)).toBe(before);
  });

  it("stay with the customer, with the time of the last picture that came", () => {
    const camera = sampleCamera({ id: 9, state: "remote", last_frame_at: null });
    expect(atPresent(camera, withHealth(null, []))).toBe(camera);
    const last = "2026-11-23T01:58:00Z";
    const told = atPresent(camera, withHealth(null, [[9, "remote", null, last]]));
    expect(told).toMatchObject({ state: "remote", last_frame_at: last });
  });

  it("do not move the world when a beat says the same again, nor when it says nothing of cameras", () => {
    const held = withBeat(EMPTY, beat([[7, "frozen", "2026-11-23T00:12:00Z", null]]));
    expect(withBeat(held, beat([[7, "frozen", "2026-11-23T00:12:00Z", null]]))).toBe(held);
    expect(withBeat(held, beat(undefined))).toBe(held);
    expect(withHealth(held.health, [])?.size).toBe(0);
  });

  it("are counted as the top bar tells them", () => {
    const fault = { kind: "mask_lost", since: "2026-11-23T00:12:00Z" };
    const all = [
      sampleCamera({ id: 1 }),
      sampleCamera({ id: 2, state: "frozen" }),
      sampleCamera({ id: 3, faults: [fault] }),
      sampleCamera({ id: 4, state: "remote" }),
    ];
    expect(countCameras(all)).toEqual({ total: 3, online: 2, frozen: 1, masks: 1 });
  });
});
