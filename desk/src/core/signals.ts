/** What a signal's line says of its frame: a link that may be followed, a clock that is wrong. Pure. */

/** Seconds as a signed distance: «+12 s», «−5 min 03», «+24 h 00», «+3 j 02 h». */
export function offset(seconds: number): string {
  const sign = seconds < 0 ? "−" : "+";
  const whole = Math.round(Math.abs(seconds));
  const two = (number: number): string => String(number).padStart(2, "0");
  if (whole < 60) {
    return `${sign}${whole} s`;
  }
  if (whole < 3600) {
    return `${sign}${Math.floor(whole / 60)} min ${two(whole % 60)}`;
  }
  const hours = Math.floor(whole / 3600);
  return hours < 48
    ? `${sign}${hours} h ${two(Math.floor((whole % 3600) / 60))}`
    : `${sign}${Math.floor(hours / 24)} j ${two(hours % 24)} h`;
}

/** It is of this dossier; else the site said it, and the dossier only shows it. */
export const isOwn = (signal: { role: string }): boolean => signal.role !== "site";

/** Verdicts of a frame whose sender may be believed: only its addresses are links. */
const BELIEVED: ReadonlySet<string> = new Set(["accepted", "unknown_code"]);

/**
 * The address when it may be followed: http(s), without a name and a password, which only serve to pass for another
 * host; said by a frame that is believed.
 */
export function followed(value: string, verdict: string): string | null {
  if (!BELIEVED.has(verdict) || !/^https?:\/\/\S+$/i.test(value)) {
    return null;
  }
  try {
    const url = new URL(value);
    return url.username === "" && url.password === "" ? url.href : null;
  } catch {
    return null;
  }
}

/** Longer texts fold: one signal must not push the others out of sight. */
export const LONG = 160;
