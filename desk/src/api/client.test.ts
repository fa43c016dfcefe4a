import { describe, expect, it } from "vitest";
import { tellsGone } from "./client";

describe("an answer that tells that the session is gone", () => {
  it("is the refusal of any route below the login", () => {
    expect(tellsGone(401, "/api/snapshot", "unauthenticated")).toBe(true);
    expect(tellsGone(401, "/api/logbook?q=quai", undefined)).toBe(true);
  });

  it("is not that of the question who is here, which would ask itself for ever", () => {
    expect(tellsGone(401, "/api/me", "unauthenticated")).toBe(false);
  });

  it("is not a wrong password, at the login or at the change of operator", () => {
    expect(tellsGone(401, "/api/login", "bad_login")).toBe(false);
    expect(tellsGone(401, "/api/quick-change", "bad_login")).toBe(false);
  });

  it("is not another refusal", () => {
    expect(tellsGone(403, "/api/snapshot", "forbidden")).toBe(false);
    expect(tellsGone(429, "/api/login", "too_soon")).toBe(false);
  });
});
