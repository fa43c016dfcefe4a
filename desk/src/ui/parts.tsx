import { t } from "@lingui/core/macro";
import type { FormEvent, InputHTMLAttributes, ReactNode, Ref, SelectHTMLAttributes } from "react";
import { failureText } from "../app/i18n";
import classes from "./ui.module.css";

/** A pane's heading; `aside` stands at its right. */
export function Heading({ children, aside, id }: { children: ReactNode; aside?: ReactNode; id?: string }) {
  return (
    <h2 className={classes.heading} id={id}>
      <span>{children}</span>
      {aside ? <span>{aside}</span> : null}
    </h2>
  );
}

export function Chip({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <span className={classes.chip} title={title}>
      {children}
    </span>
  );
}

/** An empty screen says what to do next. */
export function Empty({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <b>{title}</b>
      {children}
    </div>
  );
}

/** What went wrong, in a sentence that says what to do. */
export function Problem({ of }: { of: unknown }) {
  return of ? (
    <p className={classes.problem} role="alert">
      {failureText(of)}
    </p>
  ) : null;
}

type FieldProps = InputHTMLAttributes<HTMLInputElement> & { label: ReactNode; ref?: Ref<HTMLInputElement> };

/** What a field lacks, in the desk's language: a browser would say it in its own. */
function inOurWords(event: FormEvent<HTMLInputElement>): void {
  const field = event.currentTarget;
  field.setCustomValidity("");
  if (field.validity.valueMissing) {
    field.setCustomValidity(t`À remplir avant de valider.`);
  } else if (field.validity.patternMismatch) {
    field.setCustomValidity(t`Cette valeur n’a pas la forme attendue.`);
  }
}

/** What is typed is judged again when it is validated. */
const asTyped = (event: FormEvent<HTMLInputElement>): void => event.currentTarget.setCustomValidity("");

export function Field({ label, ref, ...rest }: FieldProps) {
  return (
    <label className={classes.field}>
      <span>{label}</span>
      <input className={classes.input} ref={ref} onInvalid={inOurWords} onInput={asTyped} {...rest} />
    </label>
  );
}

type ChoiceProps = SelectHTMLAttributes<HTMLSelectElement> & { label: ReactNode };

export function Choice({ label, children, ...rest }: ChoiceProps) {
  return (
    <label className={classes.field}>
      <span>{label}</span>
      <select className={classes.input} {...rest}>
        {children}
      </select>
    </label>
  );
}
