/** What the function keys mean now: the card in front says so; the desk's one listener asks here. */
import { useEffect } from "react";
import { createStore } from "../../core/store";

export interface CardKey {
  /** A key's name, e.g. «F5» or «Ctrl+I». */
  key: string;
  label: string;
  perform: () => void;
}

export const cardKeys = createStore<ReadonlyMap<string, CardKey>>(new Map());

/** Gives keys to a card while it is shown. A later card does not take a key that an earlier one holds. */
export function useCardKeys(keys: readonly CardKey[]): void {
  useEffect(() => {
    const mine: CardKey[] = [];
    cardKeys.set((held) => {
      const next = new Map(held);
      for (const each of keys) {
        if (!next.has(each.key)) {
          next.set(each.key, each);
          mine.push(each);
        }
      }
      return next;
    });
    return () =>
      cardKeys.set((held) => {
        const next = new Map(held);
        for (const each of mine) {
          if (next.get(each.key) === each) {
            next.delete(each.key);
          }
        }
        return next;
      });
  });
}
