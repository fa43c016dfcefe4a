/** The one clock of playback: pure. Wall µs; `mono` is performance.now() in ms. */

export interface PlayClock {
  /** Where the head was at `mono`. */
  wall: number;
  mono: number;
  /** 1/8 to 64; negative: backwards. Kept while paused. */
  rate: number;
  playing: boolean;
}

export const RATES = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64] as const;
const FASTEST = 64;

/** Where the head is. */
export function positionAt(clock: PlayClock, mono: number): number {
  return clock.playing ? Math.round(clock.wall + (mono - clock.mono) * 1000 * clock.rate) : clock.wall;
}

/** Changes the clock from where it is now. */
export function turned(
  clock: PlayClock,
  mono: number,
  change: Partial<Pick<PlayClock, "rate" | "playing" | "wall">>,
): PlayClock {
  return { ...clock, wall: positionAt(clock, mono), mono, ...change };
}

/** `L` and `J`: plays that way; pressed again, twice as fast. */
export function shuttled(clock: PlayClock, mono: number, way: 1 | -1): PlayClock {
  const same = clock.playing && Math.sign(clock.rate) === way;
  const speed = same ? Math.min(FASTEST, Math.abs(clock.rate) * 2) : 1;
  return turned(clock, mono, { playing: true, rate: speed * way });
}

/** «1/8×», «−4×». */
export function rateText(rate: number): string {
  const speed = Math.abs(rate);
  const text = speed < 1 ? `1/${Math.round(1 / speed)}` : String(speed);
  return `${rate < 0 ? "−" : ""}${text}×`;
}

export type Correction = { kind: "none" } | { kind: "rate"; rate: number } | { kind: "seek" };

/** ms of drift that nobody sees: less than two frames of 25 a second. */
const UNSEEN = 60;
/** ms of drift above which catching up by speed would take too long. */
const TOO_FAR = 600;
/** How much faster or slower a camera that catches up plays. */
const NUDGE = 0.08;
/** What a browser's video element can play at. */
const SLOWEST = 1 / 16;
const HIGHEST = 16;

/**
 * Brings a camera back in step. `drift`: ms by which its picture is late (negative: ahead), at normal speed of the
 * recording; more speed allows as much more drift. Only for a clock that runs forward.
 */
export function corrected(drift: number, rate: number): Correction {
  const scale = Math.max(1, rate);
  if (Math.abs(drift) > TOO_FAR * scale) {
    return { kind: "seek" };
  }
  if (Math.abs(drift) <= UNSEEN * scale) {
    return { kind: "none" };
  }
  const nudged = rate * (1 + Math.sign(drift) * NUDGE);
  return { kind: "rate", rate: Math.min(HIGHEST, Math.max(SLOWEST, nudged)) };
}
