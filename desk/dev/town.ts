/** A typed night for the dev mock: fictional sites in the state the pictures need. Never shipped. */
import { bandOf } from "../src/core/band.ts";
import type { IncidentRow } from "../src/core/views";

export const START = Date.parse("2026-11-23T02:14:07Z");
const at = (secondsAgo: number): string => new Date(START - secondsAgo * 1000).toISOString();

let nextId = 1;

interface Seed {
  name: string;
  town?: string;
  category: string;
  family?: string;
  priority: number;
  age: number;
  zone?: string;
  zoneName?: string;
  code?: string;
  state?: IncidentRow["state"];
  owner?: IncidentRow["owner"];
  count?: number;
  marks?: string[];
  more?: Partial<IncidentRow>;
}

export const ME = { id: 1, name: "Opératrice A" };
const B = { id: 2, name: "Opérateur B" };

export function row(seed: Seed): IncidentRow {
  const id = nextId++;
  const owner = seed.owner ?? null;
  return {
    id,
    version: id,
    reference: `2026-${String(4100 + id).padStart(6, "0")}`,
    site: {
      id,
      reference: `S-${id}`,
      name: seed.name,
      town: seed.town ?? "Villeneuve-sur-Essai",
      timezone: "Europe/Paris",
    },
    family: seed.family ?? "intrusion",
    category: seed.category,
    priority: seed.priority,
    band: bandOf(seed.priority),
    state: seed.state ?? (owner ? "taken" : "new"),
    headline: {
      code: seed.code ?? "130",
      label_code: seed.code ? seed.code : "130",
      category: seed.category,
      qualifier: "new",
      zone: seed.zone ?? null,
      zone_name: seed.zoneName ?? null,
      area: "1",
      text: null,
    },
    opened_at: at(seed.age),
    last_signal_at: at(Math.max(0, seed.age - 41)),
    signal_count: seed.count ?? 1,
    ringing_since: owner ? null : at(seed.age),
    ring_reason: owner ? null : "opened",
    limits: seed.priority === 1 ? { take: 30, act: 60 } : { take: 90, act: 180 },
    owner,
    needs_operator: true,
    escalation: 0,
    offered_to: null,
    returned_from: null,
    closed_at: null,
    outcome: null,
    taken_at: owner ? at(seed.age - 14) : null,
    first_act_at: owner ? at(seed.age - 40) : null,
    parked_until: null,
    parked_reason: null,
    duress: false,
    on_test: false,
    verification: owner ? "running" : "not_done",
    warn_agent: false,
    normal: false,
    marks: seed.marks ?? [],
    next: { label: null, due_at: null, late: false },
    linked: null,
    abilities: owner ? ["note", "park", "close", "hand_over"] : ["take"],
    ...seed.more,
  };
}

export function town(many: boolean): IncidentRow[] {
  const rows = [
    row({
      name: "Agence bancaire des Halles",
      category: "hold_up",
      family: "person",
      priority: 1,
      age: 8,
      zone: "2",
      zoneName: "Bouton caisse 2",
      code: "122",
      marks: ["images", "listen_in"],
    }),
    row({
      name: "Personne suivie, Vaise",
      category: "personal",
      family: "person",
      priority: 1,
      age: 5,
      code: "101",
      marks: ["listen_in"],
    }),
    row({
      name: "Collège Jean-Macé",
      category: "fire",
      family: "fire",
      priority: 2,
      age: 12,
      zone: "4",
      zoneName: "Réserve chimie",
      code: "110",
    }),
    row({
      name: "École du Lac",
      category: "open_close",
      priority: 4,
      age: 47,
      code: "401",
      zoneName: "Utilisateur inconnu",
    }),
    row({ name: "Pharmacie de la Gare", category: "open_close", priority: 4, age: 1750, code: "454" }),
    row({
      name: "Entrepôt du Port, quai 3",
      category: "intrusion",
      priority: 2,
      age: 179,
      zone: "015",
      zoneName: "Quai de livraison",
      owner: ME,
      count: 3,
      marks: ["images"],
      more: { next: { label: { key: "call", text: "appel de la gérante" }, due_at: at(-22), late: false } },
    }),
    row({
      name: "Parking Cordeliers",
      category: "intrusion",
      priority: 3,
      age: 1880,
      zone: "7",
      zoneName: "Guichet",
      owner: ME,
      more: {
        next: { label: { key: "agent", text: "agent attendu sur place" }, due_at: at(70), late: true },
      },
    }),
    row({
      name: "Garage de la Vallée",
      category: "intrusion",
      priority: 3,
      age: 400,
      zone: "2",
      zoneName: "Atelier",
      owner: ME,
      state: "parked",
      more: {
        parked_until: at(-353),
        next: { label: { key: "parked", text: "rappeler la titulaire" }, due_at: at(-353), late: false },
      },
    }),
    row({
      name: "Villa Bellevue",
      category: "intrusion",
      priority: 3,
      age: 610,
      zone: "1",
      zoneName: "Entrée",
      owner: B,
    }),
    row({
      name: "Centre commercial Les Arcades",
      category: "tamper",
      priority: 3,
      age: 920,
      zone: "31",
      zoneName: "Boutique 6",
      owner: B,
    }),
    row({ name: "Villa Mimosas", category: "panic", priority: 2, age: 77, owner: B, family: "person" }),
    row({
      name: "27 sites, opérateur mobile B",
      category: "path",
      family: "technical",
      priority: 5,
      age: 362,
      code: "350",
    }),
    row({
      name: "Boulangerie du Port",
      category: "power",
      family: "technical",
      priority: 6,
      age: 1120,
      code: "302",
    }),
    row({
      name: "CSU · Place Carnot 2",
      category: "technical",
      family: "technical",
      priority: 6,
      age: 1335,
      code: "380",
    }),
  ];
  const kinds = ["intrusion", "power", "path", "tamper", "technical"];
  for (let n = 0; many && n < 190; n += 1) {
    const kind = kinds[n % 5] ?? "intrusion";
    rows.push(
      row({
        name: `Agence ${n + 1} du Val d’Essai`,
        category: kind,
        priority: kind === "intrusion" ? 3 : kind === "tamper" ? 4 : 6,
        age: 60 + n * 7,
        zone: String(n),
        zoneName: "Entrée",
      }),
    );
  }
  return rows;
}
