/** What this wall's window shows: its layout, the tile worked on, what is open over it. Kept on this machine. */
import type { CameraView } from "../../core/cameras";
import { createStore } from "../../core/store";
import type { LivePicture } from "../../video/live";
import { LiveViewings } from "../../video/tickets";
import {
  beside,
  firstLayout,
  place,
  regrid,
  shownBy,
  type GridShape,
  type Layout,
  type LayoutBody,
  type Placed,
  type TileSpec,
  type Way,
} from "./layout";

export type Sheet = "finder" | "walls" | "motif" | "patrols" | "events" | "closing" | "lift";

/** Why one looks: what the server is told, and as it is shown. */
export interface Motif {
  code: string;
  label: string;
  /** The dossier for which one looks. */
  incident: number | null;
}

export interface WallState {
  /** Null: a wall that was never saved. */
  id: number | null;
  version: number;
  mine: boolean;
  body: LayoutBody;
  /** Differs from what is saved. */
  changed: boolean;
  selected: number;
  full: boolean;
  paused: boolean;
  /** Which camera of each sequence is shown. */
  step: number;
  sheet: Sheet | null;
  /** The letters that opened the finder. */
  typed: string;
  /** Camera that the alarm points at, for the hotspot. */
  pointed: number | null;
  /** The motif that was chosen; null: the post's own. */
  motif: Motif | null;
  /** The motif of what is being done, an événement or a round: it comes before the chosen one. */
  doing: Motif | null;
}

export const wall = createStore<WallState>({
  id: null,
  version: 0,
  mine: true,
  body: firstLayout([]),
  changed: false,
  selected: 0,
  full: false,
  paused: false,
  step: 0,
  sheet: null,
  typed: "",
  pointed: null,
  motif: null,
  doing: null,
});

/** The viewings of this window: opened for the cameras shown, ended when the page closes. */
export const viewings = new LiveViewings();

/** The running picture of each tile, for who steers it. */
export const pictures = new Map<number, LivePicture>();

export const setWall = (change: Partial<WallState>): void => wall.set((held) => ({ ...held, ...change }));

const LAST = "veilleur.wall";

export const lastLayout = (): number | null => Number(localStorage.getItem(LAST)) || null;

export function showLayout(layout: Layout): void {
  localStorage.setItem(LAST, String(layout.id));
  const { id, version, mine, ...body } = layout;
  viewings.wall = body.name;
  setWall({ id, version, mine, body, changed: false, selected: 0, full: false, step: 0 });
}

/** The wall that nobody saved: the first cameras. */
export function showFirst(cameras: readonly CameraView[]): void {
  localStorage.removeItem(LAST);
  const body = firstLayout(cameras.filter((camera) => camera.regime !== "home").map((camera) => camera.id));
  setWall({ id: null, version: 0, mine: true, body, changed: false, selected: 0, full: false, step: 0 });
}

export function changeBody(change: (body: LayoutBody) => LayoutBody): void {
  wall.set((held) => ({ ...held, body: change(held.body), changed: true }));
}

export function changeTile(index: number, change: Partial<TileSpec>): void {
  changeBody((body) => ({
    ...body,
    tiles: body.tiles.map((tile, at) => (at === index ? { ...tile, ...change } : tile)),
  }));
}

export function changeGrid(shape: GridShape): void {
  changeBody((body) => ({
    ...body,
    columns: shape.columns,
    rows: shape.rows,
    tiles: regrid(body.tiles, shape),
  }));
  setWall({ selected: 0, full: false });
}

export const placedNow = (): Placed[] => {
  const { body } = wall.get();
  return place(body.tiles, body.columns, body.rows);
};

/** The camera that a tile shows now. */
export function cameraOf(state: WallState, index: number): number | null {
  const tile = state.body.tiles[index];
  if (!tile) {
    return null;
  }
  return tile.hotspot ? (state.pointed ?? tile.camera) : shownBy(tile, state.step);
}

export const selectedCamera = (state: WallState): number | null => cameraOf(state, state.selected);

/** Puts the hands on a tile of the wall; never out of a field in which one has begun to type meanwhile (U3). */
export function select(index: number): void {
  setWall({ selected: index });
  requestAnimationFrame(() => {
    if (document.activeElement?.matches("input, textarea, select") !== true) {
      document.querySelector<HTMLElement>(`[data-tile="${index}"]`)?.focus({ preventScroll: true });
    }
  });
}

export const moveSelection = (way: Way): void => select(beside(placedNow(), wall.get().selected, way));

/** Shows a camera: goes to the tile that already does, else puts it in the tile worked on. */
export function showCamera(camera: number): void {
  const state = wall.get();
  const at = placedNow().find(({ index }) => cameraOf(state, index) === camera);
  if (at) {
    select(at.index);
    return;
  }
  changeTile(state.selected, { camera, sequence: [], hotspot: false });
  select(state.selected);
}
