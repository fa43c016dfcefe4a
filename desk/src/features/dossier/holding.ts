/** The verbs of the dossier's head as actions: one object for the command bar and the button. */
import { t } from "@lingui/core/macro";
import { createStore } from "../../core/store";
import { actOn } from "../shell/commands";
import type { DeskAction } from "../shell/context";
import { setUi } from "../shell/ui";

/** What the head asks: the form that is open, and of which dossier. */
export type Asking = "park" | "take-over" | "hand-over" | "release" | "hand-up";

export const asking = createStore<{ row: number; verb: Asking } | null>(null);

/** Opens a form of the head; the same again closes it. */
export function ask(row: number, verb: Asking): void {
  asking.set((held) => (held?.row === row && held.verb === verb ? null : { row, verb }));
}

export function holdingActions(): DeskAction[] {
  const form = (verb: Asking, label: () => string, keys: string[] = []): DeskAction => ({
    id: `hold.${verb}`,
    label,
    group: t`Dossier`,
    keys,
    // Its letter stands alone: a word begun with it opens no form into which the rest would fall.
    ...(keys.length > 0 ? { scope: "card", changes: true } : {}),
    visible: ({ inView }) => inView?.abilities.includes(verb) === true,
    perform: ({ inView }) => {
      if (inView) {
        setUi({ narrow: "dossier" });
        asking.set(() => ({ row: inView.id, verb }));
      }
    },
  });
  const act = (verb: string, label: () => string, keys: string[] = []): DeskAction => ({
    id: `hold.${verb}`,
    label,
    group: t`Dossier`,
    keys,
    visible: ({ inView }) => inView?.abilities.includes(verb) === true,
    perform: ({ inView }) => {
      if (inView) {
        void actOn(inView, verb);
      }
    },
  });
  return [
    form("park", () => t`Mettre en attente…`, ["M"]),
    act("resume", () => t`Reprendre`, ["Ctrl+Enter"]),
    act("accept", () => t`Accepter ce dossier`, ["Ctrl+Enter"]),
    act("decline", () => t`Le laisser à celui qui le tient`),
    form("hand-over", () => t`Confier à…`),
    form("take-over", () => t`Reprendre à un collègue…`),
    form("release", () => t`Remettre dans la file`),
    form("hand-up", () => t`Demander au chef…`),
    act("release-duress", () => t`Lever la contrainte (chef de salle)`),
  ];
}
