/**
 * What the alarm points at: the dossier in view in this browser's desk, else the gravest that rings and of those the
 * oldest, as far as a camera is linked to it. The desk tells which dossier it shows through this machine's own storage.
 */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import type { CameraState, CameraView } from "../../core/cameras";
import { byUrgency } from "../../core/queue";
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

/** Dossiers asked for their cameras before giving up: the gravest come first. */
const ASKED_MOST = 8;

/** Of a camera of which there is nothing to see: its own dossier has no picture to show. */
const BLIND = new Set(["camera_unreachable", "camera_refused", "camera_mask_lost", "camera_unauthorised"]);

/** A dossier about a camera itself: it points at no alarm, and its camera comes and goes. */
const ofCamera = ({ headline }: IncidentRow): boolean => headline.code?.startsWith("camera_") === true;

/** In the order in which the hotspot would follow them. */
export function candidates(rows: readonly IncidentRow[], inView: number | null): number[] {
  const shown = rows.find((row) => row.id === inView && !BLIND.has(row.headline.code ?? ""));
  const ringing = rows
    .filter((row) => row.ringing_since !== null && row.id !== inView && !ofCamera(row))
    .sort(byUrgency)
    .map((row) => row.id);
  return [...(shown ? [shown.id] : []), ...ringing].slice(0, ASKED_MOST);
}

/** States of a camera that has a picture, or is about to. */
const SEES: ReadonlySet<CameraState> = new Set<CameraState>(["online", "starting", "frozen"]);

interface Linked {
  cameras: { camera: { id: number; state: CameraState } }[];
}

/** Cameras of the first dossier that has one with a picture; else of the first that has any: the tile says why not. */
async function pointedBy(
  incidents: readonly number[],
  blind: readonly number[] = [],
): Promise<readonly number[]> {
  const [next, ...rest] = incidents;
  if (next === undefined) {
    return blind;
  }
  const images = await api.get<Linked>(`/api/incidents/${next}/images`).catch(() => null);
  const cameras = images?.cameras.map(({ camera }) => camera) ?? [];
  const ids = cameras.map(({ id }) => id);
  const sees = cameras.some(({ state }) => SEES.has(state));
  return sees ? ids : pointedBy(rest, blind.length > 0 ? blind : ids);
}

/** The first that sees now; none does: the first, which says why. */
export function seeing(cameras: readonly number[], byId: ReadonlyMap<number, CameraView>): number | null {
  const sees = (id: number): boolean => SEES.has(byId.get(id)?.state ?? "unknown");
  return cameras.find(sees) ?? cameras[0] ?? null;
}

/** ms: how often a dossier is asked again which of its cameras see. */
const ASK_EVERY = 15_000;

/** The camera of the hotspot; null when no alarm points at any. */
export function usePointed(
  rows: readonly IncidentRow[],
  byId: ReadonlyMap<number, CameraView>,
  wanted: boolean,
): number | null {
  const asked = candidates(rows, useInView());
  const found = useQuery({
    queryKey: ["hotspot", ...asked],
    queryFn: () => pointedBy(asked),
    enabled: wanted && asked.length > 0,
    staleTime: ASK_EVERY,
    refetchInterval: ASK_EVERY,
    // Another dossier that comes in leaves the picture where it is until it is known where to look.
    placeholderData: keepPreviousData,
  });
  return asked.length === 0 ? null : seeing(found.data ?? [], byId);
}
