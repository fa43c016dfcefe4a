/** One key on the dossier's images: a proof, a lost camera, the wall. */
import { t } from "@lingui/core/macro";
import { zone } from "../../app/i18n";
import type { ImageView } from "../../core/recordings";
import { hourMinute } from "../../core/time";
import type { Send } from "../dossier/useDossier";
import { isoOf, wallText } from "../playback/instant";
import { tell } from "../shell/ui";
import { faultWord } from "../cameras/words";

/** An unequivocal image: a proof with its camera and hour (P4). */
export async function proveByImage(
  incident: number,
  camera: { id: number; name: string },
  wall: number,
  send: Send,
): Promise<void> {
  const done = await send(`/api/incidents/${incident}/images/clue`, { camera: camera.id, at: isoOf(wall) });
  if (done) {
    const at = wallText(wall, zone.get());
    tell(t`Preuve inscrite : image non équivoque, ${camera.name}, ${at}`);
  }
}

/** The camera was lost shortly before the alarm: a clue that backs up a proof. */
export async function joinLost(incident: number, image: ImageView, send: Send): Promise<void> {
  const { lost_before: lost, camera } = image;
  if (lost !== null && (await send(`/api/incidents/${incident}/images/lost`, { camera: camera.id }))) {
    const since = hourMinute(lost.since, zone.get());
    tell(t`Indice inscrit : ${camera.name}, ${faultWord(lost.fault)} depuis ${since}`);
  }
}

/** The wall follows the dossier in view: its window is brought, or opened. */
export function showOnWall(): void {
  window.open("/mur", "veilleur-mur");
}
