import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { useSecond } from "../../live/hooks";
import classes from "./sound.module.css";
import { bell, mute } from "./bell";
import { arm, voice } from "./player";

/** Says in red when this window cannot sound; says for how long it is silenced. `hotkey`: what silences it here. */
export function SoundChip({ hotkey = "F4" }: { hotkey?: string }) {
  const { t } = useLingui();
  const heard = useSyncExternalStore(voice.subscribe, voice.get);
  const state = useSyncExternalStore(bell.subscribe, bell.get);
  const second = useSecond();
  if (heard !== "ready") {
    return (
      <span role="alert">
        <button type="button" className={classes.broken} onClick={() => void arm()}>
          {heard === "absent" ? (
            <Trans>SON IMPOSSIBLE sur cette machine</Trans>
          ) : (
            <>
              <Trans>SON COUPÉ</Trans>
              <span className={classes.more}>
                <Trans>– une touche ou un clic le rétablit</Trans>
              </span>
            </>
          )}
        </button>
      </span>
    );
  }
  const left = Math.ceil(state.mutedUntil / 1000 - second);
  if (left > 0) {
    return (
      <button type="button" className={classes.muted} onClick={mute}>
        <Trans>Sonnerie coupée encore {left} s</Trans>
      </button>
    );
  }
  if (state.ringing !== null && state.ringing !== "stale") {
    return (
      <button
        type="button"
        className={classes.ringing}
        onClick={mute}
        title={t`Couper une minute au plus (${hotkey}) ; la priorité 1 reste audible`}
      >
        <Trans>Sonnerie en cours</Trans> <kbd>{hotkey}</kbd>
      </button>
    );
  }
  return null;
}
