/** What a tile says, looked at four times a second for all tiles together: frames alone never repaint React. */
import { useCallback, useSyncExternalStore } from "react";
import type { LivePicture } from "./live";
import { OPENING, type LiveState, type Verdict } from "./liveState";

const LOOK_EVERY = 250;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((each) => each()), LOOK_EVERY);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

const NONE: Verdict = { kind: "opening" };

/** As text, so that what did not move does not repaint: a live time moves by whole seconds. */
function written(verdict: Verdict): string {
  return JSON.stringify(
    verdict.kind === "live" ? { ...verdict, at: Math.floor(verdict.at / 1000) * 1000 } : verdict,
  );
}

/** The verdict of a picture; `opening` while there is none. */
export function useVerdict(picture: LivePicture | null): Verdict {
  const look = useCallback(() => written(picture?.verdict() ?? NONE), [picture]);
  return JSON.parse(useSyncExternalStore(listen, look)) as Verdict;
}

/** One thing of a picture's state that is a plain value. */
export function usePictureState<T extends string | number | boolean | null>(
  picture: LivePicture | null,
  select: (state: LiveState) => T,
): T {
  const look = (): T => select(picture?.state.get() ?? OPENING);
  return useSyncExternalStore(listen, look);
}
