import { i18n } from "@lingui/core";
import { beforeAll, describe, expect, it } from "vitest";
import { sampleCamera } from "../../core/samples";
import { isBlind, judgeLook, LEAST_LOOK } from "./looked";
import { doingNow } from "./words";

beforeAll(() => {
  i18n.load("fr", {});
  i18n.activate("fr");
});

describe("a view of a round", () => {
  it("is looked at once its live picture has been in sight for as long as a look takes", () => {
    expect(judgeLook(false, false, null, 0)).toBe("opening");
    expect(judgeLook(false, true, 1000, 1000)).toBe("looking");
    expect(judgeLook(false, true, 1000, 999 + LEAST_LOOK)).toBe("looking");
    expect(judgeLook(false, true, 1000, 1000 + LEAST_LOOK)).toBe("looked");
  });
  it("shows nothing when its camera is suspended, frozen, covered, out of reach or unknown", () => {
    expect(judgeLook(true, true, 0, 10_000)).toBe("blind");
    expect(isBlind(sampleCamera({ state: "online" }))).toBe(false);
    for (const state of ["suspended", "frozen", "offline", "unknown", "remote", "starting"] as const) {
      expect(isBlind(sampleCamera({ state }))).toBe(true);
    }
    expect(isBlind(sampleCamera({ faults: [{ kind: "masked", since: "2026-11-23T02:00:00Z" }] }))).toBe(true);
    expect(isBlind(undefined)).toBe(true);
  });
  it("gives its motif while the round goes on, and to nothing else", () => {
    const run = {
      id: 1,
      version: 1,
      patrol: { id: 1, name: "Centre" },
      user: { id: 3, name: "Claire" },
      state: "running" as const,
      started_at: "2026-11-23T01:30:00Z",
      ended_at: null,
      at: 0,
      views: [],
      explanation: null,
    };
    expect(doingNow(null, run)).toMatchObject({ code: "patrol", incident: null });
    expect(doingNow(null, { ...run, state: "paused" })).toBeNull();
    expect(doingNow(null, null)).toBeNull();
  });
});
