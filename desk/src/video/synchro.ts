/** Keeps up to 9 cameras in step on one clock: told at each painting of the window, corrected by each camera itself. */
import { createStore } from "../core/store";
import type { PlaybackCamera } from "./playbackCamera";
import { nextRecorded, SECOND } from "./playbackPlan";
import { positionAt, shuttled, turned, type PlayClock } from "./synchroClock";

/** Cameras that a person can follow, and that a browser can decode. */
export const MOST_CAMERAS = 9;
/** ms the clock waits for a camera that has no picture yet; then it goes on without it. */
const PATIENCE = 2500;
/** µs behind the present where playback stops: the segment being recorded is read up to its last whole fragment. */
const LIVE_MARGIN = 1.5 * SECOND;

export interface Bounds {
  from: number;
  to: number;
}

export class Synchro {
  readonly clock = createStore<PlayClock>({ wall: 0, mono: 0, rate: 1, playing: false });
  private cameras: PlaybackCamera[] = [];
  private frame = 0;
  private moved = true;
  private starved: number | null = null;
  private listeners = new Set<(head: number) => void>();
  private loop: (() => Bounds) | null = null;

  /** `bounds`: what may be looked at, wall µs; its end moves when it is the present. */
  constructor(
    start: number,
    private readonly bounds: () => Bounds,
  ) {
    this.clock.set((held) => ({ ...held, wall: start, mono: performance.now() }));
  }

  with(cameras: PlaybackCamera[]): void {
    this.cameras = cameras;
    this.moved = true;
  }

  /** Plays this stretch over and over, as it is now: it may grow. */
  loopIn(stretch: (() => Bounds) | null): void {
    this.loop = stretch;
  }

  run(): () => void {
    const beat = (): void => {
      this.beat(performance.now());
      this.frame = requestAnimationFrame(beat);
    };
    this.frame = requestAnimationFrame(beat);
    return () => cancelAnimationFrame(this.frame);
  }

  /** Told of the head at each painting. */
  onHead(listener: (head: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  head(): number {
    return positionAt(this.clock.get(), performance.now());
  }

  seek(wall: number): void {
    const { from, to } = this.bounds();
    const there = Math.min(Math.max(from, wall), to - LIVE_MARGIN);
    this.moved = true;
    this.clock.set((held) => turned(held, performance.now(), { wall: Math.round(there) }));
  }

  pause(): void {
    this.clock.set((held) => turned(held, performance.now(), { playing: false }));
  }

  play(rate?: number): void {
    this.moved ||= rate !== undefined && Math.sign(rate) !== Math.sign(this.clock.get().rate);
    this.clock.set((held) =>
      turned(held, performance.now(), { playing: true, ...(rate === undefined ? {} : { rate }) }),
    );
  }

  shuttle(way: 1 | -1): void {
    this.clock.set((held) => shuttled(held, performance.now(), way));
  }

  private beat(mono: number): void {
    const clock = this.clock.get();
    let head = positionAt(clock, mono);
    if (clock.playing) {
      head = this.kept(clock, head, mono);
    }
    const { moved } = this;
    this.moved = false;
    const now = this.clock.get();
    this.cameras.forEach((camera) => camera.follow(head, now.rate, now.playing, mono, moved));
    this.listeners.forEach((listener) => listener(head));
  }

  /** Waits for a camera without a picture, jumps over what nobody recorded, stops at the ends. */
  private kept(clock: PlayClock, head: number, mono: number): number {
    const states = this.cameras.map((camera) => camera.shown.get());
    const alive = states.filter((state) => state.lost === null && state.unsupported === null);
    const waits = alive.some((state) => state.waiting && state.gap === null);
    this.starved = waits ? (this.starved ?? mono) : null;
    if (this.starved !== null && mono - this.starved < PATIENCE) {
      this.clock.set((held) => ({ ...held, wall: this.lastHead ?? held.wall, mono }));
      return this.lastHead ?? clock.wall;
    }
    const told = alive.flatMap((state) => (state.recorded === null ? [] : [state.recorded.segments]));
    const next =
      told.length > 0 && told.length === alive.length ? nextRecorded(told, head, clock.rate) : null;
    const there = this.looped(next ?? head);
    this.bound(there, head, mono);
    this.lastHead = this.clock.get().playing ? there : null;
    return there;
  }

  private lastHead: number | null = null;

  private looped(head: number): number {
    const loop = this.loop?.() ?? null;
    return loop !== null && (head >= loop.to || head < loop.from) ? loop.from : head;
  }

  private bound(there: number, head: number, mono: number): void {
    const { from, to } = this.bounds();
    const end = to - LIVE_MARGIN;
    if (there !== head) {
      this.moved = true;
      this.clock.set((held) => ({ ...held, wall: there, mono }));
    }
    if (there > end || there < from) {
      const edge = Math.min(Math.max(there, from), end);
      // At the present it goes on at its pace; backwards at the beginning there is nothing more.
      const stop = there < from;
      this.clock.set((held) => ({ ...held, wall: edge, mono, ...(stop ? { playing: false } : { rate: 1 }) }));
    }
  }
}
