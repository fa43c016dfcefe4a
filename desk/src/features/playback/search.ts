/** The address of a consultation: `/relecture?cameras=1,2&at=2026-11-23T02:11:48Z&incident=7`. Pure. */
import { MOST_CAMERAS } from "../../video/synchro";

export interface PlaybackSearch {
  cameras?: string;
  /** RFC 3339, UTC. */
  at?: string;
  incident?: number;
}

/** Whatever the address says; what is none of it is left out. */
export function readSearch(said: Record<string, unknown>): PlaybackSearch {
  const { cameras, at, incident } = said;
  const found: PlaybackSearch = {};
  const ids = idsOf(String(cameras ?? ""));
  if (ids.length > 0) {
    found.cameras = ids.join(",");
  }
  if (typeof at === "string" && !Number.isNaN(Date.parse(at))) {
    found.at = at;
  }
  if (Number.isInteger(Number(incident)) && Number(incident) > 0) {
    found.incident = Number(incident);
  }
  return found;
}

export function idsOf(text: string | undefined): number[] {
  const ids = (text ?? "").split(",").map(Number);
  return [...new Set(ids.filter((id) => Number.isInteger(id) && id > 0))].slice(0, MOST_CAMERAS);
}
