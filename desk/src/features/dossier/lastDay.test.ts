import { expect, it } from "vitest";
import "../../app/i18n";
import { untilText } from "./lastDay";

it.each([
  ["2099-11-30T23:00:00Z", "Europe/Paris", "30/11/2099"],
  ["2026-10-24T22:00:00Z", "Europe/Paris", "24/10/2026"], // the day before the night of 25 hours
  ["2026-10-25T23:00:00Z", "Europe/Paris", "25/10/2026"], // and that day
  ["2027-01-01T01:00:00Z", "Atlantic/Azores", "31/12/2026"],
  ["2026-11-30T12:30:00Z", "Europe/Paris", "30/11/2026"],
])("says the last day of %s in %s", (until, zone, day) => {
  expect(untilText(until, zone)).toContain(day);
});

it("says the hour of an end that is no midnight, and that the last day is included when it is", () => {
  expect(untilText("2026-11-30T12:30:00Z", "Europe/Paris")).toContain("13:30:00");
  expect(untilText("2099-11-30T23:00:00Z", "Europe/Paris")).toContain("inclus");
  expect(untilText("2099-11-30T23:00:00Z", "Europe/Paris")).not.toContain("00:00:00");
});
