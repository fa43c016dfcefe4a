/**
 * Free entries that wait for the server (U15): taken at once, kept on this machine until the server has them, sent in
 * their order, each under its own command key, so that none is lost and none is entered twice.
 */

export interface Waiting {
  /** The command's key: every try of this entry carries it. */
  key: string;
  text: string;
  incident: number | null;
  /** ms since 1970 at the server (or at this machine, never having heard it) when the first key was pressed. */
  firstKey: number;
  /** Its place: entries leave in the order in which they were finished. */
  order: number;
  /** The server did not answer when it was first sent: the entry will say so. */
  offline: boolean;
  /** The server's refusal: a person decides what becomes of it. */
  refused: string | null;
}

const PREFIX = "veilleur.waiting";

/** One storage item per entry: windows of one browser add and remove without undoing each other. */
export const storageName = (user: number, entry: { key: string; order: number }): string =>
  `${PREFIX}.${user}.${String(entry.order).padStart(16, "0")}.${entry.key}`;

export interface Store {
  readonly length: number;
  key: (index: number) => string | null;
  getItem: (name: string) => string | null;
  setItem: (name: string, value: string) => void;
  removeItem: (name: string) => void;
}

/** A person's entries that wait, in their order; what is not ours is left alone. */
export function readWaiting(store: Store, user: number): Waiting[] {
  const names: string[] = [];
  for (let index = 0; index < store.length; index += 1) {
    const name = store.key(index);
    if (name?.startsWith(`${PREFIX}.${user}.`)) {
      names.push(name);
    }
  }
  return names.sort().flatMap((name) => parse(store.getItem(name)));
}

function parse(stored: string | null): Waiting[] {
  try {
    const held = JSON.parse(stored ?? "null") as Partial<Waiting> | null;
    return held && typeof held.key === "string" && typeof held.text === "string"
      ? [
          {
            key: held.key,
            text: held.text,
            incident: typeof held.incident === "number" ? held.incident : null,
            firstKey: Number(held.firstKey),
            order: Number(held.order),
            offline: held.offline === true,
            refused: typeof held.refused === "string" ? held.refused : null,
          },
        ]
      : [];
  } catch {
    return [];
  }
}

/** What a try says: the age grows, the rest never changes. */
export const bodyOf = (entry: Waiting, now: number) => ({
  text: entry.text,
  incident_id: entry.incident,
  age_ms: Math.max(0, Math.round(now - entry.firstKey)),
  offline: entry.offline,
});

/** What became of a try. `later`: the server did not answer, or nobody is logged in; `refused` by its code. */
export type Tried =
  { done: true } | { done: false; later: true } | { done: false; later: false; code: string };

export function judge(status: number, code: string): Tried {
  const later = status === 0 || status === 401 || status === 429 || status >= 500 || code === "csrf";
  return later ? { done: false, later } : { done: false, later, code };
}

export interface Sending {
  store: Store;
  user: number;
  now: () => number;
  post: (entry: Waiting, body: ReturnType<typeof bodyOf>) => Promise<Tried>;
  /** Called whenever what waits has changed. */
  changed: () => void;
}

/** Sends what waits, in order, until all is sent or the server is silent. A refused entry stays and holds up nothing. */
export function sendAll(sending: Sending): Promise<boolean> {
  return sendNext(
    readWaiting(sending.store, sending.user).filter((entry) => entry.refused === null),
    sending,
  );
}

/** Changes an entry that still waits; one that another window has sent meanwhile does not come back. */
function stamp({ store, user }: Sending, entry: Waiting, change: Partial<Waiting>): void {
  const name = storageName(user, entry);
  if (store.getItem(name) !== null) {
    store.setItem(name, JSON.stringify({ ...entry, ...change }));
  }
}

async function sendNext(entries: readonly Waiting[], sending: Sending): Promise<boolean> {
  const [entry, ...others] = entries;
  if (entry === undefined) {
    return true;
  }
  const { store, user, now, post, changed } = sending;
  const name = storageName(user, entry);
  const tried = await post(entry, bodyOf(entry, now()));
  if (tried.done) {
    store.removeItem(name);
  } else {
    stamp(sending, entry, tried.later ? { offline: true } : { refused: tried.code });
  }
  const silent = !tried.done && tried.later;
  if (silent) {
    others.forEach((other) => stamp(sending, other, { offline: true }));
  }
  changed();
  return silent ? false : sendNext(others, sending);
}
