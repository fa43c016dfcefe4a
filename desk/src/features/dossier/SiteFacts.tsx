import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { word } from "../../app/i18n";
import { phone } from "../../core/phone";
import { dayHour } from "../../core/time";
import { now } from "../../live/hooks";
import { AreaMark } from "./SiteStates";
import type { SiteFile } from "./siteFile";
import classes from "./site.module.css";

/** What one says of a site in a breath: where, armed or not, how it is reached, what is due to it. */
export function SiteFacts({ file }: { file: SiteFile }) {
  const { t } = useLingui();
  const { site } = file;
  const address = [site.street, [site.postcode, site.town].filter(Boolean).join(" ")]
    .filter(Boolean)
    .join(", ");
  return (
    <>
      <Alerts file={file} />
      <dl className={classes.facts}>
        <Fact label={t`Adresse`}>{address || <Trans>inconnue</Trans>}</Fact>
        {site.access ? <Fact label={t`Accès`}>{site.access}</Fact> : null}
        <Fact label={t`État`}>
          <Armed file={file} />
        </Fact>
        <Expected file={file} />
        {site.phone ? <Fact label={t`Téléphone du site`}>{phone(site.phone)}</Fact> : null}
        {site.call_back ? <Fact label={t`Notre n° de rappel`}>{phone(site.call_back)}</Fact> : null}
        <Fact label={t`Prestations`}>
          {site.services.map((service) => word("site_service", service)).join(", ") || (
            <Trans>aucune souscrite</Trans>
          )}
        </Fact>
        {site.competent ? <Fact label={t`FO compétente`}>{site.competent.name}</Fact> : null}
        {site.risks ? (
          <Fact label={t`Risques`}>
            <span className={classes.risk}>{site.risks}</span>
          </Fact>
        ) : null}
        {site.note ? <Fact label={t`À savoir`}>{site.note}</Fact> : null}
      </dl>
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What is not as usual here, before anything else is said on the telephone. */
function Alerts({ file }: { file: SiteFile }) {
  const { site } = file;
  const open = file.zones.filter((zone) => zone.state === "alarm").length;
  const lost = file.panels.flatMap((panel) => panel.paths).filter((path) => path.state === "lost").length;
  const said: ReactNode[] = [
    site.connection === "in_service" ? null : (
      <Trans key="connection">Raccordement {word("connection", site.connection)}</Trans>
    ),
    open > 0 ? plural(open, { one: "# point en alarme", other: "# points en alarme" }) : null,
    lost > 0 ? plural(lost, { one: "# voie perdue", other: "# voies perdues" }) : null,
    ...file.tests.map((test) => (
      <Trans key={test.id}>En essai jusqu’à {dayHour(test.until, site.timezone, now())}</Trans>
    )),
    site.unjustified_30d > 0
      ? plural(site.unjustified_30d, {
          one: "# alarme injustifiée en 30 j",
          other: "# alarmes injustifiées en 30 j",
        })
      : null,
  ].filter((each) => each !== null);
  return said.length === 0 ? null : (
    <div role="status">
      <ul className={classes.alerts}>
        {said.map((each, index) => (
          // The order is fixed and nothing in it holds a state.
          <li key={index}>{each}</li>
        ))}
      </ul>
    </div>
  );
}

/** One area by its name; several by how many stand how. */
function Armed({ file }: { file: SiteFile }) {
  const { t } = useLingui();
  const { areas, site } = file;
  const [only] = areas;
  if (only === undefined) {
    return <Trans>en/hors service : inconnu</Trans>;
  }
  if (areas.length === 1) {
    return <AreaMark area={only} zone={site.timezone} />;
  }
  const armed = areas.filter((area) => area.armed === true).length;
  const off = areas.filter((area) => area.armed === false).length;
  const unknown = areas.length - armed - off;
  const parts = [
    armed > 0 ? plural(armed, { one: "# secteur en service", other: "# secteurs en service" }) : null,
    off > 0 ? t`${off} hors service` : null,
    unknown > 0
      ? plural(unknown, { one: "# secteur d’état inconnu", other: "# secteurs d’état inconnu" })
      : null,
  ];
  return <b>{parts.filter(Boolean).join(", ")}</b>;
}

function Expected({ file }: { file: SiteFile }) {
  const { t } = useLingui();
  if (file.schedule.length === 0) {
    return null;
  }
  const periods = file.schedule.map(
    ({ days, start, end }) => `${daysText(days, t`tous les jours`)} ${start}–${end}`,
  );
  return (
    <Fact label={t`Attendu en service`}>
      {periods.join(" ; ")}{" "}
      <b>{file.closed_now ? <Trans>(oui à cette heure)</Trans> : <Trans>(non à cette heure)</Trans>}</b>
    </Fact>
  );
}

const WEEK = 7;

function daysText(days: readonly number[], every: string): string {
  if (days.length === WEEK) {
    return every;
  }
  const names = days.map((day) => word("weekday", String(day)));
  const inARow =
    days.length > 2 && days.every((day, place) => place === 0 || day === (days[place - 1] ?? 0) + 1);
  return inARow ? `${names[0]}–${names.at(-1)}` : names.join(", ");
}
