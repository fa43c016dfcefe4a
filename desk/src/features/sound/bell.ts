/** Rings what must ring, in one window of the browser, and tells the server when this window cannot. */
import { api } from "../../api/client";
import { isDue, MUTE_MAX, whatRings, type Ear, type SoundKind } from "../../core/sound";
import { createStore } from "../../core/store";
import { now, rowsOf } from "../../live/hooks";
import { live, world } from "../../live/world";
import { arm, play, voice } from "./player";

const KEY = "veilleur.volume";
const LOOK_EVERY = 100;

export interface BellState {
  /** 0 to 1. */
  volume: number;
  /** Server ms until which all but the highest band is silent. */
  mutedUntil: number;
  /** What sounds at this moment. */
  ringing: SoundKind | null;
  /** This window is the one that sounds. */
  leads: boolean;
}

export const bell = createStore<BellState>({
  volume: Number(localStorage.getItem(KEY) ?? "0.7"),
  mutedUntil: 0,
  ringing: null,
  leads: false,
});

export function setVolume(volume: number): void {
  localStorage.setItem(KEY, String(volume));
  bell.set((held) => ({ ...held, volume }));
}

/** Silence for a minute at most; again to end it. P1 keeps its floor. */
export function mute(): void {
  const until = now() + MUTE_MAX * 1000;
  bell.set((held) => ({ ...held, mutedUntil: held.mutedUntil > now() ? 0 : until }));
}

let reported: boolean | null = null;

/** Tells the room whether this post can be heard. */
export async function report(ok: boolean): Promise<void> {
  if (reported !== ok) {
    reported = ok;
    await api.post("/api/me/sound", { ok }).catch(() => {
      reported = null;
    });
  }
}

/** Starts to listen; `who` is read at each look. Returns how to stop. */
export function startBell(who: () => Pick<Ear, "me" | "onPost">): () => void {
  let last: { kind: SoundKind; at: number } | null = null;
  let stopped = false;
  const gesture = (): void => void arm();
  addEventListener("keydown", gesture, { capture: true });
  addEventListener("pointerdown", gesture, { capture: true });
  void arm();

  const look = (): void => {
    const { clock, stale } = live.get();
    const time = clock === null ? performance.now() : now();
    const ear = { ...who(), volume: bell.get().volume, mutedUntil: bell.get().mutedUntil };
    const ringing = whatRings(rowsOf(world.get().incidents), ear, time, stale && ear.onPost);
    bell.set((held) =>
      held.ringing === (ringing?.kind ?? null) ? held : { ...held, ringing: ringing?.kind ?? null },
    );
    if (ringing === null) {
      last = null;
    } else if (bell.get().leads && isDue(ringing, last, performance.now())) {
      last = { kind: ringing.kind, at: performance.now() };
      if (!play(ringing.kind, ringing.loudness) && ear.onPost) {
        void report(false);
      }
    }
  };
  const timer = setInterval(look, LOOK_EVERY);
  const unsubscribe = world.subscribe(look);
  const unvoice = voice.subscribe(() => {
    if (voice.get() === "ready" && reported === false) {
      void report(true);
    }
  });

  const lead = (leads: boolean): void => bell.set((held) => ({ ...held, leads }));
  const release = takeLead(lead, () => stopped);
  return () => {
    stopped = true;
    clearInterval(timer);
    unsubscribe();
    unvoice();
    release();
    removeEventListener("keydown", gesture, { capture: true });
    removeEventListener("pointerdown", gesture, { capture: true });
    lead(false);
  };
}

/** One window sounds; when it closes, the next in line takes over. Without locks (plain HTTP) each window sounds. */
function takeLead(lead: (leads: boolean) => void, stopped: () => boolean): () => void {
  if (!("locks" in navigator)) {
    lead(true);
    return () => undefined;
  }
  let release: (() => void) | null = null;
  const abort = new AbortController();
  navigator.locks
    .request("veilleur-bell", { signal: abort.signal }, () => {
      if (stopped()) {
        return undefined;
      }
      lead(true);
      return new Promise<void>((done) => {
        release = done;
      });
    })
    .catch(() => undefined);
  return () => {
    abort.abort();
    release?.();
  };
}
