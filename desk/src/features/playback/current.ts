/** The consultation of this window, for keys and the command bar; null: none is open. */
import type { CameraView } from "../../core/cameras";
import { createStore } from "../../core/store";
import type { PlaybackSession } from "./session";

export interface Current {
  session: PlaybackSession;
  /** Opens the form of a gel for the passage. */
  hold: () => void;
  /** Opens the form that lifts a mask of role. */
  lift: (camera: CameraView) => void;
}

export const current = createStore<Current | null>(null);
