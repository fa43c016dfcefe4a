/** Where cameras stand to each other: metres on a plane around one of them, north up. */
import type { CameraView } from "../../core/cameras";
import type { Way } from "./layout";

const METRES_PER_DEGREE = 111_320;

export interface Spot {
  camera: CameraView;
  /** Metres east and north of the centre. */
  east: number;
  north: number;
}

/** Cameras placed around one of them, nearest first; those without a place are left out. */
export function spotsAround(centre: CameraView, cameras: readonly CameraView[]): Spot[] {
  if (centre.lat === null || centre.lon === null) {
    return [];
  }
  const { lat, lon } = centre;
  const narrowing = Math.cos((lat * Math.PI) / 180);
  return cameras
    .flatMap((camera) =>
      camera.lat === null || camera.lon === null || camera.id === centre.id
        ? []
        : [
            {
              camera,
              east: (camera.lon - lon) * METRES_PER_DEGREE * narrowing,
              north: (camera.lat - lat) * METRES_PER_DEGREE,
            },
          ],
    )
    .sort((a, b) => Math.hypot(a.east, a.north) - Math.hypot(b.east, b.north));
}

/** Half of the opening, in degrees, within which a camera is «in that direction». */
const OPENING = 60;
const BEARINGS: Record<Way, number> = { up: 0, right: 90, down: 180, left: 270 };

/** Degrees clockwise from north of what lies east and north. */
export const bearingOf = (east: number, north: number): number =>
  ((((Math.atan2(east, north) * 180) / Math.PI) % 360) + 360) % 360;

const apart = (a: number, b: number): number => Math.abs(((a - b + 540) % 360) - 180);

/** The camera to go to in a direction of the map: a named neighbour before any other, the nearest first. */
export function toward(centre: CameraView, cameras: readonly CameraView[], way: Way): CameraView | null {
  const ahead = spotsAround(centre, cameras).filter(
    ({ east, north }) => apart(bearingOf(east, north), BEARINGS[way]) <= OPENING,
  );
  const named = ahead.find(({ camera }) => centre.neighbours.includes(camera.id));
  return (named ?? ahead[0])?.camera ?? null;
}

/** Names of the eight winds, as keys of words. */
export const WINDS = ["n", "ne", "e", "se", "s", "so", "o", "no"] as const;

export function windOf(spot: Pick<Spot, "east" | "north">): (typeof WINDS)[number] {
  return WINDS[Math.round(bearingOf(spot.east, spot.north) / 45) % 8] ?? "n";
}

/** The corners of what a lens sees, as an SVG path from its place; y grows to the south. */
export function cone(x: number, y: number, bearing: number, fov: number, reach: number): string {
  const edge = (degrees: number): string => {
    const angle = (degrees * Math.PI) / 180;
    return `${(x + Math.sin(angle) * reach).toFixed(1)} ${(y - Math.cos(angle) * reach).toFixed(1)}`;
  };
  return `M${x} ${y}L${edge(bearing - fov / 2)}L${edge(bearing + fov / 2)}z`;
}

interface Point {
  x: number;
  y: number;
}

/** Pixels that a name takes: two nearer than this would cover each other. */
const [NAME_WIDE, NAME_HIGH] = [104, 15];

/** Which of the points, in order of importance, may bear their name without covering another. */
export function nameable(points: readonly Point[], most: number, taken: readonly Point[] = []): boolean[] {
  const kept = [...taken];
  const from = kept.length;
  return points.map((point) => {
    const free = kept.every(
      (held) => Math.abs(held.x - point.x) > NAME_WIDE || Math.abs(held.y - point.y) > NAME_HIGH,
    );
    if (!free || kept.length - from >= most) {
      return false;
    }
    kept.push(point);
    return true;
  });
}
