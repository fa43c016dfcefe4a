/** A dossier in full (docs/design/spine.md, «Dossier»). Sentences come as codes: locale/ has the words. */
import type { IncidentRow, LogLine, Params } from "./views";

export interface Text {
  code: string;
  params: Params;
}

export interface AreaState {
  number: string;
  name: string | null;
  armed: boolean | null;
  partial: boolean;
  armed_since: string | null;
  armed_by: string | null;
}

export interface SiteHead {
  id: number;
  reference: string;
  name: string;
  kind: string;
  street: string | null;
  postcode: string | null;
  town: string | null;
  access: string | null;
  phone: string | null;
  call_back: string | null;
  timezone: string;
  customer: string | null;
  connection: string;
  services: string[];
  areas: AreaState[];
  competent: { service: string; name: string } | null;
  risks: string | null;
  note: string | null;
  unjustified_30d: number;
}

export interface Banner {
  kind: string;
  tone: "plain" | "warn" | "alarm";
  text: Text;
}

export interface InstructionView {
  id: number;
  kind: string;
  text: string;
  applies: boolean;
  why: Text | null;
  asked_by: string | null;
  valid_until: string | null;
}

export interface ContactView {
  id: number;
  name: string;
  role: string | null;
  rank: number;
  phones: { number: string; label: string | null }[];
  available: boolean;
  availability: Text | null;
  authorised: boolean;
  provisional_until: string | null;
  note: string | null;
  tried: string | null;
}

export interface StepView {
  key: string;
  label: string;
  say: string | null;
  hint: string | null;
  act: string;
  target: string | null;
  rank: number | null;
  state: "pending" | "current" | "done" | "skipped";
  parallel: boolean;
  mandatory: boolean;
  results: { key: string; label: string; hotkey: string | null }[];
  result: string | null;
  motif: string | null;
  note: string | null;
  current_since: string | null;
  due_at: string | null;
  done_at: string | null;
  done_by: string | null;
  undo_until: string | null;
  urgent: boolean;
  abilities: string[];
}

export type CallPhase = "word" | "facts" | "leaving" | "duress" | "open" | "ended";

export interface CallView {
  id: number;
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
  text: string | null;
  by_machine: boolean;
  at: string | null;
  abilities: string[];
}

export interface DoorView {
  door: "goods" | "persons";
  state: "to_justify" | "justified" | "open";
  proofs: { kind: string; label: string; have: boolean; hotkey: string | null }[];
  supports: string[];
  concrete: boolean;
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

export interface PointView {
  id: number;
  label: string;
  category: string;
  area: string | null;
  alarms: number;
  first_at: string;
  last_at: string;
  restored_at: string | null;
  normal_at: string | null;
  normal_by: string | null;
  open: boolean;
}

export interface DeferralView {
  id: number;
  what: string;
  who: string;
  until: string;
  done_at: string | null;
}

export interface SignalLine {
  id: number;
  received_at: string;
  line: string;
  path: string | null;
  event: {
    category: string;
    code: string;
    label_code: string | null;
    qualifier: string;
    area: string | null;
    zone: string | null;
    zone_name: string | null;
    user: string | null;
    text: string | null;
  };
  role: string;
  copies: number;
}

export interface Outcome {
  key: string;
  label: string;
  group: string;
  locked: Text | null;
}

export interface Dossier {
  row: IncidentRow;
  site: SiteHead;
  banners: Banner[];
  instructions: InstructionView[];
  steps: StepView[];
  calls: CallView[];
  next_call: NextCall | null;
  clues: ClueView[];
  doors: { goods: DoorView; persons: DoorView };
  service_calls: ServiceCallView[];
  services: ServiceView[];
  interventions: InterventionView[];
  responders: ResponderView[];
  points: PointView[];
  deferrals: DeferralView[];
  signals: SignalLine[];
  entries: LogLine[];
  closing: { blockers: Text[]; outcomes: Outcome[]; outcome: string | null; note: string | null };
  colleagues: { id: number; name: string; post: string | null }[];
  abilities: string[];
}

/** The call that is on the line now, if any. */
export function runningCall(dossier: Dossier): CallView | null {
  return dossier.calls.find((call) => call.result === null && call.undone_at === null) ?? null;
}

/** A call whose result may still be undone. */
export function unsettledCalls(dossier: Dossier): CallView[] {
  return dossier.calls.filter((call) => call.result !== null && !call.settled && call.undone_at === null);
}

/** The agent who is engaged, if any. */
export function engaged(dossier: Dossier): InterventionView | null {
  const ended = ["done", "refused", "no_answer", "cancelled"];
  return dossier.interventions.find((intervention) => !ended.includes(intervention.state)) ?? null;
}

/** The step a key acts on: the first current one. */
export function currentStep(dossier: Dossier): StepView | null {
  return dossier.steps.find((step) => step.state === "current") ?? null;
}

/** Function keys given to results in their order; F5 and F11 reload or enlarge a page unless we hold them. */
export const RESULT_KEYS = [
  "F5",
  "F6",
  "F7",
  "F9",
  "F10",
  "Shift+F5",
  "Shift+F6",
  "Shift+F7",
  "Shift+F9",
] as const;

export function keyOf(index: number): string | null {
  return RESULT_KEYS[index] ?? null;
}
