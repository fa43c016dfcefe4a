/** Playback in words. */
import { t } from "@lingui/core/macro";
import { duration } from "../../core/render";
import { now } from "../../live/hooks";
import type { Gap } from "../../video/playbackPlan";
import { faultWord } from "../cameras/words";
import { hourOf, wallText } from "./instant";

/** «ENREGISTRÉ 23/11/2026 03:11:48.240 · il y a 2 min 19»: never taken for the present. */
export function recordedLabel(wall: number, zone: string): string {
  const at = wallText(wall, zone);
  const ago = duration(Math.max(0, Math.floor(now() - wall / 1000) / 1000));
  return t`ENREGISTRÉ ${at} · il y a ${ago}`;
}

/** «Pas d’enregistrement de 03:07:30 à 03:12:10». */
export function gapText(gap: Gap, zone: string): string {
  const from = Number.isFinite(gap.from) ? hourOf(gap.from, zone) : null;
  const to = Number.isFinite(gap.to) ? hourOf(gap.to, zone) : null;
  if (from !== null && to !== null) {
    return t`Pas d’enregistrement de ${from} à ${to}`;
  }
  return from === null
    ? to === null
      ? t`Pas d’enregistrement autour de ce moment`
      : t`Pas d’enregistrement avant ${to}`
    : t`Pas d’enregistrement après ${from}`;
}

export const gapReason = (gap: Gap): string => faultWord(gap.reason);

/** Why a camera shows nothing: codes of the socket and of a refusal. */
export function lostWord(code: string): string {
  const words: Record<string, string> = {
    play_lost: t`Liaison avec l’enregistreur perdue : reprise en cours`,
    play_ticket: t`Accès expiré : reprise en cours`,
    play_revoked: t`Consultation fermée : droits, titre ou session changés`,
    play_elsewhere: t`Cette caméra change d’enregistreur : reprise en cours`,
    play_slow: t`Liaison trop lente avec l’enregistreur : reprise en cours`,
    play_closed: t`Consultation terminée`,
    camera_not_running: t`Aucun enregistreur ne sert cette caméra : reprise en cours`,
  };
  return words[code] ?? code;
}

/** «4 s», «12 min»: a stretch of µs. */
export const stretch = (us: number): string => duration(Math.max(0, Math.round(us / 1_000_000)));
