/** Where drafts live: this machine at once, the server within a second. */
import { machineNow } from "../../core/clock";
import { api } from "../../api/client";
import { parseDrafts, typed, type Drafts } from "../../core/drafts";
import { createStore } from "../../core/store";
import { now } from "../../live/hooks";

const SAVE_AFTER = 700;

const storageKey = (user: number): string => `veilleur.drafts.${user}`;

export const drafts = createStore<Drafts>({});
let owner: number | null = null;
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** Shows the drafts of a person; another's stay hidden. */
export function openDrafts(user: number): void {
  if (owner !== user) {
    owner = user;
    drafts.set(() => parseDrafts(localStorage.getItem(storageKey(user))));
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
  if (owner !== null) {
    localStorage.setItem(storageKey(owner), JSON.stringify(drafts.get()));
  }
  clearTimeout(timers.get(key));
  timers.set(
    key,
    setTimeout(() => void save(key), SAVE_AFTER),
  );
}

async function save(key: string): Promise<void> {
  const draft = drafts.get()[key];
  const path = `/api/drafts/${encodeURIComponent(key)}`;
  // The copy on this machine stands when the server does not answer.
  await (
    draft
      ? api.put(path, { text: draft.text, age_ms: Math.max(0, Math.round(now() - draft.firstKey)) })
      : api.remove(path)
  ).catch(() => undefined);
}
