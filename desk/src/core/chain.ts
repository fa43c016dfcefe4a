/** What this desk must say and sound of the room itself: pure (practice P7, need 2; docs/design/continuity.md). */
import { byUrgency, isOpen, isUntaken } from "./queue";
import type { ChainView, IncidentRow, PostView, StationView } from "./views";

export interface Seat {
  /** The post held here. */
  post: number | null;
  /** A chef de salle hears of every post. */
  lead: boolean;
}

export interface Room {
  station: StationView | null;
  chain: ChainView | null;
  posts: readonly PostView[];
  rows: readonly IncidentRow[];
}

/** A dossier that nobody took, and since when it rings. */
export interface Untaken {
  id: number;
  name: string;
  reference: string;
  since: string;
}

export type Trouble =
  /** Nobody can take an alarm. */
  | { kind: "unheld"; since: string | null; silent: boolean }
  /** Posts are live, and yet nobody took these until the last delay (180 s): as if the station were not held. */
  | { kind: "untaken"; since: null; dossiers: Untaken[] }
  /** Somebody outside is being called. */
  | {
      kind: "calling";
      since: string | null;
      takenBy: string | null;
      told: number;
      failed: number;
      nobody: boolean;
    }
  /** No round of the built-in dialler came through lately. */
  | { kind: "chain"; since: string | null }
  /** The last round is not painted on this post. */
  | { kind: "post"; since: string; post: string }
  /** No key here for long: this post will soon not count any more. */
  | { kind: "asleep"; since: null };

/** Seconds: a round each 60, painted within 5, and a round that is late by ten. */
export const CHAIN_AFTER = 75;
/** Seconds before a post ceases to count that its holder is asked for a key. */
export const ASK_BEFORE = 120;

/** What is wrong now, the worst first. `now` and `keyAt` (the last key here) are server ms. */
export function troublesOf(room: Room, seat: Seat, now: number, keyAt: number): Trouble[] {
  return [...stationTroubles(room), ...chainTroubles(room, seat, now), ...asleep(room, seat, now, keyAt)];
}

/** `escalation` 3: «station non tenue» (P7); the delay is the centre's. */
const STATION = 3;

function untaken(rows: readonly IncidentRow[]): Untaken[] {
  return rows
    .filter((row) => isOpen(row) && isUntaken(row) && row.escalation >= STATION)
    .sort(byUrgency)
    .map(({ id, site, reference, ringing_since, opened_at }) => ({
      id,
      name: site.name,
      reference,
      since: ringing_since ?? opened_at,
    }));
}

function stationTroubles({ station, rows }: Room): Trouble[] {
  const found: Trouble[] = [];
  const dossiers = untaken(rows);
  if (station?.held === false) {
    found.push({ kind: "unheld", since: station.unheld_since, silent: station.withheld });
  }
  if (dossiers.length > 0) {
    found.push({ kind: "untaken", since: null, dossiers });
  }
  if (station === null) {
    return found;
  }
  if (station.calling !== null) {
    found.push({
      kind: "calling",
      since: station.calling_since,
      takenBy: station.taken_by,
      told: station.told,
      failed: station.failed,
      nobody: station.on_call === 0,
    });
  }
  return found;
}

function chainTroubles({ chain, posts }: Room, seat: Seat, now: number): Trouble[] {
  if (chain === null || (seat.post === null && !seat.lead)) {
    return [];
  }
  const through = Date.parse(chain.verified_at ?? chain.sent_at);
  if (now - through > CHAIN_AFTER * 1000) {
    return [{ kind: "chain", since: chain.verified_at }];
  }
  return posts.flatMap((post) =>
    post.unverified_since !== null && (seat.lead || post.id === seat.post)
      ? [{ kind: "post" as const, since: post.unverified_since, post: post.name }]
      : [],
  );
}

function asleep({ station }: Room, seat: Seat, now: number, keyAt: number): Trouble[] {
  const within = station?.awake_seconds ?? 0;
  const asks =
    within > 0 && seat.post !== null && now - keyAt > Math.max(within - ASK_BEFORE, within / 2) * 1000;
  return asks ? [{ kind: "asleep", since: null }] : [];
}

/** Whether it is heard, not only seen: all but a call that somebody has taken up, and dossiers, which ring by themselves. */
export function isHeard(troubles: readonly Trouble[]): boolean {
  return troubles.some((trouble) =>
    trouble.kind === "calling" ? trouble.takenBy === null : trouble.kind !== "untaken",
  );
}
