import { describe, expect, it } from "vitest";
import { corrected, positionAt, rateText, shuttled, turned, type PlayClock } from "./synchroClock";

const still: PlayClock = { wall: 1_000_000_000, mono: 500, rate: 1, playing: false };

describe("the one clock", () => {
  it("stands still when paused, and runs at its speed both ways", () => {
    expect(positionAt(still, 9999)).toBe(1_000_000_000);
    expect(positionAt({ ...still, playing: true }, 1500)).toBe(1_001_000_000);
    expect(positionAt({ ...still, playing: true, rate: -4 }, 1500)).toBe(996_000_000);
    expect(positionAt({ ...still, playing: true, rate: 1 / 8 }, 1500)).toBe(1_000_125_000);
  });
  it("changes speed without a jump", () => {
    const running = { ...still, playing: true };
    const fast = turned(running, 1500, { rate: 8 });
    expect(positionAt(fast, 1500)).toBe(1_001_000_000);
    expect(positionAt(fast, 1600)).toBe(1_001_800_000);
  });
  it("L and J: that way, then twice as fast, never more than 64", () => {
    let clock = shuttled(still, 500, 1);
    expect([clock.playing, clock.rate]).toEqual([true, 1]);
    clock = shuttled(clock, 500, 1);
    expect(clock.rate).toBe(2);
    clock = shuttled(clock, 500, -1);
    expect(clock.rate).toBe(-1);
    for (let n = 0; n < 12; n++) {
      clock = shuttled(clock, 500, -1);
    }
    expect(clock.rate).toBe(-64);
  });
  it("says its speed", () => {
    expect([0.125, 1, 64, -2].map(rateText)).toEqual(["1/8×", "1×", "64×", "−2×"]);
  });
});

describe("drift", () => {
  it("that nobody sees is left alone", () => {
    expect(corrected(40, 1)).toEqual({ kind: "none" });
    expect(corrected(-40, 1)).toEqual({ kind: "none" });
    expect(corrected(300, 8)).toEqual({ kind: "none" });
  });
  it("is caught up by speed: late plays faster, ahead plays slower", () => {
    expect(corrected(200, 1)).toMatchObject({ kind: "rate", rate: 1.08 });
    expect(corrected(-200, 1)).toMatchObject({ kind: "rate", rate: 0.92 });
  });
  it("that is too far is a jump", () => {
    expect(corrected(700, 1)).toEqual({ kind: "seek" });
    expect(corrected(-5000, 2)).toEqual({ kind: "seek" });
  });
  it("never asks of a video element what it refuses", () => {
    for (const rate of [1 / 8, 1, 8, 16]) {
      for (const drift of [-300, 300, 300 * rate]) {
        const said = corrected(drift, rate);
        if (said.kind === "rate") {
          expect(said.rate).toBeGreaterThanOrEqual(1 / 16);
          expect(said.rate).toBeLessThanOrEqual(16);
        }
      }
    }
  });
});
