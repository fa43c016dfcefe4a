/** What pane 3 has in front, for keys and the command bar; null: the pane is not shown. */
import { createStore } from "../../core/store";

export interface Imaging {
  live: () => void;
  proof: () => void;
  /** Null: no camera of the dossier was lost before its alarm. */
  lost: (() => void) | null;
  replay: () => void;
  wall: () => void;
  pause: () => void;
  turn: (by: 1 | -1) => void;
}

export const imaging = createStore<Imaging | null>(null);
