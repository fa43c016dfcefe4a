/**
 * Puts fragments in a video element's buffer at their wall time, whatever time a file counts from: the offset of each is
 * read in its own `tfdt`. Appends one after the other, as MediaSource wants it.
 */
import { toDrop, without, withSpan, type Span } from "./playbackPlan";
import { decodeTimeOf, FRAGMENT, INIT, timescaleOf, type Part } from "./playbackWire";

/** s: offsets nearer than this are the rhythm of the camera, not another file's time. */
const SAME_OFFSET = 0.06;
/** s: the element tells a frame's time to the microsecond, rounded. */
const SAME_FRAME = 0.002;
/** Frames whose hours are remembered for steps: some minutes at 25 a second. */
const FRAMES = 20_000;
/** Bytes put in the buffer at once: fragments of one frame each would cost a turn of the browser each. */
const BATCH = 1024 * 1024;

/** A picture in the buffer: when it was taken (wall µs) and where it stands (s of the element's time). */
export interface Placed {
  wall: number;
  time: number;
}

/** The last one at or before a value, by bisection; null: all are after. */
export function lastBefore<T>(sorted: readonly T[], value: number, of: (item: T) => number): T | null {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(sorted[middle] as T) <= value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return sorted[low - 1] ?? null;
}

/** Whether this browser plays it. */
export const plays = (mime: string): boolean => MediaSource.isTypeSupported(mime);

type Job = { kind: "init"; data: BufferSource; mime: string } | Append | { kind: "remove"; span: Span };
interface Append {
  kind: "append";
  data: Uint8Array<ArrayBuffer>;
  offset: number;
}

export class PlaybackSink {
  private readonly source = new MediaSource();
  private readonly url = URL.createObjectURL(this.source);
  private buffer: SourceBuffer | null = null;
  private mime = "";
  private timescale = 1;
  /** Offset of what was queued last, and of what the buffer was told last. */
  private queued = Number.NaN;
  private offset = Number.NaN;
  private jobs: Job[] = [];
  private closed = false;
  /** The frames held, by their hours. */
  frames: Placed[] = [];
  /** What was read, wall µs; holds the gaps inside it too. */
  held: Span[] = [];
  /** The codec is not played by this browser. */
  unsupported: string | null = null;

  constructor(
    readonly video: HTMLVideoElement,
    /** Wall µs of second 0 of the element's time. */
    private readonly base: number,
  ) {
    video.src = this.url;
    this.source.addEventListener("sourceopen", () => this.pump());
  }

  timeOf(wall: number): number {
    return Math.max(0, (wall - this.base) / 1e6);
  }

  wallOf(time: number): number {
    return Math.round(this.base + time * 1e6);
  }

  /** The frame that is on screen at a moment; null: it is not known here. */
  frameAt(wall: number): Placed | null {
    return lastBefore(this.frames, wall, (frame) => frame.wall);
  }

  /** When the frame that the element shows at this time was taken. */
  takenAt(time: number): number {
    const frame = lastBefore(this.frames, time + SAME_FRAME, (each) => each.time);
    return frame !== null && time - frame.time < 1 ? frame.wall : this.wallOf(time);
  }

  /** One picture's bytes, or an init segment of this type. */
  put(part: Part, mime: string): void {
    if (part.kind === INIT) {
      this.timescale = timescaleOf(part.payload) ?? 1;
      this.jobs.push({ kind: "init", data: part.payload, mime });
    } else if (part.kind === FRAGMENT) {
      const own = (decodeTimeOf(part.payload) ?? 0) / this.timescale;
      const exact = this.timeOf(part.wall) - own;
      this.queued = Math.abs(exact - this.queued) < SAME_OFFSET ? this.queued : exact;
      this.jobs.push({ kind: "append", data: part.payload, offset: this.queued });
      this.remember({ wall: part.wall, time: this.queued + own });
    }
    this.pump();
  }

  /** A stretch was read whole. */
  hold(span: Span): void {
    this.held = withSpan(this.held, span);
  }

  /** Forgets what is far from the head. */
  tidy(position: number, rate: number): void {
    for (const span of toDrop(this.held, position, rate)) {
      this.held = without(this.held, span);
      this.frames = this.frames.filter(({ wall }) => wall < span.from || wall >= span.to);
      this.jobs.push({ kind: "remove", span });
    }
    this.pump();
  }

  /** Whether the picture of this moment is in the buffer. */
  has(wall: number): boolean {
    const time = this.timeOf(wall);
    const ranges = this.video.buffered;
    return Array.from({ length: ranges.length }, (_, n) => n).some(
      (n) => ranges.start(n) - SAME_OFFSET <= time && time < ranges.end(n),
    );
  }

  close(): void {
    this.closed = true;
    this.jobs = [];
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.url);
  }

  private remember(fresh: Placed): void {
    const last = this.frames.at(-1);
    if (last === undefined || fresh.wall > last.wall) {
      this.frames.push(fresh);
    } else {
      const others = this.frames.filter(({ wall }) => wall !== fresh.wall);
      this.frames = [...others, fresh].sort((a, b) => a.wall - b.wall);
    }
    if (this.frames.length > FRAMES) {
      this.frames.splice(0, this.frames.length - FRAMES);
    }
  }

  private pump(): void {
    if (this.closed || this.source.readyState !== "open" || this.buffer?.updating === true) {
      return;
    }
    const job = this.jobs.shift();
    if (job === undefined) {
      return;
    }
    try {
      this.run(job);
    } catch (failure) {
      this.failed(job, failure);
    }
  }

  private run(job: Job): void {
    if (job.kind === "init") {
      this.begin(job.mime);
      this.buffer?.appendBuffer(job.data);
    } else if (job.kind === "append") {
      this.place(job.offset);
      this.buffer?.appendBuffer(this.gathered(job));
    } else {
      this.buffer?.remove(this.timeOf(job.span.from), this.timeOf(job.span.to));
    }
    if (this.buffer === null) {
      this.pump();
    }
  }

  private begin(mime: string): void {
    if (!plays(mime)) {
      this.unsupported = mime;
      return;
    }
    if (this.buffer === null) {
      this.buffer = this.source.addSourceBuffer(mime);
      this.buffer.addEventListener("updateend", () => this.pump());
    } else if (this.mime !== mime) {
      this.buffer.changeType(mime);
    }
    this.mime = mime;
  }

  /** A fragment with those that follow it at the same offset. */
  private gathered(first: Append): Uint8Array<ArrayBuffer> {
    const all = [first.data];
    let size = first.data.length;
    for (let next = this.jobs[0]; next?.kind === "append" && size < BATCH; next = this.jobs[0]) {
      if (next.offset !== first.offset) {
        break;
      }
      all.push(next.data);
      size += next.data.length;
      this.jobs.shift();
    }
    const whole = new Uint8Array(size);
    let at = 0;
    for (const data of all) {
      whole.set(data, at);
      at += data.length;
    }
    return whole;
  }

  private place(offset: number): void {
    if (this.buffer !== null && offset !== this.offset) {
      this.buffer.timestampOffset = offset;
      this.offset = offset;
    }
  }

  /** The browser's own memory is full: makes room around the head, then tries again; else the fragment is given up. */
  private failed(job: Job, failure: unknown): void {
    const full = failure instanceof DOMException && failure.name === "QuotaExceededError";
    const head = this.video.currentTime;
    if (full && this.buffer !== null && !this.buffer.updating && head > 4) {
      this.jobs.unshift(job);
      const gone: Span = { from: this.base, to: this.wallOf(head - 3) };
      this.held = without(this.held, gone);
      this.buffer.remove(0, head - 3);
    }
  }
}
