import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { api, ApiError } from "../../api/client";
import { Button } from "../../ui/Button";
import { Field, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import type { CameraFile } from "./cameraFile";
import type { Part } from "./CameraFilePage";
import { NAME_FIELD, PresetLine, type Preset } from "./PresetLine";
import { useSaving } from "./useSaving";
import { useStill } from "./useStill";
import classes from "./cameras.module.css";

/** Has the camera itself keep where it looks; `token`: in the place of that préposition. */
const keepHere = (id: number, name: string, token: string | null): Promise<CameraFile> =>
  api.post<CameraFile>(`/api/cameras/${id}/presets`, { name, token });

/** Deletes a préposition in the file and at the camera; `fileOnly`: whatever the camera keeps. */
const forget = (id: number, token: string, fileOnly: boolean): Promise<CameraFile> =>
  api.post<CameraFile>(`/api/cameras/${id}/presets/forget`, { token, file_only: fileOnly });

/** Prépositions of a camera that turns: named, kept where it looks now, deleted. */
export function Presets({ file, may, took }: Part) {
  const { t } = useLingui();
  const { save, failure, busy } = useSaving(file, took);
  const still = useStill(file.id);
  const [refused, setRefused] = useState<unknown>(null);
  const [keeping, setKeeping] = useState(false);
  // What the camera would not delete may be deleted from the file alone.
  const [stays, setStays] = useState<string | null>(null);
  const [name, setName] = useState("");
  if (!file.ptz) {
    return null;
  }
  const ask = async (asked: () => Promise<CameraFile>, done: string): Promise<unknown> => {
    setRefused(null);
    setStays(null);
    setKeeping(true);
    try {
      took(await asked());
      tell(done);
      return null;
    } catch (problem) {
      setRefused(problem);
      return problem;
    } finally {
      setKeeping(false);
    }
  };
  const keep = async (as: string, token: string | null): Promise<void> => {
    if ((await ask(() => keepHere(file.id, as, token), t`Position gardée : ${as}.`)) === null) {
      setName("");
    }
  };
  const remove = async ({ token, name: as }: Preset, fileOnly: boolean): Promise<boolean> => {
    const done = fileOnly
      ? t`Préposition supprimée de la fiche : ${as}. La caméra peut l’avoir encore.`
      : t`Préposition supprimée de la fiche et de la caméra : ${as}.`;
    const problem = await ask(() => forget(file.id, token, fileOnly), done);
    if (problem instanceof ApiError && problem.code === "preset_not_forgotten") {
      setStays(token);
    }
    return problem === null;
  };
  const change = (presets: readonly Preset[]): Promise<boolean> =>
    save({ presets: presets.map(({ token, name: as }) => ({ token, name: as })) });
  return (
    <section className={classes.card} aria-labelledby="camera-presets">
      <h2 id="camera-presets">
        <Trans>Prépositions</Trans>
      </h2>
      <ul className={classes.lines}>
        {file.presets.map((preset, index) => (
          <PresetLine
            key={preset.token}
            preset={preset}
            digit={index < 9 ? index + 1 : null}
            may={may}
            busy={busy || keeping}
            onName={(as) =>
              change(file.presets.map((each) => (each === preset ? { ...each, name: as } : each)))
            }
            onHere={() => keep(preset.name, preset.token)}
            stays={stays === preset.token}
            onDelete={(fileOnly) => remove(preset, fileOnly)}
          />
        ))}
        {file.presets.length === 0 ? (
          <li className="dim">
            <Trans>Aucune préposition : orientez la caméra depuis le mur, puis gardez sa position ici.</Trans>
          </li>
        ) : null}
      </ul>
      <Problem of={refused ?? still.failure ?? failure} />
      {still.url === null ? null : (
        <img className={classes.still} src={still.url} alt={t`Ce que la caméra montre`} />
      )}
      {may ? (
        <form
          className={classes.row}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            void keep(name.trim(), null);
          }}
        >
          <Field
            id={NAME_FIELD}
            label={t`Nom de la position actuelle`}
            value={name}
            required
            maxLength={100}
            placeholder={t`entrée du parking`}
            onChange={(event) => setName(event.target.value)}
          />
          <Button type="submit" tone="go" disabled={keeping || busy}>
            <Trans>Garder la position actuelle</Trans>
          </Button>
          <Button onClick={() => void still.take()}>
            <Trans>Voir où elle regarde (tracé)</Trans>
          </Button>
        </form>
      ) : null}
    </section>
  );
}
