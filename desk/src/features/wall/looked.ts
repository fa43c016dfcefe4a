/** Whether the view of a round is in sight: nothing to report is said of a picture that one could look at. */
import { t } from "@lingui/core/macro";
import { useEffect } from "react";
import type { CameraView } from "../../core/cameras";
import { createStore } from "../../core/store";
import { stopNow, type PatrolRun } from "../patrol/patrol";
import { cameraOf, pictures, placedNow, wall } from "./wallStore";

/** ms that a live picture is in sight before «R.A.S.»: the server asks as much of the round (`LEAST_LOOK`). */
export const LEAST_LOOK = 2000;

/** ms between two looks. */
const LOOK_EVERY = 250;

/** `blind`: the camera shows nothing now; `opening`: no live picture of it on this wall yet; `looking`: not for long enough. */
export type Look = "blind" | "opening" | "looking" | "looked";

export const look = createStore<Look>("opening");

/** Faults of a picture that comes and shows nothing. */
const SHOWS_NOTHING = ["frozen", "masked"];

/** The centre knows that the camera shows nothing: what hinders is an observation. */
export function isBlind(camera: CameraView | undefined): boolean {
  return (
    camera === undefined ||
    camera.state !== "online" ||
    camera.faults.some(({ kind }) => SHOWS_NOTHING.includes(kind))
  );
}

/** Judged from what is in sight; `since`: monotonic ms from which the live picture of this view was. */
export function judgeLook(blind: boolean, live: boolean, since: number | null, now: number): Look {
  if (blind) {
    return "blind";
  }
  return !live || since === null ? "opening" : now - since < LEAST_LOOK ? "looking" : "looked";
}

function isLive(camera: number): boolean {
  const at = placedNow().find(({ index }) => cameraOf(wall.get(), index) === camera);
  return at !== undefined && pictures.get(at.index)?.verdict().kind === "live";
}

/** Keeps `look` for the view that the round is at. */
export function useLooking(run: PatrolRun | null, byId: ReadonlyMap<number, CameraView>): void {
  const stop = run === null ? null : stopNow(run);
  const camera = stop?.camera ?? null;
  const index = run === null || stop === null ? -1 : run.views.indexOf(stop);
  useEffect(() => {
    if (camera === null) {
      return undefined;
    }
    let since: number | null = null;
    const judge = (): void => {
      const live = isLive(camera);
      since = live ? (since ?? performance.now()) : null;
      const next = judgeLook(isBlind(byId.get(camera)), live, since, performance.now());
      if (next !== look.get()) {
        look.set(() => next);
      }
    };
    look.set(() => "opening");
    judge();
    const timer = setInterval(judge, LOOK_EVERY);
    return () => clearInterval(timer);
    // Another health of another camera must not begin the look again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [camera, index, run?.id, isBlind(byId.get(camera ?? 0))]);
}

/** Why «R.A.S.» waits, in words; null: it may be said. */
export function lookText(seen: Look): string | null {
  return {
    blind: t`On ne voit rien de cette vue : dites en observation ce qui empêche de voir`,
    opening: t`L’image de cette vue n’est pas encore là`,
    looking: t`Regardez la vue : deux secondes au moins`,
    looked: null,
  }[seen];
}
