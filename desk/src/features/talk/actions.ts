/** Speaking, for the list of keys and the command bar: from there it goes on until it is chosen again. */
import { t } from "@lingui/core/macro";
import type { DeskAction } from "../shell/context";
import { talker } from "./talker";

export const talkAction = (group: string): DeskAction => ({
  id: "talk.speak",
  label: () => t`Parler par le haut-parleur de la caméra (maintenir)`,
  group,
  keys: ["Alt+V"],
  keywords: () => t`interpellation sonore voix micro`,
  visible: () => talker.get() !== null,
  perform: () => talker.get()?.(),
});
