import { describe, expect, it } from "vitest";
import type { StepView } from "./dossier";
import { sequence } from "./steps";

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
