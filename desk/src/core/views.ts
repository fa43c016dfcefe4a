/** The shapes the desk receives (docs/design/spine.md). Times are RFC 3339 UTC strings; a `version` only grows. */

import type { CameraView, HealthItem } from "./cameras";

export type Params = Record<string, unknown>;
export type Band = 1 | 2 | 3 | 4;

export interface Named {
  id: number;
  name: string;
}

export interface LogLine {
  /** Null while the entry waits for its seal. */
  position: number | null;
  id: number;
  kind: string;
  version: number;
  params: Params;
  actor_name: string | null;
  actor_kind: string;
  happened_at: string;
  entered_at: string;
  late: boolean;
  corrects: number | null;
  site: Named | null;
  incident: { id: number; reference: string } | null;
}

export interface Headline {
  code: string | null;
  label_code: string | null;
  category: string;
  qualifier: string | null;
  zone: string | null;
  zone_name: string | null;
  area: string | null;
  text: string | null;
}

export type IncidentState = "new" | "taken" | "parked" | "transferred" | "handed_up" | "closing" | "closed";

export type Verification = "not_done" | "running" | "negative" | "goods" | "persons" | "impossible";

export interface IncidentRow {
  id: number;
  version: number;
  reference: string;
  site: { id: number; reference: string; name: string; town: string | null; timezone: string };
  family: string;
  category: string;
  priority: number;
  band: Band;
  state: IncidentState;
  needs_operator: boolean;
  headline: Headline;
  opened_at: string;
  last_signal_at: string | null;
  signal_count: number;
  /** Null: silent. */
  ringing_since: string | null;
  ring_reason: string | null;
  /** Untaken: 0 · 1 every post · 2 chef, astreinte · 3 station non tenue. */
  escalation: number;
  /** Seconds allowed to take, and to act first; from when, once the priority was raised (else from the first signal). */
  limits: { take: number; act: number; take_since?: string | null; act_since?: string | null };
  /** Who holds it; a réveil keeps the name, and the state «new» asks to take it again. */
  owner: Named | null;
  offered_to: Named | null;
  /** Who held it when it went back to the queue. */
  returned_from: Named | null;
  taken_at: string | null;
  first_act_at: string | null;
  parked_until: string | null;
  parked_reason: string | null;
  closed_at: string | null;
  outcome: string | null;
  duress: boolean;
  on_test: boolean;
  verification: Verification;
  warn_agent: boolean;
  normal: boolean;
  marks: string[];
  next: { label: { key: string; text: string | null } | null; due_at: string | null; late: boolean };
  linked: { id: number; reference: string } | null;
  abilities: string[];
}

export interface PostView {
  id: number;
  version: number;
  name: string;
  kind: string;
  holder: Named | null;
  held_since: string | null;
  motif: string | null;
  /** Null: never tested in this session. */
  sound_ok: boolean | null;
  /** Its screen answered within 10 s (as of the view; each beat says which posts are live now). */
  live: boolean;
  /** The built-in dialler's row is not painted there since. */
  unverified_since: string | null;
  title: { kind: string; last_day: string | null; ends_at: string | null; warned: boolean } | null;
  abilities: string[];
}

export interface OnTestView {
  id: number;
  version: number;
  site: Named;
  asked_by: string;
  started_at: string;
  until: string;
  ended_at: string | null;
  scope: Params;
  abilities: string[];
}

/** The worse of the two limits of each family, over today (practice: taking is gamed otherwise). */
export interface Gauge {
  measure: "taken" | "first_act";
  seconds: number;
  share: number | null;
  target: number;
  count: number;
}

export type TouchedKind = "incident" | "post" | "on_test" | "camera" | "site" | "centre";

export interface Touched {
  kind: TouchedKind;
  id: number;
  version: number;
  view: unknown;
}

export interface Snapshot {
  position: number;
  now: string;
  incidents: IncidentRow[];
  posts: PostView[];
  tests: OnTestView[];
  /** Absent where no camera is watched. */
  cameras?: CameraView[];
  gauge: Gauge | null;
  entries: LogLine[];
}

export interface StreamItem {
  position: number;
  /** Null when the line is not for this reader. */
  entry: LogLine | null;
  touched: Touched[];
}

export interface Beat {
  now: string;
  position: number;
  sealed_at: string | null;
  /** When the oldest entry that waits for its seal was entered. */
  unsealed_since: string | null;
  /** Posts held whose screen answered within 10 s. */
  live_posts: number[];
  /** Null for who does not read the main courante. */
  gauge: Gauge | null;
  station: StationView | null;
  chain: ChainView | null;
  /** Those that are not plainly online; absent where no camera is watched. */
  cameras?: HealthItem[];
}

/** Whether somebody can take an alarm (practice P7). `held` null: no post was ever held. */
export interface StationView {
  held: boolean | null;
  unheld_since: string | null;
  /** Panels are not acknowledged. */
  withheld: boolean;
  /** Seconds within which a key or an answer is asked of each post; 0: not asked. */
  awake_seconds: number;
  /** Why somebody outside is called: unheld | untaken. */
  calling: string | null;
  calling_since: string | null;
  taken_by: string | null;
  told: number;
  failed: number;
  /** How many may be called outside. */
  on_call: number;
}

/** The last round of the built-in dialler that came through whole. */
export interface ChainView {
  round: number | null;
  verified_at: string | null;
  sent_at: string;
}

export interface Title {
  kind: string;
  number: string;
  activities: string[];
  /** Last day. */
  expires_on: string | null;
  status: string;
  /** valid | renewing | expired | suspended | withdrawn | provisional, today. */
  state: string;
  renewal_receipt_on: string | null;
  /** 6, 4 or 3: its end is that near and nothing takes over (S4). */
  months_left: number | null;
  /** Last day to ask for a renewal (R612-17). */
  renew_by: string | null;
}

export interface Me {
  user: { id: number; login: string; name: string; roles: string[]; language: string };
  csrf: string;
  post: Named | null;
  posts: PostView[];
  abilities: string[];
  titles: Title[];
  centre: {
    name: string;
    call_back: string | null;
    timezone: string;
    demo: boolean;
    language: string;
  };
  session: { ends_at: string; sound_ok: boolean | null };
}

export interface SiteFound {
  id: number;
  reference: string;
  name: string;
  town: string | null;
  customer: string | null;
  /** What of the site was recognised: name, town, phone, account… */
  matched: string;
  /** How many. */
  open_incidents: number;
  on_test: boolean;
}
