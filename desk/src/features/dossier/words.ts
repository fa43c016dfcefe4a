/** An event of a signal in words, with what its qualifier changes. */
import { t } from "@lingui/core/macro";
import { catalogue, word } from "../../app/i18n";
import { point } from "../../core/render";
import type { SignalLine } from "../../core/dossier";
import { offset } from "../../core/signals";
import { headlineText } from "../queue/words";

type Told = Omit<SignalLine["event"], "code" | "qualifier"> & {
  code: string | null;
  qualifier: string | null;
};

/** The name of a point: what people wrote, else in words what it is. */
export const pointText = (label: string): string => point(catalogue(), label);

/** «Police nationale : Commissariat de Villeneuve»; a unit's name that begins with its service is enough. */
export function unitText(service: string, name: string): string {
  const kind = word("public_service", service);
  return name.toLocaleLowerCase().startsWith(kind.toLocaleLowerCase()) ? name : `${kind} : ${name}`;
}

/** The station's own codes that are an end by themselves. */
const OWN_ENDS: ReadonlySet<string | null> = new Set(["path_back"]);

/** The end of an alarm: the table's own words («Retour secteur»; a SIA code of two letters is an end by itself). */
function endWords(event: Told, plain: string): string {
  const code = event.label_code ?? "";
  const end = word("signal_code_end", code);
  if (/^[A-Z]{2}$/.test(code) || OWN_ENDS.has(event.code)) {
    return plain;
  }
  return end !== code && end !== "" ? headlineText({ ...event, text: null }, end) : t`Fin : ${plain}`;
}

/** By which path or line a signal came, then its own text when that says something else. */
export function cameBy(signal: Pick<SignalLine, "path" | "line" | "event">): string {
  const way = signal.path ?? signal.line;
  const { text } = signal.event;
  return text && text !== way ? `${way} · ${text}` : way;
}

/** «… par utilisateur» and «utilisateur 002» share a word. */
function once(first: string, second: string): string {
  const [word = "", ...rest] = second.split(" ");
  return first.toLocaleLowerCase().endsWith(` ${word}`) ? [first, ...rest].join(" ") : `${first} ${second}`;
}

export function eventWords(event: Told): string {
  const plain = headlineText({ ...event, text: null });
  if (event.category === "open_close") {
    // The table's words are those of the opening; its restore is the closing (1401 opens, 3401 closes).
    const act = event.qualifier === "restore" ? t`Mise en service` : plain;
    return event.user ? once(act, t`utilisateur ${event.user}`) : act;
  }
  if (event.qualifier === "restore") {
    return endWords(event, plain);
  }
  return event.qualifier === "status" ? `${plain} (${word("qualifier", "status")})` : plain;
}

/** Verdicts of frames whose inside was never read. */
const CLOSED: ReadonlySet<string> = new Set(["no_key", "bad_key", "stale", "unreadable"]);

/** A signal in words; one that could not be read is no «signal inconnu». */
export function signalWords({ event, verdict }: Pick<SignalLine, "event" | "verdict">): string {
  return event.code === null && CLOSED.has(verdict)
    ? t`Trame dont le contenu n’a pas été lu`
    : eventWords(event);
}

/** Why a signal may not be believed as it stands; null: nothing speaks against it. */
export function doubt({ verdict, drift }: Pick<SignalLine, "verdict" | "drift">): string | null {
  switch (verdict) {
    case "accepted":
      return null;
    case "clear_refused":
      return word("mark", "unauthenticated");
    case "stale":
      return drift === null ? t`heure refusée` : t`heure refusée (écart de ${offset(drift)})`;
    default:
      return word("verdict", verdict);
  }
}

/** The name of what a frame carries beside its event. */
export function fieldText(code: string): string {
  const name = word("extended_field", code);
  return name === code ? t`champ ${code}` : name;
}
