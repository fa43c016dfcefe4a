import { t } from "@lingui/core/macro";
import { RESULT_KEYS } from "../../core/dossier";
import type { DeskAction } from "../shell/context";
import { cardKeys } from "./cardKeys";

/** Other keys that a card of the dossier may hold. */
const CARD_KEYS = ["Ctrl+I", "Ctrl+Z", "Ctrl+ArrowDown", "Ctrl+ArrowUp"] as const;

/** Actions of the dossier in view: the keys of the card in front (results of a call, of a step, a clue…). */
export function dossierPartActions(): DeskAction[] {
  return [...RESULT_KEYS, ...CARD_KEYS].map((key) => ({
    id: `card.${key}`,
    label: () => cardKeys.get().get(key)?.label ?? key,
    group: t`Dossier`,
    keys: [key],
    visible: ({ inView }) => inView !== null && cardKeys.get().has(key),
    perform: () => cardKeys.get().get(key)?.perform(),
  }));
}
