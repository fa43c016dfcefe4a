import { describe, expect, it } from "vitest";
import type { MarkView } from "../../core/recordings";
import { SECOND } from "../../video/playbackPlan";
import { isoOf } from "./instant";
import { markAt } from "./marks";

const NOON = Date.parse("2026-11-23T12:00:00Z") * 1000;
let made = 0;
const mark = (from: number, until: number, held = false): MarkView => ({
  id: ++made,
  version: 1,
  camera: { id: 1, name: "Quai" },
  from: isoOf(NOON + from * SECOND),
  until: isoOf(NOON + until * SECOND),
  label: null,
  incident: null,
  made_by: "claire",
  made_at: isoOf(NOON + 3600 * SECOND + made * SECOND),
  hold: held ? { reason: "réquisition", until: isoOf(NOON) } : null,
  abilities: [],
});

describe("the mark that is held by a key", () => {
  it("is the newest one at the head, never one of another moment", () => {
    const here = mark(0, 60);
    const [newer, far] = [mark(30, 90), mark(480, 500)];
    const held = mark(0, 600, true);
    const marks = [here, newer, far, held];
    const at = (second: number): number | undefined => markAt(marks, NOON + second * SECOND)?.id;
    expect(at(10)).toBe(here.id);
    expect(at(45)).toBe(newer.id);
    expect(at(92)).toBe(newer.id);
    expect(at(200)).toBeUndefined();
    expect(at(490)).toBe(far.id);
  });
});
