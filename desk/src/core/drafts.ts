/**
 * Drafts: one per person and dossier, kept on this machine at each key and at the server within a second, so that
 * nothing typed is lost (operator.md U6). The time of the first key is the time of the entry.
 */

export interface Draft {
  text: string;
  /** ms since 1970 at the server, when its first key was pressed. */
  firstKey: number;
  /** The server has it as it is here. */
  saved?: boolean;
}

export type Drafts = Readonly<Record<string, Draft>>;

/** `incident:ID` or `room`. */
export const draftKey = (incident: number | null): string =>
  incident === null ? "room" : `incident:${incident}`;

/** A draft after a key: its first key's time stands; an emptied draft is no draft. */
export function typed(drafts: Drafts, key: string, text: string, now: number): Drafts {
  const rest = Object.fromEntries(Object.entries(drafts).filter(([held]) => held !== key));
  return text === "" ? rest : { ...rest, [key]: { text, firstKey: drafts[key]?.firstKey ?? now } };
}

/**
 * What the server holds beside what this machine holds. A text not yet at the server stands; one that the server
 * has dropped was sent, or emptied, at another workstation; the rest is as the server says. Of `ours`, changed here
 * since the server was asked, its answer knows nothing: a text just sent does not come back.
 */
export function merged(held: Drafts, server: Drafts, ours: ReadonlySet<string>): Drafts {
  const here = Object.entries(held).filter(([key, draft]) => draft.saved !== true || ours.has(key));
  const there = Object.entries(server)
    .filter(([key]) => !ours.has(key))
    .map(([key, draft]) => [key, { ...draft, saved: true }] as const);
  return Object.fromEntries([...there, ...here]);
}

/** Marks a draft as held by the server, unless it was changed meanwhile. */
export function savedAs(held: Drafts, key: string, text: string): Drafts {
  const draft = held[key];
  return draft?.text === text ? { ...held, [key]: { ...draft, saved: true } } : held;
}

/** A client sends an age, never a clock time (ARCHITECTURE §5). */
export const ageOf = (draft: Draft, now: number): number => Math.max(0, Math.round(now - draft.firstKey));

/** What a browser's storage held; nothing when it is not what we wrote. */
export function parseDrafts(stored: string | null): Drafts {
  try {
    const held: unknown = JSON.parse(stored ?? "{}");
    if (typeof held !== "object" || held === null) {
      return {};
    }
    return Object.fromEntries(
      Object.entries(held).filter((pair): pair is [string, Draft] => isDraft(pair[1])),
    );
  } catch {
    return {};
  }
}

function isDraft(value: unknown): value is Draft {
  return (
    typeof value === "object" &&
    value !== null &&
    "text" in value &&
    typeof value.text === "string" &&
    "firstKey" in value &&
    typeof value.firstKey === "number"
  );
}
