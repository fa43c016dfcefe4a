/** What a camera in playback shows, and knows of its recordings. Times are wall µs. */
import type { Answer, TimelineAnswer } from "./playbackWire";
import { joined, type Gap, type Span } from "./playbackPlan";

export interface Recorded {
  from: number;
  to: number;
  segments: Span[];
  gaps: Gap[];
  motion: number[];
  bucket: number;
}

export interface Shown {
  /** Why nothing more comes: a code; null while it lives. */
  lost: string | null;
  recorded: Recorded | null;
  /** Wall µs of the picture on screen; null: none. */
  wall: number | null;
  by: "video" | "picture" | "none";
  /** The head is in a hole. */
  gap: Gap | null;
  /** Waits for pictures of the head. */
  waiting: boolean;
  /** MIME that this browser does not play. */
  unsupported: string | null;
}

export const NOTHING: Shown = {
  lost: null,
  recorded: null,
  wall: null,
  by: "none",
  gap: null,
  waiting: true,
  unsupported: null,
};

/** An answer to `timeline`, its minutes joined into stretches. */
export function recordedOf(from: number, to: number, answer: Answer): Recorded {
  const said = answer as TimelineAnswer;
  const inside = said.segments
    .map(([a, b]) => ({ from: Math.max(a, from), to: Math.min(b, to) }))
    .filter((span) => span.to > span.from);
  return {
    from,
    to,
    segments: joined(inside),
    gaps: said.gaps.map(([a, b, reason]) => ({ from: a, to: b, reason })),
    motion: said.motion,
    bucket: said.bucket_us,
  };
}

/** The held state with a change; the same object when nothing moved, so that nothing repaints. */
export function changed(held: Shown, change: Partial<Shown>): Shown {
  const moved = Object.entries(change).some(([key, value]) => held[key as keyof Shown] !== value);
  return moved ? { ...held, ...change } : held;
}

/** The film's picture on screen is nearer to the head than the strip's of this moment: hours never go back by it. */
export const isNearer = ({ by, wall: held }: Shown, wall: number, head: number): boolean =>
  by === "video" && held !== null && wall <= held && held <= head;

/** The same hole told again is the same object. */
export const sameGap = (held: Gap | null, fresh: Gap): Gap =>
  held?.from === fresh.from && held.to === fresh.to && held.reason === fresh.reason ? held : fresh;

/** µs: what was recorded since one last asked is not a hole. */
const FRESH = 8_000_000;

/** The head stands on what is being recorded now, and that this window does not know of yet. */
export const comes = (gap: Gap, asked: number, head: number): boolean =>
  gap.to === Number.POSITIVE_INFINITY && asked - gap.from < FRESH && head - gap.from < FRESH;
