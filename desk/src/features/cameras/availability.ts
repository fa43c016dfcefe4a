/** Periods and shares of availability, without a screen. */
import type { components } from "../../api/schema";

export type CameraTimes = components["schemas"]["Availability"];

export interface Period {
  from: string;
  to: string;
}

/** The last days of the centre's calendar, today included, as dates of a field. */
export function lastDays(now: number, days: number, zone: string): Period {
  const written = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" });
  const back = (count: number): string => written.format(new Date(now - count * 86_400_000));
  return { from: back(days - 1), to: back(0) };
}

/** A share as people read it; rounded down, so that a camera with a hole never reads 100 %. */
export function share(rate: number | null): string {
  if (rate === null) {
    return "—";
  }
  const cents = Math.floor(rate * 10_000 + 1e-9);
  return `${Math.floor(cents / 100)},${String(cents % 100).padStart(2, "0")} %`;
}
