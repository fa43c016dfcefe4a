import { Trans, useLingui } from "@lingui/react/macro";
import { useRef, useState, type FormEvent } from "react";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Field } from "../../ui/parts";
import type { CameraFile } from "./cameraFile";
import classes from "./cameras.module.css";

export const NAME_FIELD = "preset-name";

export type Preset = CameraFile["presets"][number];

interface Props {
  preset: Preset;
  /** The key that goes to it on the wall. */
  digit: number | null;
  may: boolean;
  busy: boolean;
  onName: (name: string) => Promise<boolean>;
  onHere: () => Promise<void>;
  /** The camera would not delete it. */
  stays: boolean;
  onDelete: (fileOnly: boolean) => Promise<boolean>;
}

/** A préposition: its name, its key on the wall, and what can be done with it. */
export function PresetLine({ preset, digit, may, busy, onName, onHere, stays, onDelete }: Props) {
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
      <Button
        tone="warn"
        disabled={busy}
        autoFocus
        onClick={() => void act().then((done) => done !== false && stop())}
      >
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
      {doing === "delete" && !stays
        ? sure(
            t`Supprimer, de la fiche et de la caméra ? Le mur et les rondes ne l’offriront plus.`,
            t`Supprimer`,
            () => onDelete(false),
          )
        : null}
      {doing === "delete" && stays
        ? sure(t`La caméra l’a gardée. Supprimer de la fiche seulement ?`, t`Supprimer de la fiche`, () =>
            onDelete(true),
          )
        : null}
    </li>
  );
}
