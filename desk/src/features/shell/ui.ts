/** What this window shows, apart from the centre's state: kept over a reload, never sent to the server. */
import { createStore } from "../../core/store";

export type Pane = 1 | 2 | 3 | 4 | 5;
/** Below 1280 CSS px one of these shows at a time. */
export type NarrowPane = "queue" | "dossier" | "log";

export interface UiState {
  /** The queue's line that has the cursor: a dossier's id, or the fold line. */
  cursor: number | "others" | null;
  othersOpen: boolean;
  pane: Pane;
  narrow: NarrowPane;
  palette: boolean;
  /** The command bar looks for who telephones: people, numbers, sites. */
  caller: boolean;
  help: boolean;
  /** Single letters act (WCAG 2.1.4: they can be turned off). */
  letters: boolean;
  /** The queue's letter that waits to see whether it stands alone. */
  pending: string | null;
  logOpen: boolean;
  /** The dossier whose customer is on the telephone: «qui appelle» is shown in it. */
  calling: number | null;
  /** Reads the desk without a post. */
  reading: boolean;
  /** The call that asked for a test: its site's form is open. */
  testing: number | null;
}

const LETTERS = "veilleur.letters";

export const ui = createStore<UiState>({
  cursor: null,
  othersOpen: false,
  pane: 1,
  narrow: /^\/(dossier|site)\//.test(location.pathname) ? "dossier" : "queue",
  palette: false,
  caller: false,
  help: false,
  letters: localStorage.getItem(LETTERS) !== "off",
  pending: null,
  logOpen: false,
  calling: null,
  testing: null,
  reading: false,
});

/** The command bar, closed or for anything; `F3` opens it for who telephones. */
export const openPalette = (caller = false): void => setUi({ palette: true, caller, help: false });

export function setUi(change: Partial<UiState>): void {
  ui.set((held) => ({ ...held, ...change }));
}

/** The pane left open on each dossier that is not on its first one, for when one comes back to it. */
const left = new Map<number, Pane>();
let shown: number | null = null;

/** The pane of this dossier: of another one than the last, its procedure (the heart), or where one had left it. */
export function paneFor(incident: number): Pane {
  const { pane, calling } = ui.get();
  if (shown === incident) {
    return pane;
  }
  return calling === incident ? 1 : (left.get(incident) ?? 1);
}

/** This dossier is the one on the screen: the pane is its own, the one before keeps its. */
export function showPanesOf(incident: number): void {
  const pane = paneFor(incident);
  if (shown !== null && shown !== incident) {
    left.delete(shown);
    if (ui.get().pane !== 1) {
      left.set(shown, ui.get().pane);
    }
  }
  shown = incident;
  setUi({ pane });
}

export function setLetters(on: boolean): void {
  localStorage.setItem(LETTERS, on ? "on" : "off");
  setUi({ letters: on });
}

export interface Notice {
  id: number;
  text: string;
  tone: "good" | "bad";
}

/** Short words about what was just done or refused; they never take the focus. */
export const notices = createStore<readonly Notice[]>([]);
const NOTICE_SHOWN = 5000;
let noticeId = 0;

export function tell(text: string, tone: Notice["tone"] = "good"): void {
  const id = ++noticeId;
  notices.set((held) => [...held.slice(-3), { id, text, tone }]);
  setTimeout(() => notices.set((held) => held.filter((notice) => notice.id !== id)), NOTICE_SHOWN);
}
