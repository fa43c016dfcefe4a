import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { useMe } from "../../app/session";
import { useSecond, useWorld } from "../../live/hooks";
import { DESK_WINDOW } from "../shell/windows";
import classes from "./sound.module.css";
import { bell, mute } from "./bell";
import { arm, voice } from "./player";

/** Says in red when this window cannot sound; says for how long it is silenced. `hotkey`: what silences it here. */
export function SoundChip({ hotkey = "F4" }: { hotkey?: string }) {
  const { t } = useLingui();
  const heard = useSyncExternalStore(voice.subscribe, voice.get);
  const state = useSyncExternalStore(bell.subscribe, bell.get);
  const second = useSecond();
  const unheard = useUnheard();
  if (heard !== "ready") {
    return (
      <span role="alert">
        <button type="button" className={classes.broken} onClick={() => void arm()}>
          {heard === "absent" ? (
            <Trans>SON IMPOSSIBLE sur cette machine</Trans>
          ) : (
            <>
              <Trans>SON COUPÉ</Trans> <Trans>– une touche ou un clic le rétablit</Trans>
            </>
          )}
        </button>
      </span>
    );
  }
  if (unheard) {
    return <Unheard />;
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

/** The room was told that this post does not sound: its screen lets sound out, and nobody hears it. */
function useUnheard(): boolean {
  const post = useMe().post?.id ?? null;
  return useWorld((world) => post !== null && world.posts.get(post)?.view?.sound_ok === false);
}

/** In red until a test is heard; it opens the page where the test is made. */
function Unheard() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const wall = location.pathname.startsWith("/mur");
  return (
    <span role="alert">
      <button
        type="button"
        className={classes.broken}
        title={t`Vous n’avez rien entendu à l’essai : la salle le voit. Vérifiez le casque, puis refaites l’essai.`}
        onClick={() => (wall ? void window.open("/compte", DESK_WINDOW) : void navigate({ to: "/compte" }))}
      >
        <Trans>CE POSTE NE SONNE PAS</Trans>
        <span className={classes.more}>
          <Trans>– la salle est prévenue ; refaire l’essai</Trans>
        </span>
      </button>
    </span>
  );
}
