import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import type { CameraView } from "../../core/cameras";
import { Button } from "../../ui/Button";
import { Choice, Field } from "../../ui/parts";
import { changeBody, changeTile, wall } from "./wallStore";
import classes from "./wall.module.css";

const LEAST_SECONDS = 3;
const MOST_SECONDS = 600;

/** What the tile worked on shows: one camera, several in turn, or what the alarm points at. */
export function TileForm({ index, cameras }: { index: number; cameras: readonly CameraView[] }) {
  const { t } = useLingui();
  const { body } = useSyncExternalStore(wall.subscribe, wall.get);
  const tile = body.tiles[index];
  if (!tile) {
    return null;
  }
  const names = new Map(cameras.map((camera) => [camera.id, camera.name]));
  return (
    <div className={classes.saving}>
      <Choice
        label={t`Caméra`}
        value={tile.camera ?? ""}
        onChange={(event) => changeTile(index, { camera: Number(event.target.value) || null })}
      >
        <option value="">{t`aucune`}</option>
        <Options cameras={cameras} />
      </Choice>
      <Choice
        label={t`Ajouter à la séquence`}
        value=""
        onChange={(event) =>
          changeTile(index, { sequence: [...tile.sequence, Number(event.target.value)].filter(Boolean) })
        }
      >
        <option value="">{t`choisir…`}</option>
        <Options cameras={cameras} />
      </Choice>
      <Field
        label={t`Secondes par caméra`}
        type="number"
        min={LEAST_SECONDS}
        max={MOST_SECONDS}
        value={body.seconds}
        onChange={(event) => {
          const seconds = Math.round(Number(event.target.value));
          if (seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) {
            changeBody((held) => ({ ...held, seconds }));
          }
        }}
      />
      <label className={classes.check}>
        <input
          type="checkbox"
          checked={tile.hotspot}
          onChange={(event) => {
            const on = event.target.checked;
            // One hotspot a wall: the last one asked for.
            changeBody((held) => ({
              ...held,
              tiles: held.tiles.map((each, at) => ({ ...each, hotspot: at === index && on })),
            }));
          }}
        />
        <Trans>point chaud : suit l’alarme</Trans>
      </label>
      {tile.sequence.length > 0 ? (
        <p className={classes.sequence}>
          {tile.sequence.map((camera) => names.get(camera) ?? `n° ${camera}`).join(" → ")}{" "}
          <Button tone="plain" onClick={() => changeTile(index, { sequence: [] })}>
            <Trans>Vider la séquence</Trans>
          </Button>
        </p>
      ) : null}
    </div>
  );
}

function Options({ cameras }: { cameras: readonly CameraView[] }) {
  return cameras.map((camera) => (
    <option key={camera.id} value={camera.id}>
      {camera.name}
    </option>
  ));
}
