import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveViewings, type ViewingRoutes } from "./tickets";
import { speakThrough, stopSpeaking, unheard, voice, type Answer } from "./talk";

/** A browser's sockets, in whose place a test hears and answers. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  sent: unknown[] = [];
  constructor(readonly url: string) {
    super();
    FakeSocket.made.push(this);
  }
  send(data: unknown): void {
    this.sent.push(data);
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }
  says(said: object): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(said) }));
  }
}

let stopped = 0;
let heard: (event: { data: ArrayBuffer }) => void = () => undefined;

class FakeContext {
  audioWorklet = { addModule: () => Promise.resolve() };
  destination = {};
  createMediaStreamSource = () => ({ connect: (node: object) => node });
  resume = () => Promise.resolve();
  close = () => Promise.resolve();
}

class FakeNode {
  port = {
    set onmessage(act: typeof heard) {
      heard = act;
    },
  };
  connect = () => undefined;
}

const routes: ViewingRoutes = {
  open: (body) =>
    Promise.resolve({
      viewing: 9,
      motif: "",
      tickets: body.cameras.map((camera) => ({
        camera,
        url: "",
        whep: null,
        token: "t",
        kind: "live" as const,
        masked: false,
        expires_at: "",
      })),
      refused: [],
    }),
  more: () => Promise.reject(new Error("none")),
  motif: () => Promise.resolve(),
  end: () => Promise.resolve(),
};

/** The desk's answer to a press. */
let answer: Answer;
const press = (): void => speakThrough(4, new LiveViewings(routes), () => Promise.resolve(answer));

const given: Answer = { ticket: { url: "ws://h/talk", token: "s" }, refused: null };
const socket = async (): Promise<FakeSocket> => {
  await vi.waitFor(() => expect(FakeSocket.made).toHaveLength(1));
  return FakeSocket.made[0] as FakeSocket;
};
const block = (level: number): { data: ArrayBuffer } => ({ data: new Int16Array([0, level]).buffer });

beforeEach(() => {
  stopped = 0;
  FakeSocket.made = [];
  unheard.set(() => new Map());
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("AudioContext", FakeContext);
  vi.stubGlobal("AudioWorkletNode", FakeNode);
  const track = { stop: () => void (stopped += 1) };
  vi.stubGlobal("navigator", {
    mediaDevices: { getUserMedia: () => Promise.resolve({ getTracks: () => [track] }) },
  });
  answer = given;
});

afterEach(() => {
  stopSpeaking();
  vi.unstubAllGlobals();
});

describe("speaking through a camera", () => {
  it("sends what is said while the line opens, and says the end when the key goes up", async () => {
    press();
    expect(voice.get()?.phase).toBe("opening");
    const line = await socket();
    expect(line.url).toBe("ws://h/talk?ticket=s");
    heard(block(1));
    heard(block(2));
    expect(line.sent).toHaveLength(0);
    line.opens();
    heard(block(16_384));
    expect(line.sent).toHaveLength(3);
    line.says({ type: "talking", camera: 4, until: 0 });
    expect(voice.get()).toMatchObject({ camera: 4, phase: "talking", level: 0.5 });
    stopSpeaking();
    expect(line.sent.at(-1)).toBe('{"type":"end"}');
    expect(voice.get()).toBeNull();
    expect(stopped).toBe(1);
    heard(block(3));
    expect(line.sent).toHaveLength(4);
  });

  it("opens no line when the key is up before, and leaves no microphone open", async () => {
    press();
    stopSpeaking();
    expect(voice.get()).toBeNull();
    await vi.waitFor(() => expect(stopped).toBeGreaterThan(0));
    await new Promise((later) => setTimeout(later, 60));
    expect(FakeSocket.made).toHaveLength(0);
  });

  it("says the rule that refuses, before or in the middle, and closes the microphone", async () => {
    answer = { ticket: null, refused: { code: "talk_duress", params: {} } };
    press();
    await vi.waitFor(() => expect(unheard.get().get(4)?.code).toBe("talk_duress"));
    await vi.waitFor(() => expect(stopped).toBeGreaterThan(0));
    expect(voice.get()).toBeNull();

    answer = given;
    press();
    expect(unheard.get().has(4)).toBe(false);
    const line = await socket();
    line.opens();
    line.says({ type: "talking", camera: 4, until: 0 });
    line.says({ type: "refused", code: "talk_duress", params: {} });
    expect(voice.get()).toBeNull();
    expect(unheard.get().get(4)?.code).toBe("talk_duress");
  });

  it("says that a page without HTTPS has no microphone", async () => {
    vi.stubGlobal("navigator", {});
    press();
    await vi.waitFor(() => expect(unheard.get().get(4)?.code).toBe("microphone_insecure"));
    expect(FakeSocket.made).toHaveLength(0);
  });
});
