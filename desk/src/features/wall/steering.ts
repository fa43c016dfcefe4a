/** Steers the camera of a tile: takes it at the first move, repeats the move while it is held, stops it after. */
import { t } from "@lingui/core/macro";
import { useEffect, useMemo } from "react";
import { api, ApiError } from "../../api/client";
import { failureText } from "../../app/i18n";
import type { CameraView } from "../../core/cameras";
import { now } from "../../live/hooks";
import type { PtzMove } from "../../video/live";
import { tell } from "../shell/ui";
import { holder, keyed, REPEAT, STILL } from "./ptz";
import { scene } from "./scene";
import { cameraOf, pictures, wall } from "./wallStore";

/** Takes or keeps a camera; with a priority, from who holds it with a lower one. */
export async function takePtz(camera: CameraView, priority?: number): Promise<boolean> {
  try {
    await api.post(`/api/cameras/${camera.id}/ptz/take`, priority === undefined ? {} : { priority });
    return true;
  } catch (failure) {
    if (failure instanceof ApiError && failure.code === "ptz_held") {
      const by = camera.ptz_held_by?.name ?? t`un autre poste`;
      tell(t`${camera.name} est pilotée par ${by}`, "bad");
    } else {
      tell(failureText(failure), "bad");
    }
    return false;
  }
}

export async function releasePtz(camera: CameraView): Promise<void> {
  await api.post(`/api/cameras/${camera.id}/ptz/release`).catch((failure: unknown) => {
    tell(failureText(failure), "bad");
  });
}

export interface Steering {
  move: (move: PtzMove) => void;
  stop: () => void;
  goTo: (preset: string) => void;
}

/** The hands on one tile's camera; null while it may not be steered. */
export function useSteering(index: number, camera: CameraView | null): Steering | null {
  const steering = useMemo(() => makeSteering(index), [index]);
  useEffect(() => () => steering.stop(), [steering, camera?.id]);
  return camera?.ptz === true && camera.abilities.includes("ptz") ? steering : null;
}

function makeSteering(index: number): Steering {
  let wanted: PtzMove | null = null;
  let timer: ReturnType<typeof setInterval> | null = null;
  let asking = false;
  let refused = false;

  const ready = async (): Promise<boolean> => {
    const { byId, me } = scene.get();
    const camera = byId.get(cameraOf(wall.get(), index) ?? 0);
    if (camera === undefined || holder(camera, me, now()) === "me") {
      return camera !== undefined;
    }
    if (asking || refused) {
      return false;
    }
    asking = true;
    const taken = await takePtz(camera);
    asking = false;
    refused = !taken; // said once per press
    return taken;
  };
  const send = (): void => {
    void ready().then((mine) => {
      if (mine && wanted !== null) {
        pictures.get(index)?.move(wanted);
      }
    });
  };
  return {
    move: (move) => {
      wanted = move;
      if (timer === null) {
        timer = setInterval(send, REPEAT);
        send();
      }
    },
    stop: () => {
      if (timer !== null) {
        clearInterval(timer);
        timer = null;
        pictures.get(index)?.move(STILL);
      }
      wanted = null;
      refused = false;
    },
    goTo: (preset) => {
      void ready().then((mine) => mine && pictures.get(index)?.goTo(preset));
    },
  };
}

/** The numeric pad, and the arrows with Ctrl, steer the tile worked on while they are held. */
export function useSteeringKeys(steering: Steering | null): void {
  useEffect(() => {
    if (steering === null) {
      return undefined;
    }
    let down: string | null = null;
    const press = (event: KeyboardEvent): void => {
      const typing = document.activeElement?.matches("input, textarea, select") === true;
      const move = typing || wall.get().sheet !== null ? null : keyed(event);
      if (move !== null) {
        event.preventDefault();
        down = event.code;
        steering.move(move);
      }
    };
    const release = (event: KeyboardEvent): void => {
      if (event.code === down || event.key === "Control") {
        down = null;
        steering.stop();
      }
    };
    const away = (): void => steering.stop();
    addEventListener("keydown", press, { capture: true });
    addEventListener("keyup", release, { capture: true });
    addEventListener("blur", away);
    return () => {
      removeEventListener("keydown", press, { capture: true });
      removeEventListener("keyup", release, { capture: true });
      removeEventListener("blur", away);
      away();
    };
  }, [steering]);
}
