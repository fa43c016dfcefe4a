import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { word } from "../../app/i18n";
import { useEscape } from "../../ui/escape";
import { Button } from "../../ui/Button";
import { Kbd } from "../../ui/Kbd";
import { Field } from "../../ui/parts";
import shell from "../shell/shell.module.css";
import classes from "./event.module.css";
import { OUTCOMES, type EventView } from "./event";
import { useEventActs } from "./eventActs";

/** Three keys: Ctrl+Entrée, the outcome's digit, Entrée. */
export function ClosingSheet({ event, onDone }: { event: EventView; onDone: () => void }) {
  const { t } = useLingui();
  const acts = useEventActs();
  const [outcome, setOutcome] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const sheet = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEscape(onDone);
  useEffect(() => sheet.current?.focus(), []);
  const choose = (key: string): void => {
    setOutcome(key);
    field.current?.focus();
  };
  const press = (key: KeyboardEvent): void => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(key.code)?.[1];
    const chosen = digit === undefined ? undefined : OUTCOMES[Number(digit) - 1];
    if (chosen && document.activeElement !== field.current && !key.ctrlKey && !key.altKey) {
      key.preventDefault();
      choose(chosen);
    }
  };
  const send = async (): Promise<void> => {
    if (outcome !== null && (await acts.close(event.incident.id, outcome, note))) {
      onDone();
    }
  };
  return (
    <div className={shell.overlay}>
      <form
        ref={sheet}
        className={`${shell.sheet} ${classes.sheet}`}
        role="dialog"
        aria-label={t`Clôturer l’événement`}
        tabIndex={-1}
        onKeyDown={press}
        onSubmit={(sent) => {
          sent.preventDefault();
          void send();
        }}
      >
        <header>
          <Trans>Clôturer l’événement</Trans>
          <span className="faint">{event.incident.reference}</span>
        </header>
        <div className={classes.natures}>
          {OUTCOMES.map((key, index) => (
            <button key={key} type="button" aria-pressed={outcome === key} onClick={() => choose(key)}>
              {word("outcome", key)} <Kbd of={`Digit${index + 1}`} />
            </button>
          ))}
        </div>
        <div className={classes.closing}>
          <Field
            ref={field}
            label={t`Précision (facultatif)`}
            value={note}
            maxLength={500}
            onChange={(typed) => setNote(typed.target.value)}
          />
          <Button type="submit" tone="go" hotkey="Enter" disabled={outcome === null}>
            <Trans>Clôturer</Trans>
          </Button>
        </div>
      </form>
    </div>
  );
}
