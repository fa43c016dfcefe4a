/** What is done in a dossier: calls, clues, doors to the services, agents. */
import type { Text } from "./dossier";

export type CallPhase = "word" | "facts" | "leaving" | "duress" | "open" | "ended";

export interface CallView {
  id: number;
  /** Its dossier: an offence told outside any opens one. */
  incident_id: number | null;
  direction: "out" | "in";
  target: string;
  label: string;
  number: string | null;
  contact_id: number | null;
  step_key: string | null;
  started_at: string;
  ended_at: string | null;
  phase: CallPhase;
  say: Text[];
  voicemail: Text | null;
  word: string | null;
  near: boolean;
  heard: { result: string; near_of: string | null; reason: string | null; person: string | null } | null;
  tries_left: number;
  identified: boolean;
  person: string | null;
  result: string | null;
  understood: string | null;
  note: string | null;
  settles_at: string | null;
  settled: boolean;
  undone_at: string | null;
  results: string[];
  /** What an identified person may be understood to say. */
  meanings: string[];
  may_cancel: boolean;
  abilities: string[];
}

export interface NextCall {
  contact_id: number;
  name: string;
  role: string | null;
  rank: number;
  number: string;
  number_label: string | null;
  available: boolean;
}

export interface ClueView {
  id: number | null;
  kind: string;
  strength: "proof" | "concrete" | "support";
  door: string;
  origin: "operator" | "call" | "agent" | "signals";
  who: string | null;
  text: string | null;
  finding: string | null;
  points: string[];
  /** Whose image it is about; `at` is then the hour of that image. */
  camera: string | null;
  by_machine: boolean;
  at: string;
  abilities: string[];
}

export interface DoorView {
  door: "goods" | "persons";
  state: "to_justify" | "justified" | "open";
  proofs: { kind: string; label: string; have: boolean; hotkey: string | null }[];
  supports: string[];
  concrete: boolean;
  callbacks: { reached: number; needed: number };
  override_motifs: { key: string; label: string }[];
  rule: { reference: string; since: string; zone: string };
}

export interface ServiceView {
  service: string;
  directory_id: number | null;
  name: string | null;
  door: "goods" | "persons" | "none";
  missing: Text | null;
  call_back: string | null;
}

export interface ServiceCallView {
  id: number;
  service: string;
  name: string | null;
  number: string | null;
  door: string;
  review_needed: boolean;
  next_outcomes: string[];
  override_motif: string | null;
  reached: string | null;
  call_back_given: string | null;
  asked_at: string;
  ended_at: string | null;
  outcome: string | null;
  note: string | null;
  script: Text[];
  abilities: string[];
}

export interface InterventionView {
  id: number;
  responder: { id: number; name: string; firm: string | null; phone: string };
  state: string;
  asked_at: string;
  answered_at: string | null;
  left_at: string | null;
  expected_at: string | null;
  late: boolean;
  arrived_at: string | null;
  finding: string | null;
  finding_note: string | null;
  found_at: string | null;
  done_at: string | null;
  refused_reason: string | null;
  keys: string | null;
  warned_at: string | null;
  /** A person of the site is under threat. */
  threat: boolean;
  /** He does not know it yet: he is told not to show himself unless the consigne says so. */
  hold_back: boolean;
  abilities: string[];
}

export interface ResponderView {
  id: number;
  name: string;
  firm: string | null;
  phone: string;
  keys: string | null;
  minutes: number | null;
  rank: number | null;
  asked: string | null;
  card_expired: boolean;
  suggested: boolean;
}
