import { describe, expect, it } from "vitest";
import { ageOf, draftKey, parseDrafts, typed } from "./drafts";

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
});
