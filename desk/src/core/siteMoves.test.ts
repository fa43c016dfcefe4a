import { describe, expect, it } from "vitest";
import { EMPTY, withItem, type World } from "./reduce";
import { sampleLine, sampleRow } from "./samples";
import { lastMove } from "./siteMoves";
import type { LogLine, Touched } from "./views";

const told = (world: World, position: number, site: number | null, touched: Touched[] = []): World => {
  const entry: LogLine | null =
    site === null ? null : { ...sampleLine(position), site: { id: site, name: "Un site" } };
  return withItem(world, { position, entry, touched });
};

describe("the last move of a site", () => {
  it("follows its own lines of the main courante, and no other's", () => {
    const one = told(EMPTY, 5, 1);
    expect(lastMove(one, 1)).not.toBe(lastMove(EMPTY, 1));
    expect(lastMove(told(one, 6, 2), 1)).toBe(lastMove(one, 1));
    expect(lastMove(told(one, 7, 1), 1)).not.toBe(lastMove(one, 1));
  });

  it("follows its dossiers for who does not read the main courante, their closing too", () => {
    const opened = told(EMPTY, 5, null, [
      { kind: "incident", id: 1, version: 5, view: sampleRow({ version: 5 }) },
    ]);
    expect(lastMove(opened, 1)).not.toBe(lastMove(EMPTY, 1));
    expect(lastMove(opened, 2)).toBe(lastMove(EMPTY, 2));
    const closed = told(opened, 6, null, [{ kind: "incident", id: 1, version: 6, view: null }]);
    expect(lastMove(closed, 1)).not.toBe(lastMove(opened, 1));
  });
});
