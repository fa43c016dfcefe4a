/** Which cameras the list shows: pure. */
import type { CameraView } from "../../core/cameras";
import { found } from "./found";

export interface ListFilter {
  words: string;
  /** "" all · "wrong" whatever is not plainly well · a state. */
  state: string;
  regime: string;
}

export const ALL: ListFilter = { words: "", state: "", regime: "" };

/** A home without an alarm is not looked into: it rests as it should. */
export const isResting = ({ state, regime, suspended_reason: why }: CameraView): boolean =>
  state === "suspended" && regime === "home" && why === null;

/** Offline, frozen, suspended, or with a fault. */
export const isWrong = (camera: CameraView): boolean =>
  camera.faults.length > 0 || !(["online", "starting", "remote"].includes(camera.state) || isResting(camera));

/** What needs somebody first, then by name. */
export function listed(cameras: readonly CameraView[], filter: ListFilter): CameraView[] {
  return found(cameras, filter.words)
    .filter((camera) => filter.regime === "" || camera.regime === filter.regime)
    .filter(
      (camera) =>
        filter.state === "" || (filter.state === "wrong" ? isWrong(camera) : camera.state === filter.state),
    )
    .sort((a, b) => Number(isWrong(b)) - Number(isWrong(a)));
}

/** Days until a day (2026-11-23) from now; null without one. */
export function daysLeft(day: string | null, now: number): number | null {
  return day === null || Number.isNaN(now) ? null : Math.ceil((Date.parse(day) - now) / 86_400_000);
}
