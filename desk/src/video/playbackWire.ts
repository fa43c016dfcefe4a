/**
 * Messages of the recorder's `WS /play` (docs/design/video.md): requests by id, each answered by a text message that says
 * how many binary messages follow it. Times are wall clock: integers, microseconds since 1970 UTC, below 2^53 until 2255.
 */

/** Kinds of binary messages: 1 byte, then 8 bytes of wall µs, big-endian, then the payload. */
export const INIT = 0;
export const FRAGMENT = 1;
export const JPEG = 2;
const HEAD = 9;

export interface Part {
  kind: number;
  /** Wall µs of the picture. */
  wall: number;
  payload: Uint8Array<ArrayBuffer>;
}

/** Reads a binary message; null when it is too short to be one. */
export function readPart(message: ArrayBuffer): Part | null {
  if (message.byteLength < HEAD) {
    return null;
  }
  const view = new DataView(message);
  return {
    kind: view.getUint8(0),
    wall: Number(view.getBigUint64(1)),
    payload: new Uint8Array(message, HEAD),
  };
}

export type Op = "timeline" | "read" | "still" | "strip";

export interface Answer {
  id: number;
  /** Code of a refusal. */
  error?: string;
  /** How many binary messages follow. */
  parts?: number;
}

export interface TimelineAnswer extends Answer {
  segments: [number, number][];
  gaps: [number, number, string][];
  /** Amount of motion per bucket: 0–254 (255: not looked at). */
  motion: number[];
  bucket_us: number;
}

export interface ReadAnswer extends Answer {
  mime: string;
  from: number;
  to: number;
  /** Where to read on; null at the end. */
  next: number | null;
  done: boolean;
}

export interface StripAnswer extends Answer {
  at: number[];
}

/** Reads a text message; null when it is not an answer. */
export function readAnswer(text: string): Answer | null {
  try {
    const said: unknown = JSON.parse(text);
    const known = typeof said === "object" && said !== null && "id" in said && typeof said.id === "number";
    return known ? (said as Answer) : null;
  } catch {
    return null;
  }
}

const EVERY_NAME = 4;

function named(view: DataView, at: number): string {
  return String.fromCharCode(...Array.from({ length: EVERY_NAME }, (_, n) => view.getUint8(at + 4 + n)));
}

/** Where the contents of a box begin and end, by its path in an MP4; null when it is not there. */
export function boxAt(
  view: DataView,
  path: readonly string[],
  from = 0,
  to = view.byteLength,
): [number, number] | null {
  let at = from;
  while (at + 8 <= to) {
    const size = view.getUint32(at);
    const end = size === 0 ? to : at + size;
    if (size === 1 || end < at + 8 || end > to) {
      return null;
    }
    if (named(view, at) === path[0]) {
      return path.length === 1 ? [at + 8, end] : boxAt(view, path.slice(1), at + 8, end);
    }
    at = end;
  }
  return null;
}

const viewOf = (bytes: Uint8Array<ArrayBuffer>): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Ticks a second of a track, from its init segment; null when it cannot be read. */
export function timescaleOf(init: Uint8Array<ArrayBuffer>): number | null {
  const view = viewOf(init);
  const box = boxAt(view, ["moov", "trak", "mdia", "mdhd"]);
  if (box === null || box[1] - box[0] < 24) {
    return null;
  }
  const long = view.getUint8(box[0]) === 1;
  const ticks = view.getUint32(box[0] + (long ? 20 : 12));
  return ticks > 0 ? ticks : null;
}

/** A fragment's own time in ticks (tfdt); null when it cannot be read. */
export function decodeTimeOf(fragment: Uint8Array<ArrayBuffer>): number | null {
  const view = viewOf(fragment);
  const box = boxAt(view, ["moof", "traf", "tfdt"]);
  if (box === null || box[1] - box[0] < 8) {
    return null;
  }
  const long = view.getUint8(box[0]) === 1;
  return long && box[1] - box[0] >= 12 ? Number(view.getBigUint64(box[0] + 4)) : view.getUint32(box[0] + 4);
}
