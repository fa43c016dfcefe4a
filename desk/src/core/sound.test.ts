import { describe, expect, it } from "vitest";
import { sampleRow } from "./samples";
import {
  DEAF_AFTER,
  DEAF_AFTER_LOAD,
  FLOOR,
  isDeaf,
  isDue,
  MUTE_MAX,
  PATTERNS,
  staleRings,
  troubleRings,
  whatRings,
  type Ear,
} from "./sound";

const start = Date.parse("2026-11-23T02:00:00Z");
const after = (seconds: number): number => start + seconds * 1000;
const ear: Ear = { me: 1, onPost: true, volume: 0.8, mutedUntil: 0 };
const B = { id: 2, name: "Opérateur B" };
const p1 = sampleRow({ id: 1, priority: 1 });
const p3 = sampleRow({ id: 2, priority: 3 });

describe("what rings", () => {
  it("is silence when nothing waits", () => {
    expect(whatRings([], ear, after(1))).toBeNull();
    expect(whatRings([sampleRow({ ringing_since: null })], ear, after(1))).toBeNull();
  });

  it("is the highest band", () => {
    expect(whatRings([p3, p1], ear, after(1))?.kind).toBe(1);
    expect(whatRings([p3], ear, after(1))?.kind).toBe(2);
  });

  it("has one pattern per band, told apart by rhythm too", () => {
    const rhythms = ([1, 2, 3, 4] as const).map((band) => PATTERNS[band].tones.map((tone) => tone.at).join());
    expect(new Set(rhythms).size).toBe(4);
  });

  it("repeats until taken", () => {
    const ringing = whatRings([p3], ear, after(1));
    expect(ringing && isDue(ringing, null, 0)).toBe(true);
    expect(ringing && isDue(ringing, { kind: 2, at: 0 }, 1000)).toBe(false);
    expect(ringing && isDue(ringing, { kind: 2, at: 0 }, 3200)).toBe(true);
    expect(
      whatRings([sampleRow({ ...p3, owner: { id: 1, name: "A" }, ringing_since: null })], ear, after(9)),
    ).toBeNull();
  });

  it("a new kind does not wait for the old one’s turn", () => {
    const ringing = whatRings([p1], ear, after(1));
    expect(ringing && isDue(ringing, { kind: 4, at: 1000 }, 1050)).toBe(true);
  });

  it("never lets P1 fall below its floor, by volume nor by mute", () => {
    const deaf = { ...ear, volume: 0, mutedUntil: after(50) };
    expect(whatRings([p1], deaf, after(1))?.loudness).toBeGreaterThanOrEqual(FLOOR * PATTERNS[1].gain);
    expect(whatRings([p3], deaf, after(1))?.loudness).toBe(0);
  });

  it("mutes for a minute at most: a longer silence is no silence", () => {
    const forged = { ...ear, mutedUntil: after(MUTE_MAX + 600) };
    expect(whatRings([p3], forged, after(1))?.loudness).toBeGreaterThan(0);
  });

  it("quickens and rings everywhere after 30 s for P1 and P2 (practice P7)", () => {
    const away = { ...ear, onPost: false, me: 9 };
    expect(whatRings([p1], away, after(29))).toBeNull();
    expect(whatRings([p1], away, after(30))?.kind).toBe(1);
    expect(whatRings([p3], away, after(300))).toBeNull();
    const early = whatRings([p1], ear, after(1));
    const late = whatRings([p1], ear, after(31));
    expect(late?.every).toBeLessThan(early?.every ?? 0);
  });

  it("leaves what another holds to him, until it must ring everywhere", () => {
    const his = sampleRow({ priority: 1, state: "taken", owner: B, ringing_since: "2026-11-23T02:00:00Z" });
    expect(whatRings([his], ear, after(10))).toBeNull();
    expect(whatRings([his], ear, after(31))?.kind).toBe(1);
    expect(whatRings([his], { ...ear, me: 2 }, after(1))?.kind).toBe(1);
  });

  it("a dossier that woke rings on every post, whoever held it (practice P3)", () => {
    const woken = sampleRow({ priority: 3, owner: B });
    expect(whatRings([woken], ear, after(1))?.kind).toBe(2);
  });

  it("an orphan rings on every post at once, a fault’s too (need 2)", () => {
    const lost = sampleRow({ priority: 3, state: "taken", owner: B, ring_reason: "orphan" });
    expect(whatRings([lost], ear, after(1))?.kind).toBe(2);
    expect(whatRings([lost], { ...ear, onPost: false }, after(1))).toBeNull();
  });

  it("a chain that is not proved is heard without a post too, and cannot be silenced whole", () => {
    expect(troubleRings({ ...ear, onPost: false, volume: 0 }, after(1), true)?.loudness).toBeGreaterThan(0);
    expect(troubleRings(ear, after(1), false)).toBeNull();
  });

  it("a desk without news is heard beside whatever rings, and cannot be silenced whole", () => {
    expect(staleRings(ear, after(1), true)?.kind).toBe("stale");
    expect(staleRings(ear, after(1), false)).toBeNull();
    expect(staleRings({ ...ear, onPost: false }, after(1), true)).toBeNull();
    expect(
      staleRings({ ...ear, volume: 0, mutedUntil: after(50) }, after(1), true)?.loudness,
    ).toBeGreaterThan(0);
    expect(PATTERNS.stale.every).toBeLessThan(5);
  });
});

describe("a window unheard", () => {
  it("is mute for the room after some seconds, once it was allowed to sound", () => {
    expect(isDeaf(null, true, 1e9)).toBe(false);
    expect(isDeaf(1000, true, 1000 + DEAF_AFTER - 1)).toBe(false);
    expect(isDeaf(1000, true, 1000 + DEAF_AFTER)).toBe(true);
  });
  it("is not called mute because its page was just loaded again: the first key comes", () => {
    expect(isDeaf(1000, false, 1000 + DEAF_AFTER)).toBe(false);
    expect(isDeaf(1000, false, 1000 + DEAF_AFTER_LOAD)).toBe(true);
  });
});
