import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { CameraView } from "../core/cameras";
import { LivePicture } from "./live";
import { LiveLabel, TileBanner } from "./tileSays";
import { usePictureState, useVerdict } from "./tileVerdict";
import type { LiveViewings } from "./tickets";
import { useWhep } from "./tileWhep";
import classes from "./tile.module.css";

interface Props {
  camera: CameraView;
  viewings: LiveViewings;
  view: "main" | "sub";
  /** The picture is steered from here: half the latency is asked (WHEP). */
  steered?: boolean;
  /** Told the running picture, and null when it stops: for who steers it. */
  onPicture?: (picture: LivePicture | null) => void;
  children?: ReactNode;
}

/** Suspended for a reason, or out of reach: it shows nothing, whoever asks. A home's pause ends by who may look. */
const showsNothing = ({ state, suspended_reason: why }: CameraView): boolean =>
  state === "offline" || (state === "suspended" && why !== null);

/** A live camera: its picture, DIRECT and the time of the last frame; or what is wrong, since when. */
export function LiveTile({ camera, viewings, view, steered = false, onPicture, children }: Props) {
  const { t } = useLingui();
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const fast = useRef<HTMLVideoElement>(null);
  const [picture, setPicture] = useState<LivePicture | null>(null);
  /** Nothing to open: the pictures stay with the customer. */
  const remote = camera.views.length === 0;
  const told = useRef(onPicture);
  const wanted = useRef(view);
  const nothing = useRef(showsNothing(camera));
  useEffect(() => {
    told.current = onPicture;
    wanted.current = view;
    nothing.current = showsNothing(camera);
    picture?.lookAt(view);
    picture?.await(nothing.current);
  });
  useEffect(() => {
    if (remote || video.current === null || canvas.current === null) {
      return undefined;
    }
    const screen = { video: video.current, canvas: canvas.current };
    const made = new LivePicture(camera.id, viewings, screen, wanted.current);
    made.await(nothing.current);
    made.start();
    setPicture(made);
    told.current?.(made);
    return () => {
      made.stop();
      setPicture(null);
      told.current?.(null);
    };
  }, [camera.id, remote, viewings]);
  const whep = useWhep(camera.id, viewings, fast, steered);
  const verdict = useVerdict(picture);
  const still = usePictureState(picture, (state) => state.still);
  const masked = usePictureState(picture, (state) => state.masked);
  const dead = remote || verdict.kind !== "live" || camera.state === "suspended";
  return (
    <div className={classes.tile} data-state={dead ? verdict.kind : "live"} data-camera={camera.id}>
      <video
        ref={video}
        className={classes.picture}
        muted
        playsInline
        autoPlay
        hidden={still}
        tabIndex={-1}
      />
      <canvas ref={canvas} className={classes.picture} hidden={!still} />
      <video ref={fast} className={classes.picture} muted playsInline hidden={!whep} tabIndex={-1} />
      {dead ? <TileBanner verdict={verdict} camera={camera} /> : null}
      <span className={classes.notes}>
        {masked ? <span className={classes.note}>{t`masqué`}</span> : null}
        {still && !dead ? <span className={classes.note}>{t`images fixes`}</span> : null}
      </span>
      <span className={classes.marks}>
        {verdict.kind === "live" && !dead ? <LiveLabel at={verdict.at} /> : null}
      </span>
      {children}
    </div>
  );
}
