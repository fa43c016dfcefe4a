import { useLingui } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { keyOf } from "../../core/dossier";
import type { CallView } from "../../core/handling";
import { Button } from "../../ui/Button";
import { useCardKeys } from "./cardKeys";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

interface Choice {
  key: string;
  label: string;
  perform: () => void;
  disabled?: boolean;
}

/** How a call ends: no default, each answer on a function key. */
export function Ends({ call, send }: { call: CallView; send: Send }) {
  const { t } = useLingui();
  const choices = call.abilities.includes("act") ? asked(call, send) : ends(call, send);
  const keyed = choices.filter((choice) => !choice.disabled);
  useCardKeys(
    keyed.flatMap((choice, index) => {
      const key = keyOf(index);
      return key ? [{ key, label: choice.label, perform: choice.perform }] : [];
    }),
  );
  return (
    <div className={classes.acts} role="group" aria-label={t`Résultat de l’appel`}>
      {choices.map((choice) => (
        <Button
          key={choice.key}
          hotkey={choice.disabled ? null : keyOf(keyed.indexOf(choice))}
          disabled={choice.disabled === true}
          onClick={choice.perform}
        >
          {choice.label}
        </Button>
      ))}
    </div>
  );
}

/** Of a call we made: who answered, and what is understood once the person is identified. */
function ends(call: CallView, send: Send): Choice[] {
  const end =
    (result: string, understood: string | null = null) =>
    () =>
      void send(`calls/${call.id}/result`, { result, understood, note: null });
  if (call.phase === "facts") {
    return ["offence", "mistake", "nothing", "unknown"].map((key) => ({
      key,
      label: word("understood", key),
      perform: end("answered", key),
    }));
  }
  const results = call.results
    .filter((key) => !(call.phase === "word" && key === "answered"))
    .map((key) => ({ key, label: word("call_result", key), perform: end(key) }));
  const notObtained = {
    key: "not_obtained",
    label: word("call_word", "not_obtained"),
    perform: () => void send(`calls/${call.id}/word`, { verdict: "not_obtained" }),
  };
  return call.phase === "word" && call.abilities.includes("word") ? [...results, notObtained] : results;
}

/** Of a customer who telephones: what he asks (need 4). */
function asked(call: CallView, send: Send): Choice[] {
  return ["answer", "cancel", "on_test", "note"].map((act) => ({
    key: act,
    label: word("call_asked", act),
    disabled: act === "cancel" && !call.may_cancel,
    perform: () =>
      void send(`calls/${call.id}/act`, {
        act,
        understood: call.identified ? (act === "cancel" ? "mistake" : "nothing") : null,
        note: null,
      }),
  }));
}
