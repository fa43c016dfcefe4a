/** React's way to what is live. */
import { useMemo, useSyncExternalStore } from "react";
import { serverNow } from "../core/time";
import { atPresent, type CameraView } from "../core/cameras";
import type { IncidentRow } from "../core/views";
import type { Kept, World } from "../core/reduce";
import { live, world, type LiveState } from "./world";

/** A part of the world; re-renders when that part changes (compared by identity). */
export function useWorld<T>(select: (world: World) => T): T {
  return useSyncExternalStore(world.subscribe, () => select(world.get()));
}

export function useLive<T>(select: (state: LiveState) => T): T {
  return useSyncExternalStore(live.subscribe, () => select(live.get()));
}

/** Milliseconds since 1970 at the server, now. */
export const now = (): number => serverNow(live.get().clock, performance.now());

/** The open rows of a table of kept views. */
export function rowsOf<T>(table: ReadonlyMap<number, Kept<T>>): T[] {
  const rows: T[] = [];
  for (const kept of table.values()) {
    if (kept.view !== null) {
      rows.push(kept.view);
    }
  }
  return rows;
}

/** The incidents' rows, the same array until one changes. */
export function useIncidents(): IncidentRow[] {
  const table = useWorld((held) => held.incidents);
  return useMemo(() => rowsOf(table), [table]);
}

/** The cameras of this reader with their newest health, by name; the same array until something of them changes. */
export function useCameras(): CameraView[] {
  const table = useWorld((held) => held.cameras);
  const health = useWorld((held) => held.health);
  return useMemo(
    () =>
      rowsOf(table)
        .map((camera) => atPresent(camera, health))
        .sort((a, b) => a.name.localeCompare(b.name, "fr", { numeric: true })),
    [table, health],
  );
}

const seconds = (() => {
  const listeners = new Set<() => void>();
  let current = 0;
  const beat = (): void => {
    const time = now();
    const next = Number.isNaN(time) ? 0 : Math.floor(time / 1000);
    if (next !== current) {
      current = next;
      listeners.forEach((listener) => listener());
    }
    const wait = Number.isNaN(time) ? 250 : 1000 - (time % 1000) + 5;
    setTimeout(beat, Math.min(1000, wait));
  };
  let started = false;
  return {
    get: () => current,
    subscribe: (listener: () => void) => {
      if (!started) {
        started = true;
        beat();
      }
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
})();

/** Whole server seconds since 1970; re-renders on each second of the centre's clock. 0 before the first sign. */
export function useSecond(): number {
  return useSyncExternalStore(seconds.subscribe, seconds.get);
}

/** Whole server minutes since 1970; re-renders when one turns. 0 before the first sign. */
export function useMinute(): number {
  return useSyncExternalStore(seconds.subscribe, () => Math.floor(seconds.get() / 60));
}

/** Re-renders when an answer that only time changes turns out otherwise; `judge` is asked each second (server ms). */
export function useJudged(judge: (at: number) => boolean): boolean {
  return useSyncExternalStore(seconds.subscribe, () => judge(seconds.get() * 1000));
}
