import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from "react";
import { keyOf } from "../../core/dossier";
import { frontOf, type CardId, type Chosen, type Stand } from "../../core/front";
import { createStore } from "../../core/store";
import { Button } from "../../ui/Button";
import { frameOf, paneOf, showInPane } from "../../ui/scroll";
import { ui } from "../shell/ui";
import { askForKeys, hideKeys, showKeys, type Choice, type Keyed } from "./frontKeys";
import { turnScript } from "./Script";
import classes from "./dossier.module.css";

export interface Fronting {
  cards: readonly CardId[];
  front: CardId | null;
  bring: (card: CardId) => void;
}

const NONE: Fronting = { cards: [], front: null, bring: () => undefined };
const Context = createContext<Fronting>(NONE);

/** The cards on the screen, for the keys that bring one forward. */
export const fronting = createStore<Fronting>(NONE);

/** Holds which card is in front, shows it, and lets click, Tab, letters and Ctrl+arrows bring another one. */
export function Fronts({ stand, children }: { stand: Stand; children: ReactNode }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const front = frontOf(stand, chosen);
  const { line } = stand;
  if (chosen !== null && chosen.line !== line) {
    setChosen(null); // who came on the line, or left it, ends an earlier choice
  }
  const cards = stand.cards.join(" ");
  const bring = useCallback(
    (card: CardId) => {
      askForKeys();
      setChosen({ card, line });
    },
    [line],
  );
  const held = useMemo(
    () => ({ cards: cards.split(" ").filter(Boolean), front, bring }),
    [cards, front, bring],
  );
  useLayoutEffect(() => {
    fronting.set(() => held);
    return () => fronting.set(() => NONE);
  }, [held]);
  useEffect(keepWhole, [front]);
  useEffect(turnPages, []);
  const follow = (event: KeyboardEvent): void => {
    const card = event.key === "Tab" && document.activeElement?.closest<HTMLElement>("[data-card]");
    if (card && card.dataset.card && card.dataset.card !== front) {
      bring(card.dataset.card);
    }
  };
  return (
    <Context value={held}>
      <div className={classes.fronts} onKeyUp={follow}>
        {children}
      </div>
    </Context>
  );
}

/** Page keys are the text's that is read aloud, wherever in the dossier the hands are. */
function turnPages(): () => void {
  const turn = (event: globalThis.KeyboardEvent): void => {
    const at = document.activeElement;
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
    const here = at === null || at === document.body || at.closest("[data-keyscope=card]") !== null;
    if (plain && here && !event.defaultPrevented && !ui.get().palette && turnScript(event.key)) {
      event.preventDefault();
    }
  };
  addEventListener("keydown", turn);
  return () => removeEventListener("keydown", turn);
}

/** The card in front is whole in its pane as far as it fits: when it comes, and when a script makes it grow. */
function keepWhole(): (() => void) | undefined {
  const card = document.querySelector<HTMLElement>("[data-front]");
  if (card === null) {
    return undefined;
  }
  let height = 0;
  let room = 0;
  const look = (): void => {
    const pane = paneOf(card);
    const frame = pane === null ? { top: 0, bottom: 0 } : frameOf(pane);
    const tall = card.offsetHeight > frame.bottom - frame.top;
    const writing = written(document.activeElement) && (tall || !card.contains(document.activeElement));
    const space = pane?.clientHeight ?? 0;
    // What one writes is never scrolled away (U3); a head that grows takes the card's room, which is found again.
    if ((card.offsetHeight > height || space < room) && !writing) {
      showInPane(card, tall ? "start" : "nearest");
      showKeysOf(card);
    }
    height = card.offsetHeight;
    room = space;
  };
  const again = (): void => {
    height = 0; // another window, another layout
    look();
  };
  const grown = new ResizeObserver(look);
  for (const part of [card, paneOf(card)]) {
    if (part !== null) {
      grown.observe(part);
    }
  }
  addEventListener("resize", again);
  return () => {
    grown.disconnect();
    removeEventListener("resize", again);
  };
}

/** Of a card higher than its pane, the buttons that the keys press: the last of them, then the first. */
function showKeysOf(card: HTMLElement): void {
  const keys = card.querySelectorAll<HTMLElement>("[data-hotkey^=F], [data-hotkey^=Shift]");
  for (const at of [keys.length - 1, 0]) {
    showInPane(keys[at] ?? null, "nearest");
  }
}

/** A field of the dossier in which something stands. */
function written(at: Element | null): boolean {
  return (
    (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement) &&
    at.closest("[role=tabpanel]") !== null &&
    at.value !== ""
  );
}

/** What marks an element as a card: spread it on the card's own element. */
export function useCard(card: CardId): {
  "data-card": CardId;
  "data-front": true | undefined;
  onClick: (() => void) | undefined;
} {
  const { cards, front, bring } = useContext(Context);
  const inFront = front === card;
  return {
    "data-card": card,
    "data-front": inFront ? true : undefined,
    onClick: !inFront && cards.includes(card) ? () => bring(card) : undefined,
  };
}

/** Whether this card is the one in front. */
export function useInFront(card: CardId): boolean {
  return useContext(Context).front === card;
}

/** The choices of a card with their keys, which they have while it is in front. Once per card. */
export function useChoices(card: CardId, choices: readonly Choice[]): Keyed[] {
  const inFront = useInFront(card);
  const live = choices.filter((choice) => choice.disabled !== true && choice.key === undefined);
  const keyed = choices.map((choice) => ({
    ...choice,
    hotkey: choice.key ?? (inFront && choice.disabled !== true ? keyOf(live.indexOf(choice)) : null),
  }));
  useLayoutEffect(() => {
    if (inFront) {
      showKeys(card, keyed);
    }
  });
  useLayoutEffect(() => (inFront ? () => hideKeys(card) : undefined), [card, inFront]);
  return keyed;
}

/** Choices as buttons in a row. */
export function Choices({
  of,
  label,
  children,
}: {
  of: readonly Keyed[];
  label: string;
  children?: ReactNode;
}) {
  return (
    <div className={classes.acts} role="group" aria-label={label}>
      {of.map((choice) => (
        <ChoiceButton key={choice.id} of={choice} />
      ))}
      {children}
    </div>
  );
}

/** One choice as a button, its key beside its word. */
export function ChoiceButton({ of, children }: { of: Keyed | undefined; children?: ReactNode }) {
  return of === undefined ? null : (
    <>
      <Button
        tone={of.tone ?? "normal"}
        hotkey={of.hotkey}
        disabled={of.disabled === true}
        aria-pressed={of.on}
        onClick={of.perform}
      >
        {children ?? of.label}
      </Button>
      {of.disabled === true && of.why ? <span className={classes.why}>{of.why}</span> : null}
    </>
  );
}
