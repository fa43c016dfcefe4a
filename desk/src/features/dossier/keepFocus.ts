/** The keyboard's place in the dossier: an act often takes away the very button that had the focus. */

import { useEffect, useRef, type RefObject } from "react";
import type { CallView } from "../../core/handling";
import { showInPane } from "../../ui/scroll";

const HOMES = "li, form, section, [data-keyscope]";

/** Where the focus is now, from the nearest part outwards. Call the answer once the act is done and painted. */
export function keepFocus(): () => void {
  const homes: HTMLElement[] = [];
  let at = document.activeElement?.closest<HTMLElement>(HOMES) ?? null;
  while (at !== null) {
    homes.push(at);
    at = at.parentElement?.closest<HTMLElement>(HOMES) ?? null;
  }
  return () =>
    requestAnimationFrame(() => {
      const lost = document.activeElement === null || document.activeElement === document.body;
      const home = homes.find((each) => each.isConnected);
      if (lost && home) {
        home.tabIndex = Math.max(home.tabIndex, -1);
        home.focus({ preventScroll: true });
      }
    });
}

/** Nobody is writing elsewhere: a field that an act has just brought may take the focus (U3). */
export function handsAreFree(): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || !active.matches("input, textarea, select");
}

/**
 * A call that a form has asked for is over: what took the focus with it gives it back to the form, at what is still
 * to be filled. Somebody who writes elsewhere is left alone (U3).
 */
export function useComeBack(form: RefObject<HTMLFormElement | null>, calls: readonly CallView[]): void {
  const running = calls.some((call) => call.result === null && call.undone_at === null);
  const was = useRef(running);
  useEffect(() => {
    const over = was.current && !running;
    was.current = running;
    if (over && handsAreFree()) {
      const fields = [
        ...(form.current?.querySelectorAll("input:not([type=checkbox])") ?? []),
      ] as HTMLInputElement[];
      const field = fields.find((each) => each.value === "") ?? fields[0];
      field?.focus({ preventScroll: true });
      showInPane(field ?? null, "nearest");
    }
  }, [form, running]);
}

/**
 * The keyboard never falls out of the dossier: when the part that had the focus goes (a step is done, a call is
 * settled), the dossier itself has it, so that its letters go on acting. Call it once the root stands; it ends itself.
 */
export function holdFocus(root: HTMLElement): () => void {
  let inside = root.contains(document.activeElement);
  const follow = (event: FocusEvent): void => {
    inside = event.target instanceof Node && root.contains(event.target);
  };
  const left = (event: MouseEvent): void => {
    inside = inside && event.target instanceof Node && root.contains(event.target);
  };
  const watch = new MutationObserver(() => {
    if (inside && (document.activeElement === null || document.activeElement === document.body)) {
      root.focus({ preventScroll: true });
    }
  });
  addEventListener("focusin", follow);
  addEventListener("pointerdown", left);
  watch.observe(root, { childList: true, subtree: true });
  return () => {
    removeEventListener("focusin", follow);
    removeEventListener("pointerdown", left);
    watch.disconnect();
  };
}
