/** Hours typed and shown: pure. Wall µs; hours of the centre's clock. */
import { dateTime } from "../../core/time";
import { utcOf } from "../logbook/filter";

/** «23/11/2026 03:11:48.240» in a zone: the thousandths are the recorder's own. */
export function wallText(wall: number, zone: string): string {
  const ms = Math.floor(wall / 1000);
  return `${dateTime(new Date(ms).toISOString(), zone)}.${String(ms % 1000).padStart(3, "0")}`;
}

/** «03:11:48» of a wall time. */
export const hourOf = (wall: number, zone: string): string => wallText(wall, zone).slice(11, 19);

export const isoOf = (wall: number): string => new Date(Math.round(wall / 1000)).toISOString();
export const wallOf = (iso: string): number => Date.parse(iso) * 1000;

/** What an <input type="datetime-local"> shows. */
export function localOf(wall: number, zone: string): string {
  const [day = "", hour = ""] = wallText(wall, zone).split(" ");
  return `${day.split("/").toReversed().join("-")}T${hour.slice(0, 8)}`;
}

const HOUR = /^(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?$/;
const DAY = /^(\d{1,2})\/(\d{1,2})(?:\/(\d{4}))?$/;

/**
 * «3:11», «03:11:48», «03h11», «23/11 3:11», «23/11/2026 03:11:48.240»: a moment, near `around` for what is left out. Null
 * when it is none.
 */
export function momentTyped(text: string, around: number, zone: string): number | null {
  const words = text.trim().split(/\s+/);
  const hour = HOUR.exec(words.at(-1) ?? "");
  const day = words.length === 2 ? DAY.exec(words[0] ?? "") : null;
  if (hour === null || words.length > 2 || (words.length === 2 && day === null)) {
    return null;
  }
  const near = localOf(around, zone);
  const two = (part: string | undefined): string => (part ?? "0").padStart(2, "0");
  const date =
    day === null ? near.slice(0, 10) : `${day[3] ?? near.slice(0, 4)}-${two(day[2])}-${two(day[1])}`;
  const found = utcOf(`${date}T${two(hour[1])}:${hour[2]}:${two(hour[3])}`, zone);
  const thousandths = Number((hour[4] ?? "0").padEnd(3, "0"));
  return found === "" ? null : wallOf(found) + thousandths * 1000;
}
