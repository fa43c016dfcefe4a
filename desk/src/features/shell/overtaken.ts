/** Dossiers of mine that a colleague took: told at once on every page, and until it is seen. */
import { api } from "../../api/client";
import { createStore } from "../../core/store";
import type { LogLine } from "../../core/views";
import { now } from "../../live/hooks";
import { world } from "../../live/world";

/** Entries that take a dossier from who held it; he is `from`. */
const KINDS = ["incident.taken_over", "incident.retaken"] as const;
/** ms: what happened longer before this window opened is read in the logbook, not told. */
export const TOLD_WITHIN = 12 * 3_600_000;
/** Seen entries that this machine remembers: more than a shift has. */
const REMEMBERED = 200;

export interface Person {
  id: number;
  name: string;
}

/** Not seen yet, the oldest first. */
export const overtaken = createStore<readonly LogLine[]>([]);

/** The lines by which another person took a dossier from this one. `past`: from before he was here. */
export function takenFrom(lines: readonly LogLine[], name: string, past: boolean): LogLine[] {
  return lines.filter(
    (line) =>
      KINDS.some((kind) => kind === line.kind) &&
      line.params["from"] === name &&
      line.actor_name !== name &&
      // A relief is made with both present: nobody needs to hear of it the next day.
      !(past && line.params["reason"] === "relief"),
  );
}

/** Says that the first of them was seen. */
export const SEEN_KEY = "Alt+N";

/** Of one dossier the last take-over is told. */
export const isSame = (line: LogLine, other: LogLine): boolean => line.incident?.id === other.incident?.id;

export const latestOf = (lines: readonly LogLine[]): LogLine[] =>
  lines.filter((line, at) => !lines.some((other, place) => place > at && isSame(line, other)));

/** The first that is told was seen, and the next takes its place. */
export function markFirstSeen(me: Person): void {
  const [first] = latestOf(overtaken.get());
  if (first !== undefined) {
    markSeen(
      me,
      overtaken.get().filter((other) => isSame(first, other)),
    );
  }
}

const placeOf = (me: Person): string => `veilleur.overtaken.${me.id}`;

function seenBy(me: Person): number[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(placeOf(me)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id): id is number => typeof id === "number") : [];
  } catch {
    return [];
  }
}

/** These were seen, in every window of this machine. */
export function markSeen(me: Person, lines: readonly LogLine[]): void {
  const ids = [...seenBy(me), ...lines.map((line) => line.id)].slice(-REMEMBERED);
  localStorage.setItem(placeOf(me), JSON.stringify(ids));
  forget(ids);
}

function forget(ids: readonly number[]): void {
  overtaken.set((held) => held.filter((line) => !ids.includes(line.id)));
}

function tellOf(me: Person, lines: readonly LogLine[]): void {
  const seen = new Set(seenBy(me));
  const known = new Set(overtaken.get().map((line) => line.id));
  const fresh = lines.filter((line) => !seen.has(line.id) && !known.has(line.id));
  if (fresh.length > 0) {
    overtaken.set((held) => [...held, ...fresh].sort((a, b) => a.id - b.id));
  }
}

/** What was taken while no window of his was open. */
async function tellThePast(me: Person): Promise<void> {
  const from = encodeURIComponent(new Date(now() - TOLD_WITHIN).toISOString());
  const asked = KINDS.map((kind) => api.get<{ lines: LogLine[] }>(`/api/logbook?kind=${kind}&from=${from}`));
  for (const { lines } of await Promise.all(asked)) {
    tellOf(me, takenFrom(lines, me.name, true));
  }
}

/** Begins to tell this person; returns how to stop. */
export function startTelling(me: Person): () => void {
  let held: readonly LogLine[] | null = null;
  const look = (): void => {
    const { lines, position } = world.get();
    if (lines === held || position < 0) {
      return;
    }
    if (held === null) {
      tellThePast(me).catch(() => undefined); // the lines of the snapshot tell the last of it
    }
    const known = new Set((held ?? []).map((line) => line.id));
    const news = lines.filter((line) => !known.has(line.id));
    tellOf(me, takenFrom(news, me.name, held === null));
    held = lines;
  };
  const elsewhere = (event: StorageEvent): void => {
    if (event.key === placeOf(me)) {
      forget(seenBy(me));
    }
  };
  const unsubscribe = world.subscribe(look);
  addEventListener("storage", elsewhere);
  look();
  return () => {
    unsubscribe();
    removeEventListener("storage", elsewhere);
    overtaken.set(() => []);
  };
}
