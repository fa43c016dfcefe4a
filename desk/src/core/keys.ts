/**
 * Keys (operator.md U1, U2). A key is written «Ctrl+K», «F8», «N», «?» or «Digit1» (the physical key, so that an
 * AZERTY's digits need no Shift). Single letters act only while a list or a card has the focus.
 */

export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
}

export interface KeyChord {
  ctrl: boolean;
  alt: boolean;
  shift: boolean | null;
  key: string | null;
  code: string | null;
}

const NAMED = new Set([
  "Enter",
  "Escape",
  "Space",
  "ArrowUp",
  "ArrowDown",
  "ArrowLeft",
  "ArrowRight",
  "Home",
  "End",
  "PageUp",
  "PageDown",
  "Tab",
]);

/** Reads a key's name. */
export function chord(name: string): KeyChord {
  const parts = name === "+" ? ["+"] : name.split("+");
  const last = parts.pop() ?? "";
  const made: KeyChord = {
    ctrl: parts.includes("Ctrl"),
    alt: parts.includes("Alt"),
    shift: parts.includes("Shift"),
    key: null,
    code: null,
  };
  if (/^Digit\d$/.test(last)) {
    return { ...made, code: last, shift: null };
  }
  if (last === "Space") {
    return { ...made, code: "Space" };
  }
  // Marks such as «?» and «:» sit behind Shift on some layouts and not on others.
  return {
    ...made,
    key: last.toLowerCase(),
    shift: last.length === 1 && !/[a-z]/i.test(last) ? null : made.shift,
  };
}

/** Whether a press is this key. The digits of the numeric pad count as digits. */
export function matches(wanted: KeyChord, press: KeyPress): boolean {
  if (wanted.ctrl !== (press.ctrlKey || press.metaKey) || wanted.alt !== press.altKey) {
    return false;
  }
  if (wanted.shift !== null && wanted.shift !== press.shiftKey && !isPlainLetter(wanted)) {
    return false;
  }
  if (wanted.code !== null) {
    return press.code === wanted.code || press.code === wanted.code.replace("Digit", "Numpad");
  }
  return press.key.toLowerCase() === wanted.key;
}

/** Caps Lock must not change what «N» does. */
function isPlainLetter(wanted: KeyChord): boolean {
  return wanted.key !== null && wanted.key.length === 1 && !wanted.ctrl && !wanted.alt;
}

/** A press that would write a character: it belongs to the field that has the focus, if any. */
export function isTyping(press: KeyPress): boolean {
  return [...press.key].length === 1 && !press.ctrlKey && !press.altKey && !press.metaKey;
}

/** Keys that write or mend text without being a character themselves: «^» before «e», the correction of a slip. */
const PARTS_OF_TEXT = new Set(["Dead", "Backspace", "Delete", "Process"]);

/** A press that belongs to a text being written, wherever the focus is: what is typed next is text, not an order. */
export function isOfText(press: KeyPress, altGraph = false): boolean {
  return isTyping(press) || PARTS_OF_TEXT.has(press.key) || (altGraph && [...press.key].length === 1);
}

/** A key made of one character (a letter or a mark, not F8 nor Enter nor a digit). */
export function isLetter(name: string): boolean {
  return name.length === 1;
}

const SHOWN: Record<string, string> = {
  Enter: "Entrée",
  Escape: "Échap",
  Space: "Espace",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Backspace: "Retour",
  PageUp: "Page↑",
  PageDown: "Page↓",
  Home: "Début",
  End: "Fin",
  Shift: "Maj",
};

/** How a key is shown: «Ctrl+Espace», «1». */
export function shown(name: string, language: string): string {
  return name
    .split("+")
    .map((part) => {
      if (part.startsWith("Digit")) {
        return part.slice(5);
      }
      return language === "fr" ? (SHOWN[part] ?? part) : NAMED.has(part) ? part.replace("Arrow", "") : part;
    })
    .join("+");
}

/**
 * Milliseconds of silence on both sides: a single letter that changes something acts only when it stands alone. Longer
 * than the pace of somebody who writes with one finger (400 ms a letter); its button shows at once that it was heard.
 */
export const ALONE_BEFORE = 550;
export const ALONE_AFTER = 550;

/** A character typed before: its key, when (ms), and whether it was text itself. */
export interface Typed {
  code: string;
  at: number;
  text: boolean;
}

const onDigit = (code: string): boolean => /^(Digit|Numpad)\d$/.test(code);

/**
 * Whether a character is part of typed text: another one came just before it. Two panes in a row are two digits, not
 * text; but «é» and «'» sit on an AZERTY's digits too.
 */
export function insideText(press: KeyPress, before: Typed | null, at: number): boolean {
  if (!isTyping(press) || before === null || at - before.at >= ALONE_BEFORE) {
    return false;
  }
  return before.text || !onDigit(press.code) || !onDigit(before.code);
}
