import { describe, expect, it } from "vitest";
import type { Dossier, PointView, StepView } from "./dossier";
import { frontOf, ofKind, standOf, turned } from "./front";
import type { CallView, InterventionView, ServiceCallView } from "./handling";
import { sampleRow } from "./samples";

const step = (key: string, act: string, state: StepView["state"] = "current"): StepView =>
  ({ key, act, state, abilities: ["done"], results: [] }) as unknown as StepView;
const agent = (state: string, abilities: string[]): InterventionView =>
  ({ id: 7, state, abilities }) as unknown as InterventionView;
const call = { id: 3, result: null, undone_at: null, step_key: "site", abilities: ["result"] } as CallView;
const police = { id: 5, ended_at: null, abilities: ["done"] } as unknown as ServiceCallView;
const point = (open: boolean): PointView => ({ id: 1, open }) as PointView;

function dossier(change: Partial<Dossier>): Dossier {
  return {
    row: sampleRow(),
    steps: [],
    calls: [],
    service_calls: [],
    services: [{ service: "police" }],
    interventions: [],
    points: [],
    closing: { blockers: [], outcomes: [], outcome: null, note: null },
    abilities: ["calls", "service-calls", "verification", "normal", "deferrals", "close"],
    ...change,
  } as unknown as Dossier;
}

const steps = [step("agent", "send_agent"), step("site", "call_site"), step("normal", "return_to_normal")];

describe("the card in front", () => {
  it("is the first step that is current", () => {
    expect(standOf(dossier({ steps })).first).toBe("step:agent");
  });
  it("leaves an agent who was asked for to his own card", () => {
    const stand = standOf(dossier({ steps, interventions: [agent("asked", ["accepted"])] }));
    expect(stand.first).toBe("step:site");
    expect(stand.cards).toContain("agent:7");
  });
  it("is what is on the line, whatever was chosen before", () => {
    const before = standOf(dossier({ steps }));
    const chosen = { card: "closing", line: before.line };
    expect(frontOf(before, chosen)).toBe("closing");
    expect(frontOf(standOf(dossier({ steps, calls: [call] })), chosen)).toBe("call:3");
    expect(frontOf(standOf(dossier({ steps, service_calls: [police] })), chosen)).toBe("service:5");
  });
  it("may be left for another card while one is on the line, and comes back when it is over", () => {
    const during = standOf(dossier({ steps, calls: [call] }));
    const chosen = { card: "closing", line: during.line };
    expect(frontOf(during, chosen)).toBe("closing");
    expect(frontOf(standOf(dossier({ steps })), chosen)).toBe("step:agent");
  });
  it("is the agent who must be warned before anything else (P3)", () => {
    const row = sampleRow({ warn_agent: true });
    const stand = standOf(dossier({ row, steps, interventions: [agent("accepted", ["warned"])] }));
    expect(stand.first).toBe("agent:7");
  });
  it("is the points once nothing else is to be done, then the closing", () => {
    const last = [step("normal", "return_to_normal")];
    expect(standOf(dossier({ steps: last, points: [point(true)] })).first).toBe("return");
    expect(standOf(dossier({ steps: [], points: [point(false)] })).first).toBe("closing");
  });
  it("is the verification when its result is what still keeps the dossier open", () => {
    const blockers = [{ code: "blocker.verification_open", params: {} }];
    const closing = { blockers, outcomes: [], outcome: null, note: null };
    expect(standOf(dossier({ points: [point(false)], closing })).first).toBe("verification");
    expect(standOf(dossier({ points: [point(true)], closing })).first).toBe("return");
  });
  it("is the step itself when the dossier has no point to follow", () => {
    expect(standOf(dossier({ steps: [step("normal", "return_to_normal")] })).first).toBe("step:normal");
  });
  it("is who telephones, when the operator says so and the line is free", () => {
    const stand = standOf(dossier({ steps }), true);
    expect(stand.first).toBe("caller");
    expect(frontOf(stand, { card: "closing", line: null })).toBe("caller");
    expect(standOf(dossier({ steps, calls: [call] }), true).first).toBe("call:3");
  });
  it("falls back when the chosen one is gone", () => {
    expect(frontOf(standOf(dossier({ steps })), { card: "agent:7", line: null })).toBe("step:agent");
  });
  it("is none in a dossier that one may only read", () => {
    expect(standOf(dossier({ abilities: [], steps: [] })).first).toBeNull();
  });
});

describe("the keys that turn the cards", () => {
  const cards = ["agent:7", "step:site", "closing"];
  it("go round in both directions", () => {
    expect(turned(cards, "step:site", 1)).toBe("closing");
    expect(turned(cards, "closing", 1)).toBe("agent:7");
    expect(turned(cards, "agent:7", -1)).toBe("closing");
    expect(turned(cards, null, 1)).toBe("agent:7");
    expect(turned([], null, 1)).toBeNull();
  });
  it("find a kind", () => {
    expect(ofKind(cards, "agent")).toBe("agent:7");
    expect(ofKind(cards, "clos")).toBeNull();
  });
});
