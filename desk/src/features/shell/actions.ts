import { t } from "@lingui/core/macro";
import { nextToTake } from "../../core/queue";
import { nextTheme, showTheme, themeLabel, THEMES } from "../../app/theme";
import { imagesActions } from "../images/actions";
import { playbackActions } from "../playback/actions";
import { mute } from "../sound/bell";
import { focusCapture } from "../capture/focus";
import { closeTopmost } from "../../ui/escape";
import { handsToQueue } from "./hands";
import { switchTo, take } from "./commands";
import type { DeskAction, DeskContext } from "./context";
import { standingActions } from "./standing";
import { setLetters, setUi, ui, type Pane } from "./ui";

const always = (): boolean => true;
const canTake = (context: DeskContext): boolean =>
  nextToTake(context.rows) !== null && context.me.post !== null;

/** Dossiers: take the next, the urgent one, jump in the dock. */
function dossierActions(): DeskAction[] {
  return [
    {
      id: "queue.next",
      label: () => t`Prendre le prochain dossier`,
      keywords: () => t`suivant file prise en compte`,
      group: t`Dossiers`,
      keys: ["N"],
      scope: "list",
      changes: true,
      visible: canTake,
      perform: (context) => {
        const row = nextToTake(context.rows);
        if (row) {
          void take(row, context.open);
        }
      },
    },
    {
      id: "urgent.take",
      label: () => t`Prendre l’alarme du bandeau ; ce qui est moins grave attend`,
      group: t`Dossiers`,
      keys: ["F8"],
      visible: (context) => context.urgent !== null && context.me.post !== null,
      perform: (context) => {
        if (context.urgent) {
          const mine = context.inView?.owner?.id === context.me.user.id ? context.inView : null;
          void switchTo(context.urgent, mine, context.open);
        }
      },
    },
    {
      id: "incident.take",
      label: () => t`Prendre en compte le dossier affiché`,
      group: t`Dossiers`,
      keys: ["Ctrl+Enter"],
      visible: ({ inView }) => inView !== null && inView.abilities.includes("take"),
      perform: ({ inView, open }) => {
        if (inView) {
          void take(inView, open);
        }
      },
    },
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((place): DeskAction => ({
      id: `dock.${place}`,
      label: () => t`Mes dossiers : le n° ${place}`,
      group: t`Dossiers`,
      keys: [`Ctrl+Digit${place}`],
      hidden: true,
      visible: ({ dock }) => dock.length >= place,
      perform: ({ dock, open }) => {
        const row = dock[place - 1];
        if (row) {
          open(row.id);
        }
      },
    })),
  ];
}

function paneActions(): DeskAction[] {
  const names: [Pane, () => string][] = [
    [1, () => t`Procédure`],
    [2, () => t`Signaux`],
    [3, () => t`Images`],
    [4, () => t`Fiche site`],
    [5, () => t`Carte`],
  ];
  return names.map(([pane, name]) => ({
    id: `pane.${pane}`,
    label: () => t`Dossier : ${name()}`,
    group: t`Dossiers`,
    keys: [`Digit${pane}`],
    visible: ({ shown }) => shown !== null,
    perform: () => setUi({ pane, narrow: "dossier" }),
  }));
}

/** Puts the hands on a field of the page that is about to come. */
function whenThere(id: string, tries = 20): void {
  const field = document.getElementById(id);
  if (field === null && tries > 0) {
    setTimeout(() => whenThere(id, tries - 1), 50);
  }
  field?.focus();
}

function pageActions(): DeskAction[] {
  const to = (
    id: string,
    label: () => string,
    path: Parameters<DeskContext["go"]>[0],
    keys: string[],
  ): DeskAction => ({
    id,
    label,
    group: t`Pages`,
    keys,
    visible: always,
    perform: (context) => context.go(path),
  });
  return [
    to("page.desk", () => t`Poste`, "/", []),
    to("page.logbook", () => t`Main courante`, "/main-courante", ["Alt+M"]),
    to("page.monitor", () => t`Moniteur des trames`, "/moniteur", []),
    to("page.room", () => t`La salle`, "/salle", []),
    {
      id: "page.wall",
      label: () => t`Mur d’images (autre fenêtre)`,
      keywords: () => t`caméras vidéo direct mosaïque`,
      group: t`Pages`,
      keys: ["Alt+W"],
      visible: always,
      perform: () => void window.open("/mur", "veilleur-mur"),
    },
    {
      ...to("page.people", () => t`Personnes et postes`, "/personnes", []),
      keywords: () => t`comptes titres rôles périmètre administration`,
      visible: (context) => context.me.abilities.includes("account.read"),
    },
    {
      ...to("page.on-call", () => t`Astreinte`, "/astreinte", []),
      keywords: () => t`appel secours essai station non tenue`,
      visible: (context) => context.me.abilities.includes("on_call.read"),
    },
    {
      ...to("page.camera-check", () => t`Essai des caméras, à la prise de service`, "/essai-cameras", []),
      keywords: () => t`contrôle vidéo enregistreurs poste cocher signer`,
      visible: ({ me }) => me.post !== null && me.abilities.includes("camera_check.make"),
    },
    {
      ...to("me.leave", () => t`Je m’absente : confier mes dossiers à un collègue…`, "/compte", ["Alt+A"]),
      keywords: () => t`absence pause relève confier`,
      visible: ({ me, dock }) => me.post !== null && dock.length > 0,
      perform: (context) => {
        context.go("/compte");
        whenThere("away");
      },
    },
    to("page.account", () => t`Mon compte`, "/compte", []),
  ];
}

function windowActions(): DeskAction[] {
  return [
    {
      id: "capture",
      label: () => t`Noter dans la main courante`,
      group: t`Saisie`,
      keys: ["Ctrl+Space"],
      visible: always,
      perform: () => focusCapture(),
    },
    {
      id: "palette",
      label: () => t`Barre de commande`,
      group: t`Fenêtre`,
      keys: ["Ctrl+K", "F2", ":"],
      hidden: true,
      visible: always,
      perform: () => setUi({ palette: true, caller: false, help: false }),
    },
    {
      id: "escape",
      label: () => t`Fermer le dernier formulaire ouvert ; sinon, du dossier à la file`,
      group: t`Fenêtre`,
      keys: ["Escape"],
      hidden: true,
      visible: () => !ui.get().palette && !ui.get().help,
      perform: () => {
        if (!closeTopmost()) {
          handsToQueue();
        }
      },
    },
    {
      id: "help",
      label: () => t`Touches et aide`,
      group: t`Fenêtre`,
      keys: ["?", "F1"],
      visible: always,
      perform: () => setUi({ help: !ui.get().help, palette: false }),
    },
    {
      id: "sound.mute",
      label: () => t`Couper la sonnerie une minute au plus`,
      keywords: () => t`silence son muet`,
      group: t`Fenêtre`,
      keys: ["F4"],
      visible: always,
      perform: () => mute(),
    },
    {
      id: "theme.next",
      label: () => t`Changer de thème`,
      keywords: () => THEMES.map(themeLabel).join(" "),
      group: t`Fenêtre`,
      visible: always,
      perform: () => nextTheme(),
    },
    ...THEMES.map((name): DeskAction => ({
      id: `theme.${name}`,
      label: () => t`Thème : ${themeLabel(name)}`,
      group: t`Fenêtre`,
      visible: always,
      perform: () => showTheme(name),
    })),
    {
      id: "letters",
      label: () =>
        ui.get().letters ? t`Désactiver les touches d’une lettre` : t`Activer les touches d’une lettre`,
      group: t`Fenêtre`,
      visible: always,
      perform: () => setLetters(!ui.get().letters),
    },
  ];
}

/** Every action of the desk's frame. Parts of a dossier add theirs in features/dossier/actions.ts. */
export function shellActions(): DeskAction[] {
  return [
    ...playbackActions(),
    ...imagesActions(),
    ...dossierActions(),
    ...standingActions(),
    ...paneActions(),
    ...pageActions(),
    ...windowActions(),
  ];
}
