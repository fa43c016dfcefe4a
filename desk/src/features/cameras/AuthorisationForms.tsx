/** What is done to an authorisation: added as the arrêté says it, renewed, closed before its end. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { api } from "../../api/client";
import type { components } from "../../api/schema";
import { word } from "../../app/i18n";
import { Button } from "../../ui/Button";
import { Field, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import { PURPOSES } from "./words";
import classes from "./cameras.module.css";

export type Line = components["schemas"]["AuthorisationLine"];

/** Under which they are read. */
export const AUTHORISATIONS = ["authorisations"];

/** A form of one act: what was refused stays beside it. */
function Act(props: {
  path: string;
  said: string;
  onDone: () => void;
  verb: ReactNode;
  children: ReactNode;
}) {
  const queries = useQueryClient();
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async (form: HTMLFormElement): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await api.post(props.path, body(new FormData(form)));
      await queries.invalidateQueries({ queryKey: AUTHORISATIONS });
      tell(props.said);
      props.onDone();
    } catch (problem) {
      setFailure(problem);
      setBusy(false);
    }
  };
  return (
    <form
      className={classes.row}
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
    >
      {props.children}
      <Button type="submit" tone="go" disabled={busy}>
        {props.verb}
      </Button>
      <Button onClick={props.onDone}>
        <Trans>Annuler</Trans>
      </Button>
      <Problem of={failure} />
    </form>
  );
}

/** What a form says: empty fields are left out, days are numbers, purposes a list where there is a system to have some. */
function body(form: FormData): Record<string, unknown> {
  const said: Record<string, unknown> = form.has("system") ? { purposes: form.getAll("purposes") } : {};
  for (const [name, value] of form) {
    const text = typeof value === "string" ? value.trim() : "";
    if (name !== "purposes" && text !== "") {
      said[name] = name.endsWith("_days") ? Number(text) : text;
    }
  }
  return said;
}

export function Renewal({ line, onDone }: { line: Line; onDone: () => void }) {
  const { t } = useLingui();
  return (
    <Act
      path={`/api/authorisations/${line.id}/renew`}
      said={t`Autorisation renouvelée.`}
      onDone={onDone}
      verb={<Trans>Renouveler</Trans>}
    >
      <Field label={t`N° du nouvel arrêté`} name="number" required maxLength={100} autoFocus />
      <Field label={t`Du`} name="granted_on" type="date" />
      <Field label={t`Fin (5 ans au plus)`} name="expires_on" type="date" required />
      <Days initial={line.retention_days} />
    </Act>
  );
}

export function Withdrawal({ line, onDone }: { line: Line; onDone: () => void }) {
  const { t } = useLingui();
  return (
    <Act
      path={`/api/authorisations/${line.id}/withdraw`}
      said={t`Autorisation close.`}
      onDone={onDone}
      verb={<Trans>Clore : ses caméras s’arrêtent</Trans>}
    >
      <Field
        label={t`Motif (retrait par le préfet, système démonté…)`}
        name="reason"
        required
        maxLength={500}
        autoFocus
      />
    </Act>
  );
}

export function Adding({ onDone }: { onDone: () => void }) {
  const { t } = useLingui();
  return (
    <Act
      path="/api/authorisations"
      said={t`Autorisation ajoutée.`}
      onDone={onDone}
      verb={<Trans>Ajouter</Trans>}
    >
      <Field label={t`Référence (celle des imports)`} name="reference" required maxLength={64} autoFocus />
      <Field label={t`Système`} name="system" required maxLength={300} />
      <Field label={t`N° de l’arrêté`} name="number" required maxLength={100} />
      <Field label={t`Autorité`} name="authority" required maxLength={300} />
      <Field label={t`Du`} name="granted_on" type="date" />
      <Field label={t`Fin (5 ans au plus)`} name="expires_on" type="date" required />
      <fieldset>
        <legend>
          <Trans>Finalités (L251-2)</Trans>
        </legend>
        {PURPOSES.map((code) => (
          <label key={code}>
            <input type="checkbox" name="purposes" value={code} /> {word("camera_purpose", code)}
          </label>
        ))}
      </fieldset>
      <Days initial={30} />
      <Field label={t`Commune (code INSEE)`} name="commune" maxLength={20} />
    </Act>
  );
}

function Days({ initial }: { initial: number }) {
  const { t } = useLingui();
  return (
    <Field
      label={t`Conservation, jours`}
      name="retention_days"
      type="number"
      min={1}
      max={30}
      required
      defaultValue={initial}
    />
  );
}
