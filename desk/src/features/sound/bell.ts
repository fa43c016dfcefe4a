/** Rings what must ring, in one window of the browser, and tells the server when this window cannot. */
import { api } from "../../api/client";
import {
  isDeaf,
  isDue,
  MUTE_MAX,
  staleRings,
  troubleRings,
  whatRings,
  type Ear,
  type Ringing,
  type SoundKind,
} from "../../core/sound";
import { createStore } from "../../core/store";
import { now, rowsOf } from "../../live/hooks";
import { live, world } from "../../live/world";
import { watching } from "../shell/watching";
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

const UNHEARD = "veilleur.unheard";

/** What somebody heard, or did not, of a test: no machine knows better, on this machine and after a reload. */
export async function reportHeard(heard: boolean): Promise<void> {
  localStorage.setItem(UNHEARD, heard ? "" : "yes");
  await report(heard);
}

/** Tells the room whether this post can be heard. */
async function report(ok: boolean): Promise<void> {
  if (reported !== ok) {
    reported = ok;
    await api.post("/api/me/sound", { ok }).catch(() => {
      reported = null;
    });
  }
}

type Played = { kind: SoundKind; at: number };
const voiceOf = (ringing: Ringing): "alarm" | "stale" => (ringing.kind === "stale" ? "stale" : "alarm");

/** Starts to listen; `who` is read at each look. Returns how to stop. */
export function startBell(who: () => Pick<Ear, "me" | "onPost">): () => void {
  const last: Record<"alarm" | "stale", Played | null> = { alarm: null, stale: null };
  let stopped = false;
  let deafSince: number | null = null;
  let touched = false;
  const gesture = (): void => {
    touched = true;
    void arm();
  };
  addEventListener("keydown", gesture, { capture: true });
  addEventListener("pointerdown", gesture, { capture: true });
  void arm();

  const sound = (ringing: Ringing | null, onPost: boolean): void => {
    if (ringing === null || !bell.get().leads || !isDue(ringing, last[voiceOf(ringing)], performance.now())) {
      return;
    }
    const at = performance.now();
    last[voiceOf(ringing)] = { kind: ringing.kind, at };
    deafSince = play(ringing.kind, ringing.loudness) ? null : (deafSince ?? at);
    if (onPost && isDeaf(deafSince, touched, at)) {
      void report(false);
    }
  };
  const look = (): void => {
    const { clock, stale } = live.get();
    const time = clock === null ? performance.now() : now();
    const ear = { ...who(), volume: bell.get().volume, mutedUntil: bell.get().mutedUntil };
    const ringing = whatRings(rowsOf(world.get().incidents), ear, time);
    bell.set((held) =>
      held.ringing === (ringing?.kind ?? null) ? held : { ...held, ringing: ringing?.kind ?? null },
    );
    if (ringing === null) {
      last.alarm = null;
    }
    sound(ringing, ear.onPost);
    sound(staleRings(ear, time, stale) ?? troubleRings(ear, time, watching.get().heard), ear.onPost);
  };
  const timer = setInterval(look, LOOK_EVERY);
  const unsubscribe = world.subscribe(look);
  const unvoice = voice.subscribe(() => {
    if (voice.get() === "ready" && reported === false && localStorage.getItem(UNHEARD) !== "yes") {
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
