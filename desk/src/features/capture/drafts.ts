/** Where drafts live: this machine at once, the server within a second. */
import { machineNow } from "../../core/clock";
import { api, ApiError } from "../../api/client";
import { merged, parseDrafts, savedAs, typed, type Drafts } from "../../core/drafts";
import { createStore } from "../../core/store";
import { now } from "../../live/hooks";

/** ms from a key to the server; from a try that had no answer to the next one. */
const SAVE_AFTER = 700;
const AGAIN = 5000;

const storageKey = (user: number): string => `veilleur.drafts.${user}`;

export const drafts = createStore<Drafts>({});
let owner: number | null = null;
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** Written here and not yet at the server; those, and what was written while it is asked: its answer may be older. */
const unsaved = new Set<string>();
const ours = new Set<string>();
let asking = 0;

/** Shows the drafts of a person; another's stay hidden. */
export function openDrafts(user: number): void {
  if (owner !== user) {
    owner = user;
    timers.forEach((timer) => clearTimeout(timer));
    [timers, unsaved, ours].forEach((held) => held.clear());
    drafts.set(() => parseDrafts(localStorage.getItem(storageKey(user))));
    void fetchDrafts();
  }
}

/** What this person has begun to write at another workstation comes here too. */
export async function fetchDrafts(): Promise<void> {
  const asked = owner;
  asking += 1;
  try {
    const kept = await api.get<{ key: string; text: string; first_key_at: string }[]>("/api/drafts");
    if (asked !== null && asked === owner) {
      const server = kept.map(({ key, text, first_key_at: at }) => [key, { text, firstKey: Date.parse(at) }]);
      drafts.set((held) => merged(held, Object.fromEntries(server) as Drafts, ours));
      remember();
    }
  } catch {
    // The copy on this machine stands.
  } finally {
    asking -= 1;
    settle();
  }
}

/** Once nobody asks, only what is not at the server is ours alone. */
function settle(): void {
  if (asking === 0) {
    ours.forEach((key) => unsaved.has(key) || ours.delete(key));
  }
}

function remember(): void {
  if (owner !== null) {
    localStorage.setItem(storageKey(owner), JSON.stringify(drafts.get()));
  }
}

export function writeDraft(key: string, text: string): void {
  const time = now();
  keep(key, text, Number.isNaN(time) ? machineNow() : time);
}

/** Puts a text back into the bar, behind what is there, with the time of its own first key. */
export function restoreDraft(key: string, text: string, firstKey: number): void {
  const present = drafts.get()[key]?.text;
  keep(key, present ? `${present} ${text}` : text, firstKey);
}

function keep(key: string, text: string, time: number): void {
  drafts.set((held) => typed(held, key, text, time));
  remember();
  unsaved.add(key);
  ours.add(key);
  saveAfter(SAVE_AFTER, key);
}

/** Who types without a pause is saved all the same. */
function saveAfter(delay: number, key: string): void {
  if (!timers.has(key)) {
    timers.set(
      key,
      setTimeout(() => void save(key), delay),
    );
  }
}

async function save(key: string): Promise<void> {
  const draft = drafts.get()[key];
  timers.delete(key);
  const path = `/api/drafts/${encodeURIComponent(key)}`;
  try {
    await (draft
      ? api.put(path, { text: draft.text, age_ms: Math.max(0, Math.round(now() - draft.firstKey)) })
      : api.remove(path));
    if (draft) {
      drafts.set((held) => savedAs(held, key, draft.text));
      remember();
    }
    if (!timers.has(key)) {
      unsaved.delete(key);
      settle();
    }
  } catch (failure) {
    if (!(failure instanceof ApiError)) {
      saveAfter(AGAIN, key); // the copy on this machine stands meanwhile
    }
  }
}
