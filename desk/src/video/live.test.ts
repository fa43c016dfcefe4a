import { describe, expect, it } from "vitest";
import { closedFor, liveAddress, nextCodec, readBinary, readText } from "./liveMessages";
import { LivePicture, type Screen } from "./live";
import { backOff, judge, OPENING, withBeat, withFrame, withStream } from "./liveState";
import { LiveViewings, routes } from "./tickets";

const WALL = 1_795_400_000_000_000;

function binary(kind: number, wall: number, payload: number[]): ArrayBuffer {
  const data = new ArrayBuffer(9 + payload.length);
  const view = new DataView(data);
  view.setUint8(0, kind);
  view.setBigUint64(1, BigInt(wall));
  new Uint8Array(data, 9).set(payload);
  return data;
}

const stream = {
  type: "stream" as const,
  mime: 'video/mp4; codecs="avc1.64001f"',
  codec: "h264",
  width: 640,
  height: 360,
  fps: 12,
  camera: 7,
  now: WALL,
};

describe("what the listener says", () => {
  it("is a kind, a wall time and a payload", () => {
    expect(readBinary(binary(1, WALL, [7, 8]))).toEqual({
      kind: "fragment",
      wall: WALL,
      payload: new Uint8Array([7, 8]),
    });
    expect(readBinary(binary(0, 0, [1]))?.kind).toBe("init");
    expect(readBinary(binary(2, WALL, [255]))?.kind).toBe("jpeg");
  });
  it("is left alone when it is not one of ours", () => {
    expect(readBinary(binary(9, WALL, [1]))).toBeNull();
    expect(readBinary(binary(1, WALL, []))).toBeNull();
    expect(readBinary(new ArrayBuffer(3))).toBeNull();
    for (const said of [
      "",
      "[]",
      "null",
      "{",
      '{"type":"stream"}',
      '{"type":"beat"}',
      '{"type":"other","now":1}',
    ]) {
      expect(readText(said)).toBeNull();
    }
  });
  it("is read by its type", () => {
    expect(readText(JSON.stringify(stream))).toEqual(stream);
    expect(readText('{"type":"beat","now":5,"last":null,"state":"offline"}')).toMatchObject({
      state: "offline",
    });
    expect(readText('{"type":"refused","code":"ptz_held"}')).toEqual({ type: "refused", code: "ptz_held" });
  });
  it("is asked with its ticket, its view, and another codec only when the own one is not played", () => {
    expect(liveAddress("ws://h:8601/live", "a+b", "sub", "own")).toBe(
      "ws://h:8601/live?ticket=a%2Bb&view=sub",
    );
    expect(liveAddress("ws://h/live", "t", "main", "jpeg")).toContain("codec=jpeg");
    expect([nextCodec("own"), nextCodec("h264"), nextCodec("jpeg")]).toEqual(["h264", "jpeg", "jpeg"]);
    expect([closedFor(4403), closedFor(4404), closedFor(1006), closedFor(4408)]).toEqual([
      "revoked",
      "absent",
      null,
      null,
    ]);
  });
});

describe("a tile", () => {
  const open = withStream(OPENING, stream, 1000);
  const beat = (now: number, last: number | null, state = "online") => ({
    type: "beat" as const,
    now,
    last,
    state,
  });

  it("opens, then is live by the wall time of its last frame", () => {
    expect(judge(OPENING, 0)).toEqual({ kind: "opening" });
    expect(judge(open, 1100)).toEqual({ kind: "opening" });
    expect(judge(withFrame(open, WALL, 1200), 1300)).toEqual({ kind: "live", at: WALL / 1000 });
  });
  it("is frozen since its last frame when beats go on without one", () => {
    const shown = withFrame(open, WALL, 1000);
    const later = withBeat(shown, beat(WALL + 5_000_000, WALL), 6000);
    expect(judge(later, 6000)).toEqual({ kind: "frozen", since: WALL / 1000 });
  });
  it("is frozen when the camera repeats one picture: the recorder says so", () => {
    const shown = withBeat(withFrame(open, WALL, 1000), beat(WALL, WALL, "frozen"), 1000);
    expect(judge(shown, 1000).kind).toBe("frozen");
  });
  it("is out of reach when the recorder says so, with the time of its last frame", () => {
    const lost = withBeat(withFrame(open, WALL, 1000), beat(WALL + 1e6, WALL, "offline"), 2000);
    expect(judge(lost, 2100)).toEqual({ kind: "unreachable", since: WALL / 1000 });
  });
  it("tells the recorder's own silence, even with a lively socket behind it", () => {
    expect(judge(withFrame(open, WALL, 1000), 5001)).toEqual({ kind: "silent", since: WALL / 1000 });
  });
  it("says why it is refused, until the recorder speaks again", () => {
    const refused = { ...OPENING, link: "refused" as const, refused: { code: "home_closed", params: {} } };
    expect(judge(refused, 0)).toEqual({ kind: "refused", code: "home_closed", params: {} });
    expect(judge(withFrame(withStream(refused, stream, 10), WALL, 20), 30).kind).toBe("live");
  });
  it("keeps the newest wall when frames come out of order after a reconnection", () => {
    expect(withFrame(withFrame(open, WALL + 10, 1), WALL, 2).last).toBe(WALL + 10);
  });
  it("tries again faster at first, never slower than 10 s", () => {
    expect([1, 2, 3, 9, 40].map(backOff)).toEqual([500, 1000, 2000, 10_000, 10_000]);
  });
});

describe("a picture of a camera that shows nothing", () => {
  it("opens no viewing; one is opened once, as soon as the camera may show something again", async () => {
    const asked: number[][] = [];
    const viewings = new LiveViewings({
      ...routes,
      open: ({ cameras }) => {
        asked.push(cameras);
        const refused = cameras.map((camera) => ({ camera, code: "camera_title", params: {} }));
        return Promise.resolve({ viewing: null, motif: "", tickets: [], refused });
      },
    });
    const picture = new LivePicture(7, viewings, {} as Screen, "sub");
    const settled = (): Promise<unknown> => viewings.ticket(8).catch(() => null);
    picture.await(true);
    picture.start();
    picture.await(true);
    await settled();
    expect(asked).toEqual([[8]]);
    picture.await(false);
    await settled();
    expect(asked).toEqual([[8], [7, 8]]);
    picture.stop();
  });
});
