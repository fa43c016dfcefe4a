import { Trans } from "@lingui/react/macro";
import { word, zone } from "../../app/i18n";
import { hourMinute } from "../../core/time";
import { Heading } from "../../ui/parts";
import type { TroubleView } from "./frames";
import classes from "./monitor.module.css";

const SHOWN = 8;

/** What reception refused in the last minutes: bad check, unknown key, noise. */
export function Troubles({ troubles }: { troubles: readonly TroubleView[] }) {
  if (troubles.length === 0) {
    return null;
  }
  return (
    <section className={classes.ghosts}>
      <Heading>
        <Trans>Refusé par la réception · {troubles.length}</Trans>
      </Heading>
      <ul>
        {troubles.slice(0, SHOWN).map((trouble) => (
          <li key={`${trouble.line} ${trouble.peer} ${trouble.kind} ${trouble.minute}`}>
            <b>{word("trouble", trouble.kind)}</b>
            <span className="dim">
              <Trans>
                {hourMinute(trouble.minute, zone.get())} · ligne {trouble.line} · {trouble.peer} ·{" "}
                {trouble.count} fois
              </Trans>
              {trouble.account ? ` · ${trouble.account}` : ""}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
