import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent, type ReactNode } from "react";
import { catalogue, word } from "../../app/i18n";
import { Button } from "../../ui/Button";
import { Choice, Field } from "../../ui/parts";
import { ACTIVITIES, TITLE_KINDS, type TitleView } from "./accounts";
import { Checks } from "./Checks";
import classes from "./people.module.css";

interface ShellProps {
  children: ReactNode;
  label: ReactNode;
  ready?: boolean;
  onSubmit: () => void;
  onCancel: () => void;
}

function Shell({ children, label, ready = true, onSubmit, onCancel }: ShellProps) {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      {children}
      <div className={classes.row}>
        <Button tone="go" type="submit" disabled={!ready}>
          {label}
        </Button>
        <Button tone="plain" onClick={onCancel}>
          <Trans>Annuler</Trans>
        </Button>
      </div>
    </form>
  );
}

interface TitleProps {
  /** The title to correct; without it a new one. */
  title?: TitleView;
  onSend: (body: object) => Promise<void>;
  onCancel: () => void;
}

const FRESH = {
  kind: "card",
  number: "",
  activities: ["remote_monitoring"],
  issued_on: null,
  expires_on: null,
};

/** A title as its document says it; a correction names the proof of what was checked. */
export function TitleForm({ title, onSend, onCancel }: TitleProps) {
  const { t } = useLingui();
  const start = title ?? FRESH;
  const [kind, setKind] = useState(start.kind);
  const [number, setNumber] = useState(start.number);
  const [activities, setActivities] = useState<readonly string[]>(start.activities);
  const [issued, setIssued] = useState(start.issued_on ?? "");
  const [expires, setExpires] = useState(start.expires_on ?? "");
  const [proof, setProof] = useState("");
  const facts = { number, activities, issued_on: issued || null, expires_on: expires || null };
  return (
    <Shell
      label={title ? <Trans>Corriger le titre</Trans> : <Trans>Noter le titre</Trans>}
      ready={activities.length > 0}
      onSubmit={() => void onSend(title ? { ...facts, proof } : { ...facts, kind })}
      onCancel={onCancel}
    >
      {title ? null : (
        <Choice label={t`Nature`} value={kind} onChange={(event) => setKind(event.target.value)}>
          {TITLE_KINDS.map((code) => (
            <option key={code} value={code}>
              {word("title_kind", code)}
            </option>
          ))}
        </Choice>
      )}
      <Field
        label={t`Numéro`}
        value={number}
        required
        autoFocus
        onChange={(event) => setNumber(event.target.value)}
      />
      <Checks
        label={t`Activités`}
        list="activity"
        of={ACTIVITIES}
        value={activities}
        onChange={setActivities}
      />
      <div className={classes.two}>
        <Field
          label={t`Délivré le`}
          type="date"
          value={issued}
          onChange={(event) => setIssued(event.target.value)}
        />
        <Field
          label={kind === "card" ? t`Dernier jour (vide : 5 ans, R612-13)` : t`Dernier jour`}
          type="date"
          value={expires}
          onChange={(event) => setExpires(event.target.value)}
        />
      </div>
      {title ? (
        <Field
          label={t`Preuve : ce qui a été vérifié, où, quand`}
          value={proof}
          required
          onChange={(event) => setProof(event.target.value)}
        />
      ) : null}
    </Shell>
  );
}

/** R612-17: the receipt lets work continue past the card's end. */
export function ReceiptForm(props: { onSend: (on: string) => Promise<void>; onCancel: () => void }) {
  const { t } = useLingui();
  const [on, setOn] = useState("");
  return (
    <Shell
      label={<Trans>Noter le récépissé</Trans>}
      onSubmit={() => void props.onSend(on)}
      onCancel={props.onCancel}
    >
      <Field
        label={t`Date du récépissé (R612-17)`}
        type="date"
        value={on}
        required
        autoFocus
        onChange={(event) => setOn(event.target.value)}
      />
    </Shell>
  );
}

interface StatusProps {
  status: string;
  onSend: (body: { status: string; reason: string }) => Promise<void>;
  onCancel: () => void;
}

export function StatusForm({ status, onSend, onCancel }: StatusProps) {
  const { t } = useLingui();
  const [wanted, setWanted] = useState(status === "valid" ? "suspended" : "valid");
  const [reason, setReason] = useState("");
  return (
    <Shell
      label={<Trans>Changer l’état</Trans>}
      onSubmit={() => void onSend({ status: wanted, reason })}
      onCancel={onCancel}
    >
      <Choice label={t`État`} value={wanted} onChange={(event) => setWanted(event.target.value)}>
        {Object.entries(catalogue().vocabulary["title_status"] ?? {})
          .filter(([code]) => code !== status)
          .map(([code, text]) => (
            <option key={code} value={code}>
              {text}
            </option>
          ))}
      </Choice>
      <Field
        label={t`Motif`}
        value={reason}
        required
        autoFocus
        onChange={(event) => setReason(event.target.value)}
      />
      <p className="dim">
        <Trans>Qui tient un poste sous ce titre le garde jusqu’à la relève.</Trans>
      </p>
    </Shell>
  );
}
