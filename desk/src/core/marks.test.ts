import { describe, expect, it } from "vitest";
import { byGravity, fitting } from "./marks";

describe("the marks of a dossier", () => {
  it("stand by gravity, the others as they came", () => {
    const told = ["images", "unknown_zone", "late", "on_test", "unreadable", "unauthenticated"];
    expect(byGravity(told)).toEqual([
      "unauthenticated",
      "unreadable",
      "on_test",
      "unknown_zone",
      "images",
      "late",
    ]);
    expect(told[0]).toBe("images");
  });
});

describe("the chips on a line", () => {
  it("all stand when there is room for them and no counter", () => {
    expect(fitting([40, 50, 60], 5, 160, 30)).toBe(3);
    expect(fitting([], 5, 160, 30)).toBe(0);
  });

  it("leave room for the counter when one does not fit", () => {
    expect(fitting([40, 50, 60], 5, 159, 30)).toBe(2);
    expect(fitting([40, 50, 60], 5, 129, 30)).toBe(1);
    expect(fitting([40, 50, 60], 5, 129, 34)).toBe(1);
    expect(fitting([200, 10], 5, 100, 30)).toBe(0);
  });
});
