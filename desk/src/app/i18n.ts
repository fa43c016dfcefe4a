import { i18n } from "@lingui/core";
import { messages as frDesk } from "../locales/fr/desk.po";
import { messages as frDossier } from "../locales/fr/dossier.po";
import { messages as frRecorded } from "../locales/fr/recorded.po";
import { messages as frWall } from "../locales/fr/wall.po";
import { messages as enDesk } from "../locales/en/desk.po";
import { messages as enDossier } from "../locales/en/dossier.po";
import { messages as enRecorded } from "../locales/en/recorded.po";
import { messages as enWall } from "../locales/en/wall.po";
import { catalogues } from "../core/catalogues";
import {
  renderEntry,
  renderError,
  renderText,
  unbroken,
  word as wordOf,
  type Catalogue,
} from "../core/render";
import { createStore } from "../core/store";
import type { LogLine, Params } from "../core/views";
import { ApiError } from "../api/client";

export type Language = "fr" | "en";

i18n.load({
  fr: unbroken({ ...frDesk, ...frDossier, ...frWall, ...frRecorded }),
  en: { ...enDesk, ...enDossier, ...enWall, ...enRecorded },
});
i18n.activate("fr");

export const language = createStore<Language>("fr");
/** The centre's time zone: what hours are shown in. */
export const zone = createStore<string>("Europe/Paris");

const PREFERRED = "veilleur.language";

/** Speaks a person's language, unless this screen prefers another. */
export function speak(wanted: string): void {
  const chosen: Language = (localStorage.getItem(PREFERRED) ?? wanted) === "en" ? "en" : "fr";
  i18n.activate(chosen);
  document.documentElement.lang = chosen;
  language.set(() => chosen);
}

/** This screen's own language, kept on this machine. */
export function preferLanguage(wanted: string): void {
  localStorage.setItem(PREFERRED, wanted);
  speak(wanted);
}

export const catalogue = (): Catalogue => catalogues[language.get()];

/** The word of a code: `word("outcome", "justified")`. */
export const word = (list: string, code: string | null | undefined): string =>
  wordOf(catalogue(), list, code);

/** The sentence of a line of the main courante. */
export const sentence = (line: LogLine): string => renderEntry(catalogue(), line, zone.get());

/** A sentence of the screen: `screenText("banner.linked", { reference })`. */
export const screenText = (code: string, params: Params): string =>
  renderText(catalogue(), code, params, zone.get());

/** What to tell of a failure. */
export function failureText(failure: unknown): string {
  return failure instanceof ApiError
    ? renderError(catalogue(), failure.code, failure.params, zone.get())
    : renderError(catalogue(), "error", {}, zone.get());
}
