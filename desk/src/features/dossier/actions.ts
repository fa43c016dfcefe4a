import { t } from "@lingui/core/macro";
import { RESULT_KEYS } from "../../core/dossier";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { now } from "../../live/hooks";
import type { DeskAction } from "../shell/context";
import { handsBack } from "../shell/hands";
import { openPalette, setUi, tell, ui } from "../shell/ui";
import { CLOSING, ofKind, RETURN, SERVICES, turned, VERIFICATION } from "../../core/front";
import { cardKeys } from "./cardKeys";
import { askForKeys, frontKeys, holdsKey, pressFront } from "./frontKeys";
import { fronting } from "./Fronts";
import { holdingActions } from "./holding";
import { handsAreFree } from "./keepFocus";

/** How long an absence lasts before the dossiers ring. */
const AWAY_MINUTES = 10;

/** Other keys that a card of the dossier may hold. */
const CARD_KEYS = ["Ctrl+I", "Ctrl+Z"] as const;

/** Their words while no card holds them. */
const CARD_WORDS: Record<(typeof CARD_KEYS)[number], () => string> = {
  "Ctrl+I": () => t`Ajouter un indice`,
  "Ctrl+Z": () => t`Annuler le dernier résultat, tant que son compte à rebours court`,
};

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
    incomingAction(),
    ...holdingActions(),
    ...cardActions(),
    ...bringActions(),
    ...frontActions(),
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
  return CARD_KEYS.map((key) => ({
    id: `card.${key}`,
    label: () => cardKeys.get().get(key)?.label ?? CARD_WORDS[key](),
    group: t`Dossier`,
    keys: [key],
    visible: ({ inView }) => inView !== null && cardKeys.get().has(key),
    perform: () => cardKeys.get().get(key)?.perform(),
  }));
}

/** The function keys of the card in front; one that means nothing now does nothing, and never reloads the page. */
function frontActions(): DeskAction[] {
  return [
    ...RESULT_KEYS.map((key): DeskAction => ({
      id: `front.${key}`,
      label: () => frontKeys.get().keys.get(key)?.label ?? t`Choix de la carte de devant`,
      group: t`Dossier`,
      keys: [key],
      visible: () => holdsKey(key),
      perform: () => pressFront(key),
    })),
    {
      id: "front.held",
      label: () => t`Touches sans effet ici`,
      group: t`Dossier`,
      keys: [...RESULT_KEYS],
      hidden: true,
      silent: true,
      visible: () => true,
      perform: () => undefined,
    },
  ];
}

/** Another card comes in front: by its letter, or the next one by Ctrl and an arrow. */
function bringActions(): DeskAction[] {
  const kinds: [string, string, () => string][] = [
    ["P", "step", () => t`Carte : étape en cours`],
    ["A", "agent", () => t`Carte : agent d’intervention`],
    ["V", VERIFICATION, () => t`Carte : levée de doute`],
    ["S", SERVICES, () => t`Carte : police, pompiers, SAMU`],
    ["R", RETURN, () => t`Carte : retour à la normale`],
    ["C", CLOSING, () => t`Carte : clôture`],
  ];
  const turn = (by: 1 | -1) => (): void => {
    const { cards, front, bring } = fronting.get();
    const next = turned(cards, front, by);
    if (next !== null) {
      bring(next);
      if (handsAreFree()) {
        handsBack(); // the letters act from here on
      }
    }
  };
  const several = (): boolean => fronting.get().cards.length > 1;
  const group = t`Cartes du dossier`;
  return [
    ...kinds.map(([key, kind, label]): DeskAction => ({
      id: `bring.${kind}`,
      label,
      group,
      keys: [key],
      scope: "card",
      visible: () => ofKind(fronting.get().cards, kind) !== null,
      perform: () => {
        const card = ofKind(fronting.get().cards, kind);
        if (card !== null) {
          fronting.get().bring(card);
        }
      },
    })),
    {
      id: "bring.next",
      label: () => t`Carte suivante`,
      group,
      keys: ["Ctrl+ArrowDown"],
      visible: several,
      perform: turn(1),
    },
    {
      id: "bring.previous",
      label: () => t`Carte précédente`,
      group,
      keys: ["Ctrl+ArrowUp"],
      visible: several,
      perform: turn(-1),
    },
    {
      id: "bring.write",
      label: () => t`Écrire dans la carte de devant`,
      group,
      keys: ["Ctrl+E"],
      visible: () => fieldOfFront() !== null,
      perform: () => fieldOfFront()?.focus(),
    },
  ];
}

function fieldOfFront(): HTMLElement | null {
  return document.querySelector<HTMLElement>(
    "[data-front] input:not([type=checkbox]), [data-front] textarea, [data-front] select",
  );
}

/** F3: a customer telephones. The people of the dossier in hand come first; once more, anybody is looked for. */
function incomingAction(): DeskAction {
  return {
    id: "call.incoming",
    label: () => t`Un abonné appelle`,
    keywords: () => t`téléphone appel reçu entrant`,
    group: t`Dossier`,
    keys: ["F3"],
    visible: ({ me }) => me.post !== null,
    perform: ({ inView, me }) => {
      if (inView?.owner?.id === me.user.id && ui.get().calling !== inView.id) {
        askForKeys();
        setUi({ calling: inView.id, pane: 1, narrow: "dossier", palette: false });
        if (handsAreFree()) {
          handsBack();
        }
      } else {
        openPalette(true);
      }
    },
  };
}
