import { Trans, useLingui } from "@lingui/react/macro";
import type { ReportView } from "../../core/dossier";
import { say } from "./say";
import classes from "./dossier.module.css";

/** The printed report, in its three renderings; one that may not leave now is greyed, with its reason (P1). */
export function Reports({ id, reports }: { id: number; reports: ReportView[] }) {
  const { t } = useLingui();
  const words = { customer: t`abonné`, prefect: t`préfet`, internal: t`interne` };
  const locked = reports.find((report) => report.locked !== null)?.locked ?? null;
  return (
    <span className={classes.reports}>
      <Trans>Compte rendu</Trans> :
      {reports.map(({ audience, locked: why }) =>
        why === null ? (
          <a
            key={audience}
            href={`/api/incidents/${id}/report?for=${audience}`}
            target="_blank"
            rel="noreferrer"
          >
            {words[audience]}
          </a>
        ) : (
          <span key={audience} className={classes.withheld} aria-disabled="true" title={say(why)}>
            {words[audience]}
          </span>
        ),
      )}
      {locked ? <span className={classes.locked}> {say(locked)}</span> : null}
    </span>
  );
}
