import { describe, expect, it } from "vitest";
import { sampleCamera } from "../../core/samples";
import { bearingOf, cone, nameable, spotsAround, toward, windOf } from "./compass";
import {
  beside,
  capacity,
  emptyTile,
  firstLayout,
  GRIDS,
  place,
  regrid,
  shownBy,
  streamFor,
  summary,
} from "./layout";
import { DEAD_ZONE, dragged, holder, keyed, wheeled } from "./ptz";

const grid = (key: string) => GRIDS.find((each) => each.key === key) as (typeof GRIDS)[number];

describe("a layout", () => {
  it("holds 1 to 25 tiles, each in its own place", () => {
    for (const shape of GRIDS) {
      const tiles = regrid([], shape);
      const placed = place(tiles, shape.columns, shape.rows);
      expect(placed).toHaveLength(capacity(shape));
      const cells = placed.flatMap(({ column, row, span }) =>
        Array.from({ length: span * span }, (_, n) => `${column + (n % span)}:${row + Math.floor(n / span)}`),
      );
      expect(new Set(cells).size).toBe(shape.columns * shape.rows);
    }
    expect(GRIDS.map(capacity)).toEqual([1, 4, 6, 9, 9, 10, 8, 16, 25]);
  });
  it("places as the mock does: one large, eight small", () => {
    const { tiles } = firstLayout([1, 2, 3]);
    expect(place(tiles, 4, 3).slice(0, 4)).toEqual([
      { index: 0, column: 0, row: 0, span: 2 },
      { index: 1, column: 2, row: 0, span: 1 },
      { index: 2, column: 3, row: 0, span: 1 },
      { index: 3, column: 2, row: 1, span: 1 },
    ]);
  });
  it("leaves out a tile that finds no room rather than cover another", () => {
    expect(place([emptyTile(2), emptyTile(2)], 3, 2)).toHaveLength(1);
  });
  it("keeps what is shown when the grid changes", () => {
    const tiles = regrid(firstLayout([5, 6, 7, 8, 9]).tiles, grid("4"));
    expect(tiles.map((tile) => tile.camera)).toEqual([5, 6, 7, 8]);
    expect(tiles.every((tile) => tile.span === 1)).toBe(true);
  });
  it("moves by where tiles stand", () => {
    const placed = place(firstLayout([]).tiles, 4, 3);
    expect(beside(placed, 0, "right")).toBe(1);
    expect(beside(placed, 1, "right")).toBe(2);
    expect(beside(placed, 2, "right")).toBe(2);
    expect(beside(placed, 1, "left")).toBe(0);
    expect(beside(placed, 0, "down")).toBe(5);
    expect(beside(placed, 8, "up")).toBe(4);
    expect(beside(placed, 99, "up")).toBe(0);
  });
  it("turns its sequences and says so", () => {
    const tile = { ...emptyTile(), camera: 1, sequence: [2, 3] };
    expect([0, 1, 2, 3].map((step) => shownBy(tile, step))).toEqual([1, 2, 3, 1]);
    expect(shownBy({ ...emptyTile(), sequence: [4] }, 9)).toBe(4);
    expect(shownBy(emptyTile(), 0)).toBeNull();
    expect(summary([tile, emptyTile(), { ...emptyTile(), hotspot: true }])).toEqual({
      views: 2,
      turning: true,
    });
  });
  it("asks the main stream only for what is large or worked on", () => {
    expect(streamFor(1, 4, false)).toBe("sub");
    expect(streamFor(2, 4, false)).toBe("main");
    expect(streamFor(1, 5, true)).toBe("main");
  });
});

describe("around a camera", () => {
  const here = sampleCamera({ id: 1, lat: 45, lon: 4, neighbours: [4] });
  const north = sampleCamera({ id: 2, lat: 45.001, lon: 4 });
  const west = sampleCamera({ id: 3, lat: 45, lon: 3.999 });
  const farWest = sampleCamera({ id: 4, lat: 45.0002, lon: 3.998 });
  const nowhere = sampleCamera({ id: 5 });
  const all = [here, farWest, west, north, nowhere];

  it("cameras stand in metres, nearest first", () => {
    const spots = spotsAround(here, all);
    expect(spots.map((spot) => spot.camera.id)).toEqual([3, 2, 4]);
    expect(spots[1]?.north).toBeCloseTo(111.3, 0);
    expect(spots[0]?.east).toBeCloseTo(-78.7, 0);
    expect(spotsAround(nowhere, all)).toEqual([]);
  });
  it("a named neighbour comes before a nearer stranger, and nothing comes from the other side", () => {
    expect(toward(here, all, "left")?.id).toBe(4);
    expect(toward({ ...here, neighbours: [] }, all, "left")?.id).toBe(3);
    expect(toward(here, all, "up")?.id).toBe(2);
    expect(toward(here, all, "right")).toBeNull();
    expect(toward(nowhere, all, "up")).toBeNull();
  });
  it("names that would cover another are left out, the nearest camera's kept", () => {
    const points = [
      { x: 100, y: 100 },
      { x: 120, y: 104 },
      { x: 120, y: 130 },
      { x: 300, y: 100 },
    ];
    expect(nameable(points, 2)).toEqual([true, false, true, false]);
    expect(nameable(points, 9, [{ x: 100, y: 95 }])).toEqual([false, false, true, true]);
  });
  it("directions are those of the compass", () => {
    expect([bearingOf(0, 1), bearingOf(1, 0), bearingOf(0, -1), bearingOf(-1, 0)]).toEqual([0, 90, 180, 270]);
    expect(windOf({ east: -10, north: 10 })).toBe("no");
    expect(cone(0, 0, 90, 60, 10)).toBe("M0 0L8.7 -5.0L8.7 5.0z");
  });
});

describe("steering", () => {
  it("does nothing within the dead zone, and is full at the edge", () => {
    expect(dragged(4, -4, 400, 200)).toEqual({ pan: 0, tilt: 0, zoom: 0 });
    expect(dragged(80, -90, 400, 200)).toEqual({ pan: 1, tilt: 1, zoom: 0 });
    const small = dragged(200 * (DEAD_ZONE + 0.05), 0, 400, 200).pan;
    expect(small).toBeGreaterThan(0);
    expect(small).toBeLessThan(0.05);
  });
  it("follows the wheel, the numeric pad, and the arrows with Ctrl only", () => {
    expect(wheeled(120).zoom).toBeLessThan(0);
    expect(wheeled(0).zoom).toBe(0);
    const press = { code: "Numpad7", ctrlKey: false, shiftKey: false, altKey: false };
    expect(keyed(press)).toEqual({ pan: -0.5, tilt: 0.5, zoom: 0 });
    expect(keyed({ ...press, shiftKey: true })).toEqual({ pan: -1, tilt: 1, zoom: 0 });
    expect(keyed({ ...press, code: "ArrowUp" })).toBeNull();
    expect(keyed({ ...press, code: "ArrowUp", ctrlKey: true })?.tilt).toBe(0.5);
    expect(keyed({ ...press, code: "ArrowUp", altKey: true })).toBeNull();
    expect(keyed({ ...press, code: "Digit7" })).toBeNull();
  });
  it("knows who holds the camera, and that a reservation ends", () => {
    const held = { id: 2, name: "Octave", priority: 2, until: "2026-11-23T02:01:00Z" };
    const camera = sampleCamera({ ptz: true, ptz_held_by: held });
    const at = Date.parse("2026-11-23T02:00:30Z");
    expect(holder(camera, 1, at)).toBe("other");
    expect(holder(camera, 2, at)).toBe("me");
    expect(holder(camera, 1, at + 30_000)).toBe("nobody");
    expect(holder(sampleCamera(), 1, at)).toBe("nobody");
  });
});
