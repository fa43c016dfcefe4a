/** Cameras in words: regimes, states, faults. */
import { t } from "@lingui/core/macro";
import { word } from "../../app/i18n";
import type { CameraState, CameraView, Regime } from "../../core/cameras";

export function regimeWord(regime: Regime | string): string {
  const words: Record<string, string> = {
    public_road: t`voie publique, vidéoprotection`,
    public_place: t`lieu ouvert au public, vidéoprotection`,
    private: t`lieu privé, vidéosurveillance`,
    home: t`domicile : image sur alarme ou accord seulement`,
  };
  return words[regime] ?? regime;
}

/** Purposes of vidéoprotection (L251-2): codes of the vocabulary «camera_purpose». */
export const PURPOSES = [
  "assaults_thefts",
  "public_buildings",
  "traffic",
  "traffic_offences",
  "terrorism",
  "rescue",
  "natural_risks",
  "waste",
  "defence",
  "amusement_parks",
  "insurance",
] as const;

export const stateWord = (state: CameraState): string => word("camera_state", state);

/** A fault, or why nothing was recorded. */
export function faultWord(kind: string): string {
  const known = word("camera_fault", kind);
  const holes: Record<string, string> = {
    stopped: t`enregistreur arrêté`,
    suspended: t`caméra suspendue`,
    forbidden: t`domicile : pas d’enregistrement hors alarme`,
    unknown: t`aucun enregistrement connu`,
  };
  return known === kind ? (holes[kind] ?? kind) : known;
}

export function suspendedWord(reason: string | null): string {
  const words: Record<string, string> = {
    mask_lost: t`masque légal perdu`,
    unauthorised: t`autorisation expirée`,
    by_hand: t`à la main`,
  };
  return reason === null ? "" : (words[reason] ?? reason);
}

/** «plan étroit 1080p25», «plan large 704×576 à 12 i/s». */
export function formatOf(camera: CameraView): string {
  const plan = camera.narrow ? t`plan étroit` : t`plan large`;
  const { width, height } = camera;
  if (width === null || height === null) {
    return plan;
  }
  const fps = camera.fps === null ? "" : Math.round(camera.fps);
  const size = [720, 1080, 1440, 2160].includes(height) ? `${height}p${fps}` : `${width}×${height}`;
  return `${plan} ${size}`;
}

/** What a picture is called in a list: «Quai 3 · cam 02». */
export const cameraName = (camera: CameraView): string =>
  camera.place === null || camera.name.includes(camera.place)
    ? camera.name
    : `${camera.name} · ${camera.place}`;
