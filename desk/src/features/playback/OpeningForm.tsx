import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import type { CameraView } from "../../core/cameras";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Choice, Field } from "../../ui/parts";
import { MOST_CAMERAS } from "../../video/synchro";
import { SECOND } from "../../video/playbackPlan";
import { regimeWord } from "../cameras/words";
import { utcOf } from "../logbook/filter";
import { CameraPicker } from "./CameraPicker";
import { localOf, wallOf } from "./instant";
import type { Wanted } from "./sessionState";
import classes from "./playback.module.css";

const HOUR = 3600 * SECOND;
/** Hours on each side of the moment that the consultation opens. */
const REACHES: Record<string, number> = { near: 1, some: 4, day: 11.9 };

interface Props {
  cameras: readonly CameraView[];
  chosen: readonly number[];
  at: number;
  zone: string;
  onChoose: (ids: number[]) => void;
  onOpen: (wanted: Wanted) => void;
}

/** Before anything opens: why, which cameras, when. The consultation is traced with it (R253-5). */
export function OpeningForm({ cameras, chosen, at, zone, onChoose, onOpen }: Props) {
  const { t } = useLingui();
  const [motif, setMotif] = useState("");
  const [when, setWhen] = useState(() => localOf(at, zone));
  const [reach, setReach] = useState("some");
  const picked = chosen
    .map((id) => cameras.find((camera) => camera.id === id))
    .filter((camera) => camera !== undefined);
  const open = (event: FormEvent): void => {
    event.preventDefault();
    const present = now() * 1000;
    const moment = Math.min(wallOf(utcOf(when, zone)), present - 5 * SECOND);
    if (picked.length === 0 || Number.isNaN(moment)) {
      return;
    }
    // The shortest keeping of those chosen: the server refuses what is older (L252-5).
    const kept = Math.min(...picked.map((camera) => camera.retention_days)) * 24 * HOUR - 60 * SECOND;
    const far = (REACHES[reach] ?? 12) * HOUR;
    const to = moment + far;
    onOpen({
      motif: motif.trim(),
      incident: null,
      at: moment,
      from: Math.max(moment - far, present - kept),
      to: to >= present ? null : to,
    });
  };
  return (
    <form className={classes.opening} onSubmit={open}>
      <h1>
        <Trans>Relecture : pourquoi, quoi, quand</Trans>
      </h1>
      <p className="dim">
        <Trans>
          La consultation est inscrite à la main courante avec son motif, les caméras et la période. Rien ne
          s’ouvre avant.
        </Trans>
      </p>
      <Field
        label={t`Motif de la consultation`}
        value={motif}
        required
        minLength={4}
        maxLength={300}
        autoFocus
        placeholder={t`recherche d’un véhicule signalé à 03:05, rue du Port`}
        onChange={(event) => setMotif(event.target.value)}
      />
      <div className={classes.when}>
        <Field
          label={t`À partir de (heure de la station)`}
          type="datetime-local"
          step={1}
          required
          value={when}
          onChange={(event) => setWhen(event.target.value)}
        />
        <Choice label={t`Période ouverte`} value={reach} onChange={(event) => setReach(event.target.value)}>
          <option value="near">{t`une heure avant et après`}</option>
          <option value="some">{t`quatre heures avant et après`}</option>
          <option value="day">{t`douze heures avant et après`}</option>
        </Choice>
      </div>
      <fieldset className={classes.picked}>
        <legend>
          <Trans>
            Caméras choisies : {picked.length} sur {MOST_CAMERAS}
          </Trans>
        </legend>
        <ul>
          {picked.map((camera) => (
            <li key={camera.id}>
              <b>{camera.name}</b>{" "}
              <span className="dim">
                {camera.site.name} · {regimeWord(camera.regime)} ·{" "}
                <Trans>conservation {camera.retention_days} jours</Trans>
              </span>
              <button
                type="button"
                className={classes.drop}
                aria-label={t`Retirer ${camera.name}`}
                onClick={() => onChoose(chosen.filter((id) => id !== camera.id))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
        {picked.length < MOST_CAMERAS ? (
          <CameraPicker
            cameras={cameras}
            without={chosen}
            label={t`Ajouter une caméra`}
            onPick={(camera) => onChoose([...chosen, camera.id])}
          />
        ) : null}
      </fieldset>
      <p>
        <Button type="submit" tone="go" hotkey="Ctrl+Enter" disabled={picked.length === 0}>
          <Trans>Ouvrir la consultation</Trans>
        </Button>
      </p>
    </form>
  );
}
