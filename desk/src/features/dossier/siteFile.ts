/** The file of a site (docs/design/spine.md, «SiteFile»): no secret in it. */
import type { AreaState, ContactView, InstructionView, SiteHead } from "../../core/dossier";
import type { Params } from "../../core/views";

export interface SiteZone {
  id: number;
  number: string;
  area: string | null;
  name: string | null;
  kind: string | null;
  state: string;
  state_since: string | null;
  seen_at: string | null;
  /** Brought back by something else than the panel's restore (P5): when, and by what. */
  normal_at: string | null;
  normal_by: string | null;
  discovered: boolean;
}

export interface SitePanel {
  id: number;
  account: string;
  line: string | null;
  model: string | null;
  encrypted: boolean;
  time_policy: string;
  sends_restores: string;
  paths: {
    name: string;
    interval: number | null;
    state: string;
    state_since: string | null;
    last_seen: string | null;
  }[];
}

/** A consigne of the file, with what this reader may do with it. */
export type SiteInstruction = InstructionView & { abilities: string[] };

export interface SiteFile {
  brand: string | null;
  /** `kind`: a code of `brand_kind`. */
  brand_exceptions: { kind: string; name: string }[];
  site: SiteHead;
  panels: SitePanel[];
  areas: AreaState[];
  zones: SiteZone[];
  contacts: ContactView[];
  instructions: SiteInstruction[];
  tests: SiteTest[];
  /** Those of the last day, the last first. */
  ended_tests: SiteTest[];
  missing_services: string[];
  /** When it is expected armed, on its own clock. */
  schedule: { days: number[]; start: string; end: string }[];
  closed_now: boolean | null;
  directory: { service: string; name: string; checked_on: string | null }[];
  responders: {
    id: number;
    name: string;
    firm: string | null;
    rank: number;
    keys: string | null;
    minutes: number | null;
  }[];
  abilities: string[];
}

export interface SiteTest {
  id: number;
  asked_by: string;
  started_at: string;
  until: string;
  ended_at: string | null;
  end_note: string | null;
  /** {panel, areas, zones}: null each for all. */
  scope: Params;
  points: {
    key: string;
    zone: string | null;
    label: string;
    state: string;
    category?: string | null;
    alarms: number;
    /** The dossier of what broke through the test; none: it was kept quiet. */
    incident_id?: number | null;
    incident?: string | null;
  }[];
  abilities: string[];
}

/** The connection of a site: what was tested, what lacks (codes of `connection_missing`), and the records kept. */
export interface SiteConnection {
  connection: string;
  points: { number: string; name: string | null; state: string; tested_at: string | null }[];
  missing: { code: string; items: string[] }[];
  records: { id: number; accepted_at: string; accepted_by: string; motif: string | null }[];
  motifs: string[];
  abilities: string[];
}
