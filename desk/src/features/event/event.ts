/** An événement: an incident made from a live camera in one key (practice, «CSU»). */
import { t } from "@lingui/core/macro";
import type { MarkView } from "../../core/recordings";
import type { IncidentRow } from "../../core/views";

export type Service = "municipal_police" | "police" | "rescue";
export type InformOutcome = "told" | "on_the_way" | "no_answer";

export interface Informed {
  service: Service;
  at: string;
  outcome: InformOutcome;
  note: string | null;
}

export interface EventView {
  incident: IncidentRow;
  first_key_at: string;
  nature: string | null;
  natures: { key: string; label: string; hotkey: string }[];
  place: string | null;
  cameras: { camera: number; name: string; from: string; until: string | null }[];
  marks: MarkView[];
  informed: Informed[];
  abilities: string[];
}

export interface EventLine {
  id: number;
  reference: string;
  nature: string | null;
  place: string | null;
  first_key_at: string;
  closed_at: string | null;
  cameras: string[];
  informed: string[];
}

/** By physical digit, the order of the contract; what the server sends comes first. */
const DIGITS: readonly [string, string][] = [
  ["1", "fight"],
  ["2", "person_down"],
  ["3", "accident"],
  ["4", "street_racing"],
  ["5", "damage"],
  ["6", "theft"],
  ["7", "gathering"],
  ["8", "object"],
  ["9", "fire"],
  ["0", "other"],
];

export const NATURES: readonly string[] = DIGITS.map(([, key]) => key);
export const natureOfDigit = (digit: string): string | null =>
  DIGITS.find(([at]) => at === digit)?.[1] ?? null;
export const digitOfNature = (nature: string): string => DIGITS.find(([, key]) => key === nature)?.[0] ?? "";

export function natureLabel(nature: string | null): string {
  const known: Record<string, string> = {
    fight: t`Rixe`,
    person_down: t`Personne au sol`,
    accident: t`Accident`,
    street_racing: t`Rodéo`,
    damage: t`Dégradation`,
    theft: t`Vol`,
    gathering: t`Attroupement`,
    object: t`Colis ou objet`,
    fire: t`Incendie`,
    other: t`Autre`,
  };
  return nature === null ? t`Événement` : (known[nature] ?? nature);
}

export const SERVICES: readonly { key: Service; hotkey: string }[] = [
  { key: "municipal_police", hotkey: "F6" },
  { key: "police", hotkey: "F7" },
  { key: "rescue", hotkey: "F8" },
];

export function serviceLabel(service: string): string {
  const known: Record<string, string> = {
    municipal_police: t`Police municipale`,
    police: t`Police nationale ou gendarmerie`,
    rescue: t`Secours (15, 18)`,
  };
  return known[service] ?? service;
}

export function informLabel(outcome: InformOutcome): string {
  return { told: t`avisé`, on_the_way: t`en route`, no_answer: t`ne répond pas` }[outcome];
}

/** Outcomes that end an événement, by digit. */
export const OUTCOMES = [
  "event_police",
  "event_rescue",
  "event_arrest",
  "event_over",
  "event_nothing",
  "event_transmitted",
] as const;

/** The événement in hand: the newest open dossier of that family that is mine. */
export function eventInHand(rows: readonly IncidentRow[], me: number): IncidentRow | null {
  const mine = rows.filter((row) => row.family === "event" && row.owner?.id === me && row.state !== "closed");
  return mine.sort((a, b) => b.opened_at.localeCompare(a.opened_at) || b.id - a.id)[0] ?? null;
}

/** The newest time each service was told, and what it said. */
export function lastInformed(informed: readonly Informed[], service: Service): Informed | null {
  return (
    informed.filter((each) => each.service === service).sort((a, b) => b.at.localeCompare(a.at))[0] ?? null
  );
}
