/** A small observable box: one value, replaced whole, read by React through useSyncExternalStore. */
export interface Store<T> {
  get: () => T;
  set: (change: (held: T) => T) => void;
  subscribe: (listener: () => void) => () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let held = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => held,
    set: (change) => {
      const next = change(held);
      if (!Object.is(next, held)) {
        held = next;
        listeners.forEach((listener) => listener());
      }
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
