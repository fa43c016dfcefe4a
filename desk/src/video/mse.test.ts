import { describe, expect, it } from "vitest";
import { decodeTimeOf, timescaleOf } from "./mseBoxes";
import { Pace, roomOf, seekOf, SETTLING, trimOf } from "./msePlan";

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
