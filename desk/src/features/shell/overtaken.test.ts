import { describe, expect, it } from "vitest";
import type { LogLine } from "../../core/views";
import { takenFrom } from "./overtaken";

const line = (id: number, more: Partial<LogLine>): LogLine => ({
  position: id,
  id,
  kind: "incident.taken_over",
  version: 1,
  params: { from: "Claire Veille", reason: "absent" },
  actor_name: "Samir Nuit",
  actor_kind: "user",
  happened_at: "2026-11-23T02:00:00Z",
  entered_at: "2026-11-23T02:00:00Z",
  late: false,
  corrects: null,
  site: null,
  incident: null,
  ...more,
});
const ids = (lines: LogLine[], past = false): number[] =>
  takenFrom(lines, "Claire Veille", past).map((each) => each.id);

describe("dossiers that a colleague took from me", () => {
  it("by a take-over, or by taking what woke under my name; by nobody else and from nobody else", () => {
    const taken = [
      line(1, {}),
      line(2, { kind: "incident.retaken", params: { from: "Claire Veille", delay: 3 } }),
      line(3, { params: { from: "Samir Nuit", reason: "urgent" } }),
      line(4, { kind: "incident.retaken", params: { from: null, delay: 3 }, actor_name: "Claire Veille" }),
      line(5, { kind: "incident.noted" }),
      line(6, { actor_name: "Claire Veille" }),
    ];
    expect(ids(taken)).toEqual([1, 2]);
  });

  it("a relief is told while it happens, not the next day", () => {
    const relief = [line(1, { params: { from: "Claire Veille", reason: "relief" } })];
    expect(ids(relief)).toEqual([1]);
    expect(ids(relief, true)).toEqual([]);
  });
});
