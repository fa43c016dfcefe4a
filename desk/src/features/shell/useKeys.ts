/** The one keyboard listener: finds the action a press means and performs it. */
import { useEffect, useLayoutEffect, useRef } from "react";
import { actionFor, type Focus } from "../../core/actions";
import {
  ALONE_AFTER,
  chord,
  insideText,
  isLetter,
  isOfText,
  isTyping,
  matches,
  type Typed,
} from "../../core/keys";
import type { DeskAction, DeskContext } from "./context";
import { setUi, ui } from "./ui";

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"]);
const FIELDS = "input, textarea, select, [contenteditable=true]";

/** Where the focus is. Parts say so with data-keyscope="list" or "card". */
export function focusNow(): Focus {
  const active = document.activeElement;
  const scope = active?.closest<HTMLElement>("[data-keyscope]")?.dataset.keyscope;
  const typing = active?.matches(FIELDS) === true && !isButtonLike(active);
  return {
    typing,
    written: typing && isWritten(active),
    scope: scope === "list" || scope === "card" ? scope : null,
    letters: ui.get().letters,
  };
}

/** A field of text in which something stands. */
export function isWritten(field: Element | null): boolean {
  const text = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
  return text && field.value.trim() !== "";
}

function isButtonLike(element: Element): boolean {
  return element instanceof HTMLInputElement && ["checkbox", "radio", "button"].includes(element.type);
}

/** The focus is on something that a space would press. */
function onButton(): boolean {
  return document.activeElement?.matches("button, summary, [type=checkbox], [type=radio]") === true;
}

/** A space inside typed text is text: it presses no button (U3). Some browsers press at the key's release. */
function holdBack(event: KeyboardEvent): void {
  event.preventDefault();
  addEventListener("keyup", (release) => release.preventDefault(), { once: true, capture: true });
}

/** Ctrl+Enter in a field validates its form, on every page (U1). */
function validates(event: KeyboardEvent): boolean {
  const field = document.activeElement;
  const form = field?.matches(FIELDS) === true ? field.closest("form") : null;
  if (!matches(chord("Ctrl+Enter"), event) || form === null) {
    return false;
  }
  event.preventDefault();
  if (!event.repeat) {
    form.requestSubmit();
  }
  return true;
}

/** The text that is being written, after a press. A slip mended goes on with it; alone, Backspace begins none. */
function typedNow(event: KeyboardEvent, before: Typed | null, inside: boolean): Typed | null {
  if (MODIFIERS.has(event.key)) {
    return before;
  }
  const altGraph = event.getModifierState("AltGraph");
  const begins = isTyping(event) || event.key === "Dead" || altGraph;
  if (isOfText(event, altGraph) && (begins || before !== null)) {
    return { code: event.code, at: event.timeStamp, text: inside };
  }
  return null; // Escape, Enter, an arrow: a text ends there
}

/** A letter that changes something: it must stand alone. */
const standsAlone = (action: DeskAction): boolean =>
  action.changes === true && action.keys?.some(isLetter) === true;

export function useKeys(actions: readonly DeskAction[], context: DeskContext): void {
  const held = useRef({ actions, context });
  // Before the paint: a key pressed on what has just been shown must find it.
  useLayoutEffect(() => {
    held.current = { actions, context };
  });
  useEffect(() => {
    let last: Typed | null = null;
    let waiting: ReturnType<typeof setTimeout> | null = null;
    const forget = (): void => {
      if (waiting !== null) {
        clearTimeout(waiting);
        waiting = null;
        setUi({ pending: null });
      }
    };
    const press = (event: KeyboardEvent): void => {
      const typed = isTyping(event);
      const inside = insideText(event, last, event.timeStamp);
      const before = last;
      last = typedNow(event, before, inside);
      if ((last !== null && last !== before) || event.key === "Escape") {
        forget();
      }
      if (event.defaultPrevented || event.isComposing) {
        return;
      }
      if (event.code === "Space" && inside && onButton()) {
        holdBack(event);
        return;
      }
      if (validates(event)) {
        return;
      }
      const action = actionFor(held.current.actions, event, focusNow(), held.current.context);
      if (action === null) {
        return;
      }
      event.preventDefault();
      // A character inside typed text is text, wherever the focus is; what changes a dossier waits to stand alone.
      if (event.repeat || inside) {
        return;
      }
      if (typed && standsAlone(action)) {
        setUi({ pending: action.id });
        waiting = setTimeout(() => {
          waiting = null;
          setUi({ pending: null });
          action.perform(held.current.context);
        }, ALONE_AFTER);
        return;
      }
      action.perform(held.current.context);
    };
    addEventListener("keydown", press);
    return () => {
      forget();
      removeEventListener("keydown", press);
    };
  }, []);
}
