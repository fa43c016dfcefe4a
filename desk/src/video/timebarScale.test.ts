import { describe, expect, it } from "vitest";
import { SECOND } from "./playbackPlan";
import { following, moments, motionBars, ticks, toWall, toX, zoomed } from "./timebarScale";

const MINUTE = 60 * SECOND;
const view = { from: 0, to: 20 * MINUTE };

describe("the time bar", () => {
  it("goes from pixels to moments and back", () => {
    expect(toX(view, 1200, 10 * MINUTE)).toBe(600);
    expect(toWall(view, 1200, 300)).toBe(5 * MINUTE);
  });
  it("zooms around the pointer, between 4 s and a month", () => {
    const near = zoomed(view, 5 * MINUTE, 0.5);
    expect(near.to - near.from).toBe(10 * MINUTE);
    expect(toX(near, 1200, 5 * MINUTE)).toBe(300);
    expect(zoomed(view, 0, 1e-9).to).toBe(4 * SECOND);
    expect(zoomed(view, 0, 1e9).to).toBe(31 * 86_400 * SECOND);
  });
  it("turns a page when the head comes to an edge, and stays otherwise", () => {
    expect(following(view, 10 * MINUTE)).toBe(view);
    const next = following(view, 20 * MINUTE);
    expect(next.from).toBe(17 * MINUTE);
    expect(following(view, -MINUTE).to).toBeGreaterThan(0);
  });
  it("writes whole hours of the centre's clock, not too near each other", () => {
    const marks = ticks(view, 1200, 3600 * SECOND);
    expect(marks[0]).toBe(0);
    expect((marks[1] ?? 0) - (marks[0] ?? 0)).toBe(2 * MINUTE);
    const month = ticks({ from: 0, to: 31 * 86_400 * SECOND }, 900, 3600 * SECOND);
    expect(month.length).toBeLessThan(12);
    expect(((month[0] ?? 0) + 3600 * SECOND) % (86_400 * SECOND)).toBe(0);
  });
});

describe("motion", () => {
  it("is drawn as the highest of each column; what was not looked at is not motion", () => {
    const bars = motionBars([0, 10, 120, 255, 0], 0, SECOND, { from: 0, to: 10 * SECOND }, 100);
    expect(bars).toHaveLength(2);
    expect(bars[1]).toMatchObject({ x: 20, height: 1 });
  });
  it("makes moments out of seconds, apart from noise", () => {
    const amounts = [0, 20, 30, 0, 0, 40, 0, 0, 0, 0, 0, 2, 9, 255];
    expect(moments(amounts, 0, SECOND)).toEqual([
      { from: SECOND, to: 6 * SECOND, amount: 40 },
      { from: 12 * SECOND, to: 13 * SECOND, amount: 9 },
    ]);
  });
});
