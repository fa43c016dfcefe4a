import { describe, expect, it } from "vitest";
import { isHeard, troublesOf, type Room, type Seat } from "./chain";
import { sampleRow } from "./samples";
import type { PostView, StationView } from "./views";

const start = Date.parse("2026-11-23T02:00:00Z");
const after = (seconds: number): number => start + seconds * 1000;
const station: StationView = {
  held: true,
  unheld_since: null,
  withheld: false,
  awake_seconds: 1800,
  calling: null,
  calling_since: null,
  taken_by: null,
  told: 0,
  failed: 0,
  on_call: 2,
};
const post: PostView = {
  id: 2,
  version: 1,
  name: "Poste 2",
  kind: "remote_monitoring",
  holder: { id: 7, name: "Ana" },
  held_since: null,
  motif: null,
  sound_ok: true,
  live: true,
  unverified_since: null,
  title: null,
  abilities: [],
};
const verified = "2026-11-23T02:00:00Z";
const room: Room = {
  station,
  chain: { round: 4, verified_at: verified, sent_at: verified },
  posts: [post],
  rows: [],
};
const seat: Seat = { post: 2, lead: false };
const kinds = (of: Room, at: number, who: Seat = seat, key = start): string[] =>
  troublesOf(of, who, at, key).map((trouble) => trouble.kind);

describe("what a desk says of the room", () => {
  it("nothing while all is well", () => {
    expect(kinds(room, after(60))).toEqual([]);
    expect(
      kinds({ station: null, chain: null, posts: [], rows: [] }, after(9999), seat, after(9999)),
    ).toEqual([]);
  });

  it("a chain without a round for 75 s, at staffed desks and the chef’s", () => {
    expect(kinds(room, after(76))).toEqual(["chain"]);
    expect(kinds(room, after(76), { post: null, lead: true })).toEqual(["chain"]);
    expect(kinds(room, after(76), { post: null, lead: false })).toEqual([]);
  });

  it("a post that did not paint, at that post and the chef’s", () => {
    const late = { ...room, posts: [{ ...post, unverified_since: verified }] };
    expect(kinds(late, after(10))).toEqual(["post"]);
    expect(kinds(late, after(10), { post: 3, lead: false })).toEqual([]);
    expect(kinds(late, after(10), { post: null, lead: true })).toEqual(["post"]);
  });

  it("asks for a key two minutes before the post ceases to count", () => {
    const fresh = { ...room, chain: null };
    expect(kinds(fresh, after(1679))).toEqual([]);
    expect(kinds(fresh, after(1681))).toEqual(["asleep"]);
    expect(kinds(fresh, after(1681), seat, after(1600))).toEqual([]);
    expect(kinds({ ...fresh, station: { ...station, awake_seconds: 0 } }, after(9999))).toEqual([]);
  });

  it("a call that leaves for nobody", () => {
    const calling = { ...station, calling: "unheld", calling_since: verified };
    const nobody = (onCall: number): unknown[] =>
      troublesOf({ ...room, station: { ...calling, on_call: onCall } }, seat, after(10), start).map(
        (trouble) => trouble.kind === "calling" && trouble.nobody,
      );
    expect(nobody(0)).toEqual([true]);
    expect(nobody(1)).toEqual([false]);
  });

  it("dossiers that nobody took until the last delay, at live posts: the most urgent first, by name", () => {
    const rows = [
      sampleRow({ id: 1, escalation: 3, priority: 2 }),
      sampleRow({ id: 2, escalation: 3, priority: 1, ringing_since: null }),
      sampleRow({ id: 3, escalation: 2, priority: 1 }),
      sampleRow({ id: 4, escalation: 3, state: "taken" }),
    ];
    const found = troublesOf({ ...room, rows }, seat, after(10), start);
    expect(found).toMatchObject([
      {
        kind: "untaken",
        since: null,
        dossiers: [2, 1].map((id) => ({
          id,
          name: "Boulangerie du Port",
          reference: "2026-000001",
          since: "2026-11-23T02:00:00Z",
        })),
      },
    ]);
    expect(isHeard(found)).toBe(false); // they ring already
  });

  it("a room that is not held, and who is called; silent once somebody comes", () => {
    const empty = { ...station, held: false, unheld_since: verified, calling: "unheld", told: 2 };
    const found = troublesOf({ ...room, station: empty }, { post: null, lead: true }, after(1), start);
    expect(found.map((trouble) => trouble.kind)).toEqual(["unheld", "calling"]);
    expect(isHeard(found)).toBe(true);
    const coming = { ...station, calling: "untaken", taken_by: "Garance" };
    expect(isHeard(troublesOf({ ...room, station: coming }, seat, after(1), start))).toBe(false);
  });
});
