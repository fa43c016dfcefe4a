/** The keyboard's place in the dossier: an act often takes away the very button that had the focus. */

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
