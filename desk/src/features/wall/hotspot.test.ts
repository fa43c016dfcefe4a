import { describe, expect, it } from "vitest";
import { sampleCamera, sampleRow } from "../../core/samples";
import type { IncidentRow } from "../../core/views";
import { candidates, seeing } from "./hotspot";

const of = (id: number, priority: number, minute: number, change: Partial<IncidentRow> = {}): IncidentRow =>
  sampleRow({
    id,
    priority,
    opened_at: `2026-11-23T02:${String(minute).padStart(2, "0")}:00Z`,
    ringing_since: `2026-11-23T02:${String(minute).padStart(2, "0")}:00Z`,
    ...change,
  });
const about = (code: string): Partial<IncidentRow> => ({
  family: "service",
  headline: { ...sampleRow().headline, code },
});

describe("the hotspot", () => {
  it("follows the gravest that rings, and of those the oldest; never a camera's own fault", () => {
    const rows = [
      of(1, 5, 9, about("camera_unreachable")),
      of(2, 3, 8, about("camera_mask_lost")),
      of(3, 3, 7),
      of(4, 2, 5),
      of(5, 2, 6),
      of(6, 1, 1, { ringing_since: null }),
    ];
    expect(candidates(rows, null)).toEqual([4, 5, 3]);
  });
  it("follows the dossier in view first, unless there is nothing to see of it", () => {
    const rows = [of(1, 2, 5), of(2, 4, 1, { ringing_since: null }), of(3, 5, 9, about("camera_moved"))];
    expect(candidates(rows, 2)).toEqual([2, 1]);
    expect(candidates(rows, 3)).toEqual([3, 1]);
    expect(candidates([of(1, 2, 5), of(3, 5, 9, about("camera_unreachable"))], 3)).toEqual([1]);
    expect(candidates(rows, 99)).toEqual([1]);
  });
  it("shows the first camera that sees now; none does: the first, which says why", () => {
    const dead = sampleCamera({ id: 1, state: "suspended" });
    const well = sampleCamera({ id: 2, state: "online" });
    const byId = new Map([dead, well].map((camera) => [camera.id, camera]));
    expect(seeing([1, 2], byId)).toBe(2);
    expect(seeing([1], byId)).toBe(1);
    expect(seeing([], byId)).toBeNull();
  });
});
