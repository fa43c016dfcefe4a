import { catalogue, zone } from "../../app/i18n";
import { renderError } from "../../core/render";
import type { Params } from "../../core/views";
import { lostWord } from "./words";

/** Why a camera is not shown: the socket's codes, else the sentence of the server's refusal. */
export function refusalText(code: string, params: Params = {}): string {
  const own = lostWord(code);
  return own === code ? renderError(catalogue(), code, params, zone.get()) : own;
}
