/** Sentences that come as codes: an entry's, an error's, or a word of a list («call_script.facts»). */
import { catalogue, zone } from "../../app/i18n";
import type { Text } from "../../core/dossier";
import { render } from "../../core/render";

export function say(text: Text): string {
  const words = catalogue();
  const [list = "", key = ""] = text.code.split(".", 2);
  const pattern =
    words.vocabulary[list]?.[key] ?? words.entries[text.code] ?? words.errors[text.code] ?? text.code;
  return render(words, pattern, text.params, zone.get());
}
