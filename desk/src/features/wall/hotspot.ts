/**
 * What the alarm points at: the dossier in view in this browser's desk, else the newest that rings, as far as a camera
 * is linked to it. The desk tells which dossier it shows through this machine's own storage.
 */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import type { IncidentRow } from "../../core/views";

const IN_VIEW = "veilleur.in-view";

/** The desk's window says which dossier it shows. */
export function useTellInView(incident: number | null, here: boolean): void {
  useEffect(() => {
    if (here) {
      localStorage.setItem(IN_VIEW, incident === null ? "" : String(incident));
    }
  }, [incident, here]);
}

const heldInView = (): number | null => Number(localStorage.getItem(IN_VIEW)) || null;

/** The dossier in view in the desk of the same browser. */
export function useInView(): number | null {
  const [inView, setInView] = useState(heldInView);
  useEffect(() => {
    const moved = (event: StorageEvent): void => {
      if (event.key === IN_VIEW) {
        setInView(heldInView());
      }
    };
    addEventListener("storage", moved);
    return () => removeEventListener("storage", moved);
  }, []);
  return inView;
}

/** Dossiers asked for their cameras before giving up: the newest that ring come first. */
const ASKED_MOST = 4;

/** In the order in which the hotspot would follow them. */
export function candidates(rows: readonly IncidentRow[], inView: number | null): number[] {
  const open = rows.some((row) => row.id === inView);
  const ringing = rows
    .filter((row) => row.ringing_since !== null && row.id !== inView)
    .sort((a, b) => (b.ringing_since ?? "").localeCompare(a.ringing_since ?? "") || b.id - a.id)
    .map((row) => row.id);
  return [...(open && inView !== null ? [inView] : []), ...ringing].slice(0, ASKED_MOST);
}

interface Linked {
  cameras: { camera: { id: number } }[];
}

async function firstCamera(incidents: readonly number[]): Promise<number | null> {
  const [next, ...rest] = incidents;
  if (next === undefined) {
    return null;
  }
  const images = await api.get<Linked>(`/api/incidents/${next}/images`).catch(() => null);
  return images?.cameras[0]?.camera.id ?? firstCamera(rest);
}

/** The camera of the hotspot; null when no alarm points at any. */
export function usePointed(rows: readonly IncidentRow[], wanted: boolean): number | null {
  const asked = candidates(rows, useInView());
  const found = useQuery({
    queryKey: ["hotspot", ...asked],
    queryFn: () => firstCamera(asked),
    enabled: wanted && asked.length > 0,
    staleTime: 15_000,
  });
  return asked.length === 0 ? null : (found.data ?? null);
}
