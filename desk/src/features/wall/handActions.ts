/** What the hands do with the camera worked on and with a round, as actions. */
import { t } from "@lingui/core/macro";
import { now } from "../../live/hooks";
import type { DeskAction } from "../shell/context";
import { ui } from "../shell/ui";
import { talkAction } from "../talk/actions";
import { hasMask, holdRun, isOpening, tickClear, turnMask, workedOn } from "./acts";
import { holder } from "./ptz";
import { scene } from "./scene";
import { releasePtz, takePtz } from "./steering";
import { pictures, wall } from "./wallStore";

const bare = (): boolean => wall.get().sheet === null && !ui.get().help;
const inEvent = (): boolean => scene.get().event !== null;

function ptzActions(): DeskAction[] {
  const steers = (): boolean =>
    bare() && !isOpening() && workedOn()?.ptz === true && workedOn()?.abilities.includes("ptz") === true;
  return [
    {
      id: "ptz.take",
      label: () => t`Prendre ou libérer la caméra mobile`,
      group: t`Caméra mobile`,
      keys: ["Digit0"],
      scope: "list",
      visible: steers,
      perform: (context) => {
        const camera = workedOn();
        if (camera) {
          const mine = holder(camera, context.me.user.id, now()) === "me";
          void (mine ? releasePtz(camera) : takePtz(camera));
        }
      },
    },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((place): DeskAction => ({
      id: `ptz.preset-${place}`,
      label: () => workedOn()?.presets[place - 1]?.name ?? t`Préposition ${place}`,
      group: t`Caméra mobile`,
      keys: [`Digit${place}`],
      scope: "list",
      visible: () => steers() && workedOn()?.presets[place - 1] !== undefined,
      perform: () => {
        const camera = workedOn();
        const preset = camera?.presets[place - 1];
        if (camera && preset) {
          void takePtz(camera).then((mine) => mine && pictures.get(wall.get().selected)?.goTo(preset.token));
        }
      },
    })),
  ];
}

function patrolActions(): DeskAction[] {
  return [
    {
      id: "patrol.clear",
      label: () => t`Ronde : rien à signaler, vue suivante`,
      group: t`Ronde`,
      keys: ["Ctrl+Enter"],
      visible: () => !inEvent() && bare() && scene.get().run?.state === "running",
      perform: () => tickClear(),
    },
    {
      id: "patrol.observe",
      label: () => t`Ronde : noter une observation`,
      group: t`Ronde`,
      keys: ["Alt+O"],
      visible: () => scene.get().run?.state === "running",
      perform: () => document.getElementById("patrol-note")?.focus(),
    },
    {
      id: "patrol.hold",
      label: () =>
        scene.get().run === null
          ? t`Commencer une ronde…`
          : scene.get().run?.state === "paused"
            ? t`Reprendre la ronde`
            : t`Suspendre la ronde`,
      group: t`Ronde`,
      keys: ["Alt+P"],
      visible: () => true,
      perform: () => holdRun(),
    },
  ];
}

function maskActions(): DeskAction[] {
  return [
    {
      id: "wall.mask",
      label: () => t`Lever le masque de cette caméra, ou le remettre`,
      group: t`Vues`,
      keys: ["Alt+L"],
      keywords: () => t`masqué flouté rôle`,
      visible: () => bare() && hasMask(),
      perform: () => turnMask(),
    },
  ];
}

export const handActions = (): DeskAction[] => [
  ...ptzActions(),
  talkAction(t`Vues`),
  ...maskActions(),
  ...patrolActions(),
];
