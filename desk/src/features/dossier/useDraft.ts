/** What is typed in a form of the dossier is kept like a note of the capture bar: here at each key, at the server soon. */
import { useSyncExternalStore } from "react";
import { drafts, writeDraft } from "../capture/drafts";

/** The text, how to write it, and how to forget it once it is sent. Key: `incident:ID:field`, `site:ID:field` or `entry:ID:field`. */
export function useDraft(key: string): [string, (text: string) => void, () => void] {
  const held = useSyncExternalStore(drafts.subscribe, drafts.get);
  return [held[key]?.text ?? "", (text) => writeDraft(key, text), () => writeDraft(key, "")];
}
