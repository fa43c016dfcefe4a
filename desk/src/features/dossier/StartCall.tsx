import { Trans } from "@lingui/react/macro";
import { runningCall, type Dossier, type StepView } from "../../core/dossier";
import { phone } from "../../core/phone";
import { Button } from "../../ui/Button";
import { setUi } from "../shell/ui";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** Who to call for this step; one call at a time. Other people are on the site's file, one key away. */
export function StartCall({ step, dossier, send }: { step: StepView; dossier: Dossier; send: Send }) {
  const busy = runningCall(dossier) !== null;
  if (step.act === "call_site") {
    return (
      <div className={classes.acts}>
        <Button
          tone="go"
          disabled={busy || dossier.site.phone === null}
          onClick={() => void send("calls", { target: "site", step_key: step.key })}
        >
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
  const next = dossier.next_call;
  return (
    <div className={classes.acts}>
      {next ? (
        <>
          <Button
            tone={next.available ? "go" : "normal"}
            disabled={busy}
            onClick={() =>
              void send("calls", {
                target: "contact",
                contact_id: next.contact_id,
                number: next.number,
                step_key: step.key,
              })
            }
          >
            <Trans>Appeler {next.name}</Trans> {phone(next.number)}
          </Button>
          <span className="dim">
            {next.role ? `${next.role} · ` : ""}
            {next.available ? <Trans>joignable maintenant</Trans> : <Trans>hors de ses heures</Trans>}
          </span>
        </>
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
