/** How a call ends: no default, each answer a choice of its own. */
import { word } from "../../app/i18n";
import type { CallView } from "../../core/handling";
import type { Choice } from "./frontKeys";
import type { Send } from "./useDossier";

/** `note`: what the person says, in the words typed during the call. */
export function endsOf(call: CallView, send: Send, note: string): Choice[] {
  const stage = `${call.phase}:`;
  const choices = call.abilities.includes("act") ? asked(call, send, note) : ends(call, send, note);
  // The same key may mean the opposite once the word is right: another stage is another choice.
  return choices.map((choice) => ({ ...choice, id: stage + choice.id }));
}

/** Of a call we made: who answered, and what is understood once the person is identified. */
function ends(call: CallView, send: Send, note: string): Choice[] {
  const end =
    (result: string, understood: string | null = null) =>
    () =>
      void send(`/api/calls/${call.id}/result`, { result, understood, note: note.trim() || null });
  if (call.phase === "facts") {
    return ["offence", "mistake", "nothing", "unknown"].map((key) => ({
      id: key,
      label: word("understood", key),
      perform: end("answered", key),
    }));
  }
  const results = call.results
    .filter((key) => !(call.phase === "word" && key === "answered"))
    .map((key) => ({ id: key, label: word("call_result", key), perform: end(key) }));
  const notObtained = {
    id: "not_obtained",
    label: word("call_word", "not_obtained"),
    perform: () => void send(`/api/calls/${call.id}/word`, { verdict: "not_obtained" }),
  };
  return call.phase === "word" && call.abilities.includes("word") ? [...results, notObtained] : results;
}

/** Of a customer who telephones: what he asks (need 4). */
function asked(call: CallView, send: Send, note: string): Choice[] {
  return ["answer", "cancel", "on_test", "note"].map((act) => ({
    id: act,
    label: word("call_asked", act),
    disabled: act === "cancel" && !call.may_cancel,
    perform: () =>
      void send(`/api/calls/${call.id}/act`, {
        act,
        understood: call.identified ? (act === "cancel" ? "mistake" : "nothing") : null,
        note: note.trim() || null,
      }),
  }));
}
