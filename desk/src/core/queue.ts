/** How the queue is laid out (desk.md; practice P8): pure, from rows to lines on the screen. */
import { fold } from "./actions";
import { BANDS } from "./band";
import { lateness, secondsSince, WITHIN, type TimeLimit } from "./time";
import type { Band, IncidentRow } from "./views";

export type GroupKey = "untaken" | "mine" | "others" | "faults";

export interface Group {
  key: GroupKey;
  rows: IncidentRow[];
}

/** Priority, then age from the first alarm signal. */
export function byUrgency(a: IncidentRow, b: IncidentRow): number {
  return a.priority - b.priority || a.opened_at.localeCompare(b.opened_at) || a.id - b.id;
}

export const isOpen = (row: IncidentRow): boolean => row.state !== "closed";
/**
 * Waits to be taken: nobody has it, it woke and must be taken again (practice P3: its holder's name stays), or the
 * screen of who holds it died (an orphan, need 2).
 */
export const isUntaken = (row: IncidentRow): boolean =>
  row.state === "new" || row.state === "handed_up" || row.ring_reason === "orphan";
/** The limit that an age is coloured by, and the hour from which it runs when a raise moved it; null: none left. */
export function limitOf(row: IncidentRow): TimeLimit | null {
  const { take, act, take_since, act_since } = row.limits;
  if (isUntaken(row)) {
    return { seconds: take, since: take_since ?? row.opened_at };
  }
  return row.first_act_at === null ? { seconds: act, since: act_since ?? row.opened_at } : null;
}

/** Whether the limit that runs now is passed at `at` (server ms): as the age's colour and the gauge judge it. */
export function isLate(row: IncidentRow, at: number): boolean {
  const limit = limitOf(row);
  const spent = limit === null ? null : secondsSince(limit.since, at + WITHIN);
  return limit !== null && spent !== null && lateness(spent, limit.seconds) === "late";
}

/** Waits, and this person may take it now. */
export const mayTake = (row: IncidentRow): boolean => isUntaken(row) && row.abilities.includes("take");

function groupOf(row: IncidentRow, me: number | null): GroupKey {
  if (isUntaken(row)) {
    return row.band === 4 && row.owner === null ? "faults" : "untaken";
  }
  return row.owner?.id === me || row.offered_to?.id === me ? "mine" : "others";
}

/** Untaken first, then mine, then others', then faults; each by priority then age. */
export function groupQueue(rows: Iterable<IncidentRow>, me: number | null): Group[] {
  const groups: Record<GroupKey, IncidentRow[]> = { untaken: [], mine: [], others: [], faults: [] };
  for (const row of rows) {
    if (isOpen(row)) {
      groups[groupOf(row, me)].push(row);
    }
  }
  return (["untaken", "mine", "others", "faults"] as const).map((key) => ({
    key,
    rows: groups[key].sort(byUrgency),
  }));
}

/** What `N` takes: the oldest of the highest priority among those that wait. */
export function nextToTake(rows: Iterable<IncidentRow>): IncidentRow | null {
  return [...rows].filter(mayTake).sort(byUrgency)[0] ?? null;
}

/** What must be told over any work, unless it is in view: an untaken P1 at once, a P2 untaken past its first level (P7). */
export function bannerOf(rows: Iterable<IncidentRow>, inView: number | null): IncidentRow | null {
  const urgent = [...rows].filter((row) => overAnyWork(row) && isUntaken(row) && row.id !== inView);
  return urgent.sort(byUrgency)[0] ?? null;
}

/** Whether what is in hand is put aside for that alarm: only for a graver one; before another it stays in hand. */
export const givesWay = (held: IncidentRow, urgent: IncidentRow): boolean =>
  urgent.priority < held.priority && held.state === "taken" && held.abilities.includes("park");

/** `escalation` rises at the centre's delays (30 s): from then on every post rings, and every screen tells. */
const overAnyWork = (row: IncidentRow): boolean =>
  row.band === 1 || (row.priority <= 2 && row.escalation > 0);

/** Open dossiers of somebody under duress, the oldest first: those that every post of the perimeter must know of (P1). */
export function duressOf(rows: Iterable<IncidentRow>): IncidentRow[] {
  return [...rows]
    .filter((row) => row.duress && isOpen(row))
    .sort((a, b) => a.opened_at.localeCompare(b.opened_at) || a.id - b.id);
}

/** The one behind the one in view, round and round. */
export function nextDuress(rows: readonly IncidentRow[], shown: number | null): IncidentRow | null {
  const at = rows.findIndex((row) => row.id === shown);
  return rows[(at + 1) % rows.length] ?? null;
}

export interface Counter {
  band: Band;
  untaken: number;
  taken: number;
  parked: number;
}

/** Counters per band for the top bar. */
export function counters(rows: Iterable<IncidentRow>): Counter[] {
  const all = BANDS.map((band) => ({ band, untaken: 0, taken: 0, parked: 0 }));
  for (const row of rows) {
    const counter = all[row.band - 1];
    if (counter && isOpen(row)) {
      if (row.state === "parked") {
        counter.parked += 1;
      } else if (isUntaken(row)) {
        counter.untaken += 1;
      } else {
        counter.taken += 1;
      }
    }
  }
  return all;
}

/**
 * My open dossiers, in the order they came to me: the dock's places must not move under the fingers. `taken_at` is the
 * first holder's hour, so that what stands there already (`before`, ids) keeps its order, whatever is taken over since.
 */
export function dock(
  rows: Iterable<IncidentRow>,
  me: number | null,
  before: readonly number[] = [],
): IncidentRow[] {
  const place = ({ id }: IncidentRow): number => (before.includes(id) ? before.indexOf(id) : before.length);
  return [...rows]
    .filter((row) => isOpen(row) && me !== null && (row.owner?.id === me || row.offered_to?.id === me))
    .sort((a, b) => place(a) - place(b) || (a.taken_at ?? "").localeCompare(b.taken_at ?? "") || a.id - b.id);
}

/** A dossier's number is said whole, or by one of its ends: digits inside it are nobody's («rue 000»). */
export function numbered(reference: string, asked: string): boolean {
  const number = fold(reference);
  return number.startsWith(asked) || number.endsWith(asked);
}
