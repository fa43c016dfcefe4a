import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { catalogues } from "./catalogues";
import { render, renderEntry, unbroken } from "./render";

interface Case {
  template: string;
  params: Record<string, unknown>;
  expected: string;
}
const file = new URL("../../../tests/wording/render_cases.json", import.meta.url);
const { language, zone, cases } = JSON.parse(readFileSync(file, "utf-8")) as {
  language: "fr" | "en";
  zone: string;
  cases: Case[];
};

describe("the renderer, held to the same cases as Python's", () => {
  it.each(cases)("$template", ({ template, params, expected }) => {
    expect(render(catalogues[language], template, params, zone)).toBe(expected);
  });

  it("shows the code of a kind it does not know", () => {
    const line = { kind: "nothing.known", version: 1, params: {}, actor_name: null };
    expect(renderEntry(catalogues.fr, line, zone)).toBe("nothing.known");
  });

  it("has the same entries, words and errors in both languages", () => {
    for (const section of ["entries", "errors", "texts"] as const) {
      expect(Object.keys(catalogues.en[section]).sort()).toEqual(Object.keys(catalogues.fr[section]).sort());
    }
    expect(Object.keys(catalogues.en.vocabulary).sort()).toEqual(
      Object.keys(catalogues.fr.vocabulary).sort(),
    );
  });
});

describe("French as it is set", () => {
  it("breaks no line before a high sign, nor inside guillemets, wherever in a catalogue", () => {
    expect(unbroken("Signaux reçus : 4 ; « qui ? »")).toBe(
      "Signaux reçus\u00a0: 4\u00a0; «\u00a0qui\u00a0?\u00a0»",
    );
    expect(unbroken({ a: ["Fin !", ["n"], { one: "x : y" }], b: "«x» 10:30" })).toEqual({
      a: ["Fin\u00a0!", ["n"], { one: "x\u00a0: y" }],
      b: "«x» 10:30",
    });
    expect(JSON.stringify(catalogues.fr)).not.toMatch(/ [:;?!»]|« /);
  });
});
