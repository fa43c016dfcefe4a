import { describe, expect, it } from "vitest";
import { allSeen, bodyOf, isLeft, type CheckedCamera, type Ticks } from "./cameraCheck";

const camera = (id: number, over: Partial<CheckedCamera> = {}): CheckedCamera => ({
  camera: id,
  name: `Caméra ${id}`,
  site: "Quai",
  state: "online",
  last_frame_at: "2026-11-23T02:14:07Z",
  age_s: 0,
  faults: [],
  sound: true,
  ...over,
});
const dark = camera(2, { state: "offline", sound: false });
const blurred = camera(3, { faults: ["blurred"], sound: false });
const none: Ticks = new Map();

describe("the test of cameras", () => {
  it("ticks at once only what has no fault", () => {
    const ticks = allSeen([camera(1), dark, blurred], none);
    expect([...ticks.keys()]).toEqual([1]);
    expect(allSeen([camera(1)], new Map([[1, { result: "defect", note: "tag" }]])).get(1)?.result).toBe(
      "defect",
    );
  });

  it("leaves what is not ticked, a defect without a word, and what was seen and gives no picture any more", () => {
    expect(isLeft(camera(1), none)).toBe(true);
    expect(isLeft(camera(1), new Map([[1, { result: "seen", note: "" }]]))).toBe(false);
    expect(isLeft(dark, new Map([[2, { result: "seen", note: "" }]]))).toBe(true);
    expect(isLeft(dark, new Map([[2, { result: "defect", note: " " }]]))).toBe(true);
    expect(isLeft(dark, new Map([[2, { result: "defect", note: "noire" }]]))).toBe(false);
  });

  it("sends what is ticked of what is listed", () => {
    const ticks: Ticks = new Map([
      [1, { result: "seen", note: "" }],
      [9, { result: "seen", note: "" }],
      [2, { result: "defect", note: " noire " }],
    ]);
    expect(bodyOf([camera(1), dark], ticks).ticks).toEqual([
      { camera: 1, result: "seen", note: null },
      { camera: 2, result: "defect", note: "noire" },
    ]);
  });
});
