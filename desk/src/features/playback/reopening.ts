/** Sockets that went away are asked for again, less and less often, until the camera is served: which, and when. Pure. */

/** ms until the first try, and between two at most: a recorder that restarts is back within 15 s. */
const FIRST = 1000;
const LONGEST = 15_000;
/** ms that a socket must last for the tries to count anew: one that opens and is closed again is no answer. */
const STEADY = 10_000;

/** What passes by itself: the recorder restarts, another took the camera over, the line was cut, the ticket was too old. */
const PASSING: ReadonlySet<string> = new Set([
  "play_lost",
  "play_ticket",
  "play_elsewhere",
  "play_slow",
  "camera_not_running",
]);

export const passes = (lost: string | null): boolean => lost !== null && PASSING.has(lost);

interface Try {
  /** ms to wait before the next one. */
  wait: number;
  due: number;
  /** When it was seen alive first since the last try; null: it is not. */
  since: number | null;
}

export class Reopening {
  private tries = new Map<number, Try>();

  /** The cameras whose socket is to be asked for now. `lost` by camera: why nothing comes, null while it lives. */
  due(lost: ReadonlyMap<number, string | null>, now: number): number[] {
    for (const camera of this.tries.keys()) {
      if (!lost.has(camera)) {
        this.tries.delete(camera);
      }
    }
    return [...lost].flatMap(([camera, why]) => (this.isDue(camera, why, now) ? [camera] : []));
  }

  private isDue(camera: number, why: string | null, now: number): boolean {
    const held = this.tries.get(camera);
    if (why === null) {
      if (held !== undefined) {
        held.since ??= now;
        if (now - held.since >= STEADY) {
          this.tries.delete(camera);
        }
      }
      return false;
    }
    if (!passes(why)) {
      this.tries.delete(camera);
      return false;
    }
    const known = held ?? { wait: FIRST, due: now + FIRST, since: null };
    known.since = null;
    this.tries.set(camera, known);
    if (now < known.due) {
      return false;
    }
    known.wait = Math.min(LONGEST, known.wait * 2);
    known.due = now + known.wait;
    return true;
  }
}
