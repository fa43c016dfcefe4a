/** Until when a consigne stands, as one says it: an end at midnight is the end of the day before, which is included. */
import { t } from "@lingui/core/macro";
import { dateTime } from "../../core/time";

const MIDNIGHT = "00:00:00";

export function untilText(until: string, zone: string): string {
  const [, hour] = dateTime(until, zone).split(" ");
  if (hour !== MIDNIGHT) {
    return t`jusqu’au ${dateTime(until, zone)}`;
  }
  const before = new Date(Date.parse(until) - 1).toISOString();
  const [last = ""] = dateTime(before, zone).split(" ");
  return t`jusqu’au ${last} inclus`;
}
