import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { dateTime } from "../../core/time";
import { Button } from "../../ui/Button";
import { pictureUrl, type CameraFile, type PastFault } from "./cameraFile";
import { faultWord } from "./words";
import classes from "./cameras.module.css";

/** What went wrong, with the pictures of before and after. */
export function Faults({ file, zone }: { file: CameraFile; zone: string }) {
  return (
    <section className={classes.card} aria-labelledby="camera-faults">
      <h2 id="camera-faults">
        <Trans>Défauts</Trans>
      </h2>
      <ul className={classes.lines}>
        {file.past_faults.map((fault) => (
          <Fault key={fault.id} fault={fault} camera={file.id} zone={zone} />
        ))}
        {file.past_faults.length === 0 ? (
          <li className="dim">
            <Trans>Aucun défaut depuis la mise en service.</Trans>
          </li>
        ) : null}
      </ul>
    </section>
  );
}

function Fault({ fault, camera, zone }: { fault: PastFault; camera: number; zone: string }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const pictures = fault.has_before || fault.has_after;
  return (
    <li>
      <b className={fault.until === null ? "late" : ""}>{faultWord(fault.kind)}</b>{" "}
      <span className="dim">
        {dateTime(fault.since, zone)} →{" "}
        {fault.until === null ? <Trans>en cours</Trans> : dateTime(fault.until, zone)}
      </span>
      {fault.incident === null ? null : (
        <Link to="/dossier/$id" params={{ id: String(fault.incident.id) }}>
          {fault.incident.reference}
        </Link>
      )}
      {pictures ? (
        <Button tone="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? <Trans>Fermer</Trans> : <Trans>Avant / après</Trans>}
        </Button>
      ) : null}
      {open ? (
        <div className={classes.pair}>
          {fault.has_before ? (
            <figure>
              <img src={pictureUrl(camera, `fault-${fault.id}-before`)} alt={t`Avant le défaut`} />
              <figcaption>
                <Trans>avant</Trans>
              </figcaption>
            </figure>
          ) : null}
          {fault.has_after ? (
            <figure>
              <img src={pictureUrl(camera, `fault-${fault.id}-after`)} alt={t`Pendant le défaut`} />
              <figcaption>
                <Trans>après</Trans>
              </figcaption>
            </figure>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}
