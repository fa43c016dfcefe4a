import { expect, it } from "vitest";
import { sampleRow } from "../../core/samples";
import { queueLines, untakenAbove } from "./lines";
import { ringText } from "./words";

const B = { id: 2, name: "Opérateur B" };

it("folds what others hold, but never a duress (P1: the second operator sees it, in silence)", () => {
  const rows = [
    sampleRow({ id: 1, priority: 2, owner: B, state: "taken" }),
    sampleRow({ id: 2, priority: 1, owner: B, state: "taken", duress: true }),
  ];
  expect(queueLines(rows, 1, false).map((line) => (line.type === "row" ? line.row.id : line.type))).toEqual([
    "others",
    2,
  ]);
  expect(queueLines(rows, 1, true)).toHaveLength(3);
});

it("counts what nobody has above the first line in sight", () => {
  const rows = [1, 2, 3].map((id) => sampleRow({ id, priority: 3 }));
  const mine = sampleRow({ id: 4, priority: 3, owner: { id: 1, name: "Opératrice A" }, state: "taken" });
  const lines = queueLines([...rows, mine], 1, false);
  expect(lines.map((line) => line.type)).toEqual(["row", "row", "row", "mine", "row"]);
  expect([0, 2, 3, 4].map((first) => untakenAbove(lines, first))).toEqual([0, 2, 3, 3]);
});

it("does not say that an alarm is late before its limit is passed", () => {
  const row = sampleRow({ ringing_since: "2026-11-23T02:00:00Z", ring_reason: "overdue" });
  expect(ringText(row, false)).toBe("tous les postes sonnent");
  expect(ringText(row, true)).toBe("non pris dans le délai");
  expect(ringText({ ...row, ringing_since: null }, true)).toBeNull();
  expect(ringText({ ...row, ring_reason: "opened" }, true)).toBeNull();
});
