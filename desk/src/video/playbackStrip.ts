/** The JPEG strip of a camera: shows a moment at once, without decoding; asks a window of it ahead of the head. */
import { SECOND, type Span } from "./playbackPlan";
import type { Whole } from "./playbackLink";

/** Pictures of one question, and of memory: a strip has one every 2 s, so some minutes of it. */
const COUNT = 24;
const KEPT = 240;
/** Wall µs of a question while nothing moves: the pictures around the hand. */
const AROUND = 20 * SECOND;
/** s of play that one question covers at speed. */
const COVERS = 3;

/** Stretches remembered as asked. */
const REMEMBERED = 40;

/** A stretch that was asked, and how far apart its pictures were: what was seen at speed is too coarse to stand still on. */
interface Asked extends Span {
  step: number;
}

interface Picture {
  wall: number;
  url: string;
}

export class PlaybackStrip {
  private pictures: Picture[] = [];
  private known: Asked[] = [];
  private asking = false;
  private shown = "";
  private closed = false;

  constructor(
    private readonly element: HTMLImageElement,
    private readonly ask: (body: object) => Promise<Whole>,
    /** What may be asked: the recorder refuses a question that reaches beyond. */
    private readonly period: () => Span,
  ) {}

  /** A picture of a camera that sends nothing but pictures. */
  add(wall: number, payload: Uint8Array<ArrayBuffer>): void {
    this.take([{ wall, url: URL.createObjectURL(new Blob([payload], { type: "image/jpeg" })) }]);
  }

  /** Shows the newest picture at or before the head; gives its hour, null when there is none yet. `rate` 0: still. */
  show(head: number, rate: number): number | null {
    const reach = Math.max(AROUND, Math.abs(rate) * COVERS * SECOND);
    const ahead = head + Math.sign(rate) * reach * 0.5;
    for (const at of [head, ahead]) {
      const step = reach / COUNT;
      if (!this.known.some((asked) => asked.from <= at && at < asked.to && asked.step <= step * 1.1)) {
        const from = at - reach * (rate < 0 ? 0.9 : 0.1);
        void this.fetch({ from, to: from + reach, step });
        break;
      }
    }
    const found =
      this.pictures.findLast((picture) => picture.wall <= head) ??
      this.pictures.find((picture) => picture.wall > head);
    // A picture that is too far from the head would lie about it.
    if (found === undefined || Math.abs(found.wall - head) > Math.max(4 * SECOND, reach)) {
      return null;
    }
    if (this.shown !== found.url) {
      this.shown = found.url;
      this.element.src = found.url;
    }
    return found.wall;
  }

  close(): void {
    this.closed = true;
    this.pictures.forEach(({ url }) => URL.revokeObjectURL(url));
    this.pictures = [];
  }

  private async fetch(span: Asked): Promise<void> {
    if (this.asking || this.closed) {
      return;
    }
    this.asking = true;
    try {
      const { from, to } = this.period();
      const first = Math.round(Math.max(from, span.from));
      const body = { from: first, to: Math.round(Math.max(first + 1, Math.min(to, span.to))), count: COUNT };
      const { parts } = await this.ask(body);
      if (!this.closed) {
        this.known = [...this.known.slice(-REMEMBERED), span];
        this.take(
          parts.map(({ wall, payload }) => ({
            wall,
            url: URL.createObjectURL(new Blob([payload], { type: "image/jpeg" })),
          })),
        );
      }
    } catch {
      // Given up for a newer place of the hand, or the socket is gone: the camera says so itself.
    } finally {
      this.asking = false;
    }
  }

  private take(fresh: Picture[]): void {
    const walls = new Set(this.pictures.map(({ wall }) => wall));
    const [twice, added] = [
      fresh.filter(({ wall }) => walls.has(wall)),
      fresh.filter(({ wall }) => !walls.has(wall)),
    ];
    twice.forEach(({ url }) => URL.revokeObjectURL(url));
    this.pictures = [...this.pictures, ...added].sort((a, b) => a.wall - b.wall);
    if (this.pictures.length > KEPT) {
      const old = this.pictures.filter((picture) => !added.includes(picture) && picture.url !== this.shown);
      old.forEach(({ url }) => URL.revokeObjectURL(url));
      this.pictures = this.pictures.filter((picture) => !old.includes(picture));
      this.known = this.known.slice(-1);
    }
  }
}
