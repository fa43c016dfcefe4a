import { describe, expect, it } from "vitest";
import { isoOf, localOf, momentTyped, wallOf, wallText } from "./instant";

const zone = "Europe/Paris";
const around = wallOf("2026-11-23T02:15:02.000Z");

describe("an hour typed", () => {
  it("is of the day that one looks at, in the centre's clock", () => {
    expect(isoOf(momentTyped("3:11", around, zone) ?? 0)).toBe("2026-11-23T02:11:00.000Z");
    expect(isoOf(momentTyped("03:11:48", around, zone) ?? 0)).toBe("2026-11-23T02:11:48.000Z");
    expect(isoOf(momentTyped("22h30", around, zone) ?? 0)).toBe("2026-11-23T21:30:00.000Z");
  });
  it("may come with its day, and its thousandths", () => {
    expect(isoOf(momentTyped("22/11 03:11:48.240", around, zone) ?? 0)).toBe("2026-11-22T02:11:48.240Z");
    expect(isoOf(momentTyped("1/7/2026 12:00", around, zone) ?? 0)).toBe("2026-07-01T10:00:00.000Z");
  });
  it("that is none is refused", () => {
    for (const text of ["", "hier", "25/13 10:00", "99:99", "3:11 3:12 3:13", "22-11 3:00"]) {
      expect(momentTyped(text, around, zone)).toBeNull();
    }
  });
});

describe("an hour shown", () => {
  it("keeps its thousandths", () => {
    expect(wallText(wallOf("2026-11-23T02:11:48.240Z"), zone)).toBe("23/11/2026 03:11:48.240");
    expect(localOf(around, zone)).toBe("2026-11-23T03:15:02");
  });
});
