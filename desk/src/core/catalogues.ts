/** The server's own catalogues, bundled: the API returns codes and parameters, never sentences. */
import { unbroken, type Catalogue } from "./render";

type Language = "fr" | "en";

const files = import.meta.glob<Partial<Catalogue>>("../../../src/veilleur/locale/{fr,en}/*.json", {
  eager: true,
  import: "default",
});

function merge(language: Language): Catalogue {
  const merged: Catalogue = { entries: {}, vocabulary: {}, errors: {}, texts: {} };
  for (const path of Object.keys(files).sort()) {
    if (path.includes(`/${language}/`)) {
      const part = files[path];
      Object.assign(merged.entries, part?.entries);
      Object.assign(merged.vocabulary, part?.vocabulary);
      Object.assign(merged.errors, part?.errors);
      Object.assign(merged.texts, part?.texts);
      Object.assign(merged.texts, part?.texts);
    }
  }
  return merged;
}

export const catalogues: Record<Language, Catalogue> = { fr: unbroken(merge("fr")), en: merge("en") };
