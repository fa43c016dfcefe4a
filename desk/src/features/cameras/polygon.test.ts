import { describe, expect, it } from "vitest";
import { cornerAt, nudged, pointsOf, problemOf } from "./polygon";
import { daysLeft } from "./filter";

const square = [
  { x: 0.1, y: 0.1 },
  { x: 0.4, y: 0.1 },
  { x: 0.4, y: 0.4 },
];

describe("a mask", () => {
  it("has its corners inside the picture", () => {
    expect(cornerAt(64, 36, 640, 360)).toEqual({ x: 0.1, y: 0.1 });
    expect(cornerAt(-5, 999, 640, 360)).toEqual({ x: 0, y: 1 });
    expect(pointsOf(square)).toBe("100,100 400,100 400,400");
  });
  it("needs three corners and a surface", () => {
    expect(problemOf(square)).toBeNull();
    expect(problemOf(square.slice(0, 2))).toBe("too_few");
    expect(problemOf([square[0], square[0], square[0]].flatMap((each) => each ?? []))).toBe("flat");
  });
  it("is moved by the keyboard too", () => {
    expect(nudged({ x: 0.5, y: 0.5 }, "ArrowLeft", 0.01)).toEqual({ x: 0.49, y: 0.5 });
    expect(nudged({ x: 0, y: 0 }, "ArrowUp", 0.01)).toEqual({ x: 0, y: 0 });
    expect(nudged({ x: 0, y: 0 }, "Enter", 0.01)).toBeNull();
  });
});

describe("the end of an authorisation", () => {
  it("is told in days", () => {
    const now = Date.parse("2026-11-23T02:00:00Z");
    expect(daysLeft("2026-12-20", now)).toBe(27);
    expect(daysLeft("2026-11-01", now)).toBeLessThan(0);
    expect(daysLeft(null, now)).toBeNull();
  });
});
