/** What Escape closes: the forms and cards that are open in this window, the last opened first. */
import { useEffect, useLayoutEffect, useRef } from "react";

const open: (() => void)[] = [];

/** Lets Escape close this part while it is shown; null: there is nothing to close. */
export function useEscape(close: (() => void) | null): void {
  const held = useRef(close);
  useLayoutEffect(() => {
    held.current = close;
  });
  const there = close !== null;
  useEffect(() => {
    if (!there) {
      return undefined;
    }
    const mine = (): void => held.current?.();
    open.push(mine);
    return () => {
      open.splice(open.indexOf(mine), 1);
    };
  }, [there]);
}

/** Whether something is open that Escape closes. */
export const closes = (): boolean => open.length > 0;

/** Closes the topmost; false when nothing is open. */
export function closeTopmost(): boolean {
  const close = open.at(-1);
  close?.();
  return close !== undefined;
}
