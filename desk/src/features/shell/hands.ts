/** Where the hands are: queue, dossier or a field. They move only by one's own act, and never out of a field (U3). */
import { handsAreFree } from "../dossier/keepFocus";
import type { DeskContext } from "./context";
import { setUi } from "./ui";

const LIST = '[data-keyscope="list"]';
/** ms that a dossier may take to be on the screen. */
const PATIENCE = 2000;

/**
 * The hands go to the dossier that one has just opened, as soon as it stands; its letters then act. A field of another
 * dossier, or of the command bar, goes with it, so that they come all the same; any other keeps them (U3), unless the act was for the dossier
 * whatever one was writing (`always`).
 */
export function handsOn(incident: number, always = false): void {
  const from = document.activeElement;
  const until = performance.now() + PATIENCE;
  const other = `[data-dossier]:not([data-dossier="${incident}"]), [role=dialog]`;
  const goes = always || from?.closest(other) instanceof HTMLElement;
  const look = (): void => {
    const moved = document.activeElement !== from && document.activeElement !== document.body;
    if ((!goes && !handsAreFree()) || moved || performance.now() > until) {
      return;
    }
    const dossier = document.querySelector<HTMLElement>(`[data-dossier="${incident}"]`);
    if (dossier === null) {
      requestAnimationFrame(look);
    } else if (!dossier.contains(from)) {
      dossier.focus({ preventScroll: true });
    }
  };
  look();
}

/** Out of a field, or back from it: the dossier in view, else the queue. */
export function handsBack(): void {
  const home =
    document.querySelector<HTMLElement>("[data-dossier]") ?? document.querySelector<HTMLElement>(LIST);
  home?.focus({ preventScroll: true });
}

/** A dossier was closed by hand: on to the next one that I hold and that does not wait, else to the queue. */
export function handsOnNext({ dock, me, open }: DeskContext, done: number): void {
  const at = document.activeElement;
  if (at instanceof HTMLElement && at !== document.body && at.closest("[data-dossier]") === null) {
    return; // they have gone elsewhere meanwhile
  }
  if (at instanceof HTMLElement) {
    at.blur(); // the field of the conclusion is done with
  }
  const next = dock.find((row) => row.id !== done && row.state === "taken" && row.owner?.id === me.user.id);
  if (next === undefined) {
    setUi({ narrow: "queue" });
    requestAnimationFrame(handsToQueue);
  } else {
    open(next.id);
  }
}

/** From the dossier to the queue. */
export function handsToQueue(): void {
  document.querySelector<HTMLElement>(LIST)?.focus({ preventScroll: true });
}
