/** One socket of the recorder's `/play`: requests by id, few in flight, each given its answer and its pictures. */
import { readAnswer, readPart, type Answer, type Op, type Part } from "./playbackWire";

/** Requests sent and not whole: enough to hide the way there and back, few enough that a seek does not wait. */
const IN_FLIGHT = 2;
/** Requests that wait their turn: a hurried hand on the time bar must not pile them up. */
const WAITING = 24;

export interface Whole {
  answer: Answer;
  parts: Part[];
}

/** The recorder refused a request, or the socket went away. */
export class PlayError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

interface Asked {
  op: Op;
  body: object;
  /** Given each picture as it comes. */
  hear: ((part: Part, answer: Answer) => void) | null;
  done: (whole: Whole) => void;
  failed: (problem: PlayError) => void;
}

export interface Socket {
  binaryType: string;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send: (text: string) => void;
  close: () => void;
}

export class PlaybackLink {
  private waiting: Asked[] = [];
  private sent = new Map<number, Asked>();
  private ids = 0;
  private open = false;
  private gone: PlayError | null = null;
  private current: { answer: Answer; asked: Asked; parts: Part[] } | null = null;

  constructor(
    private readonly socket: Socket,
    onGone: (code: string) => void,
  ) {
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.open = true;
      this.pump();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => this.receive(event.data);
    socket.onclose = (event) => {
      const code = CLOSED[event.code] ?? "play_lost";
      this.end(code);
      onGone(code);
    };
  }

  /** Sends a request when its turn comes; `hear` is given its pictures one by one. */
  ask(op: Op, body: object, hear: Asked["hear"] = null): Promise<Whole> {
    return new Promise((done, failed) => {
      if (this.gone !== null) {
        failed(this.gone);
        return;
      }
      this.waiting.push({ op, body, hear, done, failed });
      this.waiting.splice(0, this.waiting.length - WAITING).forEach((old) => old.failed(DROPPED));
      this.pump();
    });
  }

  /** Forgets what was asked and not sent: the hand is elsewhere now. */
  drop(op: Op): void {
    const old = this.waiting.filter((asked) => asked.op === op);
    this.waiting = this.waiting.filter((asked) => asked.op !== op);
    old.forEach((asked) => asked.failed(DROPPED));
  }

  close(): void {
    this.end("play_closed");
    this.socket.onclose = null;
    this.socket.close();
  }

  private pump(): void {
    while (this.open && this.sent.size < IN_FLIGHT) {
      const asked = this.waiting.shift();
      if (asked === undefined) {
        return;
      }
      const id = ++this.ids;
      this.sent.set(id, asked);
      this.socket.send(JSON.stringify({ id, op: asked.op, ...asked.body }));
    }
  }

  private receive(data: unknown): void {
    if (typeof data === "string") {
      this.begin(readAnswer(data));
    } else if (data instanceof ArrayBuffer) {
      const part = readPart(data);
      if (part !== null && this.current !== null) {
        this.current.parts.push(part);
        this.current.asked.hear?.(part, this.current.answer);
        this.finish();
      }
    }
  }

  private begin(answer: Answer | null): void {
    const asked = answer === null ? undefined : this.sent.get(answer.id);
    if (answer === null || asked === undefined) {
      return;
    }
    this.current = { answer, asked, parts: [] };
    this.finish();
  }

  private finish(): void {
    const held = this.current;
    if (held === null || held.parts.length < (held.answer.parts ?? 0)) {
      return;
    }
    this.current = null;
    this.sent.delete(held.answer.id);
    if (held.answer.error === undefined) {
      held.asked.done({ answer: held.answer, parts: held.asked.hear === null ? held.parts : [] });
    } else {
      held.asked.failed(new PlayError(held.answer.error));
    }
    this.pump();
  }

  private end(code: string): void {
    this.gone ??= new PlayError(code);
    const left = [...this.sent.values(), ...this.waiting];
    this.sent.clear();
    this.waiting = [];
    this.current = null;
    this.open = false;
    left.forEach((asked) => asked.failed(this.gone ?? DROPPED));
  }
}

/** A request given up for a newer one; nothing to tell. */
export const DROPPED = new PlayError("play_dropped");

/** Codes with which the recorder closes. */
const CLOSED: Record<number, string> = {
  4401: "play_ticket",
  4403: "play_revoked",
  4404: "play_elsewhere",
  4408: "play_slow",
};
