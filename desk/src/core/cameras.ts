/**
 * Cameras as the desk knows them (docs/design/video.md): the view kind «camera» of snapshot and stream, and its
 * health, which comes with each beat for those that are not plainly online. Times are RFC 3339 UTC strings.
 */
import type { Named } from "./views";

export type CameraState = "online" | "offline" | "frozen" | "suspended" | "starting" | "remote" | "unknown";
export type Regime = "public_road" | "public_place" | "private" | "home";

export interface PtzHeldBy extends Named {
  priority: number;
  until: string;
}

/** Whose voice is heard there, since when. */
export interface TalkedBy extends Named {
  since: string;
}

export interface CameraView {
  id: number;
  version: number;
  reference: string;
  name: string;
  place: string | null;
  site: { id: number; name: string; town: string | null };
  regime: Regime;
  narrow: boolean;
  lat: number | null;
  lon: number | null;
  /** Degrees, clockwise from north: where the lens looks. */
  bearing: number | null;
  /** Degrees: how wide it sees. */
  fov: number | null;
  ptz: boolean;
  talk: boolean;
  record: boolean;
  views: ("main" | "sub")[];
  state: CameraState;
  since: string | null;
  last_frame_at: string | null;
  codec: string | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  faults: { kind: string; since: string }[];
  presets: { token: string; name: string }[];
  neighbours: number[];
  ptz_held_by: PtzHeldBy | null;
  talked_by: TalkedBy | null;
  retention_days: number;
  authorisation: { number: string; expires_on: string | null } | null;
  suspended_reason: string | null;
  /** live, recorded, lifted, ptz, talk, event, mark, hold, edit. */
  abilities: string[];
}

/** How a beat tells a camera that is not plainly online: [id, state, since, last_frame_at]. */
export type HealthItem = [number, CameraState, string | null, string | null];

export interface Health {
  state: CameraState;
  since: string | null;
  last_frame_at: string | null;
}

/** By camera: those of the last beat. Null: no beat has said anything of cameras yet. */
export type HealthTable = ReadonlyMap<number, Health> | null;

/** The table of a beat; the held one when it says the same, so that nothing repaints. */
export function withHealth(held: HealthTable, items: readonly HealthItem[] | undefined): HealthTable {
  if (items === undefined) {
    return held;
  }
  const same =
    held !== null &&
    held.size === items.length &&
    items.every(([id, state, since, last]) => {
      const known = held.get(id);
      return known?.state === state && known.since === since && known.last_frame_at === last;
    });
  return same
    ? held
    : new Map(items.map(([id, state, since, last]) => [id, { state, since, last_frame_at: last }]));
}

/** A camera with its newest health: one that the last beat does not name is online, or still with the customer. */
export function atPresent(camera: CameraView, health: HealthTable): CameraView {
  if (health === null) {
    return camera;
  }
  const told = health.get(camera.id);
  if (told !== undefined) {
    return { ...camera, ...told };
  }
  const still = camera.state === "online" || camera.state === "remote";
  return still ? camera : { ...camera, state: "online", since: null };
}

export interface CameraCounts {
  total: number;
  online: number;
  frozen: number;
  masks: number;
}

/** «148 caméras sur 150 · 1 figée · 1 masque à vérifier»: of those that are watched, not of the customers’ own. */
export function countCameras(cameras: readonly CameraView[]): CameraCounts {
  const counts = { total: 0, online: 0, frozen: 0, masks: 0 };
  for (const { state, faults } of cameras) {
    counts.total += state === "remote" ? 0 : 1;
    counts.online += state === "online" ? 1 : 0;
    counts.frozen += state === "frozen" ? 1 : 0;
    counts.masks += faults.some((fault) => fault.kind === "mask_lost") ? 1 : 0;
  }
  return counts;
}

/** Whether its lens can be shown now: `home` and suspended cameras are the server's to judge, by abilities. */
export const mayWatch = (camera: CameraView): boolean => camera.abilities.includes("live");
