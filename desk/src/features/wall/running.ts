/** What goes on by itself on the wall: sequences turn, typed letters find a camera, an événement follows the eyes. */
import { useEffect, useSyncExternalStore } from "react";
import type { CameraView } from "../../core/cameras";
import { isTyping } from "../../core/keys";
import type { EventView } from "../event/event";
import type { EventActs } from "../event/eventActs";
import type { PatrolRun } from "../patrol/patrol";
import { ui } from "../shell/ui";
import { useLayouts } from "./layouts";
import { rowsOf, useWorld } from "../../live/hooks";
import { lastLayout, selectedCamera, setWall, showFirst, showLayout, viewings, wall } from "./wallStore";
import { doingNow } from "./words";

/** Each tile with several cameras goes on to the next, unless paused or one of them is full. */
export function useSequence(): void {
  const seconds = useSyncExternalStore(wall.subscribe, () => wall.get().body.seconds);
  useEffect(() => {
    const timer = setInterval(() => {
      const { paused, full, sheet } = wall.get();
      if (!paused && !full && sheet === null) {
        wall.set((held) => ({ ...held, step: held.step + 1 }));
      }
    }, seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
}

/** A letter typed on the wall opens the finder with it (single letters can be turned off: WCAG 2.1.4). */
export function useTypedName(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const letter = isTyping(event) && /^\p{L}$/u.test(event.key);
      const onTile = document.activeElement?.matches("[data-tile]") === true;
      if (letter && onTile && !event.repeat && ui.get().letters && wall.get().sheet === null) {
        event.preventDefault();
        setWall({ sheet: "finder", typed: event.key });
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

let begun = false;

/** The wall of the address, else the last shown on this machine, else the first cameras. */
export function useFirstLayout(asked: number | null, cameras: readonly CameraView[]): void {
  const saved = useLayouts();
  const { data, isPending } = saved;
  useEffect(() => {
    const wanted = asked ?? lastLayout();
    const found = data?.find((layout) => layout.id === wanted);
    if (found && (!begun || asked !== null)) {
      begun = true;
      if (wall.get().id !== found.id) {
        showLayout(found);
      }
    } else if (!begun && !isPending && cameras.length > 0) {
      begun = true;
      const [first] = data ?? [];
      if (first) {
        showLayout(first);
      } else {
        showFirst(cameras);
      }
    }
  }, [asked, data, isPending, cameras]);
}

/** ms that a camera is worked on before the événement follows it: passing over a tile is not following. */
const DWELL = 1500;

/** «Cameras added as the operator switches» (practice): the one worked on joins the événement in hand. */
export function useFollowing(event: EventView | null, acts: EventActs): void {
  const camera = useSyncExternalStore(wall.subscribe, () => selectedCamera(wall.get()));
  const incident = event?.incident.id ?? null;
  const known =
    camera !== null && event?.cameras.some((each) => each.camera === camera && each.until === null);
  useEffect(() => {
    if (incident === null || camera === null || known !== false) {
      return undefined;
    }
    const timer = setTimeout(() => void acts.follow(incident, camera), DWELL);
    return () => clearTimeout(timer);
    // The acts are made anew at each paint and do the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [incident, camera, known]);
}

/** One looks for what one does: the register says so without a key; then the chosen motif, or the post's, is back. */
export function useInheritedMotif(event: EventView | null, run: PatrolRun | null, post: number | null): void {
  const own = useWorld((world) => rowsOf(world.posts).find((each) => each.id === post)?.motif ?? null);
  const doing = doingNow(event, run);
  const key = doing === null ? "" : `${doing.code} ${doing.incident ?? ""}`;
  useEffect(() => {
    const before = wall.get().doing;
    if (doing === null && before === null) {
      return;
    }
    setWall({ doing });
    const chosen = doing ?? wall.get().motif;
    const code = chosen?.code ?? own;
    if (code !== null) {
      // A viewing that is over meanwhile: what opens next has the new motif.
      void viewings.setMotif(code, chosen?.incident ?? null).catch(() => undefined);
    }
    // By what is done, not by each paint of it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
}
