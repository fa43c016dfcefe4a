import { describe, expect, it } from "vitest";
import { DEAD_TIME, isAlive, NOTHING_SHOWN, shownNow } from "./frontKeys";

describe("the dead time of the function keys", () => {
  const first = shownNow(NOTHING_SHOWN, [["F5", "step:agent|ask:1"]], 1000, false);
  it("lies between a card's coming and its keys' acting", () => {
    expect(isAlive(first, "F5", 1000)).toBe(false);
    expect(isAlive(first, "F5", 1000 + DEAD_TIME - 1)).toBe(false);
    expect(isAlive(first, "F5", 1000 + DEAD_TIME)).toBe(true);
  });
  it("swallows the second press of a nervous finger", () => {
    const next = shownNow(first, [["F5", "step:site|call:site"]], 5000, false);
    expect(isAlive(next, "F5", 5180)).toBe(false);
    expect(isAlive(next, "F5", 5600)).toBe(true);
  });
  it("begins again when a key of the same card takes another meaning", () => {
    const next = shownNow(first, [["F5", "step:agent|ask:2"]], 5000, false);
    expect(isAlive(next, "F5", 5100)).toBe(false);
  });
  it("never stops a key whose meaning stays, whatever comes beside it", () => {
    const more = [
      ["F5", "step:agent|ask:1"],
      ["F6", "step:agent|skip"],
    ] as const;
    const next = shownNow(first, more, 1490, false);
    expect(isAlive(next, "F5", 1500)).toBe(true);
    expect(isAlive(next, "F6", 1500)).toBe(false);
  });
  it("does not keep waiting who brought the card forward himself", () => {
    expect(isAlive(shownNow(first, [["F5", "closing|group:real"]], 5000, true), "F5", 5000)).toBe(true);
  });
  it("never ends for keys that are not shown", () => {
    expect(isAlive(shownNow(first, [], 5000, false), "F5", 1e9)).toBe(false);
    expect(isAlive(first, "F6", 1e9)).toBe(false);
  });
  it("is short for a hand and long for a double press", () => {
    expect(DEAD_TIME).toBeGreaterThanOrEqual(400);
    expect(DEAD_TIME).toBeLessThanOrEqual(600);
  });
});
