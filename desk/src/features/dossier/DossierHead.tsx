import { Trans } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import type { IncidentRow } from "../../core/views";
import { PriorityMark } from "../../ui/PriorityMark";
import classes from "./dossier.module.css";

export function DossierHead({ row }: { row: IncidentRow }) {
  return (
    <header className={classes.head}>
      <h1>
        <PriorityMark band={row.band} size={26} />
        {row.site.name}
        <span className={classes.reference}>
          <Trans>
            dossier {row.reference} · P{row.priority} {word("category", row.category)}
          </Trans>
        </span>
      </h1>
    </header>
  );
}
