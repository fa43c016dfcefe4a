import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { catalogue } from "../../app/i18n";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Choice, Field, Problem } from "../../ui/parts";
import classes from "./room.module.css";

interface Props {
  label: string;
  /** A vocabulary to choose from; without it the reason is written. */
  list?: string;
  /** A refusal that it throws is told here; false: told elsewhere. */
  onSend: (reason: string) => Promise<unknown>;
  onDone: () => void;
}

/** An act that says why, asked in place. */
export function Reasoned({ label, list, onSend, onDone }: Props) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  useEscape(onDone);
  const words = Object.entries(list ? (catalogue().vocabulary[list] ?? {}) : {});
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setProblem(null);
    onSend(reason).then((done) => done !== false && onDone(), setProblem);
  };
  return (
    <form className={classes.reason} onSubmit={submit}>
      {list ? (
        <Choice
          label={label}
          value={reason}
          required
          onChange={(event) => setReason(event.target.value)}
          autoFocus
        >
          <option value="">…</option>
          {words.map(([code, text]) => (
            <option key={code} value={code}>
              {text}
            </option>
          ))}
        </Choice>
      ) : (
        <Field
          label={label}
          value={reason}
          required
          onChange={(event) => setReason(event.target.value)}
          autoFocus
        />
      )}
      <Problem of={problem} />
      <Button tone="go" type="submit" disabled={reason === ""}>
        <Trans>Confirmer</Trans>
      </Button>
      <Button tone="plain" onClick={onDone}>
        <Trans>Annuler</Trans>
      </Button>
    </form>
  );
}
