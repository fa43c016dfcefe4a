import { Trans, useLingui } from "@lingui/react/macro";
import { useState, useSyncExternalStore } from "react";
import { FLOOR } from "../../core/sound";
import { Button } from "../../ui/Button";
import { bell, report, setVolume } from "../sound/bell";
import { selfTest } from "../sound/player";
import classes from "./account.module.css";

export function SoundForm() {
  const { t } = useLingui();
  const { volume } = useSyncExternalStore(bell.subscribe, bell.get);
  const [result, setResult] = useState<boolean | null>(null);
  const test = async (): Promise<void> => {
    const ran = await selfTest(() => undefined);
    setResult(ran);
    await report(ran);
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
        <Button onClick={() => void test()}>
          <Trans>Essayer les quatre sonneries</Trans>
        </Button>
        {result === false ? (
          <span className="late">
            <Trans>Le navigateur n’a rien joué : la salle est prévenue.</Trans>
          </span>
        ) : null}
        {result === true ? (
          <Trans>Jouées. Si vous n’avez rien entendu, voyez le casque et la machine.</Trans>
        ) : null}
      </div>
    </>
  );
}
