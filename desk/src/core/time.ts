/** The centre's time: the server's clock carried forward by the monotonic clock, never the machine's own. */

export interface ServerClock {
  /** Server time (ms since 1970) when `at` was read on the monotonic clock. */
  base: number;
  at: number;
}

/** Milliseconds since 1970 now at the server. `monotonic` is performance.now(). */
export function serverNow(clock: ServerClock | null, monotonic: number): number {
  return clock === null ? Number.NaN : clock.base + (monotonic - clock.at);
}

/** Whole seconds from a UTC time to `now`; null without a time. */
export function secondsSince(from: string | null, now: number): number | null {
  if (from === null || Number.isNaN(now)) {
    return null;
  }
  return Math.floor((now - Date.parse(from)) / 1000);
}

/** «0:08», «29:10», «6 h 02», «3 j 04 h»: what an operator reads at a glance. */
export function age(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 3600) {
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }
  if (whole < 86_400) {
    return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")}`;
  }
  return `${Math.floor(whole / 86_400)} j ${String(Math.floor((whole % 86_400) / 3600)).padStart(2, "0")} h`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(key: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${key}|${zone}`;
  const known = formats.get(name);
  if (known) {
    return known;
  }
  const language = key.startsWith("en") ? "en-GB" : "fr-FR";
  const made = new Intl.DateTimeFormat(language, { timeZone: zone, hourCycle: "h23", ...options });
  formats.set(name, made);
  return made;
}

/** «03:14:07» in a zone. */
export function clockTime(at: number | string, zone: string): string {
  const time = typeof at === "string" ? Date.parse(at) : at;
  return Number.isNaN(time)
    ? "--:--:--"
    : format("time", zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(time);
}

/** «03:14» in a zone. */
export function hourMinute(at: number | string, zone: string): string {
  const time = typeof at === "string" ? Date.parse(at) : at;
  return Number.isNaN(time)
    ? "--:--"
    : format("hm", zone, { hour: "2-digit", minute: "2-digit" }).format(time);
}

/** «lun. 23 nov.» in a zone and a language. */
export function shortDate(at: number | string, zone: string, language: string): string {
  const time = typeof at === "string" ? Date.parse(at) : at;
  return Number.isNaN(time)
    ? ""
    : format(`${language}-day`, zone, { weekday: "short", day: "numeric", month: "short" }).format(time);
}

/** «23/11/2026» of a calendar day written 2026-11-23. */
export function day(iso: string): string {
  const [year, month, of] = iso.split("-");
  return `${of}/${month}/${year}`;
}

/** «23/11/2026 03:14:07» in a zone. */
export function dateTime(at: string, zone: string): string {
  const parts = format("full", zone, {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(Date.parse(at));
  const part = (type: string): string => parts.find((p) => p.type === type)?.value ?? "";
  return `${part("day")}/${part("month")}/${part("year")} ${part("hour")}:${part("minute")}:${part("second")}`;
}

/** «03:14» today, else «22/11 19:04»: an hour of another day is never taken for today's. */
export function dayHour(at: string, zone: string, now: number): string {
  const full = dateTime(at, zone);
  const today = Number.isNaN(now) ? "" : dateTime(new Date(now).toISOString(), zone).slice(0, 10);
  const hour = hourMinute(at, zone);
  return full.slice(0, 10) === today ? hour : `${full.slice(0, 5)} ${hour}`;
}

export type Lateness = "ok" | "soon" | "late";

/** ms: the clock shows whole seconds; an age is judged at the end of the one that is shown. */
export const WITHIN = 999;

/** Seconds allowed, and the hour from which they run. */
export interface TimeLimit {
  seconds: number;
  since: string | null;
}

/** How an age stands to its limit: «soon» from two thirds of it. */
export function lateness(seconds: number, limit: number | null): Lateness {
  if (limit === null || limit <= 0) {
    return "ok";
  }
  if (seconds > limit) {
    return "late";
  }
  return seconds * 3 >= limit * 2 ? "soon" : "ok";
}
