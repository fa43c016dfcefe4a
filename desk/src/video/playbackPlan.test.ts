import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  frameBeside,
  gapAt,
  joined,
  mannerOf,
  nextRead,
  nextRecorded,
  SECOND,
  spanAt,
  toDrop,
  without,
  withSpan,
  type Span,
} from "./playbackPlan";

const s = (from: number, to: number): Span => ({ from: from * SECOND, to: to * SECOND });

describe("what a camera reads next", () => {
  const recorded = [s(0, 100), s(160, 300)];
  it("begins at the head, a chunk at a time", () => {
    expect(nextRead({ position: 10 * SECOND, rate: 1, recorded, held: [] })).toEqual(s(10, 13));
  });
  it("goes on after what is held, and rests when enough is there", () => {
    expect(nextRead({ position: 10 * SECOND, rate: 1, recorded, held: [s(10, 13)] })).toEqual(s(13, 16));
    expect(nextRead({ position: 10 * SECOND, rate: 1, recorded, held: [s(9, 17)] })).toBeNull();
  });
  it("reads more at speed", () => {
    expect(nextRead({ position: 0, rate: 8, recorded, held: [] })).toEqual(s(0, 24));
  });
  it("reads over a hole before the head comes to it, and nothing after the last recording", () => {
    expect(nextRead({ position: 98 * SECOND, rate: 1, recorded, held: [s(90, 100)] })).toBeNull();
    expect(nextRead({ position: 156 * SECOND, rate: 1, recorded, held: [s(90, 100)] })).toEqual(s(160, 163));
    expect(nextRead({ position: 299.8 * SECOND, rate: 1, recorded, held: [s(290, 300)] })).toBeNull();
  });
  it("reads behind the head when it runs backwards", () => {
    expect(nextRead({ position: 50 * SECOND, rate: -1, recorded, held: [] })).toEqual(s(47, 50));
    expect(nextRead({ position: 50 * SECOND, rate: -1, recorded, held: [s(47, 50)] })).toEqual(s(44, 47));
    expect(nextRead({ position: 162 * SECOND, rate: -2, recorded, held: [s(160, 170)] })).toBeNull();
    expect(nextRead({ position: 110 * SECOND, rate: -2, recorded, held: [] })).toEqual(s(94, 100));
  });
  it("always comes to rest: what it asked for, once held, is never asked again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.constantFrom(-2, -1, 0.125, 1, 4, 8), (at, rate) => {
        let held: Span[] = [];
        const position = at * SECOND;
        for (let turn = 0; turn < 60; turn++) {
          const wanted = nextRead({ position, rate, recorded, held });
          if (wanted === null) {
            return true;
          }
          if (held.some((each) => each.from <= wanted.from && wanted.to <= each.to)) {
            return false;
          }
          held = withSpan(held, wanted);
        }
        return false;
      }),
    );
  });
});

describe("spans", () => {
  it("join what touches and stay sorted", () => {
    expect(withSpan([s(0, 5), s(20, 25)], s(5, 10))).toEqual([s(0, 10), s(20, 25)]);
    expect(withSpan([s(0, 5), s(20, 25)], s(4, 21))).toEqual([s(0, 25)]);
    expect(withSpan([s(0, 5)], s(3, 3))).toEqual([s(0, 5)]);
  });
  it("close the seams between the minutes of one recording", () => {
    expect(joined([s(0, 60), s(60.04, 120), s(180, 240)])).toEqual([s(0, 120), s(180, 240)]);
  });
  it("lose what is taken out", () => {
    expect(without([s(0, 10)], s(3, 5))).toEqual([s(0, 3), s(5, 10)]);
  });
  it("forget what is far from the head, more of it behind than ahead while playing", () => {
    expect(toDrop([s(0, 100)], 50 * SECOND, 1)).toEqual([s(0, 40), s(62, 100)]);
    expect(toDrop([s(0, 100)], 50 * SECOND, -1)).toEqual([s(0, 38), s(60, 100)]);
  });
});

describe("holes", () => {
  const recorded = [s(0, 100), s(160, 300)];
  it("give the reason that the recorder knows", () => {
    const gaps = [{ ...s(100, 160), reason: "unreachable" }];
    expect(gapAt(recorded, gaps, 120 * SECOND)).toEqual(gaps[0]);
    expect(gapAt(recorded, gaps, 50 * SECOND)).toBeNull();
  });
  it("without a reason, are what lies between two recordings", () => {
    expect(gapAt(recorded, [], 120 * SECOND)).toEqual({ ...s(100, 160), reason: "unknown" });
    expect(gapAt([s(0, 10), s(10.2, 20)], [], 10.1 * SECOND)).toBeNull();
  });
  it("are jumped over when no camera recorded", () => {
    const other = [s(0, 90), s(150, 155)];
    expect(nextRecorded([recorded, other], 50 * SECOND, 1)).toBeNull();
    expect(nextRecorded([recorded, other], 120 * SECOND, 1)).toBe(150 * SECOND);
    expect(nextRecorded([recorded, other], 120 * SECOND, -1)).toBe(100 * SECOND - 1);
    expect(nextRecorded([recorded, other], 400 * SECOND, 1)).toBeNull();
  });
});

describe("the manner of a speed", () => {
  it("decodes up to 8 times and shows the strip beyond, and fast backwards", () => {
    expect([1 / 8, 1, 8, 16, 64].map(mannerOf)).toEqual(["stream", "stream", "stream", "strip", "strip"]);
    expect([-1, -2, -4, -64].map(mannerOf)).toEqual(["reverse", "reverse", "strip", "strip"]);
  });
});

describe("one frame further", () => {
  it("is the next taken, whatever the rhythm", () => {
    expect(frameBeside([1, 5, 6], 5, 1)).toBe(6);
    expect(frameBeside([1, 5, 6], 5, -1)).toBe(1);
    expect(frameBeside([1, 5, 6], 6, 1)).toBeNull();
    expect(spanAt([s(1, 2)], 2 * SECOND)).toBeNull();
  });
});
