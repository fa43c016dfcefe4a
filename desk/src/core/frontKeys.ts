/**
 * The dead time of the function keys. A card that comes in front by itself owns its keys only after a moment: the
 * second press of a nervous finger, or a press begun before a colleague's act changed the screen, falls on nothing.
 */

/** ms. Shorter than one needs to read the first word of a card; longer than a double press. */
export const DEAD_TIME = 500;

export interface ShownKeys {
  /** What each key means now, as one text: the card and its choices. */
  signature: string;
  /** ms of the monotonic clock from which they act. */
  aliveAt: number;
}

export const NOTHING_SHOWN: ShownKeys = { signature: "", aliveAt: 0 };

/** Keys after a paint. `asked`: the operator himself brought this card forward, by another key: no need to wait. */
export function shownNow(held: ShownKeys, signature: string, now: number, asked: boolean): ShownKeys {
  if (signature === held.signature) {
    return held;
  }
  return { signature, aliveAt: asked ? now : now + DEAD_TIME };
}

/** Whether a press at this moment means what the screen shows. */
export const isAlive = (held: ShownKeys, at: number): boolean => held.signature !== "" && at >= held.aliveAt;
