import { Trans, useLingui } from "@lingui/react/macro";
import { sentence, word } from "../../app/i18n";
import type { Dossier, SignalLine } from "../../core/dossier";
import { clockTime } from "../../core/time";
import { followed, isOwn, LONG, offset } from "../../core/signals";
import { Heading } from "../../ui/parts";
import { cameBy, doubt, fieldText, signalWords } from "./words";
import classes from "./dossier.module.css";
import shapes from "./signals.module.css";

/** The site's signals and the dossier's own story, newest first. */
export function SignalsPane({ dossier }: { dossier: Dossier }) {
  const { t } = useLingui();
  const zone = dossier.site.timezone;
  const own = dossier.signals.filter(isOwn);
  const others = dossier.signals.filter((signal) => !isOwn(signal));
  return (
    <div className={classes.columns}>
      <section className={classes.procedure} aria-label={t`Signaux`}>
        <Heading aside={own.length > 0 ? String(own.length) : null}>
          <Trans>Signaux du dossier</Trans>
        </Heading>
        <Lines of={own} zone={zone} />
        {own.length === 0 ? (
          <p className="dim">
            <Trans>Aucun signal : ce dossier a été ouvert sans trame.</Trans>
          </p>
        ) : null}
        {others.length > 0 ? (
          <>
            <Heading aside={String(others.length)}>
              <Trans>Autres signaux du site</Trans>
            </Heading>
            <Lines of={others} zone={zone} />
          </>
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

function Lines({ of, zone }: { of: readonly SignalLine[]; zone: string }) {
  return of.map((signal, place) => (
    // Counted from the oldest: what is unfolded stays so when another comes. A frame may say several events.
    <Line key={`${signal.id}-${of.length - place}`} signal={signal} zone={zone} />
  ));
}

function Line({ signal, zone }: { signal: SignalLine; zone: string }) {
  const against = doubt(signal);
  return (
    <div className={classes.line} data-verdict={signal.verdict}>
      <time>{clockTime(signal.received_at, zone)}</time>
      <div>
        {against !== null ? <i className={shapes.doubt}>{against}</i> : null}
        <b>{signalWords(signal)}</b>
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
        {signal.drift !== null && signal.verdict !== "stale" ? (
          <span className={shapes.drift}>
            {" · "}
            <Trans>horloge du transmetteur : {offset(signal.drift)}</Trans>
          </span>
        ) : null}
        {signal.details.length > 0 ? <Details signal={signal} /> : null}
      </div>
    </div>
  );
}

/** What the frame carried beside its event. It is a stranger's text: isolated, and a link only where it may be one. */
function Details({ signal }: { signal: SignalLine }) {
  return (
    <dl className={shapes.details}>
      {signal.details.map(({ code, value }, place) => (
        <div key={place}>
          <dt>{fieldText(code)}</dt>
          <dd>
            <Value value={value} href={code === "V" ? followed(value, signal.verdict) : null} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value, href }: { value: string; href: string | null }) {
  if (href !== null) {
    return (
      <a href={href} target="_blank" rel="noreferrer noopener">
        {value}
      </a>
    );
  }
  if (value.length > LONG) {
    return (
      <details>
        <summary>
          <bdi>{value.slice(0, LONG)}…</bdi>
        </summary>
        <bdi>{value}</bdi>
      </details>
    );
  }
  return <bdi>{value}</bdi>;
}
