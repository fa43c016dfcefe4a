/**
 * A live picture: one socket to the recorder, one sink on the page. It opens again by itself, with a new ticket of the
 * same viewing, and tells what is known of it (liveState.ts) to whoever shows it.
 */
import { ApiError } from "../api/client";
import { createStore } from "../core/store";
import { CanvasSink } from "./liveCanvas";
import {
  closedFor,
  liveAddress,
  nextCodec,
  readBinary,
  readText,
  type CodecAsked,
  type LiveText,
} from "./liveMessages";
import { backOff, judge, OPENING, SILENT_AFTER, withBeat, withFrame, withStream } from "./liveState";
import { MseSink, mayShow, type Sink } from "./mse";
import { TicketRefused, type LiveViewings, type Ticket } from "./tickets";

export interface Screen {
  video: HTMLVideoElement;
  canvas: HTMLCanvasElement;
}

export type PtzMove = { pan: number; tilt: number; zoom: number };

const WATCH_EVERY = 1000;

/** One camera on one tile; `start` it, `stop` it. */
export class LivePicture {
  readonly state = createStore(OPENING);
  private socket: WebSocket | null = null;
  private sink: Sink | null = null;
  private asked: CodecAsked = "own";
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private watch: ReturnType<typeof setInterval> | null = null;
  private stopped = false;
  /** The centre says that the camera shows nothing: no socket is opened for nothing, nor a viewing in the register. */
  private dead = false;
  private waiting = false;
  private leave: (() => void) | null = null;

  constructor(
    readonly camera: number,
    private readonly viewings: LiveViewings,
    private readonly screen: Screen,
    private view: "main" | "sub",
    private readonly now: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.leave = this.viewings.show(this.camera);
    void this.open();
    this.watch = setInterval(() => this.look(), WATCH_EVERY);
  }

  stop(): void {
    this.stopped = true;
    this.waiting = false;
    if (this.retry !== null) {
      clearTimeout(this.retry);
    }
    if (this.watch !== null) {
      clearInterval(this.watch);
    }
    this.drop();
    this.leave?.();
  }

  /** Whether the centre says that the camera shows nothing; once it may again, its picture is opened at once. */
  await(dead: boolean): void {
    this.dead = dead;
    if (!this.dead && this.waiting) {
      this.waiting = false;
      void this.open();
    }
  }

  /** Sub-stream in small tiles, main when large or selected. */
  lookAt(view: "main" | "sub"): void {
    if (view !== this.view) {
      this.view = view;
      this.say({ type: "look", view });
    }
  }

  move(move: PtzMove): void {
    this.say({ type: "ptz", ...move });
  }

  goTo(preset: string): void {
    this.say({ type: "preset", token: preset });
  }

  private say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify(message));
    }
  }

  private async open(): Promise<void> {
    if (this.dead) {
      this.waiting = true;
      return;
    }
    let ticket: Ticket;
    try {
      ticket = await this.viewings.ticket(this.camera);
    } catch (failure) {
      this.refusedBy(failure);
      return;
    }
    if (this.stopped) {
      return;
    }
    this.state.set((held) => ({ ...held, masked: ticket.masked }));
    const socket = new WebSocket(liveAddress(ticket.url, ticket.token, this.view, this.asked));
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.addEventListener("message", (event: MessageEvent<string | ArrayBuffer>) => {
      if (socket === this.socket) {
        this.receive(event.data);
      }
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.socket) {
        this.ended(event.code);
      }
    });
  }

  private receive(data: string | ArrayBuffer): void {
    const at = this.now();
    if (typeof data === "string") {
      const said = readText(data);
      if (said !== null) {
        this.told(said, at);
      }
      return;
    }
    const piece = readBinary(data);
    if (piece === null || this.sink === null) {
      return;
    }
    if (piece.kind === "init") {
      this.sink.init(piece.payload);
    } else {
      this.failures = 0;
      this.state.set((held) => withFrame(held, piece.wall, at));
      this.sink.fragment(piece.payload, piece.wall);
    }
  }

  private told(said: LiveText, at: number): void {
    if (said.type === "beat") {
      this.state.set((held) => withBeat(held, said, at));
    } else if (said.type === "stream") {
      this.begin(said.mime, said.codec, at);
      this.state.set((held) => withStream(held, said, at));
    }
  }

  /** A stream begins, or its parameters changed: another sink, unless this browser cannot show it. */
  private begin(mime: string, codec: string, at: number): void {
    this.sink?.close();
    this.sink = null;
    const { video, canvas } = this.screen;
    if (mime === "image/jpeg" || codec === "jpeg") {
      this.sink = new CanvasSink(canvas);
    } else if (mayShow(mime)) {
      this.sink = new MseSink(video, mime, () => this.again());
    } else {
      this.asked = nextCodec(this.asked);
      this.state.set((held) => ({ ...held, heardAt: at }));
      this.again();
    }
  }

  /** Begins again at once, then more and more slowly. */
  private again(): void {
    this.drop();
    this.later();
  }

  private ended(code: number): void {
    const why = closedFor(code);
    this.drop();
    if (why !== null) {
      this.state.set((held) => ({ ...held, link: "refused", refused: { code: `live_${why}`, params: {} } }));
      this.failures = Math.max(this.failures, 5);
    }
    this.later();
  }

  private refusedBy(failure: unknown): void {
    if (failure instanceof TicketRefused) {
      const { code, params } = failure.refusal;
      this.state.set((held) => ({ ...held, link: "refused", refused: { code, params } }));
      // It may be allowed later (an alarm opens, an authorisation is renewed): asked again, slowly.
      this.failures = Math.max(this.failures, 5);
    } else if (failure instanceof ApiError && failure.status === 401) {
      return;
    }
    this.later();
  }

  private later(): void {
    if (this.stopped || this.retry !== null) {
      return;
    }
    this.failures += 1;
    this.retry = setTimeout(() => {
      this.retry = null;
      void this.open();
    }, backOff(this.failures));
  }

  private drop(): void {
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.sink?.close();
    this.sink = null;
    this.state.set((held) => (held.link === "open" ? { ...held, link: "opening" } : held));
  }

  /** A socket that stands open and says nothing is dead. */
  private look(): void {
    const { heardAt, link } = this.state.get();
    if (link === "open" && heardAt !== null && this.now() - heardAt > 2 * SILENT_AFTER) {
      this.again();
    }
  }

  verdict(): ReturnType<typeof judge> {
    return judge(this.state.get(), this.now());
  }
}
