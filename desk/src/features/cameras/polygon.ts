/** Masks drawn over a picture: pure. Corners are shares of the picture, from 0 to 1. */
import type { Corner } from "./cameraFile";

/** Digits kept: a ten-thousandth of a picture is less than a pixel of the finest camera. */
const FINE = 10_000;

/** A place of the picture, kept inside it. */
export function cornerAt(x: number, y: number, width: number, height: number): Corner {
  const share = (value: number, of: number): number =>
    Math.round(Math.min(1, Math.max(0, value / Math.max(1, of))) * FINE) / FINE;
  return { x: share(x, width), y: share(y, height) };
}

/** What an SVG polygon of 1000×1000 wants. */
export const pointsOf = (polygon: readonly Corner[]): string =>
  polygon.map(({ x, y }) => `${x * 1000},${y * 1000}`).join(" ");

/** Why a mask cannot be kept: a code of «mask_problem»; null: it can. */
export function problemOf(polygon: readonly Corner[]): "too_few" | "flat" | null {
  if (polygon.length < 3) {
    return "too_few";
  }
  const area = polygon.reduce((sum, corner, n) => {
    const next = polygon[(n + 1) % polygon.length] as Corner;
    return sum + corner.x * next.y - next.x * corner.y;
  }, 0);
  return Math.abs(area) / 2 < 1 / FINE ? "flat" : null;
}

/** One step of a corner by the arrows of the keyboard. */
export function nudged(corner: Corner, key: string, step: number): Corner | null {
  const moves: Record<string, [number, number]> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  };
  const move = moves[key];
  return move === undefined ? null : cornerAt(corner.x + move[0], corner.y + move[1], 1, 1);
}
