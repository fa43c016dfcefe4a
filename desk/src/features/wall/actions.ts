/** Every intention of the wall's page, for keys, help and finder alike (house rule 14). */
import { t } from "@lingui/core/macro";
import { nextTheme } from "../../app/theme";
import { NATURES, digitOfNature, natureLabel } from "../event/event";
import type { DeskAction } from "../shell/context";
import { setUi, ui } from "../shell/ui";
import { mute } from "../sound/bell";
import { closeTopmost } from "../../ui/escape";
import { handActions } from "./handActions";
import { goToward, nameEvent, openEvent, openPlayback, replay, workedOn } from "./acts";
import type { Way } from "./layout";
import { scene } from "./scene";
import { moveSelection, select, setWall, wall, type Sheet } from "./wallStore";

const bare = (): boolean => wall.get().sheet === null && !ui.get().help;
const inEvent = (): boolean => scene.get().event !== null;

function viewActions(): DeskAction[] {
  const ways: [Way, string, () => string, () => string][] = [
    ["up", "ArrowUp", () => t`Vue au-dessus`, () => t`Caméra suivante vers le nord`],
    ["down", "ArrowDown", () => t`Vue au-dessous`, () => t`Caméra suivante vers le sud`],
    ["left", "ArrowLeft", () => t`Vue à gauche`, () => t`Caméra suivante vers l’ouest`],
    ["right", "ArrowRight", () => t`Vue à droite`, () => t`Caméra suivante vers l’est`],
  ];
  return [
    ...ways.map(([way, key, label]): DeskAction => ({
      id: `wall.${way}`,
      label,
      group: t`Vues`,
      keys: [key],
      scope: "list",
      hidden: true,
      visible: bare,
      perform: () => moveSelection(way),
    })),
    ...ways.map(([way, key, , label]): DeskAction => ({
      id: `wall.toward-${way}`,
      label,
      group: t`Vues`,
      keys: [`Alt+${key}`],
      visible: bare,
      perform: () => goToward(way),
    })),
    {
      id: "wall.full",
      label: () => (wall.get().full ? t`Revenir au mur` : t`Vue en plein écran (ou double clic)`),
      group: t`Vues`,
      keys: ["Enter"],
      scope: "list",
      visible: () => bare() && document.activeElement?.matches("[data-tile]") === true,
      perform: () => setWall({ full: !wall.get().full }),
    },
    {
      id: "wall.sequence",
      label: () => (wall.get().paused ? t`Reprendre les séquences` : t`Mettre les séquences en pause`),
      group: t`Vues`,
      keys: ["Space"],
      scope: "list",
      visible: () => bare() && document.activeElement?.matches("button, input") !== true,
      perform: () => setWall({ paused: !wall.get().paused }),
    },
    {
      id: "wall.replay",
      label: () => t`Revoir les 2 dernières minutes de cette caméra`,
      group: t`Vues`,
      keys: ["Backspace"],
      scope: "list",
      visible: () => bare() && workedOn()?.abilities.includes("recorded") === true,
      perform: () => {
        const camera = workedOn();
        if (camera) {
          replay(camera);
        }
      },
    },
  ];
}

function sheetActions(): DeskAction[] {
  const sheet = (id: Sheet, label: () => string, keys: string[], keywords?: () => string): DeskAction => ({
    id: `wall.${id}`,
    label,
    group: t`Mur`,
    keys,
    ...(keywords ? { keywords } : {}),
    visible: () => !ui.get().help,
    perform: () => setWall({ sheet: wall.get().sheet === id ? null : id, typed: "" }),
  });
  return [
    sheet("finder", () => t`Chercher une caméra (ou taper son nom)`, ["Ctrl+K", "F2", ":"]),
    sheet(
      "walls",
      () => t`Murs enregistrés et grilles`,
      ["F3"],
      () => t`disposition enregistrer renommer`,
    ),
    sheet("motif", () => t`Changer le motif de visionnage`, ["F9"]),
    sheet(
      "patrols",
      () => t`Rondes vidéo : en commencer une, terminer celle en cours`,
      ["Alt+Shift+P"],
      () => t`ronde patrouille`,
    ),
    sheet(
      "events",
      () => t`Liste des événements`,
      ["Alt+E"],
      () => t`recherche lieu nature`,
    ),
  ];
}

function eventActions(): DeskAction[] {
  return [
    {
      id: "wall.event",
      label: () => t`Événement sur cette caméra ; s’il y en a un en cours, y aller`,
      group: t`Événement`,
      keys: ["F4"],
      visible: () => inEvent() || workedOn()?.abilities.includes("event") === true,
      perform: () => openEvent(),
    },
    ...NATURES.map((nature): DeskAction => ({
      id: `event.nature-${nature}`,
      label: () => t`Nature : ${natureLabel(nature)}`,
      group: t`Événement`,
      keys: [`Digit${digitOfNature(nature)}`],
      scope: "card",
      hidden: true,
      visible: () => inEvent() && bare(),
      perform: () => nameEvent(nature),
    })),
    {
      id: "event.close",
      label: () => t`Clôturer l’événement`,
      group: t`Événement`,
      keys: ["Ctrl+Enter"],
      visible: () => inEvent() && bare(),
      perform: () => setWall({ sheet: "closing" }),
    },
  ];
}

function windowActions(): DeskAction[] {
  return [
    {
      id: "page.playback",
      label: () => t`Relecture de cette caméra, dans sa fenêtre`,
      group: t`Fenêtre`,
      keys: ["Alt+R"],
      keywords: () => t`enregistrements vidéo revoir images caméras`,
      visible: () => !ui.get().help,
      perform: () => openPlayback(),
    },
    {
      id: "wall.escape",
      label: () => t`Fermer ce qui est ouvert ; sinon, revenir au mur`,
      group: t`Fenêtre`,
      keys: ["Escape"],
      hidden: true,
      visible: () => !ui.get().help,
      perform: () => {
        if (!closeTopmost()) {
          setWall({ full: false });
        }
        select(wall.get().selected);
      },
    },
    {
      id: "help",
      label: () => t`Touches et aide`,
      group: t`Fenêtre`,
      keys: ["?", "F1"],
      visible: () => true,
      perform: () => setUi({ help: !ui.get().help }),
    },
    {
      id: "sound.mute",
      label: () => t`Couper la sonnerie une minute au plus`,
      group: t`Fenêtre`,
      keys: ["Ctrl+M"],
      visible: () => true,
      perform: () => mute(),
    },
    {
      id: "theme.next",
      label: () => t`Changer de thème`,
      group: t`Fenêtre`,
      keys: ["Alt+T"],
      visible: () => true,
      perform: () => nextTheme(),
    },
  ];
}

export function wallActions(): DeskAction[] {
  return [...viewActions(), ...eventActions(), ...handActions(), ...sheetActions(), ...windowActions()];
}
