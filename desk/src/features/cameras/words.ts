/** Cameras in words: regimes, states, faults. */
import { t } from "@lingui/core/macro";
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

export function stateWord(state: CameraState | string): string {
  const words: Record<string, string> = {
    online: t`en service`,
    offline: t`injoignable`,
    frozen: t`image figée`,
    suspended: t`suspendue`,
    starting: t`démarrage`,
    unknown: t`pas encore vue`,
  };
  return words[state] ?? state;
}

/** A fault, or why nothing was recorded. */
export function faultWord(kind: string): string {
  const words: Record<string, string> = {
    unreachable: t`injoignable`,
    refused: t`mot de passe refusé`,
    frozen: t`image figée`,
    dark: t`image noire`,
    blurred: t`image floue`,
    moved: t`caméra déplacée`,
    masked: t`objectif masqué`,
    mask_lost: t`masque légal perdu`,
    clock: t`horloge décalée`,
    gap: t`enregistrement interrompu`,
    below_floor: t`sous la qualité légale`,
    disk: t`disque plein`,
    unauthorised: t`autorisation expirée`,
    stopped: t`enregistreur arrêté`,
    suspended: t`caméra suspendue`,
    forbidden: t`domicile : pas d’enregistrement hors alarme`,
    unknown: t`aucun enregistrement connu`,
  };
  return words[kind] ?? kind;
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
