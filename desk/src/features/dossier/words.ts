/** An event of a signal in words, with what its qualifier changes. */
import { t } from "@lingui/core/macro";
import { word } from "../../app/i18n";
import type { SignalLine } from "../../core/dossier";
import { headlineText } from "../queue/words";

export function eventWords(event: SignalLine["event"]): string {
  const plain = headlineText({ ...event, text: null });
  if (event.category === "open_close") {
    const user = event.user ? ` ${t`utilisateur ${event.user}`}` : "";
    return event.qualifier === "restore" ? `${t`Mise en service`}${user}` : `${t`Mise hors service`}${user}`;
  }
  if (event.qualifier === "restore") {
    return t`Fin : ${plain}`;
  }
  return event.qualifier === "status" ? `${plain} (${word("qualifier", "status")})` : plain;
}
