/** How a call ends: no default, each answer a choice of its own. */
import { word } from "../../app/i18n";
import type { CallView } from "../../core/handling";
import type { Choice } from "./frontKeys";
import type { Send } from "./useDossier";

/** `note`: what the person says, in the words typed during the call. `toTest`: he asked for a test, and may ask. */
export function endsOf(call: CallView, send: Send, note: string, toTest: () => void): Choice[] {
  const stage = `${call.phase}:`;
  const choices = call.abilities.includes("act") ? asked(call, send, note, toTest) : ends(call, send, note);
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
    return call.meanings.map((key) => ({
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

/** Of a customer who telephones: what he asks (need 4), or the offence that he tells. Nothing else is lent to him. */
function asked(call: CallView, send: Send, note: string, toTest: () => void): Choice[] {
  const end = (act: string, understood: string | null): Promise<boolean> =>
    send(`/api/calls/${call.id}/act`, { act, understood, note: note.trim() || null });
  const perform: Record<string, () => void> = {
    answer: () => void end("answer", null),
    // That he wants it cancelled says nothing of why: no meaning is lent to him.
    cancel: () => void end("cancel", null),
    on_test: () => void end("on_test", null).then((done) => done && call.identified && toTest()),
    note: () => void end("note", null),
  };
  const choices: Choice[] = Object.entries(perform).map(([act, then]) => ({
    id: act,
    label: word("call_asked", act),
    disabled: act === "cancel" && !call.may_cancel,
    perform: then,
  }));
  const offence = {
    id: "offence",
    label: word("understood", "offence"),
    perform: () => void end("note", "offence"),
  };
  if (call.identified) {
    return [...choices, offence];
  }
  // Who gave no right word is taken leave of: that he asked for something is only one way it ends.
  const bye = {
    id: "hung_up",
    label: word("call_result", "hung_up"),
    perform: () =>
      void send(`/api/calls/${call.id}/result`, {
        result: "hung_up",
        understood: null,
        note: note.trim() || null,
      }),
  };
  const may =
    call.phase === "leaving" && call.abilities.includes("result") && call.results.includes("hung_up");
  return may ? [bye, ...choices] : choices;
}
