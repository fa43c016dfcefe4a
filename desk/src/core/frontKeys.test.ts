import { describe, expect, it } from "vitest";
import { DEAD_TIME, isAlive, NOTHING_SHOWN, shownNow } from "./frontKeys";

describe("the dead time of the function keys", () => {
  const first = shownNow(NOTHING_SHOWN, "step:agent|F5=ask:1", 1000, false);
  it("lies between a card's coming and its keys' acting", () => {
    expect(isAlive(first, 1000)).toBe(false);
    expect(isAlive(first, 1000 + DEAD_TIME - 1)).toBe(false);
    expect(isAlive(first, 1000 + DEAD_TIME)).toBe(true);
  });
  it("swallows the second press of a nervous finger", () => {
    const next = shownNow(first, "step:site|F5=call:site", 5000, false);
    expect(isAlive(next, 5180)).toBe(false);
    expect(isAlive(next, 5600)).toBe(true);
  });
  it("begins again when a key of the same card takes another meaning", () => {
    const next = shownNow(first, "step:agent|F5=ask:2", 5000, false);
    expect(isAlive(next, 5100)).toBe(false);
  });
  it("is not begun by a mere repaint", () => {
    expect(shownNow(first, first.signature, 9000, false)).toBe(first);
  });
  it("does not keep waiting who brought the card forward himself", () => {
    expect(isAlive(shownNow(first, "closing|F5=group:real", 5000, true), 5000)).toBe(true);
  });
  it("never ends for keys that are not shown", () => {
    expect(isAlive({ ...first, signature: "" }, 1e9)).toBe(false);
  });
  it("is short for a hand and long for a double press", () => {
    expect(DEAD_TIME).toBeGreaterThanOrEqual(400);
    expect(DEAD_TIME).toBeLessThanOrEqual(600);
  });
});
