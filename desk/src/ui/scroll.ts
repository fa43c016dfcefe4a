/** The page never scrolls, panes do (desk.md): what must be seen is brought into sight in its own pane, and nowhere else. */

export type Where = "nearest" | "start" | "center";

/** How far a pane scrolls so that a part of it stands where it should; px, down is positive. Edges in one frame. */
export function shift(part: Edges, pane: Edges, where: Where): number {
  if (where === "start") {
    return part.top - pane.top;
  }
  if (where === "center") {
    return (part.top + part.bottom - pane.top - pane.bottom) / 2;
  }
  if (part.top < pane.top) {
    return part.top - pane.top;
  }
  return Math.max(0, Math.min(part.bottom - pane.bottom, part.top - pane.top));
}

export interface Edges {
  top: number;
  bottom: number;
}

/** Brings a part into sight by its nearest scrolling pane. */
export function showInPane(part: Element | null, where: Where): void {
  const pane = part === null ? null : paneOf(part);
  if (part !== null && pane !== null) {
    const by = shift(part.getBoundingClientRect(), frameOf(pane), where);
    pane.scrollTop += by > 0 ? Math.ceil(by) : Math.floor(by); // a part of a pixel less would cut the edge
  }
}

/** Where a pane shows what it holds: below what sticks to its upper edge (its `scroll-padding-top`). */
export function frameOf(pane: Element): Edges {
  const { top, bottom } = pane.getBoundingClientRect();
  return { top: top + stuck(pane), bottom };
}

/** px that stick to the upper edge of a pane. */
export const stuck = (pane: Element): number =>
  Number.parseFloat(getComputedStyle(pane).scrollPaddingTop) || 0;

/** The nearest scrolling pane around a part. */
export function paneOf(part: Element): Element | null {
  let at = part.parentElement;
  while (at !== null && !/auto|scroll/.test(getComputedStyle(at).overflowY)) {
    at = at.parentElement;
  }
  return at;
}
