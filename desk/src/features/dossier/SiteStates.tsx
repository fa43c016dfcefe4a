import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { AreaState } from "../../core/dossier";
import { dayHour } from "../../core/time";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Heading } from "../../ui/parts";
import type { SiteFile, SitePanel, SiteZone } from "./siteFile";
import classes from "./site.module.css";

/** A shape beside each state, never colour alone (U4): full for armed, half, hollow, a question. */
const SHAPES = { armed: "●", partial: "◐", off: "○", unknown: "?" };

export function AreaMark({ area, zone }: { area: AreaState; zone: string }) {
  const { t } = useLingui();
  if (area.armed === null) {
    return (
      <span className="dim">
        {SHAPES.unknown} <Trans>en/hors service : inconnu</Trans>
      </span>
    );
  }
  const [shape, words] = area.armed
    ? area.partial
      ? [SHAPES.partial, t`en service partiel`]
      : [SHAPES.armed, t`en service`]
    : [SHAPES.off, t`hors service`];
  const since = area.armed_since ? dayHour(area.armed_since, zone, now()) : null;
  return (
    <span>
      <span aria-hidden="true">{shape}</span> <b>{words}</b>{" "}
      <span className="dim">
        {since ? <Trans>depuis {since}</Trans> : null}
        {area.armed_by ? ` · ${t`utilisateur ${area.armed_by}`}` : ""}
      </span>
    </span>
  );
}

/** Areas, armed or not and since when. */
export function Areas({ file }: { file: SiteFile }) {
  const { t } = useLingui();
  if (file.areas.length === 0) {
    return null;
  }
  return (
    <section aria-label={t`Secteurs`}>
      <Heading>
        <Trans>Secteurs</Trans>
      </Heading>
      <table className={classes.table}>
        <tbody>
          {file.areas.map((area) => (
            <tr key={area.number}>
              <th scope="row">
                <b>{area.number}</b> {area.name ?? ""}
              </th>
              <td>
                <AreaMark area={area} zone={file.site.timezone} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Points at rest that are shown before one asks for them all. */
const AT_REST = 8;
const ABNORMAL: Record<string, string> = { alarm: "▲", fault: "◆", bypassed: "⊘" };

/** What is not normal first; then the rest, a few until one asks. */
export function Zones({ file }: { file: SiteFile }) {
  const { t } = useLingui();
  const [all, setAll] = useState(false);
  const isLoud = (zone: SiteZone): boolean => zone.state in ABNORMAL && zone.normal_at === null;
  const loud = file.zones.filter(isLoud);
  const rest = file.zones
    .filter((zone) => !isLoud(zone))
    .sort((a, b) => Number(b.normal_at !== null) - Number(a.normal_at !== null));
  const hidden = all ? 0 : Math.max(0, rest.length - AT_REST);
  return (
    <section aria-label={t`Points`}>
      <Heading aside={String(file.zones.length)}>
        <Trans>Points</Trans>
      </Heading>
      {file.zones.length === 0 ? (
        <p className="dim">
          <Trans>Aucun point connu : chacun s’inscrit quand il parle pour la première fois.</Trans>
        </p>
      ) : null}
      <table className={classes.table}>
        <tbody>
          {[...loud, ...rest.slice(0, rest.length - hidden)].map((zone) => (
            <Point key={zone.id} zone={zone} at={file.site.timezone} />
          ))}
        </tbody>
      </table>
      {hidden > 0 ? (
        <Button tone="plain" onClick={() => setAll(true)}>
          <Trans>Voir les {hidden} autres points</Trans>
        </Button>
      ) : null}
    </section>
  );
}

function Point({ zone, at }: { zone: SiteZone; at: string }) {
  const shape = zone.normal_at === null ? ABNORMAL[zone.state] : undefined;
  return (
    <tr>
      <th scope="row">
        <b>{zone.number}</b> {zone.name ?? ""}{" "}
        <span className="dim">
          {[zone.kind ? word("category", zone.kind) : null, zone.area ? `S${zone.area}` : null]
            .filter(Boolean)
            .join(" · ")}{" "}
          {zone.discovered ? <Trans>· découvert</Trans> : null}
        </span>
      </th>
      <td>
        {zone.normal_at === null ? null : (
          <>
            <Trans>
              constaté normal {dayHour(zone.normal_at, at, now())}, par {word("normal_by", zone.normal_by)}
            </Trans>
            {" · "}
            <Trans>d’après la centrale :</Trans>{" "}
          </>
        )}
        {shape ? (
          <b className={classes.loud}>
            <span aria-hidden="true">{shape}</span> {word("zone_state", zone.state)}
          </b>
        ) : (
          word("zone_state", zone.state)
        )}{" "}
        <span className="dim">
          {zone.state_since ? <Trans>depuis {dayHour(zone.state_since, at, now())}</Trans> : null}
        </span>
      </td>
    </tr>
  );
}

/** Panels and their paths, with the age of what is known. */
export function Panels({ file }: { file: SiteFile }) {
  const { t } = useLingui();
  return (
    <section aria-label={t`Centrale et voies`}>
      <Heading>
        <Trans>Centrale et voies</Trans>
      </Heading>
      <table className={classes.table}>
        <tbody>
          {file.panels.map((panel) => (
            <tr key={panel.id}>
              <th scope="row">
                <Trans>Transmetteur</Trans> <b>{panel.account}</b>{" "}
                <span className="dim">
                  {[panel.line, panel.model].filter(Boolean).join(" · ")}{" "}
                  {panel.encrypted ? <Trans>chiffré</Trans> : <Trans>en clair</Trans>}
                </span>
              </th>
              <td>
                {panel.paths.map((path) => (
                  <Path key={path.name} path={path} zone={file.site.timezone} />
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Path({ path, zone }: { path: SitePanel["paths"][number]; zone: string }) {
  const lost = path.state === "lost";
  const state = path.state === "unknown" && path.last_seen ? "up" : path.state;
  return (
    <div>
      {path.name} :{" "}
      <b className={lost ? classes.loud : undefined}>
        {lost ? <span aria-hidden="true">▲ </span> : null}
        {word("path_state", state)}
      </b>{" "}
      <span className="dim">
        {path.state_since ? <Trans>depuis {dayHour(path.state_since, zone, now())}</Trans> : null}{" "}
        {path.last_seen ? <Trans>· entendue à {dayHour(path.last_seen, zone, now())}</Trans> : null}{" "}
        {path.interval ? <Trans>· attendue toutes les {path.interval} s</Trans> : null}
      </span>
    </div>
  );
}
