import { Trans } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { engaged, type Dossier, type StepView } from "../../core/dossier";
import { phone } from "../../core/phone";
import { Button } from "../../ui/Button";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** Who may go, nearest first; the agent leaves while the calls go on. */
export function SendAgent({ step, dossier, send }: { step: StepView | null; dossier: Dossier; send: Send }) {
  if (dossier.responders.length === 0) {
    return (
      <p className="dim">
        <Trans>Aucun intervenant n’est inscrit pour ce site.</Trans>
      </p>
    );
  }
  const busy = engaged(dossier) !== null;
  return (
    <ul className={classes.people}>
      {dossier.responders.slice(0, 4).map((responder) => (
        <li key={responder.id}>
          <span>
            <b>{responder.name}</b>
            {responder.firm ? <span className="dim"> · {responder.firm}</span> : null}
            <br />
            <span className="dim">
              {responder.minutes === null ? null : <Trans>{responder.minutes} min au contrat</Trans>}
              {responder.keys ? ` · ${responder.keys}` : ""} · {phone(responder.phone)}
              {responder.asked ? ` · ${word("intervention_state", responder.asked)}` : ""}
            </span>
          </span>
          <Button
            disabled={busy}
            onClick={() =>
              void send("interventions", { responder_id: responder.id, step_key: step?.key ?? null })
            }
          >
            <Trans>Demander</Trans>
          </Button>
        </li>
      ))}
    </ul>
  );
}
