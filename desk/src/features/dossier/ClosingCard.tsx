import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { Dossier } from "../../core/dossier";
import { Button } from "../../ui/Button";
import { Choice, Field, Heading } from "../../ui/parts";
import { say } from "./say";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** Closing: what still stands in the way, then the cause. */
export function ClosingCard({ dossier, send }: { dossier: Dossier; send: Send }) {
  const { t } = useLingui();
  const { blockers } = dossier.closing;
  return (
    <section className={classes.card} aria-label={t`Clôture`}>
      <Heading aside={<Reports id={dossier.row.id} />}>
        <Trans>Clôture</Trans>
      </Heading>
      {blockers.length > 0 ? (
        <ul className={classes.blockers}>
          {blockers.map((blocker) => (
            <li key={blocker.code + JSON.stringify(blocker.params)}>{say(blocker)}</li>
          ))}
        </ul>
      ) : null}
      {dossier.abilities.includes("close") ? <Close dossier={dossier} send={send} /> : null}
    </section>
  );
}

function Close({ dossier, send }: { dossier: Dossier; send: Send }) {
  const { t } = useLingui();
  const [outcome, setOutcome] = useState("");
  const [note, setNote] = useState("");
  const groups = [...new Set(dossier.closing.outcomes.map((each) => each.group))];
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    void send("close", { outcome, note: note || null });
  };
  const locked = dossier.closing.outcomes.find((each) => each.key === outcome)?.locked ?? null;
  return (
    <form className={classes.form} onSubmit={submit}>
      <Choice label={t`Cause`} required value={outcome} onChange={(event) => setOutcome(event.target.value)}>
        <option value="">{t`Choisir la cause…`}</option>
        {groups.map((group) => (
          <optgroup key={group} label={word("outcome_group", group)}>
            {dossier.closing.outcomes
              .filter((each) => each.group === group)
              .map((each) => (
                <option key={each.key} value={each.key} disabled={each.locked !== null}>
                  {word("outcome", each.label)}
                </option>
              ))}
          </optgroup>
        ))}
      </Choice>
      <Field label={t`Conclusion`} value={note} onChange={(event) => setNote(event.target.value)} />
      {locked ? <p className={classes.locked}>{say(locked)}</p> : null}
      <Button type="submit" tone="go" disabled={outcome === "" || dossier.closing.blockers.length > 0}>
        <Trans>Clôturer</Trans>
      </Button>
    </form>
  );
}

function Reports({ id }: { id: number }) {
  const to = (whom: string): string => `/api/incidents/${id}/report?for=${whom}`;
  return (
    <span className={classes.reports}>
      <Trans>Compte rendu</Trans> :{" "}
      <a href={to("customer")} target="_blank" rel="noreferrer">
        <Trans>abonné</Trans>
      </a>{" "}
      <a href={to("prefect")} target="_blank" rel="noreferrer">
        <Trans>préfet</Trans>
      </a>{" "}
      <a href={to("internal")} target="_blank" rel="noreferrer">
        <Trans>interne</Trans>
      </a>
    </span>
  );
}
