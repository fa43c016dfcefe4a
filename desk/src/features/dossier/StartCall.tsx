import { Trans, useLingui } from "@lingui/react/macro";
import { keyOf, runningCall, unsettledCalls, type Dossier, type StepView } from "../../core/dossier";
import { phone } from "../../core/phone";
import { Button } from "../../ui/Button";
import { setUi } from "../shell/ui";
import { useCardKeys } from "./cardKeys";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

const KEY = keyOf(0);

interface Props {
  step: StepView;
  dossier: Dossier;
  send: Send;
  /** Its step is in front: the first function key starts the call. */
  keyed: boolean;
}

/** Who to call for this step; one call at a time. Other people are on the site's file, one key away. */
export function StartCall({ step, dossier, send, keyed }: Props) {
  const { t } = useLingui();
  const busy = runningCall(dossier) !== null;
  const ofSite = step.act === "call_site";
  const next = dossier.next_call;
  const possible = !busy && (ofSite ? dossier.site.phone !== null : next !== null);
  const start = (): void =>
    void send(
      "calls",
      ofSite
        ? { target: "site", step_key: step.key }
        : { target: "contact", contact_id: next?.contact_id, number: next?.number, step_key: step.key },
    );
  const hotkey = keyed && possible ? KEY : null;
  useCardKeys(hotkey ? [{ key: hotkey, label: t`Appeler`, perform: start }] : []);
  if (ofSite) {
    return (
      <div className={classes.acts}>
        <Button tone="go" disabled={!possible} hotkey={hotkey} onClick={start}>
          <Trans>Appeler le site</Trans> {dossier.site.phone ? phone(dossier.site.phone) : ""}
        </Button>
        {dossier.site.phone === null ? (
          <span className="dim">
            <Trans>La fiche ne porte pas de numéro du site.</Trans>
          </span>
        ) : null}
      </div>
    );
  }
  return (
    <div className={classes.acts}>
      {next ? (
        <>
          <Button tone={next.available ? "go" : "normal"} disabled={busy} hotkey={hotkey} onClick={start}>
            <Trans>Appeler {next.name}</Trans> {phone(next.number)}
          </Button>
          <span className="dim">
            {next.role ? `${next.role} · ` : ""}
            {next.available ? <Trans>joignable maintenant</Trans> : <Trans>hors de ses heures</Trans>}
          </span>
        </>
      ) : unsettledCalls(dossier).length > 0 ? (
        <span className="dim">
          <Trans>Résultat en attente : la suite se propose dans quelques secondes.</Trans>
        </span>
      ) : (
        <span className="dim">
          <Trans>
            Plus aucun destinataire à appeler : tous les numéros ont été essayés ou aucun n’est inscrit.
          </Trans>
        </span>
      )}
      <Button tone="plain" hotkey="Digit4" onClick={() => setUi({ pane: 4 })}>
        <Trans>Autre personne</Trans>
      </Button>
    </div>
  );
}
