/**
 * Renders an entry's sentence from its code and parameters, exactly as src/veilleur/locale/render.py does;
 * tests/wording/render_cases.json holds both to it.
 */
import { phone } from "./phone";
import { dateTime, clockTime, day } from "./time";
import type { LogLine, Params } from "./views";

export interface Catalogue {
  entries: Record<string, string>;
  vocabulary: Record<string, Record<string, string>>;
  errors: Record<string, string>;
  /** Sentences of the screens that are not entries: banners, blockers. */
  texts: Record<string, string>;
}

const PLACE = /\{(\w+)(?:\|(\w+))?\}/g;
const OPTIONAL = /\[([^[\]]*)\]/g;

/**
 * A French catalogue as it is set: no line begins with «:», «;», «?», «!» or «»», none ends with an opening «.
 * Words of the screen only: the server's own texts keep their plain spaces.
 */
export function unbroken<T>(words: T): T {
  if (typeof words === "string") {
    return words.replace(/ (?=[:;?!»])/g, "\u00a0").replace(/« /g, "«\u00a0") as T;
  }
  if (Array.isArray(words)) {
    return words.map((each: unknown) => unbroken(each)) as T;
  }
  if (typeof words === "object" && words !== null) {
    return Object.fromEntries(
      Object.entries(words).map(([key, each]) => [key, unbroken<unknown>(each)]),
    ) as T;
  }
  return words;
}

/** The sentence of an entry kind; old versions keep theirs under `kind@version`. */
export function template(catalogue: Catalogue, kind: string, version: number): string {
  return catalogue.entries[`${kind}@${version}`] ?? catalogue.entries[kind] ?? kind;
}

/** The sentence of a line of the main courante, in a zone. */
export function renderEntry(
  catalogue: Catalogue,
  line: Pick<LogLine, "kind" | "version" | "params" | "actor_name">,
  zone: string,
): string {
  const params = { actor: line.actor_name || null, ...line.params };
  return render(catalogue, template(catalogue, line.kind, line.version), params, zone);
}

/** The sentence of an API error. */
export function renderError(catalogue: Catalogue, code: string, params: Params, zone: string): string {
  return render(catalogue, catalogue.errors[code] ?? code, params, zone);
}

/** A sentence of the screen, by its code. */
export function renderText(catalogue: Catalogue, code: string, params: Params, zone: string): string {
  return render(catalogue, catalogue.texts[code] ?? code, params, zone);
}

/** The word of a code in a list; the code itself when the list does not know it. */
export function word(catalogue: Catalogue, list: string, code: string | null | undefined): string {
  return code === null || code === undefined ? "—" : (catalogue.vocabulary[list]?.[code] ?? code);
}

/** Fills one template. */
export function render(catalogue: Catalogue, pattern: string, params: Params, zone: string): string {
  const kept = pattern.replace(OPTIONAL, (_, inside: string) => {
    const names = [...inside.matchAll(PLACE)].map((m) => m[1] ?? "");
    return names.some((name) => isAbsent(params[name])) ? "" : inside;
  });
  return kept.replace(PLACE, (_, name: string, how: string | undefined) =>
    show(catalogue, params[name], how, zone),
  );
}

function isAbsent(value: unknown): boolean {
  return (
    value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)
  );
}

function show(catalogue: Catalogue, value: unknown, how: string | undefined, zone: string): string {
  if (value === null || value === undefined || value === "") {
    return "—";
  }
  switch (how) {
    case undefined:
      return text(value);
    case "time":
      return clockTime(text(value), zone);
    case "datetime":
      return dateTime(text(value), zone);
    case "duration":
      return duration(Number(value));
    case "list":
      return Array.isArray(value) ? value.map(text).join(", ") : text(value);
    case "phone":
      return (Array.isArray(value) ? value : [value]).map((item) => phone(text(item))).join(", ");
    case "day":
      return day(text(value));
    case "point":
      return (Array.isArray(value) ? value : [value]).map((item) => point(catalogue, text(item))).join(", ");
    default:
      return (Array.isArray(value) ? value : [value])
        .map(
          (item) => catalogue.vocabulary[how]?.[text(item)] ?? catalogue.vocabulary[how]?.["*"] ?? text(item),
        )
        .join(", ");
  }
}

/** The label of a point: what people wrote, else in words what stands behind its «#» («#code:301»). */
export function point(catalogue: Catalogue, label: string): string {
  if (!label.startsWith("#")) {
    return label;
  }
  const [kind = "", code = "", ...rest] = label.slice(1).split(":");
  const known = kind === "code" ? catalogue.vocabulary.signal_code?.[code] : undefined;
  const words = known === undefined ? [catalogue.vocabulary.point_kind?.[kind] ?? kind, code] : [known];
  return [...words, ...rest].filter(Boolean).join(" ");
}

/** What Python's str() gives for the values an entry may carry. */
function text(value: unknown): string {
  if (typeof value === "boolean") {
    return value ? "True" : "False";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** «45 s», «1 min 05», «2 h 03». */
export function duration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")}`;
  }
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")}`;
}
