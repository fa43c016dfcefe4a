/** When the room rings and how: pure; the page's audio plays what this decides (operator.md U5, practice P7). */
import { isUntaken } from "./queue";
import type { Band, IncidentRow } from "./views";

export interface Tone {
  /** Seconds from the start of the pattern. */
  at: number;
  /** Hertz. */
  pitch: number;
  /** Seconds. */
  length: number;
  shape: OscillatorType;
}

export interface Pattern {
  tones: Tone[];
  /** Seconds between two starts while nobody takes it. */
  every: number;
  /** Loudness, 0 to 1, before the operator's own volume. */
  gain: number;
}

export type SoundKind = Band | "stale";

const beep = (at: number, pitch: number, length: number, shape: OscillatorType = "square"): Tone => ({
  at,
  pitch,
  length,
  shape,
});

/** One pattern per band, told apart by rhythm as well as pitch; «stale» is the desk's own death rattle. */
export const PATTERNS: Record<SoundKind, Pattern> = {
  1: {
    tones: [0, 0.18, 0.36, 0.54].flatMap((at) => [beep(at, 1180, 0.09), beep(at + 0.09, 880, 0.08)]),
    every: 1.6,
    gain: 0.9,
  },
  2: {
    tones: [
      beep(0, 780, 0.16, "triangle"),
      beep(0.24, 990, 0.16, "triangle"),
      beep(0.48, 780, 0.2, "triangle"),
    ],
    every: 3.2,
    gain: 0.75,
  },
  3: { tones: [beep(0, 620, 0.22, "sine"), beep(0.3, 520, 0.26, "sine")], every: 8, gain: 0.6 },
  4: { tones: [beep(0, 440, 0.2, "sine")], every: 30, gain: 0.45 },
  stale: { tones: [beep(0, 330, 0.35, "sawtooth"), beep(0.45, 247, 0.5, "sawtooth")], every: 4, gain: 0.7 },
};

/** The operator's volume never brings P1 nor the stale alarm below this (U5). */
export const FLOOR = 0.35;
/** Seconds: no silence lasts longer (U5). */
export const MUTE_MAX = 60;
/** Seconds untaken after which P1 and P2 ring on every post, over any work (practice P7). */
export const EVERY_POST_AFTER = 30;

export interface Ear {
  me: number | null;
  /** A post is held here. */
  onPost: boolean;
  /** 0 to 1. */
  volume: number;
  /** Server ms until which the rest is silent. */
  mutedUntil: number;
}

/** Whether a dossier rings at this desk now (ms). */
export function rings(row: IncidentRow, ear: Ear, now: number): boolean {
  if (row.ringing_since === null || row.state === "closed") {
    return false;
  }
  if (ear.me !== null && (row.owner?.id === ear.me || row.offered_to?.id === ear.me)) {
    return true;
  }
  const waited = (now - Date.parse(row.ringing_since)) / 1000;
  const everywhere = row.escalation > 0 || (row.priority <= 2 && waited >= EVERY_POST_AFTER);
  return everywhere || (ear.onPost && isUntaken(row));
}

export interface Ringing {
  kind: SoundKind;
  every: number;
  /** 0 to 1, volume and floor applied; 0: silenced for the moment. */
  loudness: number;
}

/** What must be heard now of the dossiers; null: silence. The highest band wins; it quickens while nobody answers. */
export function whatRings(rows: Iterable<IncidentRow>, ear: Ear, now: number): Ringing | null {
  let chosen: IncidentRow | null = null;
  for (const row of rows) {
    if (rings(row, ear, now) && (chosen === null || isLouder(row, chosen))) {
      chosen = row;
    }
  }
  return chosen === null ? null : ringing(chosen.band, ear, isMuted(ear, now), waitedFor(chosen, now));
}

/** The desk's own alarm while the server is silent: beside what rings, for what rings may no longer be true. */
export function staleRings(ear: Ear, now: number, stale: boolean): Ringing | null {
  return stale && ear.onPost ? ringing("stale", ear, isMuted(ear, now), 0) : null;
}

const isMuted = (ear: Ear, now: number): boolean =>
  now < ear.mutedUntil && ear.mutedUntil - now <= MUTE_MAX * 1000;

/** What is wrong with the room itself sounds like the desk's own alarm, at a post or at the chef's screen. */
export function troubleRings(ear: Ear, now: number, troubled: boolean): Ringing | null {
  return troubled ? ringing("stale", ear, isMuted(ear, now), 0) : null;
}

function isLouder(a: IncidentRow, b: IncidentRow): boolean {
  return a.band - b.band < 0 || (a.band === b.band && (a.ringing_since ?? "") < (b.ringing_since ?? ""));
}

function waitedFor(row: IncidentRow, now: number): number {
  return row.ringing_since === null ? 0 : (now - Date.parse(row.ringing_since)) / 1000;
}

function ringing(kind: SoundKind, ear: Ear, muted: boolean, waited: number): Ringing {
  const pattern = PATTERNS[kind];
  const escalated = waited >= EVERY_POST_AFTER && (kind === 1 || kind === 2);
  const lowest = kind === 1 ? FLOOR : kind === "stale" ? FLOOR / 2 : 0;
  const volume = Math.max(muted ? 0 : ear.volume, lowest);
  const loudness = Math.min(1, pattern.gain * volume * (escalated ? 1.3 : 1));
  return { kind, every: escalated ? pattern.every * 0.7 : pattern.every, loudness };
}

/** ms of ringing unheard before the room is told that this window is mute. */
export const DEAF_AFTER = 5000;
/** ms: after a load a browser stays mute until the first key or click. Whoever reloads a page is there and gives it. */
export const DEAF_AFTER_LOAD = 30_000;

/** Whether a window that has been unheard since then (ms) is mute for the room. `touched`: a key or a click came. */
export const isDeaf = (since: number | null, touched: boolean, now: number): boolean =>
  since !== null && now - since >= (touched ? DEAF_AFTER : DEAF_AFTER_LOAD);

/** Whether a pattern is due, given when (ms) which one was last started. */
export function isDue(ringing: Ringing, last: { kind: SoundKind; at: number } | null, now: number): boolean {
  return last === null || last.kind !== ringing.kind || now - last.at >= ringing.every * 1000;
}
