/** The time bar's scale: pure. Wall µs against pixels. */
import { SECOND, type Span } from "./playbackPlan";

/** Shortest and longest stretch shown: a handful of frames, and a month of keeping. */
const CLOSEST = 4 * SECOND;
const WIDEST = 31 * 86_400 * SECOND;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const toX = (view: Span, width: number, at: number): number =>
  ((at - view.from) / (view.to - view.from)) * width;

export const toWall = (view: Span, width: number, x: number): number =>
  Math.round(view.from + (x / Math.max(1, width)) * (view.to - view.from));

/** Zooms around a moment: it stays under the pointer. `factor` > 1: wider. */
export function zoomed(view: Span, around: number, factor: number): Span {
  const length = view.to - view.from;
  const wanted = Math.min(WIDEST, Math.max(CLOSEST, length * factor));
  const share = (around - view.from) / length;
  const from = Math.round(around - share * wanted);
  return { from, to: Math.round(from + wanted) };
}

export const moved = (view: Span, by: number): Span => ({ from: view.from + by, to: view.to + by });

/** Keeps the head in sight while it plays: the bar turns a page when it comes to an edge. */
export function following(view: Span, at: number): Span {
  const length = view.to - view.from;
  if (at >= view.from + length * 0.02 && at <= view.to - length * 0.02) {
    return view;
  }
  const from = Math.round(at - length * (at > view.to - length * 0.02 ? 0.15 : 0.85));
  return { from, to: from + length };
}

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 168].map((n) => n * HOUR),
];
/** px between two hours written under the bar. */
const APART = 110;

/** Moments written on the scale, on whole steps of the centre's clock. `offset`: µs of its zone. */
export function ticks(view: Span, width: number, offset: number): number[] {
  const least = (view.to - view.from) / Math.max(1, width / APART);
  const step = STEPS.find((each) => each >= least) ?? (STEPS.at(-1) as number);
  const first = Math.ceil((view.from + offset) / step) * step - offset;
  const count = Math.max(0, Math.ceil((view.to - first) / step));
  return Array.from({ length: Math.min(count, 200) }, (_, n) => first + n * step);
}

/** Whether hours on the scale need their seconds, or their day. */
export function tickPrecision(view: Span): "seconds" | "minutes" | "days" {
  const length = view.to - view.from;
  return length < 12 * MINUTE ? "seconds" : length > 30 * HOUR ? "days" : "minutes";
}

/** Heights (0–1) of motion per pixel column group: the highest amount that falls in it. 255: not looked at. */
export function motionBars(
  amounts: readonly number[],
  from: number,
  bucket: number,
  view: Span,
  width: number,
): { x: number; width: number; height: number }[] {
  const bars = new Map<number, number>();
  const wide = Math.max(3, (bucket / (view.to - view.from)) * width);
  amounts.forEach((amount, n) => {
    const x = toX(view, width, from + n * bucket);
    if (amount > 0 && amount < 255 && x > -wide && x < width) {
      const column = Math.floor(x / wide);
      bars.set(column, Math.max(bars.get(column) ?? 0, amount));
    }
  });
  return [...bars].map(([column, amount]) => ({
    x: column * wide,
    width: wide - 1,
    height: Math.min(1, 0.15 + amount / 120),
  }));
}

export interface Moment extends Span {
  /** Highest amount of motion in it. */
  amount: number;
}

/** µs of stillness that end a moment. */
const STILL = 3 * SECOND;
/** Amount of motion below which it is the picture's noise. */
const NOISE = 4;

/** Stretches with motion, oldest first: what one would look at first. */
export function moments(amounts: readonly number[], from: number, bucket: number): Moment[] {
  const found: Moment[] = [];
  amounts.forEach((amount, n) => {
    if (amount < NOISE || amount === 255) {
      return;
    }
    const at = from + n * bucket;
    const last = found.at(-1);
    if (last !== undefined && at - last.to <= STILL) {
      last.to = at + bucket;
      last.amount = Math.max(last.amount, amount);
    } else {
      found.push({ from: at, to: at + bucket, amount });
    }
  });
  return found;
}
