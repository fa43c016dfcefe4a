// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { placeSoon, serviceChoices } from "./services";
import type { Dossier } from "../../core/dossier";
import type { ServiceView } from "../../core/handling";

const line = (code: string) => ({ code, params: {} });

it("reads who we are, then where, then the rest in its order", () => {
  const script = ["who_we_are", "object_goods", "nature", "clue", "place", "call_back"].map((code) =>
    line(`service.${code}`),
  );
  expect(placeSoon(script).map(({ code }) => code.replace("service.", ""))).toEqual([
    "who_we_are",
    "place",
    "object_goods",
    "nature",
    "clue",
    "call_back",
  ]);
  const fire = ["place", "who_we_are", "object_fire"].map((code) => line(`service.${code}`));
  expect(placeSoon(fire)).toEqual(fire);
});

it("a service without a line in the directory is called by its short number, by a key as any other", () => {
  const police: ServiceView = {
    service: "police",
    directory_id: null,
    name: null,
    door: "goods",
    missing: { code: "service.missing_number", params: { commune: "Ici", service: "police", short: "17" } },
    call_back: null,
  };
  const dossier = {
    doors: { goods: { state: "justified" }, persons: { state: "open" } },
    services: [police],
    steps: [],
  } as unknown as Dossier;
  const sent: unknown[] = [];
  const send = (path: string, body?: unknown): Promise<boolean> => {
    sent.push([path, body]);
    return Promise.resolve(true);
  };
  const [call, persons] = serviceChoices(dossier, [police], send, () => undefined);
  expect(call?.label).toMatch(/ · 17$/);
  expect(persons?.label).toBe("Danger pour une personne");
  call?.perform();
  persons?.perform();
  expect(sent).toEqual([
    ["service-calls", { service: "police", directory_id: null, door: "goods", motif: null, step_key: null }],
    [
      "service-calls",
      { service: "police", directory_id: null, door: "persons", motif: null, step_key: null },
    ],
  ]);
});
