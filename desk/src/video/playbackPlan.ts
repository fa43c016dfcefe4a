/** What a camera reads next, and what it forgets: pure. Times are wall µs; a span holds `from` and not `to`. */

export interface Span {
  from: number;
  to: number;
}

export interface Gap extends Span {
  reason: string;
}

export const SECOND = 1_000_000;

/** Wall µs read ahead at normal speed: a few GOPs, so that a late packet is not seen. */
const AHEAD = 6 * SECOND;
/** What one request asks for at normal speed: one or two GOPs, so that a first picture comes soon. */
const CHUNK = 3 * SECOND;
/** What stays behind the head, for a step back without a request. */
const BEHIND = 10 * SECOND;
/** Holes shorter than this in what was received are the camera's rhythm, not something to read again. */
const SEAM = SECOND / 2;

/** Above these, pictures come from the strip: decoding everything would show no more. */
export const STREAM_MOST = 8;
export const REVERSE_MOST = 2;

export type Manner = "stream" | "reverse" | "strip";

/** How pictures are shown at a speed; negative: backwards. */
export function mannerOf(rate: number): Manner {
  if (rate >= 0) {
    return rate <= STREAM_MOST ? "stream" : "strip";
  }
  return -rate <= REVERSE_MOST ? "reverse" : "strip";
}

/** Adds a span to sorted spans that do not touch; what is nearer than a seam is joined. */
export function withSpan(spans: readonly Span[], fresh: Span): Span[] {
  if (fresh.to <= fresh.from) {
    return [...spans];
  }
  const apart = spans.filter((held) => held.to + SEAM < fresh.from || held.from - SEAM > fresh.to);
  const one = spans
    .filter((held) => !apart.includes(held))
    .reduce((sum, held) => ({ from: Math.min(sum.from, held.from), to: Math.max(sum.to, held.to) }), fresh);
  return [...apart, one].sort((a, b) => a.from - b.from);
}

/** Sorted spans with their seams closed: the minutes of one recording are one stretch. */
export function joined(sorted: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const span of sorted) {
    const last = found.at(-1);
    if (last !== undefined && span.from - last.to < SEAM) {
      last.to = Math.max(last.to, span.to);
    } else {
      found.push({ ...span });
    }
  }
  return found;
}

/** Takes a stretch out of spans. */
export function without(spans: readonly Span[], gone: Span): Span[] {
  return spans.flatMap((held) =>
    [
      { from: held.from, to: Math.min(held.to, gone.from) },
      { from: Math.max(held.from, gone.to), to: held.to },
    ].filter((left) => left.to > left.from),
  );
}

export const spanAt = <T extends Span>(spans: readonly T[], at: number): T | null =>
  spans.find((held) => held.from <= at && at < held.to) ?? null;

export interface Wanted {
  position: number;
  /** Negative: backwards. */
  rate: number;
  recorded: readonly Span[];
  held: readonly Span[];
}

/** The next stretch to read, or null: enough is there. */
export function nextRead({ position, rate, recorded, held }: Wanted): Span | null {
  const speed = Math.max(1, Math.abs(rate));
  return rate >= 0
    ? readForward(position, speed, recorded, held)
    : readBackward(position, speed, recorded, held);
}

function readForward(
  position: number,
  speed: number,
  recorded: readonly Span[],
  held: readonly Span[],
): Span | null {
  let at = position;
  const end = position + AHEAD * speed;
  while (at < end) {
    const have = spanAt(held, at);
    const there = spanAt(recorded, at);
    if (have !== null) {
      at = have.to;
    } else if (there === null) {
      const next = recorded.find((each) => each.from > at);
      if (next === undefined) {
        return null;
      }
      at = next.from;
    } else {
      const until = Math.min(there.to, at + CHUNK * speed, nextHeld(held, at));
      // A sliver before what is held, or at the very end of what is recorded, is not worth a request.
      if (until - at >= SEAM || there.to - at >= SEAM) {
        return { from: at, to: until };
      }
      at = Math.max(until, at + 1);
    }
  }
  return null;
}

const nextHeld = (held: readonly Span[], at: number): number =>
  held.find((each) => each.from > at)?.from ?? Number.POSITIVE_INFINITY;

function readBackward(
  position: number,
  speed: number,
  recorded: readonly Span[],
  held: readonly Span[],
): Span | null {
  let at = position;
  const end = position - AHEAD * speed;
  while (at > end) {
    const have = spanAt(held, at - 1);
    const there = spanAt(recorded, at - 1);
    if (have !== null) {
      at = have.from;
    } else if (there === null) {
      const before = recorded.filter((each) => each.to < at).at(-1);
      if (before === undefined) {
        return null;
      }
      at = before.to;
    } else {
      const from = Math.max(there.from, at - CHUNK * speed);
      if (at - from >= SEAM) {
        return { from, to: at };
      }
      at = from - 1;
    }
  }
  return null;
}

/** What may be forgotten: far from the head on both sides. */
export function toDrop(held: readonly Span[], position: number, rate: number): Span[] {
  const speed = Math.max(1, Math.abs(rate));
  const far = 2 * AHEAD * speed;
  const keep: Span =
    rate >= 0
      ? { from: position - BEHIND * speed, to: position + far }
      : { from: position - far, to: position + BEHIND * speed };
  return held.flatMap((each) =>
    [
      { from: each.from, to: Math.min(each.to, keep.from) },
      { from: Math.max(each.from, keep.to), to: each.to },
    ].filter((gone) => gone.to - gone.from > SECOND),
  );
}

/** The hole around a moment: a known gap with its reason, else what lies between two recordings. */
export function gapAt(recorded: readonly Span[], gaps: readonly Gap[], at: number): Gap | null {
  if (spanAt(recorded, at) !== null) {
    return null;
  }
  const known = spanAt(gaps, at);
  if (known !== null) {
    return known;
  }
  const before = recorded.filter((each) => each.to <= at).at(-1);
  const after = recorded.find((each) => each.from > at);
  const between = {
    from: before?.to ?? Number.NEGATIVE_INFINITY,
    to: after?.from ?? Number.POSITIVE_INFINITY,
  };
  return between.to - between.from < SEAM ? null : { ...between, reason: "unknown" };
}

/** The frame before or after a moment among the walls held, sorted; null: it must be asked for. */
export function frameBeside(walls: readonly number[], at: number, by: 1 | -1): number | null {
  if (by > 0) {
    return walls.find((wall) => wall > at) ?? null;
  }
  return walls.findLast((wall) => wall < at) ?? null;
}

/** Where playback goes on when every camera is in a hole: the next recording in that direction; null: none. */
export function nextRecorded(
  recorded: readonly (readonly Span[])[],
  at: number,
  rate: number,
): number | null {
  const all = recorded.flat();
  if (all.some((each) => each.from <= at && at < each.to)) {
    return null;
  }
  const found =
    rate >= 0
      ? Math.min(...all.filter((each) => each.from > at).map((each) => each.from))
      : Math.max(...all.filter((each) => each.to <= at).map((each) => each.to - 1));
  return Number.isFinite(found) ? found : null;
}
