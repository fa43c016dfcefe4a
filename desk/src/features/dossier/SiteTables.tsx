import { Trans } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { hourMinute } from "../../core/time";
import { Heading } from "../../ui/parts";
import type { SiteFile } from "./siteFile";
import classes from "./dossier.module.css";

/** The enseigne whose contacts, consignes and procedures apply here, but for the named exceptions (need 6). */
export function Brand({ file }: { file: SiteFile }) {
  if (file.brand === null) {
    return null;
  }
  const left = file.brand_exceptions.map(({ kind, name }) => `${word("brand_kind", kind)} ${name}`);
  return (
    <p className="dim">
      <Trans>Enseigne {file.brand} : ses destinataires, consignes et procédures valent ici</Trans>
      {left.length > 0 ? (
        <>
          , <Trans>sauf {left.join(", ")}</Trans>
        </>
      ) : null}
    </p>
  );
}

/** Panels and their paths, with the age of what is known. */
export function Panels({ file }: { file: SiteFile }) {
  return (
    <>
      <Heading>
        <Trans>Centrale et voies</Trans>
      </Heading>
      <table className={classes.table}>
        <tbody>
          {file.panels.map((panel) => (
            <tr key={panel.id}>
              <td>
                <Trans>Transmetteur</Trans> <b>{panel.account}</b>{" "}
                <span className="dim">
                  {panel.line ?? ""} {panel.encrypted ? <Trans>chiffré</Trans> : <Trans>en clair</Trans>}
                </span>
              </td>
              <td>
                {panel.paths.map((path) => (
                  <div key={path.name}>
                    {path.name} :{" "}
                    <b>
                      {word("path_state", path.state === "unknown" && path.last_seen ? "up" : path.state)}
                    </b>{" "}
                    <span className="dim">
                      {path.last_seen ? (
                        <Trans>vu à {hourMinute(path.last_seen, file.site.timezone)}</Trans>
                      ) : null}
                    </span>
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Points by area, their state and its age. */
export function Zones({ file }: { file: SiteFile }) {
  return (
    <>
      <Heading>
        <Trans>Points</Trans>
      </Heading>
      <table className={classes.table}>
        <tbody>
          {file.zones.map((zone) => (
            <tr key={zone.id}>
              <td>
                <b>{zone.number}</b> {zone.name ?? ""}{" "}
                <span className="dim">
                  {zone.area ? <Trans>secteur {zone.area}</Trans> : null}{" "}
                  {zone.discovered ? <Trans>découvert</Trans> : null}
                </span>
              </td>
              <td>{zone.kind ? word("category", zone.kind) : ""}</td>
              <td>
                {word("zone_state", zone.state)}{" "}
                <span className="dim">
                  {zone.state_since ? hourMinute(zone.state_since, file.site.timezone) : ""}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
