import { Trans, useLingui } from "@lingui/react/macro";
import { word, zone } from "../../app/i18n";
import { offset } from "../../core/signals";
import { hourMinute } from "../../core/time";
import { Heading } from "../../ui/parts";
import { Few } from "./Few";
import type { TroubleView } from "./frames";
import classes from "./monitor.module.css";

/** What reception refused or marked in the last minutes: bad check, unknown key, wrong clock, noise. */
export function Troubles({ troubles }: { troubles: readonly TroubleView[] }) {
  const { t } = useLingui();
  if (troubles.length === 0) {
    return null;
  }
  return (
    <section className={classes.ghosts}>
      <Heading>
        <Trans>Refusé ou douteux à la réception · les plus récents</Trans>
      </Heading>
      <Few
        label={t`Refusé ou douteux à la réception`}
        items={troubles.map((trouble) => (
          <Trouble key={Object.values(trouble).slice(0, 5).join(" ")} trouble={trouble} />
        ))}
      />
    </section>
  );
}

function Trouble({ trouble }: { trouble: TroubleView }) {
  const { t } = useLingui();
  return (
    <li>
      <b>{word("trouble", trouble.kind)}</b>
      <span className="dim">
        <Trans>
          {hourMinute(trouble.minute, zone.get())} · ligne {trouble.line} · {trouble.peer} · {trouble.count}{" "}
          fois
        </Trans>
        {trouble.others ? ` · ${t`d’autres comptes`}` : trouble.account ? ` · ${trouble.account}` : ""}
        {trouble.drift === null ? null : (
          <span className={classes.doubt}> · {t`écart d’horloge ${offset(trouble.drift)}`}</span>
        )}
      </span>
    </li>
  );
}
