/** Repères and gels conservatoires: what the desk's API knows of them. */
import { api } from "../../api/client";
import type { MarkView } from "../../core/recordings";
import { SECOND } from "../../video/playbackPlan";
import { isoOf, wallOf } from "./instant";

export async function readMarks(cameras: readonly number[], from: number, to: number): Promise<MarkView[]> {
  const span = { from: isoOf(from), to: isoOf(to) };
  const lists = await Promise.all(
    cameras.map((camera) => {
      const query = new URLSearchParams({ camera: String(camera), ...span });
      return api.get<MarkView[]>(`/api/marks?${query.toString()}`);
    }),
  );
  return lists.flat().sort((a, b) => b.from.localeCompare(a.from));
}

/** µs around a mark in which the head is still at it: its end is marked a moment after what was seen. */
const AT_IT = 5 * SECOND;

/** The newest mark at a moment that is not held yet. */
export const markAt = (marks: readonly MarkView[], head: number): MarkView | null =>
  marks
    .filter(({ hold }) => hold === null)
    .filter(({ from, until }) => wallOf(from) - AT_IT <= head && head <= wallOf(until) + AT_IT)
    .toSorted((a, b) => b.made_at.localeCompare(a.made_at))[0] ?? null;

export function makeMark(
  camera: number,
  from: number,
  until: number,
  label: string | null,
  incident: number | null,
): Promise<MarkView> {
  return api.post<MarkView>("/api/marks", {
    camera,
    from: isoOf(from),
    until: isoOf(until),
    ...(label === null ? {} : { label }),
    ...(incident === null ? {} : { incident_id: incident }),
  });
}

export const holdMark = (mark: number, reason: string, until: string): Promise<MarkView> =>
  api.post<MarkView>(`/api/marks/${mark}/hold`, { reason, until });

export const releaseMark = (mark: number): Promise<MarkView> =>
  api.post<MarkView>(`/api/marks/${mark}/release`, {});
