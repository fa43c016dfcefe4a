/** What the wall's page knows at this moment, for keys and acts: set whole at each paint, read by nobody's render. */
import type { CameraView } from "../../core/cameras";
import { createStore } from "../../core/store";
import type { EventView } from "../event/event";
import type { PatrolRun } from "../patrol/patrol";

export interface Scene {
  /** The user's id. */
  me: number;
  cameras: readonly CameraView[];
  byId: ReadonlyMap<number, CameraView>;
  /** The événement in hand. */
  event: EventView | null;
  /** The round in hand. */
  run: PatrolRun | null;
}

export const scene = createStore<Scene>({ me: 0, cameras: [], byId: new Map(), event: null, run: null });
