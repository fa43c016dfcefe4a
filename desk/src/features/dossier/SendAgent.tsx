import { Trans, useLingui } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { engaged, keyOf, type Dossier, type StepView } from "../../core/dossier";
import { phone } from "../../core/phone";
import { Button } from "../../ui/Button";
import { useCardKeys } from "./cardKeys";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** Who may go, nearest first; the agent leaves while the calls go on. */
export function SendAgent(props: { step: StepView; dossier: Dossier; send: Send; keyed: boolean }) {
  const { step, dossier, send, keyed } = props;
  const { t } = useLingui();
  const busy = engaged(dossier) !== null;
  const shown = dossier.responders.slice(0, 4);
  const ask = (id: number): void => void send("interventions", { responder_id: id, step_key: step.key });
  const hotkey = (index: number): string | null => (keyed && !busy ? keyOf(index) : null);
  useCardKeys(
    shown.flatMap((responder, index) => {
      const key = hotkey(index);
      return key
        ? [{ key, label: `${t`Demander`} ${responder.name}`, perform: () => ask(responder.id) }]
        : [];
    }),
  );
  if (dossier.responders.length === 0) {
    return (
      <p className="dim">
        <Trans>Aucun intervenant n’est inscrit pour ce site.</Trans>
      </p>
    );
  }
  return (
    <ul className={classes.people}>
      {shown.map((responder, index) => (
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
          <Button disabled={busy} hotkey={hotkey(index)} onClick={() => ask(responder.id)}>
            <Trans>Demander</Trans>
          </Button>
        </li>
      ))}
    </ul>
  );
}
