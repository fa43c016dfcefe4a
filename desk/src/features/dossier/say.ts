/** Sentences that come as codes: section `texts` of the catalogues, else an entry's or an error's. */
import { t } from "@lingui/core/macro";
import { catalogue, zone } from "../../app/i18n";
import type { Text } from "../../core/dossier";
import { render } from "../../core/render";

export function say(text: Text): string {
  const words = catalogue();
  const pattern = words.texts[text.code] ?? words.entries[text.code] ?? words.errors[text.code] ?? text.code;
  return render(words, pattern, text.params, zone.get());
}

/** Whether a consigne applies now, said once: why it does not holds the words already. */
export function appliesText({ applies, why }: { applies: boolean; why: Text | null }): string {
  if (applies) {
    return t`S’APPLIQUE`;
  }
  return why === null ? t`Ne s’applique pas maintenant` : say(why);
}
