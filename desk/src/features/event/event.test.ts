import { describe, expect, it } from "vitest";
import { sampleRow } from "../../core/samples";
import { digitOfNature, eventInHand, lastInformed, natureOfDigit, NATURES, type Informed } from "./event";

describe("an événement", () => {
  it("has ten natures, each its digit and no other's", () => {
    expect(NATURES.map(digitOfNature)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]);
    expect(NATURES.map((nature) => natureOfDigit(digitOfNature(nature)))).toEqual([...NATURES]);
    expect(natureOfDigit("x")).toBeNull();
  });
  it("in hand is mine, open, and the newest", () => {
    const me = { id: 3, name: "Claire" };
    const rows = [
      sampleRow({ id: 1, family: "event", state: "taken", owner: me, opened_at: "2026-11-23T02:00:00Z" }),
      sampleRow({ id: 2, family: "event", state: "taken", owner: me, opened_at: "2026-11-23T02:05:00Z" }),
      sampleRow({ id: 3, family: "event", state: "taken", owner: { id: 4, name: "Samir" } }),
      sampleRow({ id: 4, family: "event", state: "closed", owner: me, opened_at: "2026-11-23T03:00:00Z" }),
      sampleRow({ id: 5, family: "intrusion", state: "taken", owner: me, opened_at: "2026-11-23T04:00:00Z" }),
    ];
    expect(eventInHand(rows, 3)?.id).toBe(2);
    expect(eventInHand(rows, 9)).toBeNull();
  });
  it("tells of a service what it said last", () => {
    const told = (at: string, outcome: Informed["outcome"]): Informed => ({
      service: "police",
      at,
      outcome,
      note: null,
    });
    const all = [told("2026-11-23T02:00:00Z", "no_answer"), told("2026-11-23T02:02:00Z", "on_the_way")];
    expect(lastInformed(all, "police")?.outcome).toBe("on_the_way");
    expect(lastInformed(all, "rescue")).toBeNull();
  });
});
