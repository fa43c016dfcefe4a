/** The world as this window knows it, kept true by snapshot and stream. */
import { api, sessionGone } from "../api/client";
import { EMPTY, withBeat, withItem, withSnapshot, type World } from "../core/reduce";
import { createStore } from "../core/store";
import type { ServerClock } from "../core/time";
import type { Beat, Snapshot } from "../core/views";
import { connectHub, type Link } from "./connect";
import { STALE_AFTER, type FromHub } from "./hub";

export interface LiveState {
  clock: ServerClock | null;
  /** Monotonic ms of the last sign of the server; null before the first. */
  heard: number | null;
  /** No sign for STALE_AFTER, or no snapshot. */
  stale: boolean;
}

export const world = createStore<World>(EMPTY);
export const live = createStore<LiveState>({ clock: null, heard: null, stale: false });

/** ms before another try at the snapshot. */
const RETRY = 1000;
const WATCH_EVERY = 500;
/** ms: a picture taken afresh heals whatever was missed. */
const AFRESH_EVERY = 60_000;

let link: Link | null = null;
let session = "";
let wanted = 0;

function heardNow(now: string): void {
  const at = performance.now();
  const base = Date.parse(now);
  live.set((held) => ({
    // A beat may be late on its way, never early: keep the clock that is ahead, unless the server's jumped.
    clock: steadier(held.clock, { base, at }),
    heard: at,
    stale: false,
  }));
}

function steadier(held: ServerClock | null, fresh: ServerClock): ServerClock {
  if (held === null) {
    return fresh;
  }
  const lead = held.base + (fresh.at - held.at) - fresh.base;
  return lead >= 0 && lead < 250 ? held : fresh;
}

function applyBeat(beat: Beat): void {
  heardNow(beat.now);
  world.set((held) => withBeat(held, beat));
}

async function refresh(): Promise<void> {
  const mine = ++wanted;
  try {
    const snapshot = await api.get<Snapshot>("/api/snapshot");
    if (mine !== wanted || link === null) {
      return;
    }
    world.set((held) => withSnapshot(held, snapshot));
    heardNow(snapshot.now);
    link.send({ type: "start", after: snapshot.position, session });
  } catch {
    if (mine === wanted && link !== null) {
      setTimeout(() => void refresh(), RETRY);
    }
  }
}

function receive(message: FromHub): void {
  switch (message.type) {
    case "item":
      world.set((held) => withItem(held, message.item));
      break;
    case "beat":
      applyBeat(message.beat);
      break;
    case "reset":
      void refresh();
      break;
    case "stale":
      live.set((held) => ({ ...held, stale: true }));
      break;
    case "refused":
      sessionGone();
      break;
  }
}

/** Begins to follow the centre in a session; returns how to stop. */
export function follow(of: string): () => void {
  session = of;
  link = connectHub(receive);
  void refresh();
  // The worker watches too; this catches the death of the worker itself.
  const watch = setInterval(() => {
    const { heard, stale } = live.get();
    if (!stale && heard !== null && performance.now() - heard > STALE_AFTER + 500) {
      live.set((held) => ({ ...held, stale: true }));
    }
  }, WATCH_EVERY);
  const afresh = setInterval(() => void refresh(), AFRESH_EVERY);
  return () => {
    clearInterval(watch);
    clearInterval(afresh);
    link?.close();
    link = null;
    wanted += 1;
    world.set(() => EMPTY);
  };
}
