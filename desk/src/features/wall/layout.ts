/** A wall's layout: tiles in order on a grid of columns and rows; where each stands is worked out, not kept. */

export interface TileSpec {
  camera: number | null;
  span: 1 | 2 | 3;
  /** More cameras shown in turn, after `camera`. */
  sequence: number[];
  /** Shows what the alarm points at. */
  hotspot: boolean;
}

export interface Layout {
  id: number;
  version: number;
  name: string;
  shared: boolean;
  mine: boolean;
  columns: number;
  rows: number;
  /** Seconds each camera of a sequence is shown. */
  seconds: number;
  tiles: TileSpec[];
}

export type LayoutBody = Omit<Layout, "id" | "version" | "mine">;

export interface Placed {
  index: number;
  column: number;
  row: number;
  span: number;
}

export interface GridShape {
  key: string;
  columns: number;
  rows: number;
  /** Spans of the first tiles; the others take one cell. */
  spans: (1 | 2 | 3)[];
}

/** Grids offered, 1 to 25 views. */
export const GRIDS: readonly GridShape[] = [
  { key: "1", columns: 1, rows: 1, spans: [] },
  { key: "4", columns: 2, rows: 2, spans: [] },
  { key: "1+5", columns: 3, rows: 3, spans: [2] },
  { key: "9", columns: 3, rows: 3, spans: [] },
  { key: "1+8", columns: 4, rows: 3, spans: [2] },
  { key: "2+8", columns: 4, rows: 4, spans: [2, 2] },
  { key: "1+7", columns: 4, rows: 4, spans: [3] },
  { key: "16", columns: 4, rows: 4, spans: [] },
  { key: "25", columns: 5, rows: 5, spans: [] },
];

export const DEFAULT_GRID = "1+8";
export const MOST_TILES = 25;
export const DEFAULT_SECONDS = 20;

export const emptyTile = (span: 1 | 2 | 3 = 1): TileSpec => ({
  camera: null,
  span,
  sequence: [],
  hotspot: false,
});

/** How many tiles a grid holds. */
export function capacity(shape: GridShape): number {
  const large = shape.spans.reduce((sum, span) => sum + span * span - 1, 0);
  return Math.min(MOST_TILES, shape.columns * shape.rows - large);
}

/** The tiles of a grid, keeping what the old ones show. */
export function regrid(tiles: readonly TileSpec[], shape: GridShape): TileSpec[] {
  return Array.from({ length: capacity(shape) }, (_, index) => ({
    ...(tiles[index] ?? emptyTile()),
    span: shape.spans[index] ?? 1,
  }));
}

/** A first wall, never saved: the first cameras there are. */
export function firstLayout(cameras: readonly number[], key = DEFAULT_GRID): LayoutBody {
  const shape = GRIDS.find((grid) => grid.key === key) ?? (GRIDS[0] as GridShape);
  const tiles = regrid([], shape).map((tile, index) => ({ ...tile, camera: cameras[index] ?? null }));
  return {
    name: "",
    shared: false,
    columns: shape.columns,
    rows: shape.rows,
    seconds: DEFAULT_SECONDS,
    tiles,
  };
}

/** Each tile in the first place that holds it, row by row; one that finds none is not shown. */
export function place(tiles: readonly TileSpec[], columns: number, rows: number): Placed[] {
  const taken = new Set<number>();
  const free = (column: number, row: number, span: number): boolean => {
    if (column + span > columns || row + span > rows) {
      return false;
    }
    return cells(column, row, span, columns).every((cell) => !taken.has(cell));
  };
  const placed: Placed[] = [];
  tiles.slice(0, MOST_TILES).forEach(({ span }, index) => {
    for (let cell = 0; cell < columns * rows; cell += 1) {
      const [column, row] = [cell % columns, Math.floor(cell / columns)];
      if (free(column, row, span)) {
        cells(column, row, span, columns).forEach((each) => taken.add(each));
        placed.push({ index, column, row, span });
        return;
      }
    }
  });
  return placed;
}

function cells(column: number, row: number, span: number, columns: number): number[] {
  return Array.from({ length: span * span }, (_, n) => {
    return (row + Math.floor(n / span)) * columns + column + (n % span);
  });
}

export type Way = "up" | "down" | "left" | "right";

const STEP: Record<Way, [number, number]> = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] };

/** The tile beside another one, by where they stand; the same when there is none. */
export function beside(placed: readonly Placed[], from: number, way: Way): number {
  const here = placed.find((tile) => tile.index === from);
  if (!here) {
    return placed[0]?.index ?? from;
  }
  const [dx, dy] = STEP[way];
  const middle = (tile: Placed): [number, number] => [tile.column + tile.span / 2, tile.row + tile.span / 2];
  const [x, y] = middle(here);
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (const tile of placed) {
    const [tx, ty] = middle(tile);
    const ahead = (tx - x) * dx + (ty - y) * dy;
    const aside = Math.abs((tx - x) * dy) + Math.abs((ty - y) * dx);
    const cost = ahead + aside * 1.5;
    if (tile.index !== from && ahead > 0.3 && cost < least) {
      least = cost;
      best = tile.index;
    }
  }
  return best;
}

/** The camera that a tile shows at a step of its sequence. */
export function shownBy(tile: TileSpec, step: number): number | null {
  const turn = tile.camera === null ? tile.sequence : [tile.camera, ...tile.sequence];
  return turn.length === 0 ? null : (turn[step % turn.length] ?? null);
}

/** How many views have a picture, and whether any of them turns. */
export function summary(tiles: readonly TileSpec[]): { views: number; turning: boolean } {
  return {
    views: tiles.filter((tile) => tile.hotspot || shownBy(tile, 0) !== null).length,
    turning: tiles.some((tile) => tile.sequence.length > 0),
  };
}

/** Main stream when the picture is large, or the one worked on; the sub-stream otherwise. */
export function streamFor(span: number, columns: number, worked: boolean): "main" | "sub" {
  return worked || span / columns >= 0.5 ? "main" : "sub";
}
