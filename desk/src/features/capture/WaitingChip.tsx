import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { catalogue, zone } from "../../app/i18n";
import { renderError } from "../../core/render";
import { clockTime } from "../../core/time";
import type { Waiting } from "../../core/waiting";
import { Button } from "../../ui/Button";
import classes from "./capture.module.css";
import { restoreDraft } from "./drafts";
import { focusCapture } from "./focus";
import { waiting, withdraw } from "./waiting";

/** How many entries wait for the server, and those it refused: nothing typed is lost. */
export function WaitingChip() {
  const { t } = useLingui();
  const held = useSyncExternalStore(waiting.subscribe, waiting.get);
  const refused = held.filter((entry) => entry.refused !== null);
  const queued = held.length - refused.length;
  return (
    <>
      {refused.length > 0 ? (
        <ul className={classes.refused} aria-label={t`Saisies refusées`}>
          {refused.map((entry) => (
            <Refused key={entry.key} entry={entry} />
          ))}
        </ul>
      ) : null}
      <span role="status" className={queued > 0 ? classes.waiting : ""}>
        {queued > 0 ? <Plural value={queued} one="# saisie en attente" other="# saisies en attente" /> : null}
      </span>
    </>
  );
}

function Refused({ entry }: { entry: Waiting }) {
  const takeBack = (): void => {
    restoreDraft("room", entry.text, entry.firstKey);
    withdraw(entry);
    focusCapture();
  };
  return (
    <li>
      <time>{clockTime(entry.firstKey, zone.get())}</time>
      <q>{entry.text}</q>
      <span className="late">{renderError(catalogue(), entry.refused ?? "", {}, zone.get())}</span>
      <Button onClick={takeBack}>
        <Trans>Reprendre dans la barre</Trans>
      </Button>
    </li>
  );
}
