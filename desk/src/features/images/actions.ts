/** Keys of the dossier's images. */
import { t } from "@lingui/core/macro";
import type { DeskAction } from "../shell/context";
import { talkAction } from "../talk/actions";
import { imaging, type Imaging } from "./imaging";

const key = (
  id: string,
  keys: string[],
  label: () => string,
  act: (held: Imaging) => void,
  more: Partial<DeskAction> = {},
): DeskAction => ({
  id: `images.${id}`,
  label,
  group: t`Images du dossier`,
  keys,
  scope: "card",
  visible: () => imaging.get() !== null,
  perform: () => {
    const held = imaging.get();
    if (held !== null) {
      act(held);
    }
  },
  ...more,
});

export function imagesActions(): DeskAction[] {
  return [
    talkAction(t`Images du dossier`),
    key(
      "live",
      ["D"],
      () => t`Voir le direct, ou revenir à l’enregistrement`,
      (held) => held.live(),
    ),
    key(
      "proof",
      ["U"],
      () => t`Image sans équivoque : l’inscrire comme preuve`,
      (held) => held.proof(),
      {
        changes: true,
      },
    ),
    key(
      "lost",
      ["J"],
      () => t`Caméra injoignable avant l’alarme : le joindre au dossier`,
      (held) => held.lost?.(),
      {
        changes: true,
        visible: () => (imaging.get()?.lost ?? null) !== null,
      },
    ),
    key(
      "replay",
      ["O"],
      () => t`Ouvrir ces caméras en relecture`,
      (held) => held.replay(),
    ),
    key(
      "wall",
      ["W"],
      () => t`Montrer ces caméras au mur`,
      (held) => held.wall(),
    ),
    key(
      "pause",
      ["K"],
      () => t`Séquence : pause, lecture`,
      (held) => held.pause(),
    ),
    key(
      "next",
      ["PageDown"],
      () => t`Caméra suivante du dossier`,
      (held) => held.turn(1),
    ),
    key(
      "previous",
      ["PageUp"],
      () => t`Caméra précédente du dossier`,
      (held) => held.turn(-1),
    ),
  ];
}
