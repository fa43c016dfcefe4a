import { describe, expect, it } from "vitest";
import { followed, isOwn, offset } from "./signals";

describe("the drift of a clock", () => {
  it("is said with its sign, in the unit one feels", () => {
    expect([12, -303.4, 86_400, -7_380, 266_400].map(offset)).toEqual([
      "+12 s",
      "−5 min 03",
      "+24 h 00",
      "−2 h 03",
      "+3 j 02 h",
    ]);
  });
});

describe("an address that a panel gave", () => {
  it("is a link only when it is http(s), of a frame that is believed", () => {
    expect(followed("https://verif.example/a?b=1", "accepted")).toBe("https://verif.example/a?b=1");
    expect(followed("HTTP://192.0.2.7/clip", "unknown_code")).toBe("http://192.0.2.7/clip");
    for (const verdict of ["clear_refused", "stale", "bad_key", "unreadable", "ghost"]) {
      expect(followed("https://verif.example/", verdict)).toBeNull();
    }
  });

  it("is text otherwise", () => {
    for (const value of [
      "javascript:alert(1)",
      "data:text/html,<b>",
      "verif.example",
      "https://",
      "https://police.example@mal.example/",
      "https://a.example/ b",
      "ftp://a.example/",
    ]) {
      expect(followed(value, "accepted")).toBeNull();
    }
  });
});

it("tells the dossier's own signals from those of its site", () => {
  expect(["opened", "joined", "restore", "site"].map((role) => isOwn({ role }))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
