import { describe, expect, it } from "vitest";
import { age, clockTime, dateTime, day, dayHour, lateness, secondsSince, serverNow, shortDate } from "./time";

it("shows a calendar day as it is written in France, in any zone", () => {
  expect(day("2027-02-28")).toBe("28/02/2027");
});

it("says the day of an hour that is not today's, in the site's zone", () => {
  const now = Date.parse("2026-11-23T02:14:00Z");
  expect(dayHour("2026-11-22T23:30:00Z", "Europe/Paris", now)).toBe("00:30");
  expect(dayHour("2026-11-22T22:30:00Z", "Europe/Paris", now)).toBe("22/11 23:30");
  expect(dayHour("2026-11-23T02:00:00Z", "Europe/Paris", Number.NaN)).toBe("23/11 03:00");
});

describe("ages", () => {
  it.each([
    [0, "0:00"],
    [8, "0:08"],
    [179, "2:59"],
    [1750, "29:10"],
    [3600, "1 h 00"],
    [21_720, "6 h 02"],
    [90_000, "1 j 01 h"],
    [-4, "0:00"],
  ])("%i s → %s", (seconds, shown) => expect(age(seconds)).toBe(shown));

  it("turns orange at two thirds of the limit and red past it", () => {
    expect([10, 60, 90, 91].map((seconds) => lateness(seconds, 90))).toEqual(["ok", "soon", "soon", "late"]);
    expect(lateness(1e9, null)).toBe("ok");
  });

  it("counts whole seconds from a server time, and knows when it knows nothing", () => {
    expect(secondsSince("2026-11-23T02:14:00Z", Date.parse("2026-11-23T02:14:07.900Z"))).toBe(7);
    expect(secondsSince(null, 0)).toBeNull();
    expect(secondsSince("2026-11-23T02:14:00Z", Number.NaN)).toBeNull();
  });
});

describe("the centre's clock", () => {
  it("carries the server's time forward by the monotonic clock, whatever the machine's says", () => {
    expect(serverNow({ base: 1_000_000, at: 500 }, 1500)).toBe(1_001_000);
    expect(serverNow(null, 1500)).toBeNaN();
  });

  it("shows the centre's zone, not the machine's", () => {
    expect(clockTime("2026-11-23T02:14:07Z", "Europe/Paris")).toBe("03:14:07");
    expect(clockTime("2026-07-01T22:14:07Z", "Indian/Reunion")).toBe("02:14:07");
    expect(dateTime("2026-11-22T23:30:00Z", "Europe/Paris")).toBe("23/11/2026 00:30:00");
    expect(shortDate("2026-11-23T02:14:07Z", "Europe/Paris", "fr")).toBe("lun. 23 nov.");
    expect(clockTime(Number.NaN, "Europe/Paris")).toBe("--:--:--");
  });
});
