import { describe, expect, it } from "vitest";
import type { Dossier, StepView } from "./dossier";
import { callWaits, hintOf, sequence } from "./steps";

const step = (key: string, state: StepView["state"], act = "note"): StepView =>
  ({ key, act, state }) as unknown as StepView;
const keys = (steps: StepView[]): string[] => steps.map((each) => each.key);

describe("the steps of a procedure", () => {
  it("are read behind us, then ahead", () => {
    const { past, ahead } = sequence([
      step("site", "current"),
      step("clip", "done"),
      step("agent", "skipped"),
    ]);
    expect(keys(past)).toEqual(["clip", "agent"]);
    expect(keys(ahead)).toEqual(["site"]);
  });
  it("keep the return to normal last, though the points came back first", () => {
    const { past, ahead } = sequence([
      step("police", "current"),
      step("contact", "pending"),
      step("normal", "done", "return_to_normal"),
    ]);
    expect(past).toEqual([]);
    expect(keys(ahead)).toEqual(["police", "contact", "normal"]);
  });
  it("end with it once everything is done", () => {
    const { past, ahead } = sequence([step("site", "done"), step("normal", "done", "return_to_normal")]);
    expect(keys(past)).toEqual(["site", "normal"]);
    expect(ahead).toEqual([]);
  });
});

describe("what a step says of itself", () => {
  const doors = (state: string): Dossier => ({ doors: { goods: { state } } }) as unknown as Dossier;
  const police = { ...step("police", "current"), hint: "police_goods" };
  it("hides the lock of a door that is justified", () => {
    expect(hintOf(doors("to_justify"), police)).toBe("police_goods");
    expect(hintOf(doors("justified"), police)).toBeNull();
    expect(hintOf(doors("justified"), { ...police, hint: "Sonner au portail" })).toBe("Sonner au portail");
  });
});

describe("the call of a step", () => {
  const ended = { result: "answered", word: "wrong", settled: false, undone_at: null, step_key: "site" };
  const waits = (...calls: unknown[]): boolean =>
    callWaits({ calls } as unknown as Dossier, step("site", "current"));
  it("is offered once", () => {
    expect(waits()).toBe(false);
    expect(waits({ ...ended, result: null })).toBe(true);
  });
  it("is not offered again while its result may be undone (P6)", () => {
    expect(waits(ended)).toBe(true);
    expect(waits({ ...ended, settled: true })).toBe(false);
    expect(waits({ ...ended, undone_at: "2026-11-28T03:00:00Z" })).toBe(false);
    expect(waits({ ...ended, step_key: "other" })).toBe(false);
  });
});
