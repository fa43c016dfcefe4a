import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { Button } from "../../ui/Button";
import { Choice, Field, Problem } from "../../ui/parts";
import type { Part } from "./CameraFilePage";
import type { ZoneLink } from "./cameraFile";
import { useSaving } from "./useSaving";
import classes from "./cameras.module.css";

/** The detection points that the camera sees: an alarm of a point shows its camera. */
export function Links({ file, may, took }: Part) {
  const { save, failure, busy } = useSaving(file, took);
  const zones = (list: readonly ZoneLink[]): void =>
    void save({ zones: list.map(({ area, zone, preset }) => ({ area, zone, preset })) });
  return (
    <section className={classes.card} aria-labelledby="camera-links">
      <h2 id="camera-links">
        <Trans>Points vus</Trans>
      </h2>
      <ul className={classes.lines}>
        {file.zones.map((link) => (
          <li key={`${link.area}.${link.zone}`}>
            {link.zone === null ? (
              <Trans>secteur {link.area ?? "—"}, tous les points</Trans>
            ) : (
              <>
                <b>{link.zone}</b> {link.zone_name}
                {link.area === null ? null : (
                  <span className="dim">
                    {" "}
                    <Trans>secteur {link.area}</Trans>
                  </span>
                )}
              </>
            )}
            {may ? (
              <Button
                tone="plain"
                disabled={busy}
                onClick={() => zones(file.zones.filter((each) => each !== link))}
              >
                <Trans>Détacher</Trans>
              </Button>
            ) : null}
          </li>
        ))}
        {file.zones.length === 0 ? (
          <li className="dim">
            <Trans>Aucun point : une alarme du site montre alors toutes ses caméras.</Trans>
          </li>
        ) : null}
      </ul>
      {may ? <NewLink file={file} busy={busy} onAdd={(link) => zones([...file.zones, link])} /> : null}
      <Problem of={failure} />
    </section>
  );
}

function NewLink({
  file,
  busy,
  onAdd,
}: {
  file: Part["file"];
  busy: boolean;
  onAdd: (link: ZoneLink) => void;
}) {
  const { t } = useLingui();
  const [area, setArea] = useState("");
  const [zone, setZone] = useState("");
  const [preset, setPreset] = useState("");
  const add = (event: FormEvent): void => {
    event.preventDefault();
    onAdd({ area: area.trim() || null, zone: zone.trim() || null, zone_name: null, preset: preset || null });
  };
  return (
    <form className={classes.row} onSubmit={add}>
      <Field
        label={t`Secteur`}
        value={area}
        maxLength={8}
        onChange={(event) => setArea(event.target.value)}
      />
      <Field
        label={t`Point (vide : tous)`}
        value={zone}
        maxLength={8}
        onChange={(event) => setZone(event.target.value)}
      />
      {file.presets.length > 0 ? (
        <Choice label={t`Préposition`} value={preset} onChange={(event) => setPreset(event.target.value)}>
          <option value="">{t`sans`}</option>
          {file.presets.map((each) => (
            <option key={each.token} value={each.token}>
              {each.name}
            </option>
          ))}
        </Choice>
      ) : null}
      <Button type="submit" disabled={busy || (area.trim() === "" && zone.trim() === "")}>
        <Trans>Rattacher</Trans>
      </Button>
    </form>
  );
}
