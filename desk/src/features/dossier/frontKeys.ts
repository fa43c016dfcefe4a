/** What the function keys mean now: the card in front says so; the desk's one listener asks here. */
import { isAlive, NOTHING_SHOWN, shownNow, type ShownKeys } from "../../core/frontKeys";
import { createStore } from "../../core/store";
import { frameOf, paneOf, showInPane } from "../../ui/scroll";
import { ui } from "../shell/ui";

/** One thing that may be done on a card: a button, and a key while the card is in front. */
export interface Choice {
  /** Unlike any other of the card; with what it acts on («point:3:agent»). */
  id: string;
  label: string;
  perform: () => void;
  disabled?: boolean;
  /** Why it is greyed, beside it. */
  why?: string | undefined;
  tone?: "plain" | "go" | "warn" | "normal";
  /** It is switched on. */
  on?: boolean;
  /** A key of its own, whatever its place among the others. */
  key?: "Escape";
}

export interface Keyed extends Choice {
  hotkey: string | null;
}

interface Held {
  card: string | null;
  keys: ReadonlyMap<string, Keyed>;
  shown: ShownKeys;
}

export const frontKeys = createStore<Held>({ card: null, keys: new Map(), shown: NOTHING_SHOWN });

/** ms within which a change of card follows from the operator's own key that asked for it. */
const ASKED_WITHIN = 250;
let askedAt = Number.NEGATIVE_INFINITY;

/** The operator himself brings another card forward: its keys act at once. */
export function askForKeys(): void {
  askedAt = performance.now();
}

export function showKeys(card: string, choices: readonly Keyed[]): void {
  const keyed = choices.filter((choice) => choice.hotkey !== null);
  const meanings = keyed.map((choice) => [choice.hotkey ?? "", `${card}|${choice.id}`] as const);
  const now = performance.now();
  frontKeys.set((held) => ({
    card,
    keys: new Map(keyed.map((choice) => [choice.hotkey ?? "", choice])),
    shown: shownNow(held.shown, meanings, now, now - askedAt < ASKED_WITHIN),
  }));
}

export function hideKeys(card: string): void {
  frontKeys.set((held) =>
    held.card === card ? { card: null, keys: new Map(), shown: NOTHING_SHOWN } : held,
  );
}

/** Whether the front card holds this key, with nothing lying over it. */
export function holdsKey(key: string): boolean {
  return frontKeys.get().keys.has(key) && !ui.get().palette && !ui.get().help;
}

/** A press: acts on what is read, or on nothing. A button out of sight is brought into sight first. */
export function pressFront(key: string): void {
  const { keys, shown } = frontKeys.get();
  if (isAlive(shown, key, performance.now()) && inSight(key)) {
    keys.get(key)?.perform();
  }
}

function inSight(key: string): boolean {
  const button = document.querySelector<HTMLElement>(`[data-front] [data-hotkey="${key}"]`);
  if (button === null || button.offsetParent === null) {
    return false;
  }
  const place = button.getBoundingClientRect();
  const pane = paneOf(button);
  const frame = pane === null ? null : frameOf(pane);
  const top = Math.max(0, frame?.top ?? 0);
  const bottom = Math.min(innerHeight, frame?.bottom ?? innerHeight);
  if (place.top >= top - 1 && place.bottom <= bottom + 1) {
    return true;
  }
  showInPane(button, "center");
  return false;
}
