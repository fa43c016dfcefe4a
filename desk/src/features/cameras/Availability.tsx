import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { word } from "../../app/i18n";
import { useMe } from "../../app/session";
import { age, day, dateTime } from "../../core/time";
import { now, useSecond } from "../../live/hooks";
import { Field, Problem } from "../../ui/parts";
import { lastDays, share, type CameraTimes } from "./availability";
import classes from "./cameras.module.css";

/** Days shown at first: as long as images are kept at most. */
const SHOWN_DAYS = 30;
/** The worst gaps that the card names; the page to print has them all. */
const WORST = 5;

/** What was recorded of what was due, of one camera or of all: figures, the worst gaps, the page to print. */
export function Availability({ camera }: { camera?: number }) {
  // Without the centre's hour there are no «last days» yet.
  const known = useSecond() !== 0;
  return known ? <Period {...(camera === undefined ? {} : { camera })} /> : null;
}

function Period({ camera }: { camera?: number }) {
  const { t } = useLingui();
  const me = useMe();
  const [period, setPeriod] = useState(() => lastDays(now(), SHOWN_DAYS, me.centre.timezone));
  const may = me.abilities.includes("availability.read");
  const query = `from=${period.from}&to=${period.to}${camera === undefined ? "" : `&camera=${camera}`}`;
  const whole = period.from !== "" && period.to !== "";
  const read = useQuery({
    queryKey: ["availability", query],
    queryFn: () => api.get<CameraTimes>(`/api/cameras/availability?${query}`),
    enabled: may && whole && camera !== undefined,
  });
  if (!may) {
    return null;
  }
  return (
    <section className={classes.card} aria-labelledby="camera-availability">
      <h2 id="camera-availability">
        <Trans>Disponibilité</Trans>
      </h2>
      <div className={classes.row}>
        <Field
          label={t`Du`}
          type="date"
          value={period.from}
          onChange={(event) => setPeriod({ ...period, from: event.target.value })}
        />
        <Field
          label={t`Au`}
          type="date"
          value={period.to}
          onChange={(event) => setPeriod({ ...period, to: event.target.value })}
        />
        {whole ? (
          <a href={`/api/cameras/availability/report?${query}`} target="_blank" rel="noreferrer">
            <Trans>Page à imprimer</Trans>
          </a>
        ) : null}
      </div>
      {read.error ? <Problem of={read.error} /> : null}
      {read.data ? <Figures of={read.data} zone={me.centre.timezone} /> : null}
    </section>
  );
}

function Figures({ of, zone }: { of: CameraTimes; zone: string }) {
  const { t } = useLingui();
  const [one] = of.cameras;
  if (one === undefined) {
    return (
      <p className="dim">
        <Trans>Rien n’est enregistré de cette caméra : ses images sont demandées ou reçues.</Trans>
      </p>
    );
  }
  const worst = [...one.gaps].sort((a, b) => b.seconds - a.seconds).slice(0, WORST);
  return (
    <>
      <p>
        {one.rate === null ? (
          <Trans>Rien de mesuré dans cette période.</Trans>
        ) : (
          <>
            <b>{share(one.rate)}</b> <Trans>du temps dû</Trans>
          </>
        )}
        {one.since === null ? null : (
          <span className="dim">
            {" · "}
            {t`mesuré depuis le ${dateTime(one.since, zone)}, sans le dernier quart d’heure`}
          </span>
        )}
      </p>
      <ul className={classes.lines}>
        {worst.map((gap) => (
          <li key={gap.since}>
            <b>{age(gap.seconds)}</b> · {word("camera_gap", gap.reason)} ·{" "}
            <span className="dim">{dateTime(gap.since, zone)}</span>
          </li>
        ))}
        {one.days
          .filter((each) => each.rate !== null && each.rate < 1)
          .map((each) => (
            <li key={each.day} className="dim">
              {day(each.day)} : {share(each.rate)}
            </li>
          ))}
      </ul>
    </>
  );
}
