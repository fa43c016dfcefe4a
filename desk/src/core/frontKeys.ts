/**
 * The dead time of the function keys. A key that takes another meaning (another card came in front, or another choice
 * took its place) acts only after a moment: the second press of a nervous finger, or a press begun before a
 * colleague's act changed the screen, falls on nothing. A key whose meaning stays never waits.
 */

/** ms. Shorter than one needs to read the first word of a card; longer than a double press. */
export const DEAD_TIME = 500;

export interface ShownKey {
  /** What the key does: the card and its choice. */
  meaning: string;
  /** ms of the monotonic clock from which it acts. */
  aliveAt: number;
}

export type ShownKeys = ReadonlyMap<string, ShownKey>;

export const NOTHING_SHOWN: ShownKeys = new Map();

/** Keys after a paint. `asked`: the operator himself brought this card forward, by another key: no need to wait. */
export function shownNow(
  held: ShownKeys,
  meanings: Iterable<readonly [string, string]>,
  now: number,
  asked: boolean,
): ShownKeys {
  const next = [...meanings].map(([key, meaning]) => {
    const before = held.get(key);
    return [
      key,
      before?.meaning === meaning ? before : { meaning, aliveAt: asked ? now : now + DEAD_TIME },
    ] as const;
  });
  return new Map(next);
}

/** Whether a press of this key at this moment means what the screen shows. */
export const isAlive = (held: ShownKeys, key: string, at: number): boolean =>
  at >= (held.get(key)?.aliveAt ?? Number.POSITIVE_INFINITY);
