/** Repères and gels conservatoires: what the desk's API knows of them. */
import { api } from "../../api/client";
import type { MarkView } from "../../core/recordings";
import { isoOf } from "./instant";

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
