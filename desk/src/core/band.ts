import type { Band } from "./views";

/** Bands 1 · 2–3 · 4 · 5–10 have one shape, colour, sound and counter each (ARCHITECTURE §7). */
export const BANDS: readonly Band[] = [1, 2, 3, 4];

/** The band of a priority (1 is highest). */
export function bandOf(priority: number): Band {
  if (priority <= 1) {
    return 1;
  }
  if (priority <= 3) {
    return 2;
  }
  return priority === 4 ? 3 : 4;
}
