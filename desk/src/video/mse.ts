/** A live picture through MediaSource: fragments of one frame each, kept short, always at the live edge. */
import { decodeTimeOf, timescaleOf } from "./mseBoxes";
import { Pace, rangesOf, roomOf, seekOf, trimOf } from "./msePlan";

/** Where a live picture goes. `fail` of its maker is called when it can show no more. */
export interface Sink {
  init: (bytes: Uint8Array<ArrayBuffer>) => void;
  fragment: (bytes: Uint8Array<ArrayBuffer>, wall: number) => void;
  close: () => void;
}

/** Pieces that wait for a busy SourceBuffer; more is a page that no longer follows: it begins again. */
const WAITING_MOST = 600;

interface Piece {
  bytes: Uint8Array<ArrayBuffer>;
  /** Seconds of the media's time where its track begins; null: as before. */
  offset: number | null;
  /** How many pictures it is; the init segment is none. */
  pictures: number;
}

export const mayShow = (mime: string): boolean =>
  typeof MediaSource !== "undefined" && MediaSource.isTypeSupported(mime);

/** Plays `mime` in a video element. */
export class MseSink implements Sink {
  private readonly source = new MediaSource();
  private readonly address = URL.createObjectURL(this.source);
  private buffer: SourceBuffer | null = null;
  private waiting: Piece[] = [];
  private held: Piece | null = null;
  private crowded = 0;
  private timescale: number | null = null;
  /** Wall µs that is second 0 of the media's time. */
  private origin: number | null = null;
  private fresh = false;
  private closed = false;
  private readonly pace = new Pace();
  /** Pictures of the last append, and where the buffer ended before it (s). */
  private added = 0;
  private ended = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    mime: string,
    private readonly fail: (why: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    video.disableRemotePlayback = true;
    this.source.addEventListener("sourceopen", () => this.open(mime), { once: true });
    video.addEventListener("waiting", this.stalled);
    video.src = this.address;
  }

  init(bytes: Uint8Array<ArrayBuffer>): void {
    this.timescale = timescaleOf(bytes);
    this.fresh = true;
    this.push({ bytes, offset: null, pictures: 0 });
  }

  fragment(bytes: Uint8Array<ArrayBuffer>, wall: number): void {
    this.origin ??= wall;
    let offset: number | null = null;
    if (this.fresh) {
      // The wall clock carries on over a change of parameters or a new beginning of the stream.
      const decode = decodeTimeOf(bytes);
      if (decode !== null && this.timescale !== null) {
        offset = (wall - this.origin) / 1e6 - decode / this.timescale;
      }
      this.fresh = false;
    }
    this.push({ bytes, offset, pictures: 1 });
  }

  close(): void {
    this.closed = true;
    this.waiting = [];
    this.buffer = null;
    this.video.removeEventListener("waiting", this.stalled);
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.address);
  }

  private open(mime: string): void {
    if (this.closed) {
      return;
    }
    try {
      this.buffer = this.source.addSourceBuffer(mime);
    } catch {
      this.fail("codec");
      return;
    }
    this.buffer.mode = "segments";
    this.buffer.addEventListener("updateend", () => this.next());
    this.buffer.addEventListener("error", () => this.fail("data"));
    this.next();
  }

  private push(piece: Piece): void {
    this.waiting.push(piece);
    if (this.waiting.length > WAITING_MOST) {
      this.fail("late");
      return;
    }
    this.next();
  }

  private next(): void {
    const { buffer } = this;
    if (buffer === null || buffer.updating || this.closed || this.source.readyState !== "open") {
      return;
    }
    this.measure(buffer);
    this.follow(buffer);
    const trim = trimOf(rangesOf(buffer.buffered), this.video.currentTime);
    if (trim !== null) {
      buffer.remove(trim.start, trim.end);
      return;
    }
    const piece = this.held ?? this.together();
    if (piece === null) {
      return;
    }
    this.keepPace(buffer);
    try {
      if (piece.offset !== null) {
        buffer.timestampOffset = piece.offset;
      }
      buffer.appendBuffer(piece.bytes);
      this.held = null;
      this.crowded = 0;
      this.added = piece.pictures;
    } catch (failure) {
      this.makeRoom(buffer, piece, failure);
    }
  }

  /** No more room in this browser: drop the past, then try the same piece again; twice in a row is the end. */
  private makeRoom(buffer: SourceBuffer, piece: Piece, failure: unknown): void {
    const room = roomOf(rangesOf(buffer.buffered), this.video.currentTime);
    const full = failure instanceof DOMException && failure.name === "QuotaExceededError";
    this.crowded += 1;
    if (!full || room === null || this.crowded > 1) {
      this.fail(full ? "room" : "data");
      return;
    }
    this.held = piece;
    buffer.remove(room.start, room.end);
  }

  /** All that waits and needs no offset of its own, as one append. */
  private together(): Piece | null {
    const first = this.waiting.shift();
    if (!first) {
      return null;
    }
    const parts = [first];
    while (this.waiting[0]?.offset === null && parts.length < 64) {
      parts.push(this.waiting.shift() as Piece);
    }
    const pictures = parts.reduce((sum, part) => sum + part.pictures, 0);
    return { bytes: joined(parts.map((part) => part.bytes)), offset: first.offset, pictures };
  }

  private follow(buffer: SourceBuffer): void {
    const to = seekOf(rangesOf(buffer.buffered), this.video.currentTime, this.pace.edge);
    if (to !== null) {
      this.video.currentTime = to;
      this.pace.moved(this.now());
    }
    if (this.video.paused && this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      void this.video.play().catch(() => undefined);
    }
  }

  private measure(buffer: SourceBuffer): void {
    const end = rangesOf(buffer.buffered).at(-1)?.end ?? 0;
    if (this.added > 0) {
      this.pace.lasts((end - this.ended) / this.added);
      this.added = 0;
    }
    this.ended = end;
  }

  private readonly stalled = (): void => {
    const end = rangesOf(this.video.buffered).at(-1)?.end;
    if (end !== undefined && !this.video.seeking) {
      this.pace.stalled(this.now(), end - this.video.currentTime);
    }
  };

  /** As near to the live edge as steady playback allows. */
  private keepPace(buffer: SourceBuffer): void {
    const end = rangesOf(buffer.buffered).at(-1)?.end;
    if (end !== undefined) {
      const rate = this.pace.next(this.now(), end - this.video.currentTime);
      if (rate !== this.video.playbackRate) {
        this.video.playbackRate = rate;
      }
    }
  }
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
