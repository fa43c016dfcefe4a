import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { refusalText } from "./refusal";
import type { PlaybackCamera } from "../../video/playbackCamera";
import type { Shown } from "../../video/playbackShown";
import { Button } from "../../ui/Button";
import { LiftMark } from "../../video/liftMark";
import { cameraName, formatOf } from "../cameras/words";
import type { CameraView } from "../../core/cameras";
import { gapReason, gapText, recordedLabel } from "./words";
import classes from "./playback.module.css";

/** ms between two writings of the label's age while nothing moves. */
const AGE_EVERY = 1000;

interface Props {
  camera: CameraView;
  player: PlaybackCamera;
  zone: string;
  lead?: boolean;
  onChoose?: () => void;
  onRemove?: () => void;
  /** One of several beside the one in front: its name alone, without its place. */
  small?: boolean;
  /** A mask of role: drawn, or lifted until when. */
  mask?: { until: string | null; turn: () => void; front: boolean } | null;
}

/** A part of what a camera shows; re-renders when it changes. */
export function useShown<T>(player: PlaybackCamera, select: (shown: Shown) => T): T {
  return useSyncExternalStore(player.shown.subscribe, () => select(player.shown.get()));
}

/** One camera's recording: its picture, what it is, when it was taken and how long ago. */
export function Tile({
  camera,
  player,
  zone,
  lead = false,
  onChoose,
  onRemove,
  small = false,
  mask = null,
}: Props) {
  const { t } = useLingui();
  const video = useRef<HTMLVideoElement>(null);
  const picture = useRef<HTMLImageElement>(null);
  const by = useShown(player, (shown) => shown.by);
  useLayoutEffect(
    () => (video.current && picture.current ? player.attach(video.current, picture.current) : undefined),
    [player],
  );
  return (
    <figure
      className={classes.tile}
      data-lead={lead || undefined}
      data-camera={camera.id}
      onClick={onChoose}
      aria-label={camera.name}
    >
      <video
        ref={video}
        muted
        playsInline
        hidden={by !== "video"}
        aria-label={t`Enregistrement de ${camera.name}`}
      />
      <img ref={picture} alt={t`Vignette de ${camera.name}`} hidden={by !== "picture"} />
      <Notice player={player} zone={zone} />
      {mask?.until ? <LiftMark until={mask.until} onPutBack={mask.turn} /> : null}
      <figcaption className={classes.caption}>
        <span className={classes.name}>{small ? camera.name : cameraName(camera)}</span>
        {onRemove ? (
          <button
            type="button"
            className={classes.drop}
            aria-label={t`Retirer ${camera.name} de la relecture`}
            onClick={(event) => {
              event.stopPropagation();
              onRemove();
            }}
          >
            ×
          </button>
        ) : null}
      </figcaption>
      <div className={classes.foot}>
        <Recorded player={player} zone={zone} />
        <span className={classes.format}>{formatOf(camera)}</span>
        {mask !== null && mask.until === null ? (
          <Button hotkey={mask.front ? "Alt+L" : null} className={classes.unmask ?? ""} onClick={mask.turn}>
            <Trans>masqué · lever le masque…</Trans>
          </Button>
        ) : null}
        {by === "picture" ? (
          <span className={classes.format}>
            <Trans>vignette</Trans>
          </span>
        ) : null}
      </div>
    </figure>
  );
}

/** The thick amber label: written by itself at each picture, without painting the page again. */
export function Recorded({ player, zone }: { player: PlaybackCamera; zone: string }) {
  const label = useRef<HTMLElement>(null);
  useEffect(() => {
    const write = (): void => {
      const { wall, by } = player.shown.get();
      const text = wall === null || by === "none" ? "" : recordedLabel(wall, zone);
      if (label.current !== null && label.current.textContent !== text) {
        label.current.textContent = text;
        label.current.hidden = text === "";
      }
    };
    write();
    const age = setInterval(write, AGE_EVERY);
    const stop = player.shown.subscribe(write);
    return () => {
      clearInterval(age);
      stop();
    };
  }, [player, zone]);
  return <b ref={label} className={classes.recorded} hidden />;
}

function Notice({ player, zone }: { player: PlaybackCamera; zone: string }) {
  const { t } = useLingui();
  const gap = useShown(player, (shown) => shown.gap);
  const lost = useShown(player, (shown) => shown.lost);
  const waiting = useShown(player, (shown) => shown.waiting && shown.by === "none");
  const unsupported = useShown(player, (shown) => shown.unsupported);
  if (lost !== null) {
    return (
      <div className={classes.notice} role="status">
        <b>{refusalText(lost)}</b>
      </div>
    );
  }
  if (gap !== null) {
    return (
      <div className={classes.notice}>
        <b>{gapText(gap, zone)}</b>
        <span>{gapReason(gap)}</span>
      </div>
    );
  }
  if (unsupported !== null) {
    return (
      <div className={classes.notice}>
        <b>{t`Ce navigateur ne lit pas ce format (${unsupported}) : vignettes seulement`}</b>
      </div>
    );
  }
  return waiting ? (
    <div className={classes.notice} data-quiet>
      <Trans>Chargement…</Trans>
    </div>
  ) : null;
}
