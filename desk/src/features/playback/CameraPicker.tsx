import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { CameraView } from "../../core/cameras";
import { Field } from "../../ui/parts";
import { found } from "../cameras/found";
import { faultWord, stateWord } from "../cameras/words";
import classes from "./playback.module.css";

/** Cameras shown at once: more words narrow the list. */
const SHOWN = 12;

interface Props {
  cameras: readonly CameraView[];
  /** Those that are chosen already. */
  without: readonly number[];
  label: string;
  onPick: (camera: CameraView) => void;
  autoFocus?: boolean;
}

/** Chooses a camera by its name, place or site: type, arrows or Tab, Enter. */
export function CameraPicker({ cameras, without, label, onPick, autoFocus }: Props) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const free = cameras.filter(({ id }) => !without.includes(id));
  const listed = found(free, text).slice(0, SHOWN);
  const pick = (camera: CameraView | undefined): void => {
    if (camera) {
      onPick(camera);
      setText("");
    }
  };
  return (
    <div className={classes.picker}>
      <Field
        label={label}
        value={text}
        placeholder={t`quai, portail, nom du site…`}
        autoFocus={autoFocus}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && text.trim() !== "" && !event.ctrlKey) {
            event.preventDefault();
            pick(listed[0]);
          }
        }}
      />
      <ul className={classes.choices} aria-label={t`Caméras trouvées`}>
        {listed.map((camera) => (
          <li key={camera.id}>
            <button type="button" onClick={() => pick(camera)}>
              <b>{camera.name}</b>
              <span className="dim">
                {camera.site.name}
                {camera.state === "online" ? "" : ` · ${stateWord(camera.state)}`}
                {camera.faults[0] ? ` · ${faultWord(camera.faults[0].kind)}` : ""}
              </span>
            </button>
          </li>
        ))}
        {listed.length === 0 ? (
          <li className="dim">
            {free.length === 0 ? (
              <Trans>Aucune autre caméra ne vous est ouverte en relecture.</Trans>
            ) : (
              <Trans>Aucune caméra ne porte ces mots.</Trans>
            )}
          </li>
        ) : null}
      </ul>
    </div>
  );
}
