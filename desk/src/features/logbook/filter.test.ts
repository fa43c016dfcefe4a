import { describe, expect, it } from "vitest";
import { NO_FILTER, queryOf, utcOf } from "./filter";

describe("the logbook's filter", () => {
  it("asks for nothing when nothing is filled", () => {
    expect(queryOf(NO_FILTER, "Europe/Paris")).toBe("");
  });

  it("sends the centre's hours as UTC, winter and summer", () => {
    expect(utcOf("2026-11-23T03:14", "Europe/Paris")).toBe("2026-11-23T02:14:00.000Z");
    expect(utcOf("2026-07-14T03:14", "Europe/Paris")).toBe("2026-07-14T01:14:00.000Z");
    expect(utcOf("2026-03-29T03:30", "Europe/Paris")).toBe("2026-03-29T01:30:00.000Z");
    expect(utcOf("oops", "Europe/Paris")).toBe("");
  });

  it("names what is filled", () => {
    const query = queryOf({ ...NO_FILTER, words: " écluse ", site: "7", kind: "call" }, "Europe/Paris");
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({ q: "écluse", site: "7", kind: "call" });
  });
});
