import { Trans } from "@lingui/react/macro";
import classes from "./dossier.module.css";

/** The printed report, in its three renderings. */
export function Reports({ id }: { id: number }) {
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
