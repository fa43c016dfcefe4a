/** What actions may read and do: one object for keys, menus and the command bar. */
import type { Me, IncidentRow } from "../../core/views";
import type { Action } from "../../core/actions";

export interface DeskContext {
  me: Me;
  /** Open dossiers. */
  rows: readonly IncidentRow[];
  /** My open dossiers, in the dock's order. */
  dock: readonly IncidentRow[];
  /** The dossier in the centre. */
  inView: IncidentRow | null;
  /** The dossier in the address, open or closed: the one whose panes are shown. */
  shown: number | null;
  /** The queue's line under the cursor. */
  selected: IncidentRow | null;
  /** The P1 told by the banner. */
  urgent: IncidentRow | null;
  open: (id: number | null) => void;
  /** Shows a site's file when no dossier is open there. */
  openSite: (id: number) => void;
  go: (
    path:
      | "/"
      | "/main-courante"
      | "/moniteur"
      | "/salle"
      | "/compte"
      | "/personnes"
      | "/astreinte"
      | "/relecture"
      | "/cameras"
      | "/essai-cameras",
  ) => void;
}

export type DeskAction = Action<DeskContext>;
