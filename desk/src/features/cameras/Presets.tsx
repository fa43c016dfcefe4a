import { Trans, useLingui } from "@lingui/react/macro";
import { useRef, useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Field, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import type { CameraFile } from "./cameraFile";
import type { Part } from "./CameraFilePage";
import { useSaving } from "./useSaving";
import { useStill } from "./useStill";
import classes from "./cameras.module.css";

const NAME_FIELD = "preset-name";

type Preset = CameraFile["presets"][number];

/** Has the camera itself keep where it looks; `token`: in the place of that préposition. */
const keepHere = (id: number, name: string, token: string | null): Promise<CameraFile> =>
  api.post<CameraFile>(`/api/cameras/${id}/presets`, { name, token });

/** Prépositions of a camera that turns: named, kept where it looks now, deleted. */
export function Presets({ file, may, took }: Part) {
  const { t } = useLingui();
  const { save, failure, busy } = useSaving(file, took);
  const still = useStill(file.id);
  const [refused, setRefused] = useState<unknown>(null);
  const [keeping, setKeeping] = useState(false);
  const [name, setName] = useState("");
  if (!file.ptz) {
    return null;
  }
  const keep = async (as: string, token: string | null): Promise<void> => {
    setRefused(null);
    setKeeping(true);
    try {
      took(await keepHere(file.id, as, token));
      tell(t`Position gardée : ${as}.`);
      setName("");
    } catch (problem) {
      setRefused(problem);
    } finally {
      setKeeping(false);
    }
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
          <Item
            key={preset.token}
            preset={preset}
            digit={index < 9 ? index + 1 : null}
            may={may}
            busy={busy || keeping}
            onName={(as) =>
              change(file.presets.map((each) => (each === preset ? { ...each, name: as } : each)))
            }
            onHere={() => keep(preset.name, preset.token)}
            onDelete={() => change(file.presets.filter((each) => each !== preset))}
          />
        ))}
        {file.presets.length === 0 ? (
          <li className="dim">
            <Trans>Aucune préposition : orientez la caméra depuis le mur, puis gardez sa position ici.</Trans>
          </li>
        ) : null}
      </ul>
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
      <Problem of={refused ?? still.failure ?? failure} />
    </section>
  );
}

interface ItemProps {
  preset: Preset;
  /** The key that goes to it on the wall. */
  digit: number | null;
  may: boolean;
  busy: boolean;
  onName: (name: string) => Promise<boolean>;
  onHere: () => Promise<void>;
  onDelete: () => Promise<boolean>;
}

function Item({ preset, digit, may, busy, onName, onHere, onDelete }: ItemProps) {
  const { t } = useLingui();
  const [doing, setDoing] = useState<"name" | "here" | "delete" | null>(null);
  const [name, setName] = useState(preset.name);
  const line = useRef<HTMLLIElement>(null);
  // The hands stay on the line that they worked on; deleted, they go to the field of the next.
  const stop = (): void => {
    setDoing(null);
    requestAnimationFrame(() =>
      (line.current?.querySelector("button") ?? document.getElementById(NAME_FIELD))?.focus(),
    );
  };
  useEscape(doing === null ? null : stop);
  const sure = (question: string, yes: string, act: () => Promise<unknown>) => (
    <p className={classes.sure} role="group" aria-label={question}>
      <span>{question}</span>
      <Button tone="warn" disabled={busy} autoFocus onClick={() => void act().then(stop)}>
        {yes}
      </Button>
      <Button tone="plain" hotkey="Escape" onClick={stop}>
        <Trans>Annuler</Trans>
      </Button>
    </p>
  );
  return (
    <li ref={line}>
      {doing === "name" ? (
        <form
          className={classes.row}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            void onName(name.trim()).then((kept) => kept && stop());
          }}
        >
          <Field
            label={t`Nom`}
            value={name}
            required
            autoFocus
            maxLength={100}
            onFocus={(event) => event.target.select()}
            onChange={(event) => setName(event.target.value)}
          />
          <Button type="submit" tone="go" disabled={busy || name.trim() === ""}>
            <Trans>Renommer</Trans>
          </Button>
          <Button tone="plain" hotkey="Escape" onClick={stop}>
            <Trans>Annuler</Trans>
          </Button>
        </form>
      ) : (
        <div className={classes.line}>
          <b>{preset.name}</b>
          <span className="dim">
            {digit === null ? (
              preset.token
            ) : (
              <Trans>
                touche {digit} au mur · {preset.token}
              </Trans>
            )}
          </span>
          {may && doing === null ? (
            <span className={classes.lineActs}>
              <Button
                tone="plain"
                aria-label={t`Renommer ${preset.name}`}
                onClick={() => {
                  setName(preset.name);
                  setDoing("name");
                }}
              >
                <Trans>Renommer</Trans>
              </Button>
              <Button
                tone="plain"
                aria-label={t`Refaire ${preset.name} ici`}
                onClick={() => setDoing("here")}
              >
                <Trans>Refaire ici</Trans>
              </Button>
              <Button
                tone="plain"
                aria-label={t`Supprimer ${preset.name}`}
                onClick={() => setDoing("delete")}
              >
                <Trans>Supprimer</Trans>
              </Button>
            </span>
          ) : null}
        </div>
      )}
      {doing === "here" ? sure(t`Remplacer sa position par celle d’à présent ?`, t`Remplacer`, onHere) : null}
      {doing === "delete"
        ? sure(t`Supprimer de la fiche ? Le mur et les rondes ne l’offriront plus.`, t`Supprimer`, onDelete)
        : null}
    </li>
  );
}
