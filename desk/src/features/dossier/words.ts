/** An event of a signal in words, with what its qualifier changes. */
import { t } from "@lingui/core/macro";
import { word } from "../../app/i18n";
import type { SignalLine } from "../../core/dossier";
import { headlineText } from "../queue/words";

type Told = Omit<SignalLine["event"], "code" | "qualifier"> & {
  code: string | null;
  qualifier: string | null;
};

export function eventWords(event: Told): string {
  const plain = headlineText({ ...event, text: null });
  if (event.category === "open_close") {
    // The table's words are those of the opening; its restore is the closing (1401 opens, 3401 closes).
    const user = event.user ? ` ${t`utilisateur ${event.user}`}` : "";
    return `${event.qualifier === "restore" ? t`Mise en service` : plain}${user}`;
  }
  if (event.qualifier === "restore") {
    return t`Fin : ${plain}`;
  }
  return event.qualifier === "status" ? `${plain} (${word("qualifier", "status")})` : plain;
}
