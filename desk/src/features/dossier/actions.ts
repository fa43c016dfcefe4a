import { t } from "@lingui/core/macro";
import { RESULT_KEYS } from "../../core/dossier";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { now } from "../../live/hooks";
import type { DeskAction } from "../shell/context";
import { tell } from "../shell/ui";
import { cardKeys } from "./cardKeys";

/** How long an absence lasts before the dossiers ring. */
const AWAY_MINUTES = 10;

/** Other keys that a card of the dossier may hold. */
const CARD_KEYS = ["Ctrl+I", "Ctrl+Z", "Ctrl+ArrowDown", "Ctrl+ArrowUp"] as const;

/** Actions of the dossier in view: the keys of the card in front (results of a call, of a step, a clue…). */
export function dossierPartActions(): DeskAction[] {
  return [
    {
      id: "me.away",
      label: () => t`Je m’absente : mes dossiers me rappellent dans 10 minutes`,
      keywords: () => t`absence pause absent`,
      group: t`Dossier`,
      visible: ({ dock, me }) => dock.length > 0 && me.post !== null,
      perform: () => void stepAway(),
    },
    ...cardActions(),
  ];
}

/** Every dossier in hand is left with a clock: it rings when it is over (practice need 8). */
async function stepAway(): Promise<void> {
  try {
    const until = new Date(now() + AWAY_MINUTES * 60_000).toISOString();
    await api.post("/api/me/step-away", { until });
    tell(t`Vos dossiers sont en attente ; ils sonneront à leur heure.`);
  } catch (failure) {
    tell(failureText(failure), "bad");
  }
}

function cardActions(): DeskAction[] {
  return [...RESULT_KEYS, ...CARD_KEYS].map((key) => ({
    id: `card.${key}`,
    label: () => cardKeys.get().get(key)?.label ?? key,
    group: t`Dossier`,
    keys: [key],
    visible: ({ inView }) => inView !== null && cardKeys.get().has(key),
    perform: () => cardKeys.get().get(key)?.perform(),
  }));
}
