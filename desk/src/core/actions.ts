/**
 * One action object per intention of the operator, used by menu, command bar and key alike (house rule 14).
 * What may be done comes from the server's abilities; an action only reads them.
 */
import { chord, isLetter, isTyping, matches, type KeyPress } from "./keys";

/** Where a single letter or a bare Enter may act. */
export type Scope = "anywhere" | "list" | "card";

export interface Action<Context> {
  id: string;
  /** Its words, already in the reader's language. */
  label: () => string;
  /** Words that also find it in the command bar. */
  keywords?: () => string;
  group: string;
  keys?: readonly string[];
  scope?: Scope;
  /** It changes a dossier: a single letter then acts only when it stands alone. */
  changes?: boolean;
  /** Keys only: not listed in the command bar. */
  hidden?: boolean;
  /** Nor in the list of keys. */
  silent?: boolean;
  visible: (context: Context) => boolean;
  perform: (context: Context) => void;
}

export interface Focus {
  /** A field that takes text has the focus. */
  typing: boolean;
  /** Something stands in that field. */
  written: boolean;
  scope: "list" | "card" | null;
  /** Single letters are on (WCAG 2.1.4). */
  letters: boolean;
}

/** The action a press means, or null. */
export function actionFor<Context>(
  actions: readonly Action<Context>[],
  press: KeyPress,
  focus: Focus,
  context: Context,
): Action<Context> | null {
  return (
    actions.find(
      (action) =>
        action.keys?.some((name) => keyActs(name, action.scope ?? "anywhere", press, focus)) === true &&
        action.visible(context),
    ) ?? null
  );
}

/** What the field with the focus keeps for itself. */
function belongsToField(name: string, press: KeyPress, focus: Focus): boolean {
  // It validates what one has written; a dossier changes only from elsewhere or from an empty field.
  if (name === "Ctrl+Enter") {
    return focus.written;
  }
  return isTyping(press) || name === "Enter" || name.startsWith("Arrow");
}

function keyActs(name: string, scope: Scope, press: KeyPress, focus: Focus): boolean {
  if (!matches(chord(name), press)) {
    return false;
  }
  if (focus.typing && belongsToField(name, press, focus)) {
    return false;
  }
  if (scope !== "anywhere" && focus.scope !== scope && !(scope === "list" && focus.scope === "card")) {
    return false;
  }
  if (isLetter(name) && name !== "?" && name !== ":") {
    return focus.letters && focus.scope !== null;
  }
  return true;
}

/** Actions whose words hold every word asked for, in any order, accents and case ignored; what begins so first. */
export function findActions<Context>(
  actions: readonly Action<Context>[],
  query: string,
  context: Context,
): Action<Context>[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const found = actions.filter((action) => {
    if (action.hidden || !action.visible(context)) {
      return false;
    }
    const text = fold(`${action.label()} ${action.keywords?.() ?? ""} ${action.group}`);
    return words.every((word) => text.includes(word));
  });
  const begins = (action: Action<Context>): number =>
    words.length > 0 && fold(action.label()).startsWith(words.join(" ")) ? 0 : 1;
  return found.sort((a, b) => begins(a) - begins(b));
}

/** Lower case without accents: «Écluse» is found by «ecluse». */
export function fold(text: string): string {
  return text
    .replaceAll(/œ/gi, "oe")
    .replaceAll(/æ/gi, "ae")
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase();
}
