/** Steering a camera: from a hand's move to a speed, pure. Speeds are −1…1; tilt is positive upwards. */
import type { CameraView } from "../../core/cameras";
import type { PtzMove } from "../../video/live";

export const STILL: PtzMove = { pan: 0, tilt: 0, zoom: 0 };
/** Share of the picture's smaller side around the press where nothing moves: a trembling hand steers nothing. */
export const DEAD_ZONE = 0.05;
/** Share of the smaller side at which the speed is full. */
export const FULL_AT = 0.4;
/** ms: the recorder stops a camera by itself after 1 s without a message. */
export const REPEAT = 250;
/** Speed of a key, and with Shift. */
export const KEY_SPEED = 0.5;

/** The speed along one axis; it grows with the square, so that small corrections stay small. */
function speed(share: number): number {
  const beyond = Math.abs(share) - DEAD_ZONE;
  if (beyond <= 0) {
    return 0;
  }
  const part = Math.min(1, beyond / (FULL_AT - DEAD_ZONE));
  return Math.sign(share) * part * part;
}

/** Pixels from where the button went down, and the picture's size, to a move. */
export function dragged(dx: number, dy: number, width: number, height: number): PtzMove {
  const side = Math.max(1, Math.min(width, height));
  return { pan: speed(dx / side), tilt: -speed(dy / side) + 0, zoom: 0 };
}

/** A notch of the wheel: towards oneself is wider. */
export const wheeled = (deltaY: number): PtzMove => ({
  ...STILL,
  zoom: deltaY === 0 ? 0 : -Math.sign(deltaY) * KEY_SPEED,
});

const PAD: Record<string, [number, number, number]> = {
  Numpad1: [-1, -1, 0],
  Numpad2: [0, -1, 0],
  Numpad3: [1, -1, 0],
  Numpad4: [-1, 0, 0],
  Numpad6: [1, 0, 0],
  Numpad7: [-1, 1, 0],
  Numpad8: [0, 1, 0],
  Numpad9: [1, 1, 0],
  NumpadAdd: [0, 0, 1],
  NumpadSubtract: [0, 0, -1],
};
const ARROWS: Record<string, [number, number, number]> = {
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  ArrowUp: [0, 1, 0],
  ArrowDown: [0, -1, 0],
};

export interface SteerPress {
  code: string;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** The move of a key: the numeric pad, or an arrow with Ctrl; null: not a key that steers. */
export function keyed(press: SteerPress): PtzMove | null {
  const way = press.altKey ? undefined : press.ctrlKey ? ARROWS[press.code] : PAD[press.code];
  if (!way) {
    return null;
  }
  const pace = press.shiftKey ? 1 : KEY_SPEED;
  return { pan: way[0] * pace, tilt: way[1] * pace, zoom: way[2] * pace };
}

/** Who steers: nobody, me, or somebody else, at a time (ms). A reservation that is over is nobody's. */
export function holder(camera: CameraView, me: number, now: number): "nobody" | "me" | "other" {
  const held = camera.ptz_held_by;
  if (held === null || Date.parse(held.until) <= now) {
    return "nobody";
  }
  return held.id === me ? "me" : "other";
}
