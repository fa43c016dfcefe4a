import { expect, it } from "vitest";
import { overdue } from "./reviews";

it("is overdue after 24 hours, and never before the time is known", () => {
  const at = "2026-11-23T06:00:00Z";
  const day = Date.parse("2026-11-24T06:00:00Z");
  expect(overdue(at, day)).toBe(false);
  expect(overdue(at, day + 1)).toBe(true);
  expect(overdue(null, day)).toBe(false);
  expect(overdue(at, Number.NaN)).toBe(false);
});
