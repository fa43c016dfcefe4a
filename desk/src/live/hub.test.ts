import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createHub, STALE_AFTER, type FromHub } from "./hub";

/** An EventSource whose server is the test. */
class Source extends EventTarget {
  closed = false;
  constructor(readonly url: string) {
    super();
  }
  close(): void {
    this.closed = true;
  }
  say(event: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }
}

let time = 0;
let opened: Source[] = [];
const hub = () =>
  createHub(
    (url) => {
      const source = new Source(url);
      opened.push(source);
      return source as unknown as EventSource;
    },
    () => time,
  );
const pass = (ms: number): void => {
  for (let spent = 0; spent < ms; spent += 100) {
    time += 100;
    vi.advanceTimersByTime(100);
  }
};
const last = (): Source => opened[opened.length - 1] as Source;
const item = (position: number) => ({ position, entry: null, touched: [] });

beforeEach(() => {
  vi.useFakeTimers();
  time = 0;
  opened = [];
});
afterEach(() => vi.useRealTimers());

describe("the hub", () => {
  it("opens one stream for eight windows, after the snapshot's position", () => {
    const shared = hub();
    const heard: FromHub[][] = Array.from({ length: 8 }, () => []);
    for (const own of heard) {
      shared.join({ post: (message) => own.push(message) })({ type: "start", after: 40, session: "s" });
    }
    expect(opened.map((source) => source.url)).toEqual(["/api/stream?after=40"]);
    last().say("item", item(41));
    expect(heard.map((own) => own.length)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it("begins again earlier for a window whose picture is older than the stream", () => {
    const shared = hub();
    const one = shared.join({ post: () => undefined });
    one({ type: "start", after: 40, session: "s" });
    shared.join({ post: () => undefined })({ type: "start", after: 35, session: "s" });
    expect(last().url).toBe("/api/stream?after=35");
    expect(opened[0]?.closed).toBe(true);
  });

  it("resumes after the last position heard", () => {
    const shared = hub();
    shared.join({ post: () => undefined })({ type: "start", after: 40, session: "s" });
    last().say("item", item(57));
    last().dispatchEvent(new Event("error"));
    pass(1100);
    expect(last().url).toBe("/api/stream?after=57");
  });

  it("tells a silent server within 5 s, and goes on telling", () => {
    const heard: FromHub[] = [];
    const shared = hub();
    shared.join({ post: (message) => heard.push(message) })({ type: "start", after: 1, session: "s" });
    last().say("beat", { now: "2026-11-23T02:00:00Z", position: 1, sealed_at: null });
    pass(STALE_AFTER - 500);
    expect(heard.some((message) => message.type === "stale")).toBe(false);
    pass(1500);
    expect(heard.some((message) => message.type === "stale")).toBe(true);
    expect(time).toBeLessThanOrEqual(5000);
  });

  it("asks for a new picture on reset, and for a login when refused", () => {
    const heard: FromHub[] = [];
    const shared = hub();
    const send = shared.join({ post: (message) => heard.push(message) });
    send({ type: "start", after: 1, session: "s" });
    last().say("reset", {});
    expect(heard.map((message) => message.type)).toContain("reset");
    send({ type: "start", after: 20_000, session: "s" });
    expect(last().url).toBe("/api/stream?after=20000");
    last().say("refused", {});
    expect(heard.map((message) => message.type)).toContain("refused");
  });

  it("closes when the last window goes", () => {
    const shared = hub();
    const send = shared.join({ post: () => undefined });
    send({ type: "start", after: 1, session: "s" });
    send({ type: "bye" });
    expect(last().closed).toBe(true);
  });
});
