import { expect, it } from "vitest";
import { sampleRow } from "../../core/samples";
import { queueLines } from "./lines";

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
