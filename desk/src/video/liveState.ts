/** What a live tile knows of its picture, and what it must say of it (operator.md U16: what is old looks old). */
import type { BeatMessage, StreamMessage } from "./liveMessages";

/** ms without a new frame before a picture is said frozen. */
export const FROZEN_AFTER = 3000;
/** ms without a beat before the recorder is said silent: it beats each second. */
export const SILENT_AFTER = 4000;

export interface LiveState {
  /** `opening`: no socket yet, or none any more; `open`: the recorder speaks; `refused`: it will not. */
  link: "opening" | "open" | "refused";
  /** Why it was refused: an error code of the API or of the listener. */
  refused: { code: string; params: Record<string, unknown> } | null;
  stream: StreamMessage | null;
  /** Wall µs of the newest picture, by the recorder's clock. */
  last: number | null;
  /** Monotonic ms when a frame came, and when anything came. */
  frameAt: number | null;
  heardAt: number | null;
  /** The recorder's clock: wall µs when `at` (monotonic ms) was read. */
  clock: { wall: number; at: number } | null;
  /** What the recorder says of the camera. */
  camera: string | null;
  /** Pictures one by one: this browser plays no codec of this camera. */
  still: boolean;
  /** Parts of the picture are hidden from this person. */
  masked: boolean;
}

export const OPENING: LiveState = {
  link: "opening",
  refused: null,
  stream: null,
  last: null,
  frameAt: null,
  heardAt: null,
  clock: null,
  camera: null,
  still: false,
  masked: false,
};

export function withStream(held: LiveState, said: StreamMessage, at: number): LiveState {
  return {
    ...held,
    link: "open",
    refused: null,
    stream: said,
    heardAt: at,
    clock: { wall: said.now, at },
    still: said.codec === "mjpeg" || said.codec === "jpeg",
  };
}

export function withBeat(held: LiveState, said: BeatMessage, at: number): LiveState {
  const last = Math.max(held.last ?? 0, said.last ?? 0) || null;
  return { ...held, link: "open", heardAt: at, clock: { wall: said.now, at }, camera: said.state, last };
}

export function withFrame(held: LiveState, wall: number, at: number): LiveState {
  return { ...held, last: Math.max(held.last ?? 0, wall), frameAt: at, heardAt: at };
}

export type Verdict =
  | { kind: "opening" }
  /** A live picture; `at` its wall ms. */
  | { kind: "live"; at: number }
  /** Pictures stopped; `since` wall ms of the last, null when there was none. */
  | { kind: "frozen"; since: number | null }
  | { kind: "unreachable"; since: number | null }
  /** The recorder itself says nothing any more. */
  | { kind: "silent"; since: number | null }
  | { kind: "refused"; code: string; params: Record<string, unknown> };

const ms = (wall: number | null): number | null => (wall === null ? null : wall / 1000);

/** What to tell of a tile now (monotonic ms). */
export function judge(state: LiveState, now: number): Verdict {
  if (state.link === "refused" && state.refused) {
    return { kind: "refused", ...state.refused };
  }
  if (state.heardAt === null) {
    return { kind: "opening" };
  }
  if (now - state.heardAt > SILENT_AFTER) {
    return { kind: "silent", since: ms(state.last) };
  }
  if (state.camera === "offline") {
    return { kind: "unreachable", since: ms(state.last) };
  }
  const known = state.clock === null ? null : state.clock.wall / 1000 + (now - state.clock.at);
  const old = state.last !== null && known !== null && known - state.last / 1000 > FROZEN_AFTER;
  if (state.camera === "frozen" || old) {
    return { kind: "frozen", since: ms(state.last) };
  }
  if (state.last === null || state.frameAt === null) {
    return { kind: "opening" };
  }
  return { kind: "live", at: state.last / 1000 };
}

/** ms before another try at a socket, after so many failures in a row. */
export function backOff(failures: number): number {
  return Math.min(10_000, 500 * 2 ** Math.max(0, failures - 1));
}
