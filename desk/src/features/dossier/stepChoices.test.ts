import { describe, expect, it } from "vitest";
import type { Dossier, StepView } from "../../core/dossier";
import type { CallView } from "../../core/handling";
import { sampleRow } from "../../core/samples";
import { stepChoices } from "./stepChoices";

const step = {
  key: "site",
  act: "call_site",
  state: "current",
  abilities: ["done"],
  results: [],
} as unknown as StepView;
const ended = { id: 3, result: "answered", word: "wrong", settled: false, undone_at: null, step_key: "site" };

function callOf(calls: unknown[]): boolean {
  const dossier = {
    row: sampleRow(),
    site: { phone: "+33199001234" },
    calls: calls as CallView[],
    abilities: ["calls"],
    next_call: null,
  } as unknown as Dossier;
  const choices = stepChoices(
    { step, dossier, send: () => Promise.resolve(true) },
    false,
    "",
    () => undefined,
  );
  return choices.find((choice) => choice.id === "call:site")?.disabled === true;
}

describe("the call of a step", () => {
  it("is offered once", () => {
    expect(callOf([])).toBe(false);
    expect(callOf([{ ...ended, result: null }])).toBe(true);
  });
  it("is not offered again while its result may be undone (P6)", () => {
    expect(callOf([ended])).toBe(true);
    expect(callOf([{ ...ended, undone_at: "2026-11-28T03:00:00Z" }])).toBe(false);
    expect(callOf([{ ...ended, step_key: "other" }])).toBe(false);
  });
});
