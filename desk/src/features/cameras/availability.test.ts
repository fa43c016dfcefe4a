import { describe, expect, test } from "vitest";
import { lastDays, share } from "./availability";

describe("availability", () => {
  test("the last days end with the centre's today", () => {
    const late = Date.UTC(2026, 10, 28, 23, 30);
    expect(lastDays(late, 30, "Europe/Paris")).toEqual({ from: "2026-10-31", to: "2026-11-29" });
    expect(lastDays(late, 1, "UTC")).toEqual({ from: "2026-11-28", to: "2026-11-28" });
  });
  test("a hole never reads 100 %", () => {
    expect(share(1)).toBe("100,00 %");
    expect(share(0.999_999)).toBe("99,99 %");
    expect(share(0.95)).toBe("95,00 %");
    expect(share(null)).toBe("—");
  });
});
