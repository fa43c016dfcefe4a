/** The marks of a dossier by their gravity, and how many chips stand on one line. Pure. */

/** What may not be believed, then what is not as the site's file says: these are never the ones left out. */
export const GRAVE = ["unauthenticated", "unreadable", "other_line", "on_test", "unknown_zone"] as const;

const WEIGHTS = new Map<string, number>(GRAVE.map((mark, place) => [mark, place]));

export const isGrave = (mark: string): boolean => WEIGHTS.has(mark);

/** The gravest first; the others as the station gave them. */
export function byGravity(marks: readonly string[]): string[] {
  const weight = (mark: string): number => WEIGHTS.get(mark) ?? WEIGHTS.size;
  return [...marks].sort((a, b) => weight(a) - weight(b));
}

/** How many chips of these widths stand on a line; when some do not, room is kept for the one that counts them. */
export function fitting(widths: readonly number[], gap: number, room: number, counter: number): number {
  let end = 0;
  let kept = 0;
  for (const [place, width] of widths.entries()) {
    end += width + (place > 0 ? gap : 0);
    if (end > room) {
      return kept;
    }
    if (end + gap + counter <= room) {
      kept = place + 1;
    }
  }
  return widths.length;
}
