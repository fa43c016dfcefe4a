import { Trans } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { day } from "../../core/time";
import { now } from "../../live/hooks";
import type { CameraFile } from "./cameraFile";
import { daysLeft } from "./filter";
import classes from "./cameras.module.css";

/** The préfet's authorisation: its number, its end, what it allows. */
export function Paper({ file }: { file: CameraFile }) {
  const paper = file.authorisation_file;
  const left = daysLeft(paper?.expires_on ?? null, now());
  return (
    <section className={classes.card} aria-labelledby="camera-paper">
      <h2 id="camera-paper">
        <Trans>Autorisation</Trans>
      </h2>
      {paper === null ? (
        <p className="dim">
          {file.regime.startsWith("public") ? (
            <Trans>Aucune autorisation : cette caméra ne peut ni montrer ni enregistrer (L252-1).</Trans>
          ) : (
            <Trans>Lieu privé : pas d’autorisation préfectorale.</Trans>
          )}
        </p>
      ) : (
        <dl className={classes.facts}>
          <dt>
            <Trans>Système</Trans>
          </dt>
          <dd>{paper.system}</dd>
          <dt>
            <Trans>Arrêté</Trans>
          </dt>
          <dd>
            {paper.number} · {paper.authority}
          </dd>
          <dt>
            <Trans>Fin</Trans>
          </dt>
          <dd className={left !== null && left < 90 ? (left < 0 ? "late" : "soon") : ""}>
            {day(paper.expires_on)} · {word("authorisation_stage", paper.stage)}
          </dd>
          <dt>
            <Trans>Finalités</Trans>
          </dt>
          <dd>{paper.purposes.map((each) => word("camera_purpose", each)).join(", ")}</dd>
          <dt>
            <Trans>Conservation</Trans>
          </dt>
          <dd>
            <Trans>{paper.retention_days} jours au plus</Trans>
          </dd>
        </dl>
      )}
    </section>
  );
}
