/** What to do with the buffer of a live picture: pure decisions, in seconds of the media's own time. */

export interface Range {
  start: number;
  end: number;
}

/** s: more of the past than this is dropped (a wall of 25 tiles must stay small). */
export const KEPT = 20;
/** s: what is left when it is dropped. */
const KEPT_AFTER = 10;
/** s: further behind than this is not live. */
export const BEHIND = 1;
/** s: where the picture is put back; less would stop at each frame that is a little late. */
export const EDGE = 0.15;
/** s: ranges nearer than this are one. */
const JOINED = 0.05;

/** The stretch to remove, or null. */
export function trimOf(ranges: readonly Range[], current: number): Range | null {
  const first = ranges[0];
  if (!first || current - first.start <= KEPT) {
    return null;
  }
  return { start: first.start, end: current - KEPT_AFTER };
}

/** Everything before the live edge, when there is no more room. */
export function roomOf(ranges: readonly Range[], current: number): Range | null {
  const first = ranges[0];
  return first && current - 1 > first.start ? { start: first.start, end: current - 1 } : null;
}

/** Where to put the picture, or null to leave it: behind by more than BEHIND, or before a hole. */
export function seekOf(ranges: readonly Range[], current: number): number | null {
  const last = ranges.at(-1);
  if (!last) {
    return null;
  }
  const edge = Math.max(last.start, last.end - EDGE);
  const inLast = current >= last.start - JOINED && current <= last.end + JOINED;
  return !inLast || last.end - current > BEHIND ? edge : null;
}

/** Reads TimeRanges. */
export function rangesOf(times: TimeRanges): Range[] {
  return Array.from({ length: times.length }, (_, n) => ({ start: times.start(n), end: times.end(n) }));
}
