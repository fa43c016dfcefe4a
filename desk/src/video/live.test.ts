import { describe, expect, it } from "vitest";
import { closedFor, liveAddress, nextCodec, readBinary, readText } from "./liveMessages";
import { backOff, judge, OPENING, withBeat, withFrame, withStream } from "./liveState";
import { decodeTimeOf, timescaleOf } from "./mseBoxes";
import { Pace, roomOf, seekOf, SETTLING, trimOf } from "./msePlan";

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

describe("the buffer", () => {
  it("is kept short", () => {
    expect(trimOf([{ start: 0, end: 20 }], 19.9)).toBeNull();
    expect(trimOf([{ start: 0, end: 31 }], 30.5)).toEqual({ start: 0, end: 20.5 });
    expect(trimOf([], 3)).toBeNull();
  });
  it("makes room when the browser has none", () => {
    expect(roomOf([{ start: 0, end: 12 }], 11)).toEqual({ start: 0, end: 10 });
    expect(roomOf([{ start: 10.5, end: 12 }], 11)).toBeNull();
  });
  it("jumps to the live edge when far behind, over holes, and stays otherwise", () => {
    expect(seekOf([{ start: 0, end: 4 }], 3.5, 0.1)).toBeNull();
    expect(seekOf([{ start: 0, end: 4 }], 3.3, 0.1)).toBeCloseTo(3.9);
    expect(
      seekOf(
        [
          { start: 0, end: 4 },
          { start: 6, end: 6.1 },
        ],
        4,
        0.2,
      ),
    ).toBeCloseTo(6);
    expect(seekOf([{ start: 5, end: 5.04 }], 0, 0.1)).toBe(5);
    expect(seekOf([], 0, 0.1)).toBeNull();
  });
});

/** A browser that plays: a picture of `step` s comes each `step`, `late(n)` s after its hour; it stalls with `holds` left. */
function play(
  pace: Pace,
  seconds: number,
  one: { step: number; holds: number; behind: number; late?: (n: number) => number },
) {
  const { step, holds, late = () => 0 } = one;
  let [at, current, rate, stalls, stopped] = [0, -one.behind, 1, 0, false];
  const distances: number[] = [];
  const rates = new Set<number>();
  pace.lasts(step);
  for (let n = 0; n * step < seconds; n += 1) {
    const comes = Math.max(at, n * step + late(n));
    const end = n * step;
    // Until it comes, playback goes on, as far as the browser lets it.
    const room = Math.max(0, end - holds - current);
    const wants = (comes - at) * rate;
    if (!stopped && wants > room) {
      stopped = true;
      stalls += 1;
      pace.stalled((at + room / rate) * 1000, end - (current + room));
    }
    current += stopped ? Math.min(room, wants) : wants;
    at = comes;
    rate = pace.next(at * 1000, end - current);
    stopped = stopped && end + step - current <= holds;
    distances.push(end - current);
    rates.add(rate);
  }
  const last = distances.slice(-20);
  return { stalls, rates, left: last.reduce((sum, each) => sum + each, 0) / last.length };
}

describe("the pace", () => {
  it("comes close to the live edge without a stall, and then leaves the rate alone", () => {
    for (const step of [0.04, 0.1]) {
      const pace = new Pace();
      const first = play(pace, 20, { step, holds: 0, behind: 0.5 });
      expect(first.stalls).toBe(0);
      expect(first.left).toBeGreaterThan(step);
      expect(first.left).toBeLessThan(1.5 * step + 0.04);
      expect(Math.max(...first.rates)).toBeGreaterThan(1);
    }
  });
  it("learns by a stall or two what a browser holds back", () => {
    const found = play(new Pace(), 40, { step: 0.1, holds: 0.2, behind: 0.5 });
    expect(found.stalls).toBeGreaterThan(0);
    expect(found.stalls).toBeLessThan(5);
    expect(found.left).toBeGreaterThan(0.2);
    expect(found.left).toBeLessThan(0.32);
  });
  it("stays further away where pictures come unevenly, rather than stop at each late one", () => {
    const late = (n: number): number => (n % 10 === 0 ? 0.08 : 0);
    const found = play(new Pace(), 40, { step: 0.04, holds: 0.03, behind: 0.3, late });
    expect(found.stalls).toBeLessThan(5);
    expect(found.left).toBeGreaterThan(0.1);
  });
  it("judges nothing while the first group comes in one go, nor after a jump", () => {
    const pace = new Pace();
    for (let n = 0; n < 25; n += 1) {
      expect(pace.next(n, n * 0.04)).toBe(1);
    }
    pace.moved(1000);
    pace.stalled(1000 + SETTLING - 1, 0.3);
    expect(pace.edge).toBeCloseTo(0.1);
    pace.stalled(1000 + SETTLING, 0.3);
    expect(pace.edge).toBeCloseTo(0.04 + 0.32);
  });
  it("never wants more than is still live, and less again when all is calm", () => {
    const pace = new Pace();
    pace.moved(0);
    pace.stalled(1000, 5);
    expect(pace.edge).toBeCloseTo(0.44);
    pace.next(2000, 0.5);
    pace.next(62_000, 0.5);
    expect(pace.edge).toBeCloseTo(0.42);
  });
});

describe("the place of a fragment in time", () => {
  const box = (type: string, body: number[]): number[] => {
    const size = body.length + 8;
    return [
      size >>> 24,
      (size >> 16) & 255,
      (size >> 8) & 255,
      size & 255,
      ...[...type].map((c) => c.charCodeAt(0)),
      ...body,
    ];
  };
  const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

  it("is read from mdhd and tfdt, of both versions", () => {
    const mdhd0 = box("mdhd", [...zeros(12), 0, 1, 95, 144, ...zeros(8)]);
    const init = [
      ...box("ftyp", zeros(8)),
      ...box("moov", [...box("mvhd", zeros(100)), ...box("trak", box("mdia", mdhd0))]),
    ];
    expect(timescaleOf(new Uint8Array(init))).toBe(90_000);
    const mdhd1 = box("mdhd", [1, ...zeros(19), 0, 15, 66, 64, ...zeros(12)]);
    expect(timescaleOf(new Uint8Array(box("moov", box("trak", box("mdia", mdhd1)))))).toBe(1_000_000);
    const tfdt1 = box("tfdt", [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2]);
    expect(decodeTimeOf(new Uint8Array(box("moof", [...box("mfhd", zeros(8)), ...box("traf", tfdt1)])))).toBe(
      4_294_967_298,
    );
    expect(
      decodeTimeOf(new Uint8Array(box("moof", box("traf", box("tfdt", [0, 0, 0, 0, 0, 0, 1, 0]))))),
    ).toBe(256);
  });
  it("is nothing in bytes that are cut or lie about their size", () => {
    expect(timescaleOf(new Uint8Array([0, 0, 0, 4, 1, 2, 3, 4]))).toBeNull();
    expect(decodeTimeOf(new Uint8Array([0, 0, 1, 0, 109, 111, 111, 102]))).toBeNull();
    expect(
      decodeTimeOf(new Uint8Array(box("moof", box("traf", box("tfdt", [1, 0, 0, 0, 0, 0, 0, 1]))))),
    ).toBeNull();
  });
});
