/**
 * Speaking through a camera (docs/design/video.md, `/talk`): one voice a window, from the press of a key to its release.
 * What is said while the line opens is heard a little later, not lost.
 */
import { api } from "../api/client";
import { createStore } from "../core/store";
import type { Params } from "../core/views";
import { loudness, NoMicrophone, openMicrophone, type Microphone } from "./microphone";
import type { LiveViewings } from "./tickets";

export interface Why {
  code: string;
  params: Params;
}

export interface Voice {
  camera: number;
  /** `opening`: nobody hears yet. */
  phase: "opening" | "talking";
  /** 0 to 1. */
  level: number;
  /** Seconds since somebody hears. */
  seconds: number;
}

/** Whom this window speaks through; null: nobody. */
export const voice = createStore<Voice | null>(null);
/** Why the last press was not heard, by camera; gone at the next press. */
export const unheard = createStore<ReadonlyMap<number, Why>>(new Map());

/** What the desk says to a press: one of the two is null. */
export interface Answer {
  ticket: { url: string; token: string } | null;
  refused: Why | null;
}

/** The route, so that a test may stand in the server's place. */
export type Ask = (viewing: number, camera: number) => Promise<Answer>;

const route: Ask = (viewing, camera) => api.post<Answer>(`/api/viewings/${viewing}/talk`, { camera });

/** Bytes that a line too slow may hold back; more is dropped: a voice that is late is nobody's. */
const MOST_WAITING = 32_000;
/** Blocks kept while the ticket and the socket come: what is said at once after the press (2 s). */
const MOST_EARLY = 100;
const BLOCK_SECONDS = 0.02;
/** ms for the recorder to say what was left and close; then the page closes. */
const FAREWELL = 5000;

let current: Talk | null = null;

/** The key goes down. */
export function speakThrough(camera: number, viewings: LiveViewings, server: Ask = route): void {
  if (current === null) {
    unheard.set((held) => new Map([...held].filter(([id]) => id !== camera)));
    current = new Talk(camera, viewings, server);
    void current.open();
  }
}

/** The key goes up, or the page loses the focus. */
export function stopSpeaking(): void {
  current?.release();
}

/** The camera leaves the screen. */
export function stopSpeakingThrough(camera: number): void {
  if (current?.camera === camera) {
    current.release();
  }
}

class Talk {
  private microphone: Microphone | null = null;
  private socket: WebSocket | null = null;
  private early: ArrayBuffer[] = [];
  private released = false;
  private heard = false;
  private leave: (() => void) | null;

  constructor(
    readonly camera: number,
    private readonly viewings: LiveViewings,
    private readonly server: Ask,
  ) {
    this.leave = viewings.show(camera);
    voice.set(() => ({ camera, phase: "opening", level: 0, seconds: 0 }));
  }

  async open(): Promise<void> {
    try {
      const [microphone, answer] = await Promise.all([
        openMicrophone((block) => this.take(block)).then((opened) => this.keep(opened)),
        this.ask(),
      ]);
      this.microphone = microphone;
      if (answer.ticket === null) {
        this.fail(answer.refused ?? { code: "error", params: {} });
      } else if (!this.released) {
        this.connect(`${answer.ticket.url}?ticket=${answer.ticket.token}`);
      } else {
        this.over();
      }
    } catch (failure) {
      this.fail(whyOf(failure));
    }
  }

  release(): void {
    if (this.released) {
      return;
    }
    this.released = true;
    if (this.socket?.readyState === WebSocket.OPEN && this.heard) {
      this.socket.send(JSON.stringify({ type: "end" }));
      setTimeout(() => this.over(), FAREWELL);
      this.hush();
      return;
    }
    this.over();
  }

  private async ask(): Promise<Answer> {
    const viewing = await this.viewings.viewing(this.camera);
    return await this.server(viewing, this.camera);
  }

  /** A microphone that opened after the key went up closes at once. */
  private keep(opened: Microphone): Microphone {
    if (this.released || current !== this) {
      opened.close();
    }
    this.microphone = opened;
    return opened;
  }

  private connect(url: string): void {
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.early.forEach((block) => socket.send(block));
      this.early = [];
    });
    socket.addEventListener("message", ({ data }: MessageEvent<string>) => this.told(data));
    socket.addEventListener("close", ({ code }) => {
      if (!this.heard && !this.released && !unheard.get().has(this.camera)) {
        this.fail({ code: code === 1013 ? "talk_busy" : "talk_unreachable", params: {} });
      }
      this.over();
    });
  }

  private told(data: string): void {
    const said = JSON.parse(data) as { type: string; code?: string; params?: Params };
    if (said.type === "talking") {
      this.heard = true;
      voice.set((held) => held && { ...held, phase: "talking", seconds: 0 });
    } else if (said.type === "refused") {
      this.fail({ code: said.code ?? "error", params: said.params ?? {} });
    } else if (said.type === "ended") {
      this.over();
    }
  }

  private take(block: ArrayBuffer): void {
    if (this.released) {
      return;
    }
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) {
      this.early = [...this.early.slice(1 - MOST_EARLY), block];
    } else if (socket.bufferedAmount < MOST_WAITING) {
      socket.send(block);
    }
    const level = loudness(block);
    voice.set(
      (held) =>
        held && {
          ...held,
          level: Math.max(level, held.level * 0.9),
          seconds: held.phase === "talking" ? held.seconds + BLOCK_SECONDS : 0,
        },
    );
  }

  private fail(why: Why): void {
    unheard.set((held) => new Map([...held, [this.camera, why]]));
    this.over();
  }

  private hush(): void {
    this.microphone?.close();
    if (current === this) {
      current = null;
      voice.set(() => null);
    }
  }

  private over(): void {
    this.released = true;
    this.hush();
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.leave?.();
    this.leave = null;
  }
}

function whyOf(failure: unknown): Why {
  if (failure instanceof NoMicrophone) {
    return { code: `microphone_${failure.why}`, params: {} };
  }
  const told = failure as { refusal?: Why; code?: unknown; params?: Params };
  if (told.refusal) {
    return told.refusal;
  }
  return { code: typeof told.code === "string" ? told.code : "error", params: told.params ?? {} };
}
