/** What keys and buttons of the wall do; the page lends them its acts on the server. */
import { t } from "@lingui/core/macro";
import { failureText } from "../../app/i18n";
import type { CameraView } from "../../core/cameras";
import { now } from "../../live/hooks";
import type { EventActs } from "../event/eventActs";
import type { PatrolRun } from "../patrol/patrol";
import type { PatrolActs } from "../patrol/patrolActs";
import { stopNow } from "../patrol/patrol";
import { tell } from "../shell/ui";
import { lifts, putBack } from "../../video/lifts";
import { toward } from "./compass";
import type { Way } from "./layout";
import { look, lookText } from "./looked";
import { scene } from "./scene";
import { pictures, selectedCamera, setWall, showCamera, viewings, wall } from "./wallStore";

export interface Lent {
  events: EventActs;
  patrols: PatrolActs;
}

let lent: Lent | null = null;

/** The page is there: its acts; null when it goes. */
export const lend = (acts: Lent | null): void => {
  lent = acts;
};

/** ms of the past that «Revoir» opens. */
const REPLAY = 120_000;

/** The camera worked on. */
export function workedOn(): CameraView | null {
  const id = selectedCamera(wall.get());
  return id === null ? null : (scene.get().byId.get(id) ?? null);
}

/** Whether the picture worked on has a mask of role, drawn over it or lifted. */
export function hasMask(): boolean {
  const camera = workedOn();
  const picture = pictures.get(wall.get().selected);
  return camera !== null && (lifts.get().has(camera.id) || picture?.state.get().masked === true);
}

/** Alt+L: asks why the mask is lifted; lifted already, it is put back. */
export function turnMask(): void {
  const camera = workedOn();
  if (camera !== null && lifts.get().has(camera.id)) {
    putBack(camera.id);
  } else {
    setWall({ sheet: wall.get().sheet === "lift" ? null : "lift", typed: "" });
  }
}

/** The last two minutes, in a window of their own: the wall stays live. */
export function replay(camera: CameraView): void {
  const from = new Date(now() - REPLAY).toISOString();
  window.open(`/relecture?cameras=${camera.id}&at=${encodeURIComponent(from)}`, "veilleur-relecture");
}

/** The page of playback, with the camera worked on, as everywhere else by the same key: in its window. */
export function openPlayback(): void {
  const camera = workedOn();
  const mayReplay = camera?.abilities.includes("recorded") === true;
  window.open(mayReplay ? `/relecture?cameras=${camera.id}` : "/relecture", "veilleur-relecture");
}

/** From the first key until the hands are on the event's card: its digits are the event's, not the camera's. */
let opening = false;
export const isOpening = (): boolean => opening;

/** F4: an événement from the camera worked on; the round waits. */
export function openEvent(): void {
  const camera = workedOn();
  const firstKey = performance.now();
  if (camera === null || lent === null || opening) {
    return;
  }
  if (scene.get().event !== null) {
    focusEvent();
    return;
  }
  const { events, patrols } = lent;
  const { run } = scene.get();
  setWall({ sheet: null });
  opening = true;
  void events.open(camera.id, firstKey).then((made) => {
    opening = made !== null;
    if (made !== null) {
      tell(t`Événement ouvert : ${camera.name}, repère gardé depuis 2 min`);
      focusEvent();
      if (run?.state === "running") {
        patrols.again();
      }
    }
  });
}

/** The hands go to the event's card: its digits then name the nature. */
export function focusEvent(tries = 20): void {
  const card = document.querySelector<HTMLElement>("[data-event]");
  if (card === null && tries > 0) {
    setTimeout(() => focusEvent(tries - 1), 50);
    return;
  }
  opening = false;
  card?.focus({ preventScroll: true });
}

export function nameEvent(nature: string): void {
  const { event } = scene.get();
  // The same key again says nothing new.
  if (event !== null && event.nature !== nature) {
    void lent?.events.name(event.incident.id, nature);
  }
}

/** Goes to the camera in a direction of the map. */
export function goToward(way: Way): void {
  const centre = workedOn();
  const next = centre === null ? null : toward(centre, scene.get().cameras, way);
  if (next === null) {
    tell(t`Pas de caméra connue de ce côté`);
  } else {
    showCamera(next.id);
  }
}

/** Shows the view that a round is at. */
export function showStop(run: PatrolRun): void {
  const stop = stopNow(run);
  if (stop === null) {
    return;
  }
  showCamera(stop.camera);
  const { preset } = stop;
  if (preset !== null) {
    // The tile may only be opening: the preset is asked once its picture can be told.
    setTimeout(() => pictures.get(wall.get().selected)?.goTo(preset), 1500);
  }
}

/** One key: seen, and on to the next view. */
export function tickClear(): void {
  const { run } = scene.get();
  const waits = lookText(look.get());
  if (run !== null && run.state === "running" && stopNow(run) !== null) {
    if (waits !== null) {
      tell(waits);
      return;
    }
    void lent?.patrols.tick(run, "clear", "").then((next) => next && showStop(next));
  }
}

export function holdRun(): void {
  const { run } = scene.get();
  if (run === null) {
    setWall({ sheet: "patrols" });
  } else if (run.state === "paused") {
    void lent?.patrols.resume(run).then((next) => next && showStop(next));
  } else {
    void lent?.patrols.pause(run);
  }
}

/** `code`: what the server is told, a code of its own or the post's words. */
export async function changeMotif(code: string, label: string): Promise<void> {
  try {
    await viewings.setMotif(code);
    setWall({ motif: { code, label, incident: null }, doing: null, sheet: null });
  } catch (failure) {
    tell(failureText(failure), "bad");
  }
}
