/**
 * One camera in playback: its socket, its buffer, its strip. It is told by the one clock where the head is and shows the
 * picture of that moment by the best means at that speed. Knows no words and no React.
 */
import { createStore } from "../core/store";
import { DROPPED, PlaybackLink, PlayError, type Socket } from "./playbackLink";
import { frameBeside, gapAt, mannerOf, nextRead, SECOND, type Manner, type Span } from "./playbackPlan";
import { plays, PlaybackSink } from "./playbackSink";
import { PlaybackStrip } from "./playbackStrip";
import { rest, runAt, standAt } from "./playbackElement";
import { changed, comes, isNearer, NOTHING, recordedOf, sameGap } from "./playbackShown";
import type { Recorded, Shown } from "./playbackShown";
import { INIT, JPEG, type Part, type ReadAnswer } from "./playbackWire";

/** Bytes of one answer: some seconds of a good camera; the recorder may give less. */
const READ_BYTES = 6 * 1024 * 1024;
/** ms without a picture of a moment after which the strip stands in for it. */
const EARLY = 120;
/** ms between two looks at where the head is, when nothing moves. */
const TIDY_EVERY = 2000;

export class PlaybackCamera {
  readonly shown = createStore<Shown>(NOTHING);
  private link: PlaybackLink | null = null;
  private sink: PlaybackSink | null = null;
  private strip: PlaybackStrip | null = null;
  private reading = false;
  private since = 0;
  private tidied = 0;
  /** Asked for in place of what this browser does not play. */
  private codec: "h264" | null = null;
  /** The init segment heard last: it is sent once a socket. */
  private init: { part: Part; mime: string } | null = null;

  /**
   * `base`: wall µs from which the element's time counts, before anything that will be shown. `period`: what may be asked.
   */
  constructor(
    readonly id: number,
    private readonly base: number,
    private readonly period: () => Span,
  ) {}

  /** The elements that show it. */
  attach(video: HTMLVideoElement, picture: HTMLImageElement): () => void {
    this.sink = new PlaybackSink(video, this.base);
    this.strip = new PlaybackStrip(picture, (body) => this.ask("strip", body), this.period);
    if (this.init !== null) {
      this.sink.put(this.init.part, this.init.mime);
    }
    let frames = 0;
    const painted = (_: number, frame: VideoFrameCallbackMetadata): void => {
      this.show({ wall: this.sink?.takenAt(frame.mediaTime) ?? null });
      frames = video.requestVideoFrameCallback(painted);
    };
    frames = video.requestVideoFrameCallback(painted);
    return () => {
      video.cancelVideoFrameCallback(frames);
      this.sink?.close();
      this.strip?.close();
      this.sink = null;
      this.strip = null;
    };
  }

  /** A socket of a fresh ticket. */
  connect(socket: Socket): void {
    this.link?.close();
    this.show({ lost: null });
    this.link = new PlaybackLink(socket, (code) => this.show({ lost: code }));
  }

  /** No socket could be had. */
  refuse(code: string): void {
    this.show({ lost: code });
  }

  close(): void {
    this.link?.close();
    this.link = null;
  }

  /** What is recorded between two moments, with its motion. */
  async timeline(from: number, to: number): Promise<Recorded> {
    const { answer } = await this.ask("timeline", { from: Math.round(from), to: Math.round(to) });
    return recordedOf(from, to, answer);
  }

  /** Knows what is recorded around the head. */
  async learn(from: number, to: number): Promise<void> {
    this.show({ recorded: await this.timeline(from, to) });
  }

  /** The JPEG of that very frame, and its hour. */
  async still(at: number): Promise<{ wall: number; jpeg: Blob } | null> {
    const { parts } = await this.ask("still", { at: Math.round(at) });
    const part = parts[0];
    return part ? { wall: part.wall, jpeg: new Blob([part.payload], { type: "image/jpeg" }) } : null;
  }

  /** JPEGs of moments, for a list beside. */
  async pictures(from: number, to: number, count: number): Promise<{ wall: number; jpeg: Blob }[]> {
    const may = this.period();
    const first = Math.round(Math.max(from, may.from));
    const last = Math.round(Math.max(first + 1, Math.min(to, may.to)));
    const { parts } = await this.ask("strip", { from: first, to: last, count });
    return parts.map(({ wall, payload }) => ({ wall, jpeg: new Blob([payload], { type: "image/jpeg" }) }));
  }

  /** The moment of the frame beside the head; null when it is not known here. */
  frameBeside(at: number, by: 1 | -1): number | null {
    const walls = this.sink?.has(at) === true ? this.sink.frames.map(({ wall }) => wall) : [];
    return frameBeside(walls, at, by);
  }

  /** Shows the head: called at each painting of the window. `moved`: it jumped there. */
  follow(head: number, rate: number, playing: boolean, mono: number, moved: boolean): void {
    const { sink } = this;
    const { recorded, lost } = this.shown.get();
    if (sink === null || recorded === null || lost !== null) {
      return;
    }
    if (moved) {
      this.since = mono;
      this.link?.drop("read");
      this.link?.drop("strip");
    }
    const gap = gapAt(recorded.segments, recorded.gaps, head);
    // Standing still is looked at closely, whatever the speed was.
    const manner = mannerOf(playing ? rate : 1);
    if (gap !== null && comes(gap, recorded.to, head)) {
      this.pause();
      this.show({ gap: null, waiting: true });
    } else if (gap !== null) {
      this.pause();
      this.show({ gap: sameGap(this.shown.get().gap, gap), by: "none", waiting: false });
    } else {
      this.showHead(sink, head, rate, playing, manner, mono);
    }
    if (manner !== "strip") {
      this.read(sink, recorded, head, playing ? rate : 1);
    }
    if (mono - this.tidied > TIDY_EVERY) {
      this.tidied = mono;
      sink.tidy(head, rate);
    }
    this.show({ unsupported: sink.unsupported });
  }

  private showHead(
    sink: PlaybackSink,
    head: number,
    rate: number,
    playing: boolean,
    manner: Manner,
    mono: number,
  ): void {
    const ready = manner !== "strip" && sink.has(head);
    if (ready) {
      this.show({ gap: null, by: "video", waiting: false });
      if (playing && manner === "stream") {
        runAt(sink, head, rate);
      } else {
        standAt(sink, head);
      }
      return;
    }
    this.pause();
    // The strip needs no decoding: it shows the moment at once, until the video is there.
    if (manner === "strip" || mono - this.since > EARLY || !playing) {
      const wall = this.strip?.show(head, playing ? rate : 0) ?? null;
      const waiting = manner !== "strip";
      const better = wall !== null && !isNearer(this.shown.get(), wall, head);
      this.show({ gap: null, waiting, ...(better ? { by: "picture", wall } : {}) });
    } else {
      this.show({ gap: null, waiting: true });
    }
  }

  private pause(): void {
    if (this.sink !== null) {
      rest(this.sink);
    }
  }

  private read(sink: PlaybackSink, recorded: Recorded, head: number, rate: number): void {
    const wanted = this.reading
      ? null
      : nextRead({ position: head, rate, recorded: recorded.segments, held: sink.held });
    if (wanted === null) {
      return;
    }
    this.reading = true;
    void this.readSpan(sink, wanted).finally(() => {
      this.reading = false;
    });
  }

  private async readSpan(sink: PlaybackSink, wanted: Span): Promise<void> {
    const { codec } = this;
    const body = {
      at: Math.round(wanted.from),
      until: Math.round(wanted.to),
      max_bytes: READ_BYTES,
      ...(codec === null ? {} : { codec }),
    };
    try {
      const { answer } = await this.ask("read", body, (part, told) => {
        const { mime } = told as ReadAnswer;
        if (codec === null && part.kind !== JPEG && !plays(mime)) {
          this.codec = "h264";
        } else {
          this.take(sink, part, mime);
        }
      });
      if (codec !== this.codec) {
        return; // it is read again, as what this browser plays
      }
      const { from, to, next } = answer as ReadAnswer;
      // What was asked and is not there is known too: it is not asked again and again.
      const end = Math.max(to, next ?? wanted.to);
      sink.hold({ from: Math.min(from, wanted.from), to: Math.max(end, wanted.from + SECOND / 2) });
    } catch (failure) {
      if (failure !== DROPPED && failure instanceof PlayError) {
        sink.hold(wanted);
      }
    }
  }

  private take(sink: PlaybackSink, part: Part, mime: string): void {
    if (part.kind === INIT) {
      this.init = { part, mime };
    }
    if (part.kind === JPEG) {
      this.strip?.add(part.wall, part.payload);
    } else {
      sink.put(part, mime);
    }
  }

  private ask(...what: Parameters<PlaybackLink["ask"]>): ReturnType<PlaybackLink["ask"]> {
    return this.link === null ? Promise.reject(DROPPED) : this.link.ask(...what);
  }

  private show(change: Partial<Shown>): void {
    this.shown.set((held) => changed(held, change));
  }
}
