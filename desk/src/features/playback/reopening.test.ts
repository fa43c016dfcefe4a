import { describe, expect, it } from "vitest";
import { Reopening } from "./reopening";

describe("sockets that are asked for again", () => {
  it("tries for as long as the camera is not served, less and less often", () => {
    const reopening = new Reopening();
    const tried: number[] = [];
    for (let now = 0; now <= 120_000; now += 500) {
      // It comes back for a moment, is closed, then no recorder serves it.
      const why = now % 7000 === 0 ? null : now < 30_000 ? "play_elsewhere" : "camera_not_running";
      if (reopening.due(new Map([[7, why]]), now).length > 0) {
        tried.push(now);
      }
    }
    expect(tried[0]).toBeLessThan(2000);
    expect(tried.length).toBeGreaterThan(8);
    const between = tried.slice(1).map((at, n) => at - (tried[n] ?? 0));
    expect(Math.max(...between)).toBeLessThan(17_000);
    expect(between.at(-1)).toBeGreaterThan(14_000);
  });

  it("begins anew after a socket that lasted, and leaves what was refused for good", () => {
    const reopening = new Reopening();
    const at = (now: number, why: string | null): number[] => reopening.due(new Map([[7, why]]), now);
    for (let now = 0; now < 60_000; now += 1000) {
      at(now, "play_lost");
    }
    expect(at(60_000, null)).toEqual([]);
    expect(at(70_000, null)).toEqual([]);
    expect(at(71_000, "play_lost")).toEqual([]);
    expect(at(72_000, "play_lost")).toEqual([7]);
    expect(at(200_000, "play_revoked")).toEqual([]);
    expect(at(300_000, "play_revoked")).toEqual([]);
    expect(at(300_000, "title_expired")).toEqual([]);
  });
});
