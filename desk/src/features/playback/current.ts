/** The consultation of this window, for keys and the command bar; null: none is open. */
import { createStore } from "../../core/store";
import type { PlaybackSession } from "./session";

export interface Current {
  session: PlaybackSession;
  /** Opens the form of a gel for the passage. */
  hold: () => void;
}

export const current = createStore<Current | null>(null);
