import { Trans, useLingui } from "@lingui/react/macro";
import { useState, useSyncExternalStore } from "react";
import { FLOOR } from "../../core/sound";
import { Button } from "../../ui/Button";
import { bell, reportHeard, setVolume } from "../sound/bell";
import { selfTest } from "../sound/player";
import classes from "./account.module.css";

export function SoundForm() {
  const { t } = useLingui();
  const { volume } = useSyncExternalStore(bell.subscribe, bell.get);
  const [result, setResult] = useState<"playing" | "played" | "heard" | "silent" | null>(null);
  const answer = async (heard: boolean): Promise<void> => {
    setResult(heard ? "heard" : "silent");
    await reportHeard(heard);
  };
  const test = async (): Promise<void> => {
    setResult("playing");
    // Only an ear knows what came out: that it was played proves nothing.
    if (await selfTest(() => undefined)) {
      setResult("played");
    } else {
      await answer(false);
    }
  };
  return (
    <>
      <label className={classes.volume}>
        <Trans>Volume de la sonnerie</Trans>
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          value={volume}
          onChange={(event) => setVolume(Number(event.target.value))}
          aria-valuetext={t`${Math.round(volume * 100)} %`}
        />
        <span>{Math.round(volume * 100)} %</span>
      </label>
      {volume < FLOOR ? (
        <p className="dim">
          <Trans>La priorité 1 sonne toujours à {Math.round(FLOOR * 100)} % au moins.</Trans>
        </p>
      ) : null}
      <div className={classes.row}>
        <Button onClick={() => void test()} disabled={result === "playing"}>
          <Trans>Essayer les quatre sonneries</Trans>
        </Button>
        {result === "played" ? (
          <>
            <Button tone="go" autoFocus onClick={() => void answer(true)}>
              <Trans>J’entends</Trans>
            </Button>
            <Button onClick={() => void answer(false)}>
              <Trans>Je n’entends rien</Trans>
            </Button>
          </>
        ) : null}
        {result === "silent" ? (
          <span className="late" role="alert">
            <Trans>
              Ce poste ne sonnera pas : la salle en est prévenue. Vérifiez le casque, puis recommencez.
            </Trans>
          </span>
        ) : null}
        {result === "heard" ? (
          <span role="status">
            <Trans>Ce poste sonne : la salle le sait.</Trans>
          </span>
        ) : null}
      </div>
    </>
  );
}
