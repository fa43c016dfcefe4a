import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { ApiError } from "../../api/client";
import type { CameraView } from "../../core/cameras";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Kbd } from "../../ui/Kbd";
import { Choice, Field, Problem } from "../../ui/parts";
import { LIFT_MINUTES, LIFT_USUALLY, type LiftWish } from "../../video/lifts";
import { TicketRefused } from "../../video/tickets";
import shell from "../shell/shell.module.css";
import classes from "./wall.module.css";
import { liftMotifs } from "./words";

/** Letters of a motif that says something. */
const SHORTEST = 4;

interface Props {
  camera: CameraView;
  /** Throws what the centre refuses. */
  lift: (wish: LiftWish) => Promise<void>;
  onDone: () => void;
}

/** Why a mask of role is lifted, and for how long: inscribed with it. Who may not is told so, and whom to ask. */
export function LiftSheet({ camera, lift, onDone }: Props) {
  const { t } = useLingui();
  const sheet = useRef<HTMLFormElement>(null);
  const may = camera.abilities.includes("lifted");
  const [chosen, setChosen] = useState("");
  const [words, setWords] = useState("");
  const [minutes, setMinutes] = useState(LIFT_USUALLY);
  const [failure, setFailure] = useState<unknown>(null);
  useEscape(onDone);
  useEffect(() => sheet.current?.focus(), []);
  const motif = [chosen, words.trim()].filter(Boolean).join(" : ");
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (motif.length < SHORTEST) {
      return;
    }
    try {
      await lift({ motif, minutes });
      onDone();
    } catch (problem) {
      setFailure(
        problem instanceof TicketRefused
          ? new ApiError(403, problem.refusal.code, problem.refusal.params)
          : problem,
      );
    }
  };
  return (
    <div className={shell.overlay} onClick={(event) => event.target === event.currentTarget && onDone()}>
      <form
        ref={sheet}
        className={`${shell.sheet} ${classes.smallSheet}`}
        role="dialog"
        aria-label={t`Lever le masque`}
        tabIndex={-1}
        onKeyDown={(event) => may && pick(event, setChosen)}
        onSubmit={(event) => void send(event)}
      >
        <header>
          <Trans>Lever le masque : {camera.name}</Trans>
        </header>
        {may ? (
          <>
            <p className={classes.sheetHint}>
              <Trans>
                Inscrit à la main courante avec son motif. Le masque revient seul à la fin du délai. Un masque
                légal, posé dans la caméra, ne se lève pas.
              </Trans>
            </p>
            <ul className={classes.choices} role="radiogroup" aria-label={t`Motif de la levée`}>
              {liftMotifs().map((label, index) => (
                <li key={label} role="none" data-current={label === chosen || undefined}>
                  <button
                    type="button"
                    role="radio"
                    aria-checked={label === chosen}
                    onClick={() => setChosen(label)}
                  >
                    <Kbd of={`Digit${index + 1}`} /> {label}
                  </button>
                </li>
              ))}
            </ul>
            <div className={classes.saving}>
              <Field
                label={chosen === "" ? t`Autre motif` : t`Précision (n° de réquisition, nom…)`}
                value={words}
                maxLength={200}
                onChange={(event) => setWords(event.target.value)}
              />
              <Choice
                label={t`Pendant`}
                value={minutes}
                onChange={(event) => setMinutes(Number(event.target.value))}
              >
                {LIFT_MINUTES.map((each) => (
                  <option key={each} value={each}>{t`${each} min`}</option>
                ))}
              </Choice>
            </div>
            <Problem of={failure} />
            <p className={classes.sheetActs}>
              <Button type="submit" tone="warn" hotkey="Enter" disabled={motif.length < SHORTEST}>
                <Trans>Lever le masque</Trans>
              </Button>
              <Button tone="plain" hotkey="Escape" onClick={onDone}>
                <Trans>Annuler</Trans>
              </Button>
            </p>
          </>
        ) : (
          <>
            <p className={classes.sheetHint} role="alert">
              <b>
                <Trans>Vous ne pouvez pas lever ce masque.</Trans>
              </b>{" "}
              <Trans>
                C’est réservé au chef de salle, qui dit pourquoi et pour combien de temps : appelez-le. Les
                images restent masquées.
              </Trans>
            </p>
            <p className={classes.sheetActs}>
              <Button hotkey="Escape" onClick={onDone}>
                <Trans>Fermer</Trans>
              </Button>
            </p>
          </>
        )}
      </form>
    </div>
  );
}

/** A digit chooses a motif; Enter, wherever the hands are, sends. */
function pick(event: KeyboardEvent<HTMLFormElement>, choose: (label: string) => void): void {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  const label = liftMotifs()[Number(digit ?? 0) - 1];
  if (label !== undefined && !typing && !event.ctrlKey && !event.altKey) {
    event.preventDefault();
    choose(label);
  } else if (event.key === "Enter" && event.target === event.currentTarget) {
    event.preventDefault();
    event.currentTarget.requestSubmit();
  }
}
