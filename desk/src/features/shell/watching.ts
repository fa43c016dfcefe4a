/** This window's part in the chain: it says what it painted and that somebody is here, and knows what is wrong. */
import { api } from "../../api/client";
import { isHeard, troublesOf, type Seat, type Trouble } from "../../core/chain";
import { createStore } from "../../core/store";
import { now, rowsOf } from "../../live/hooks";
import { world } from "../../live/world";

export interface Watching {
  troubles: readonly Trouble[];
  /** They must be heard. */
  heard: boolean;
}

const CALM: Watching = { troubles: [], heard: false };
export const watching = createStore<Watching>(CALM);

const LOOK_EVERY = 1000;
/** ms: a key is told to the server at most this often. */
const AWAKE_EVERY = 60_000;

/** Starts to watch for a seat; returns how to stop. */
export function startWatching(seat: Seat): () => void {
  let keyAt = Number.NaN;
  let toldAt = Number.NEGATIVE_INFINITY;
  let painted = world.get().chain?.round ?? 0;

  const look = (): void => {
    const time = now();
    if (Number.isNaN(time)) {
      return;
    }
    keyAt = Number.isNaN(keyAt) ? time : keyAt;
    const { station, chain, posts, incidents } = world.get();
    const room = { station, chain, posts: rowsOf(posts), rows: rowsOf(incidents) };
    const troubles = troublesOf(room, seat, time, keyAt);
    watching.set((held) =>
      JSON.stringify(held.troubles) === JSON.stringify(troubles)
        ? held
        : { troubles, heard: isHeard(troubles) },
    );
  };
  const key = (): void => {
    keyAt = now();
    if (seat.post !== null && performance.now() - toldAt > AWAKE_EVERY) {
      toldAt = performance.now();
      void api.post("/api/me/awake", {}).catch(() => {
        toldAt = Number.NEGATIVE_INFINITY;
      });
    }
    look();
  };
  const paint = (): void => {
    const round = world.get().chain?.round ?? 0;
    if (seat.post === null || round <= painted) {
      return;
    }
    painted = round;
    // Two frames: the first is being made, the second begins when the first was shown. A hidden window has none.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => void api.post("/api/me/painted", { round }).catch(() => undefined)),
    );
  };
  const unsubscribe = world.subscribe(paint);
  const timer = setInterval(look, LOOK_EVERY);
  for (const event of ["keydown", "pointerdown"] as const) {
    addEventListener(event, key, { capture: true });
  }
  return () => {
    unsubscribe();
    clearInterval(timer);
    for (const event of ["keydown", "pointerdown"] as const) {
      removeEventListener(event, key, { capture: true });
    }
    watching.set(() => CALM);
  };
}
