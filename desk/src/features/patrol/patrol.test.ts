import { describe, expect, it } from "vitest";
import { doneCount, indexNow, runInHand, stopNow, type Patrol, type PatrolRun, type RunStop } from "./patrol";

const stop = (camera: number, result: "clear" | "observation" | null): RunStop => ({
  camera,
  name: `Vue ${camera}`,
  preset: null,
  seconds: 20,
  look_for: null,
  tick: result === null ? null : { result, note: null, at: "2026-11-23T01:31:00Z" },
});
const run = (views: RunStop[], at: number, change: Partial<PatrolRun> = {}): PatrolRun => ({
  id: 1,
  version: 1,
  patrol: { id: 1, name: "Centre" },
  user: { id: 3, name: "Claire" },
  state: "running",
  started_at: "2026-11-23T01:30:00Z",
  ended_at: null,
  at,
  views,
  explanation: null,
  ...change,
});

describe("a round", () => {
  it("is at the view the server says, else at the first that is not ticked", () => {
    const views = [stop(1, "clear"), stop(2, "observation"), stop(3, null), stop(4, null)];
    expect(indexNow(run(views, 2))).toBe(2);
    expect(indexNow(run(views, 3))).toBe(3);
    expect(indexNow(run(views, 0))).toBe(2);
    expect(doneCount(run(views, 2))).toBe(2);
  });
  it("is over when every view is ticked", () => {
    const views = [stop(1, "clear"), stop(2, "clear")];
    expect(stopNow(run(views, 2))).toBeNull();
    expect(indexNow(run(views, 2))).toBe(-1);
    expect(indexNow(run([], 0))).toBe(-1);
  });
  it("in hand is mine and not ended", () => {
    const patrol = (running: PatrolRun | null): Patrol => ({
      id: 1,
      version: 1,
      reference: "R-1",
      name: "Centre",
      times: ["01:30"],
      next_due_at: null,
      views: [],
      last_run: null,
      running,
    });
    expect(runInHand([patrol(null), patrol(run([], 0, { state: "paused" }))], 3)?.state).toBe("paused");
    expect(runInHand([patrol(run([], 0))], 4)).toBeNull();
    expect(runInHand([patrol(run([], 0, { state: "ended" }))], 3)).toBeNull();
  });
});
