import { Trans, useLingui } from "@lingui/react/macro";
import { sentence, word } from "../../app/i18n";
import type { Dossier, SignalLine } from "../../core/dossier";
import { clockTime } from "../../core/time";
import { Heading } from "../../ui/parts";
import { cameBy, eventWords } from "./words";
import classes from "./dossier.module.css";

/** The site's signals and the dossier's own story, newest first. */
export function SignalsPane({ dossier }: { dossier: Dossier }) {
  const { t } = useLingui();
  const zone = dossier.site.timezone;
  return (
    <div className={classes.columns}>
      <section className={classes.procedure} aria-label={t`Signaux`}>
        <Heading>
          <Trans>Signaux du dossier</Trans>
        </Heading>
        {dossier.signals.map((signal) => (
          <Line key={signal.id} signal={signal} zone={zone} />
        ))}
        {dossier.signals.length === 0 ? (
          <p className="dim">
            <Trans>Aucun signal : ce dossier a été ouvert sans trame.</Trans>
          </p>
        ) : null}
      </section>
      <section className={classes.side} aria-label={t`Déroulé`}>
        <Heading>
          <Trans>Déroulé</Trans>
        </Heading>
        {dossier.entries.map((entry) => (
          <div key={entry.id} className={classes.line}>
            <time>{clockTime(entry.happened_at, zone)}</time>
            <span>{sentence(entry)}</span>
          </div>
        ))}
      </section>
    </div>
  );
}

function Line({ signal, zone }: { signal: SignalLine; zone: string }) {
  return (
    <div className={classes.line}>
      <time>{clockTime(signal.received_at, zone)}</time>
      <span>
        <b>{eventWords(signal.event)}</b>
        <span className="dim">
          {" · "}
          {word("signal_role", signal.role)}
          {` · ${cameBy(signal)}`}
          {signal.copies > 0 ? (
            <>
              {" · "}
              <Trans>reçu {signal.copies + 1} fois</Trans>
            </>
          ) : null}
        </span>
      </span>
    </div>
  );
}
