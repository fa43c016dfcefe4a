import { Trans, useLingui } from "@lingui/react/macro";
import type { Ref } from "react";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/parts";
import type { Wanted } from "./frames";
import classes from "./monitor.module.css";

interface Props {
  wanted: Wanted;
  account: Ref<HTMLInputElement>;
  onChange: (change: Partial<Wanted>) => void;
  /** `Enter` in a field: the first unknown transmitter is being adopted. */
  onEnter: () => void;
  paused: boolean;
  onPause: () => void;
}

/** What is looked at: it holds for the frames, the unknown transmitters, the refusals and the signs of life. */
export function Filters({ wanted, account, onChange, onEnter, paused, onPause }: Props) {
  const { t } = useLingui();
  return (
    <form
      className={classes.filters}
      role="search"
      // A key held down must not open the form and adopt at once.
      onKeyDown={(event) => event.key === "Enter" && event.repeat && event.preventDefault()}
      onSubmit={(event) => {
        event.preventDefault();
        onEnter();
      }}
    >
      <Field
        label={t`Ligne de réception`}
        value={wanted.line}
        placeholder="R1"
        onChange={(event) => onChange({ line: event.target.value.trim() })}
      />
      <Field
        label={t`N° de transmetteur`}
        value={wanted.account}
        placeholder="1234"
        autoFocus
        ref={account}
        onChange={(event) => onChange({ account: event.target.value.trim() })}
      />
      <Field
        label={t`Adresse`}
        value={wanted.peer}
        placeholder="192.0.2.7"
        onChange={(event) => onChange({ peer: event.target.value.trim() })}
      />
      <button type="submit" hidden />
      <Button onClick={onPause} aria-pressed={paused}>
        {paused ? <Trans>Reprendre</Trans> : <Trans>Figer</Trans>}
      </Button>
    </form>
  );
}
