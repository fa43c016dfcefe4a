import { describe, expect, it } from "vitest";
import {
  bodyOf,
  judge,
  readWaiting,
  sendAll,
  storageName,
  type Store,
  type Tried,
  type Waiting,
} from "./waiting";

/** A browser's storage, shared by its windows. */
function storage(): Store {
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

const entry = (order: number, more: Partial<Waiting> = {}): Waiting => ({
  key: `k${order}`,
  text: `entrée ${order}`,
  incident: null,
  firstKey: 1000 * order,
  order,
  offline: false,
  refused: null,
  ...more,
});

function keep(store: Store, user: number, ...entries: Waiting[]): void {
  entries.forEach((each) => store.setItem(storageName(user, each), JSON.stringify(each)));
}

const silent: Tried = { done: false, later: true };

describe("entries that wait for the server", () => {
  it("come back in their order, each person's own, broken ones left alone", () => {
    const store = storage();
    keep(store, 7, entry(12), entry(3), entry(100));
    keep(store, 70, entry(1));
    store.setItem("veilleur.waiting.7.0000000000000005.x", "{oops");
    store.setItem("veilleur.theme", "nuit");
    expect(readWaiting(store, 7).map((each) => each.order)).toEqual([3, 12, 100]);
  });

  it("are sent in order, once each, and leave the machine", async () => {
    const store = storage();
    keep(store, 7, entry(2, { incident: 9 }), entry(1));
    const said: unknown[] = [];
    const post = (sent: Waiting, body: unknown): Promise<Tried> => {
      said.push([sent.key, body]);
      return Promise.resolve({ done: true });
    };
    expect(await sendAll({ store, user: 7, now: () => 60_000, post, changed: () => undefined })).toBe(true);
    expect(said).toEqual([
      ["k1", { text: "entrée 1", incident_id: null, age_ms: 59_000, offline: false }],
      ["k2", { text: "entrée 2", incident_id: 9, age_ms: 58_000, offline: false }],
    ]);
    expect(store.length).toBe(0);
  });

  it("stay when the server is silent: the next try has the same key and text, is older, and says so", async () => {
    const store = storage();
    keep(store, 7, entry(1), entry(2));
    const tries: string[] = [];
    let answer: Tried = silent;
    const send = (now: number) =>
      sendAll({
        store,
        user: 7,
        now: () => now,
        changed: () => undefined,
        post: (sent, body) => {
          tries.push(`${sent.key} ${body.age_ms} ${body.offline}`);
          return Promise.resolve(answer);
        },
      });
    expect(await send(10_000)).toBe(false);
    expect(await send(20_000)).toBe(false);
    expect(readWaiting(store, 7).map((each) => each.key)).toEqual(["k1", "k2"]);
    answer = { done: true };
    expect(await send(30_000)).toBe(true);
    expect(tries).toEqual(["k1 9000 false", "k1 19000 true", "k1 29000 true", "k2 28000 true"]);
    expect(readWaiting(store, 7)).toEqual([]);
  });

  it("refused, stay for a person to decide, and hold up nothing", async () => {
    const store = storage();
    keep(store, 7, entry(1), entry(2));
    const post = (sent: Waiting): Promise<Tried> =>
      Promise.resolve(sent.order === 1 ? judge(404, "not_found") : { done: true });
    expect(await sendAll({ store, user: 7, now: () => 0, post, changed: () => undefined })).toBe(true);
    expect(readWaiting(store, 7).map((each) => [each.order, each.refused])).toEqual([[1, "not_found"]]);
  });

  it("written by another window meanwhile are not undone", async () => {
    const store = storage();
    keep(store, 7, entry(1));
    const post = (): Promise<Tried> => {
      keep(store, 7, entry(5));
      store.removeItem(storageName(7, entry(1))); // the other window sent it first
      return Promise.resolve(silent);
    };
    await sendAll({ store, user: 7, now: () => 0, post, changed: () => undefined });
    expect(readWaiting(store, 7).map((each) => each.order)).toEqual([5]);
  });

  it("wait for silence, no session, a busy server; not for a refusal", () => {
    const wait = [
      judge(0, "no_answer"),
      judge(401, "unauthenticated"),
      judge(503, "unavailable"),
      judge(429, "x"),
    ];
    expect(wait.every((tried) => !tried.done && tried.later)).toBe(true);
    expect(judge(409, "command_id_reused")).toEqual({ done: false, later: false, code: "command_id_reused" });
    expect(bodyOf(entry(9), 0).age_ms).toBe(0);
  });
});
