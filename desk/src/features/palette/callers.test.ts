import { expect, it } from "vitest";
import type { ContactView } from "../../core/dossier";
import { ownPeople } from "./callers";

const person = (id: number, name: string, role: string | null, number: string): ContactView => ({
  id,
  name,
  role,
  rank: id,
  phones: [{ number, label: null }],
  available: true,
  availability: null,
  authorised: true,
  provisional_until: null,
  note: null,
  tried: null,
});
const people = [
  person(1, "Mme Rose Talbot", "gérante", "+33639980001"),
  person(2, "M. Éloi Lenoir", null, "+33199001234"),
];
const names = (query: string): string[] => ownPeople(people, query).map((each) => each.name);

it("shows everybody of the dossier before a letter is typed", () => {
  expect(names("  ")).toEqual(["Mme Rose Talbot", "M. Éloi Lenoir"]);
});

it("finds by name or role, accents or not, and by a number said as it is dialled", () => {
  expect(names("eloi")).toEqual(["M. Éloi Lenoir"]);
  expect(names("gerante")).toEqual(["Mme Rose Talbot"]);
  expect(names("06 39 98")).toEqual(["Mme Rose Talbot"]);
  expect(names("+33 1 99 00")).toEqual(["M. Éloi Lenoir"]);
  expect(names("dubois")).toEqual([]);
});
