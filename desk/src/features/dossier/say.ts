/** Sentences that come as codes: section `texts` of the catalogues, else an entry's or an error's. */
import { catalogue, zone } from "../../app/i18n";
import type { Text } from "../../core/dossier";
import { render } from "../../core/render";

export function say(text: Text): string {
  const words = catalogue();
  const pattern = words.texts[text.code] ?? words.entries[text.code] ?? words.errors[text.code] ?? text.code;
  return render(words, pattern, text.params, zone.get());
}
