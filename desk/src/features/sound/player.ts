/** The page's voice. It says honestly whether it can be heard by the machine: a browser stays mute until a gesture. */
import { PATTERNS, type Pattern, type SoundKind } from "../../core/sound";
import { createStore } from "../../core/store";

export type Voice = "unknown" | "ready" | "blocked" | "absent";

export const voice = createStore<Voice>(typeof AudioContext === "undefined" ? "absent" : "unknown");

let context: AudioContext | null = null;

function ensure(): AudioContext | null {
  if (typeof AudioContext === "undefined") {
    return null;
  }
  if (context === null) {
    context = new AudioContext({ latencyHint: "interactive" });
    context.addEventListener("statechange", judge);
  }
  return context;
}

function judge(): void {
  const state = context?.state;
  voice.set(() => (state === "running" ? "ready" : state === undefined ? "absent" : "blocked"));
}

/** Tries to be allowed to sound; only a gesture (click or key) makes a browser agree. */
export async function arm(): Promise<boolean> {
  const held = ensure();
  if (held === null) {
    return false;
  }
  if (held.state !== "running") {
    // resume() stays pending for ever without a gesture: do not wait for it longer than a moment.
    await Promise.race([held.resume(), new Promise((done) => setTimeout(done, 400))]).catch(() => undefined);
  }
  judge();
  return held.state === "running";
}

/** Plays a pattern once at a loudness of 0 to 1; false when the browser lets nothing out. */
export function play(kind: SoundKind, loudness: number): boolean {
  const held = context;
  if (held === null || held.state !== "running") {
    return false;
  }
  if (loudness > 0) {
    sound(held, PATTERNS[kind], loudness);
  }
  return true;
}

function sound(held: AudioContext, pattern: Pattern, loudness: number): void {
  const start = held.currentTime + 0.02;
  for (const tone of pattern.tones) {
    const source = held.createOscillator();
    const gain = held.createGain();
    source.type = tone.shape;
    source.frequency.value = tone.pitch;
    // Short slopes: a square wave cut dead clicks in the ears of a headset.
    gain.gain.setValueAtTime(0, start + tone.at);
    gain.gain.linearRampToValueAtTime(loudness * 0.5, start + tone.at + 0.01);
    gain.gain.setValueAtTime(loudness * 0.5, start + tone.at + tone.length - 0.02);
    gain.gain.linearRampToValueAtTime(0, start + tone.at + tone.length);
    source.connect(gain).connect(held.destination);
    source.start(start + tone.at);
    source.stop(start + tone.at + tone.length + 0.02);
  }
}

/** Plays each pattern in turn and checks that the machine's audio clock really ran. */
export async function selfTest(heard: (kind: SoundKind) => void): Promise<boolean> {
  if (!(await arm()) || context === null) {
    return false;
  }
  const began = context.currentTime;
  for (const kind of [4, 3, 2, 1] as const) {
    heard(kind);
    play(kind, PATTERNS[kind].gain * 0.8);
    // eslint-disable-next-line no-await-in-loop -- one after the other, to be told apart
    await new Promise((done) => setTimeout(done, 900));
  }
  return context.currentTime - began > 2;
}
