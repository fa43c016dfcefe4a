/** Why nobody hears: the browser's own reasons, else the sentence of the server's rule. */
import { t } from "@lingui/core/macro";
import type { Params } from "../../core/views";
import { refusalText } from "../playback/refusal";

export function whyText(code: string, params: Params): string {
  switch (code) {
    case "microphone_insecure":
      return t`Le micro demande une page servie en HTTPS : voir le guide de l’administrateur.`;
    case "microphone_absent":
      return t`Aucun micro sur ce poste.`;
    case "microphone_refused":
      return t`Le navigateur refuse le micro : l’autoriser pour ce site (cadenas de la barre d’adresse).`;
    case "talk_not_here":
      return params.regime === "public_road" || params.regime === "public_place"
        ? refusalText("talk_regime", { rule: "L251-2, R253-1" })
        : t`Parler demande de tenir un poste et le droit de voir cette caméra en direct.`;
    default:
      return refusalText(code, params);
  }
}
