/** A dossier in full (docs/design/spine.md, «Dossier»). Sentences come as codes: locale/ has the words. */
import type {
  CallView,
  ClueView,
  DoorView,
  InterventionView,
  NextCall,
  ResponderView,
  ServiceCallView,
  ServiceView,
} from "./handling";
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
  /** `by_hand`: an operator may say it himself; what a person told needs the call in which he was identified. */
  results: { key: string; label: string; hotkey: string | null; by_hand: boolean }[];
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
  /** Who sees to it, when it is neither open nor back. */
  deferral_id: number | null;
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
    code: string | null;
    label_code: string | null;
    qualifier: string | null;
    area: string | null;
    zone: string | null;
    zone_name: string | null;
    user: string | null;
    text: string | null;
  };
  role: string;
  copies: number;
  /** Whether it may be believed: a word of the vocabulary `verdict`. */
  verdict: string;
  /** Seconds, panel minus us; null when it is not worth a word. */
  drift: number | null;
  /** What its frame carried beside: words of the vocabulary `extended_field`. */
  details: { code: string; value: string }[];
}

export interface Outcome {
  key: string;
  label: string;
  group: string;
  locked: Text | null;
  /** What this cause asks for first, beside the blockers of all. */
  needs: Text | null;
  /** Why its conclusion is to be written: nothing verified that there is no cause. */
  justify: Text | null;
}

/** A rendering of the report; `locked`: why it may not be asked for now. */
export interface ReportView {
  audience: "customer" | "prefect" | "internal";
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
  reports: ReportView[];
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
