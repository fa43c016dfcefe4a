/** Sends the free entries of this person that wait on this machine (U15): at once, at each return of the server. */
import { api, ApiError, newKey } from "../../api/client";
import { createStore } from "../../core/store";
import {
  judge,
  readWaiting,
  sendAll,
  storageName,
  type Store,
  type Tried,
  type Waiting,
} from "../../core/waiting";
import { now } from "../../live/hooks";
import { live } from "../../live/world";

/** ms between tries while something waits. */
const AGAIN = 3000;
const LOCK = "veilleur.waiting";

export const waiting = createStore<readonly Waiting[]>([]);
const store: Store = durable();
let owner: number | null = null;
let running: Promise<void> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let last = 0;

/** Where entries wait: this machine's storage; this window's memory where the browser keeps nothing. */
function durable(): Store {
  try {
    localStorage.setItem(LOCK, "1");
    localStorage.removeItem(LOCK);
    return localStorage;
  } catch {
    const held = new Map<string, string>();
    return {
      get length() {
        return held.size;
      },
      key: (index) => [...held.keys()][index] ?? null,
      getItem: (name) => held.get(name) ?? null,
      setItem: (name, value) => void held.set(name, value),
      removeItem: (name) => void held.delete(name),
    };
  }
}

function look(): void {
  waiting.set(() => (owner === null ? [] : readWaiting(store, owner)));
}

/** Shows and sends the entries of a person; another's stay on this machine for his return. */
export function openWaiting(user: number): void {
  if (owner === user) {
    return;
  }
  if (owner === null) {
    addEventListener("storage", look); // another window of this browser
    live.subscribe(() => !live.get().stale && waiting.get().length > 0 && soon(0));
  }
  owner = user;
  look();
  soon(0);
}

/** Takes an entry: from here on it is on this machine until the server has it. */
export function enter(text: string, incident: number | null, firstKey: number): void {
  if (owner === null) {
    return;
  }
  // Finished in the same millisecond, two entries still keep their order.
  last = Math.max(last + 1, Math.round(performance.timeOrigin + performance.now()));
  const { stale } = live.get();
  const entry: Waiting = {
    key: newKey(),
    text,
    incident,
    firstKey,
    order: last,
    offline: stale,
    refused: null,
  };
  store.setItem(storageName(owner, entry), JSON.stringify(entry));
  look();
  soon(0);
}

/** Takes an entry back from those that wait: its text returns to the bar. */
export function withdraw(entry: Waiting): void {
  if (owner !== null) {
    store.removeItem(storageName(owner, entry));
    look();
  }
}

/** Tries to send all that waits; ends when the server was silent or has it all. */
export function flush(): Promise<void> {
  running ??= alone(once).finally(() => {
    running = null;
    if (waiting.get().some((entry) => entry.refused === null)) {
      soon(AGAIN);
    }
  });
  return running;
}

function soon(delay: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void flush(), delay);
}

/** One window at a time, where the browser can say so; else the commands' keys keep each entry single. */
function alone(work: () => Promise<void>): Promise<void> {
  return "locks" in navigator ? navigator.locks.request(LOCK, work).then(() => undefined) : work();
}

async function once(): Promise<void> {
  // Before the first sign of the server its time is not known, and an age would be a guess.
  if (owner !== null && !Number.isNaN(now())) {
    await sendAll({ store, user: owner, now, post: tryOne, changed: look });
  }
}

async function tryOne(entry: Waiting, body: unknown): Promise<Tried> {
  try {
    await api.post("/api/logbook", body, entry.key);
    return { done: true };
  } catch (failure) {
    return failure instanceof ApiError ? judge(failure.status, failure.code) : judge(0, "no_answer");
  }
}
