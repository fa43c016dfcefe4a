/** In which order the dossiers of the dock came, kept in this browser: the same keys after a reload, and in each window. */
import { dock } from "../../core/queue";
import type { IncidentRow } from "../../core/views";

const placeOf = (me: number): string => `veilleur.dock.${me}`;

function kept(me: number): number[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(placeOf(me)) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id): id is number => typeof id === "number") : [];
  } catch {
    return [];
  }
}

/** My open dossiers, each at the place it has had since it came. */
export function dockInOrder(rows: readonly IncidentRow[], me: number): IncidentRow[] {
  const before = kept(me);
  const mine = dock(rows, me, before);
  const ids = mine.map((row) => row.id);
  // Before the first snapshot there is no row at all: that says nothing of what is in hand.
  if (rows.length > 0 && ids.join() !== before.join()) {
    localStorage.setItem(placeOf(me), JSON.stringify(ids));
  }
  return mine;
}
