/** What the recorder's listener says on `WS /live` (docs/design/video.md), read and never trusted. Wall: µs since 1970. */

export interface StreamMessage {
  type: "stream";
  mime: string;
  codec: string;
  width: number;
  height: number;
  fps: number;
  camera: number;
  now: number;
}

export interface BeatMessage {
  type: "beat";
  now: number;
  /** Wall of the last frame; null: none yet. */
  last: number | null;
  state: string;
}

export interface RefusedMessage {
  type: "refused";
  code: string;
}

export type LiveText = StreamMessage | BeatMessage | RefusedMessage;

export type BinaryKind = "init" | "fragment" | "jpeg";

export interface LiveBinary {
  kind: BinaryKind;
  wall: number;
  payload: Uint8Array<ArrayBuffer>;
}

const KINDS: readonly BinaryKind[] = ["init", "fragment", "jpeg"];
const HEAD = 9;

/** 1 byte kind, 8 bytes big-endian wall, payload. Null: not one of ours. */
export function readBinary(data: ArrayBuffer): LiveBinary | null {
  if (data.byteLength <= HEAD) {
    return null;
  }
  const view = new DataView(data);
  const kind = KINDS[view.getUint8(0)];
  const wall = Number(view.getBigUint64(1));
  return kind === undefined || !Number.isSafeInteger(wall)
    ? null
    : { kind, wall, payload: new Uint8Array(data, HEAD) };
}

/** A text message; null: not one that is understood here. */
export function readText(data: string): LiveText | null {
  let said: unknown;
  try {
    said = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof said !== "object" || said === null) {
    return null;
  }
  const told = said as Record<string, unknown>;
  switch (told.type) {
    case "stream":
      return typeof told.mime === "string" ? (told as unknown as StreamMessage) : null;
    case "beat":
      return typeof told.now === "number" ? (told as unknown as BeatMessage) : null;
    case "refused":
      return typeof told.code === "string" ? (told as unknown as RefusedMessage) : null;
    default:
      return null;
  }
}

export type CodecAsked = "own" | "h264" | "jpeg";

/** What is asked next when this browser cannot show what comes: the stream itself, H.264, then pictures. */
export function nextCodec(asked: CodecAsked): CodecAsked {
  return asked === "own" ? "h264" : "jpeg";
}

/** The address of a live socket. */
export function liveAddress(url: string, token: string, view: "main" | "sub", codec: CodecAsked): string {
  const query = new URLSearchParams({ ticket: token, view });
  if (codec !== "own") {
    query.set("codec", codec);
  }
  return `${url}?${query.toString()}`;
}

/** Why a socket closed for good, or null when another may be opened. */
export function closedFor(code: number): "revoked" | "absent" | null {
  return code === 4403 ? "revoked" : code === 4404 ? "absent" : null;
}
