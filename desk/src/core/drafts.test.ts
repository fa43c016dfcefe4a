import { describe, expect, it } from "vitest";
import { ageOf, draftKey, merged, parseDrafts, savedAs, typed } from "./drafts";

const NONE: ReadonlySet<string> = new Set();

describe("drafts", () => {
  it("keep the time of the first key through every later one", () => {
    const one = typed({}, "incident:4", "R", 1000);
    const two = typed(one, "incident:4", "Rideau ouvert", 9000);
    expect(two["incident:4"]).toEqual({ text: "Rideau ouvert", firstKey: 1000 });
    expect(two["incident:4"] && ageOf(two["incident:4"], 10_000)).toBe(9000);
  });

  it("are one per dossier, and gone when emptied", () => {
    const both = typed(typed({}, draftKey(4), "a", 1), draftKey(null), "b", 2);
    expect(Object.keys(both)).toEqual(["incident:4", "room"]);
    expect(typed(both, draftKey(4), "", 3)).toEqual({ room: { text: "b", firstKey: 2 } });
  });

  it("come back from storage, and broken storage is no draft", () => {
    const kept = typed({}, "room", "noté", 5);
    expect(parseDrafts(JSON.stringify(kept))).toEqual(kept);
    expect(parseDrafts("{oops")).toEqual({});
    expect(parseDrafts('{"room":{"text":3}}')).toEqual({});
    expect(parseDrafts(null)).toEqual({});
  });

  it("follow their writer to another workstation", () => {
    const server = { "incident:4": { text: "rideau ouv", firstKey: 10 } };
    expect(merged({}, server, NONE)).toEqual({
      "incident:4": { text: "rideau ouv", firstKey: 10, saved: true },
    });
  });

  it("are never overwritten by an older text of the server", () => {
    const held = typed({}, "incident:4", "rideau ouvert", 10);
    expect(merged(held, { "incident:4": { text: "rideau", firstKey: 10 } }, NONE)).toEqual(held);
  });

  it("go when they were sent at another workstation", () => {
    const held = savedAs(typed({}, "incident:4", "sent", 10), "incident:4", "sent");
    expect(held["incident:4"]?.saved).toBe(true);
    expect(merged(held, {}, NONE)).toEqual({});
    expect(typed(held, "incident:4", "sent again", 20)["incident:4"]?.saved).toBeUndefined();
  });

  it("do not come back with an answer older than their sending", () => {
    const server = { "incident:4": { text: "L", firstKey: 10 }, room: { text: "à rappeler", firstKey: 3 } };
    expect(merged({}, server, new Set(["incident:4"]))).toEqual({
      room: { text: "à rappeler", firstKey: 3, saved: true },
    });
    const held = savedAs(typed({}, "incident:4", "Le rideau", 10), "incident:4", "Le rideau");
    expect(merged(held, {}, new Set(["incident:4"]))).toEqual(held);
  });

  it("are not taken for saved when they changed while they were sent", () => {
    const held = typed({}, "incident:4", "newer", 10);
    expect(savedAs(held, "incident:4", "older")).toBe(held);
  });
});
