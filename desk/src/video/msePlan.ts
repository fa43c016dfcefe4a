/** What to do with the buffer of a live picture: pure decisions, in seconds of the media's own time. */

export interface Range {
  start: number;
  end: number;
}

/** s: more of the past than this is dropped (a wall of 25 tiles must stay small). */
export const KEPT = 20;
/** s: what is left when it is dropped. */
const KEPT_AFTER = 10;
/** s: further behind than this is not live: it jumps. A jump drops what is being decoded, so what is less is caught up. */
export const BEHIND = 0.6;
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

/** Where to put the picture, or null to leave it: behind by more than BEHIND, or before a hole. `margin`: `Pace.edge`. */
export function seekOf(ranges: readonly Range[], current: number, margin: number): number | null {
  const last = ranges.at(-1);
  if (!last) {
    return null;
  }
  const edge = Math.max(last.start, last.end - margin);
  const inLast = current >= last.start - JOINED && current <= last.end + JOINED;
  return !inLast || last.end - current > BEHIND ? edge : null;
}

/** Pictures that should be left to show when the next one comes, until a stall says that this browser wants more. */
const SPARE = 1.5;
/** s: of a picture, until one was seen; and the longest that is believed. */
const STEP = 0.04;
const LONGEST_STEP = 0.2;
/** s: what a stall adds to what was left, and what calm takes away. */
const NUDGE = 0.02;
/** s: more than this above what is wanted, it is caught up; nearer, the pace is left alone. */
const SLACK = 0.03;
/** s: catching up ends this near. */
const NEAR = 0.01;
/** s: a browser that stalls with as much left is not short of pictures. */
const SPARE_MOST = 0.4;
/** ms over which the least that was left counts, and of which half must have been seen before anything is done. */
const LOOKED = 2000;
/** ms after a beginning or a jump in which nothing is judged: the first group comes in one go. */
export const SETTLING = 250;
/** ms of slower play after a stall: the distance grows by 25 ms. */
const SLOWED = 500;
const SLOWER = 0.95;
const FASTEST = 1.5;
/** ms without a stall after which a little less is tried. */
const CALM = 60_000;

/**
 * How fast to play, so that a picture is shown as soon as steady playback allows. It watches what was left to show each
 * time that a picture came: the least of two seconds says by how much playback may come closer, whatever the rate of the
 * pictures and the trembling of the line. How much a browser's decoder holds back for itself only its stalls tell: one
 * with two pictures left wants more than two.
 */
export class Pace {
  private seen: { at: number; left: number }[] = [];
  private step = STEP;
  private least = SPARE * STEP;
  private spare = this.least;
  private rate = 1;
  private from: number | null = null;
  private slowUntil = 0;
  private calmSince = 0;

  /** s behind the end at which a jump goes: what is left before the next picture is then what is wanted. */
  get edge(): number {
    return this.step + this.spare;
  }

  /** One picture lasts so long (s). */
  lasts(step: number): void {
    if (step > 0 && step <= LONGEST_STEP) {
      this.step = step;
      this.least = SPARE * step;
      this.spare = Math.max(this.spare, this.least);
    }
  }

  /** The picture was put elsewhere (monotonic ms): what was seen before says nothing. */
  moved(at: number): void {
    this.seen = [];
    this.from = at + SETTLING;
    this.rate = 1;
  }

  /** Playback stopped for want of pictures, with so much left (s). */
  stalled(at: number, left: number): void {
    if (this.from !== null && at >= this.from) {
      this.seen = [];
      this.spare = Math.min(SPARE_MOST, Math.max(this.spare, left + NUDGE));
      this.slowUntil = at + SLOWED;
      this.calmSince = at;
    }
  }

  /** A picture comes, with so much left to show before it (s): the rate to play at from now on. */
  next(at: number, left: number): number {
    this.from ??= at + SETTLING;
    if (at < this.from) {
      return this.rate;
    }
    if (at < this.slowUntil) {
      return (this.rate = SLOWER);
    }
    if (at - this.calmSince > CALM) {
      this.spare = Math.max(this.least, this.spare - NUDGE);
      this.calmSince = at;
    }
    this.seen.push({ at, left });
    this.seen = this.seen.filter((each) => at - each.at <= LOOKED);
    return (this.rate = this.judged(at));
  }

  private judged(at: number): number {
    const over = Math.min(...this.seen.map((each) => each.left)) - this.spare;
    const known = at - (this.seen[0]?.at ?? at) >= LOOKED / 2;
    const faster = this.rate > 1 ? over > NEAR : known && over > SLACK;
    return faster ? Math.min(FASTEST, 1 + over) : 1;
  }
}

/** Reads TimeRanges. */
export function rangesOf(times: TimeRanges): Range[] {
  return Array.from({ length: times.length }, (_, n) => ({ start: times.start(n), end: times.end(n) }));
}
