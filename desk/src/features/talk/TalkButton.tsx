import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useSyncExternalStore, type KeyboardEvent, type PointerEvent } from "react";
import { useMe } from "../../app/session";
import type { CameraView } from "../../core/cameras";
import { Button } from "../../ui/Button";
import type { LiveViewings } from "../../video/tickets";
import {
  speakThrough,
  stopSpeaking,
  stopSpeakingThrough,
  unheard,
  voice,
  type Voice,
} from "../../video/talk";
import { useTalkKey } from "./hold";
import classes from "./talk.module.css";
import { whyText } from "./words";

interface Props {
  camera: CameraView | undefined;
  viewings: LiveViewings;
  /** Before the first sound: the picture in front becomes the live one. */
  before?: () => void;
  /** On a tile: why one may not is said by the pointer only. */
  small?: boolean;
}

/** «Parler», held down: an interpellation through the camera's loudspeaker. Absent where there is none. */
export function TalkButton({ camera, ...rest }: Props) {
  return camera?.talk ? <Talk camera={camera} {...rest} /> : null;
}

type Shown = Props & { camera: CameraView };

function Talk({ camera, viewings, before, small = false }: Shown) {
  const { t } = useLingui();
  const said = useSyncExternalStore(voice.subscribe, voice.get);
  const may = camera.abilities.includes("talk");
  const mine = said?.camera === camera.id ? said : null;
  const closed = whyText("talk_not_here", { regime: camera.regime });
  const press = (): void => {
    before?.();
    speakThrough(camera.id, viewings);
  };
  useTalkKey(may, press);
  useEffect(() => () => stopSpeakingThrough(camera.id), [camera.id]);
  return (
    <span className={`${classes.talk} ${small ? classes.over : ""}`} data-talk={mine?.phase ?? "off"}>
      <Button
        hotkey="Alt+V"
        tone={mine ? "warn" : "normal"}
        disabled={!may}
        aria-pressed={mine !== null}
        title={may ? t`Maintenir pour parler par le haut-parleur de la caméra` : closed}
        {...holding(press)}
      >
        <Trans>Parler</Trans>
      </Button>
      {mine === null ? (
        <Silent camera={camera} closed={may || small ? null : closed} />
      ) : (
        <Speaking mine={mine} />
      )}
    </span>
  );
}

/** Held by the pointer, or by the space bar on the button. */
function holding(press: () => void) {
  const key = (down: boolean) => (event: KeyboardEvent) => {
    if (event.key !== " " && event.key !== "Enter") {
      return;
    }
    event.preventDefault();
    if (!down) {
      stopSpeaking();
    } else if (!event.repeat) {
      press();
    }
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLButtonElement>) => {
      if (event.button === 0) {
        event.currentTarget.setPointerCapture(event.pointerId);
        press();
      }
    },
    onPointerUp: stopSpeaking,
    onPointerCancel: stopSpeaking,
    onKeyDown: key(true),
    onKeyUp: key(false),
  };
}

function Speaking({ mine }: { mine: Voice }) {
  const { t } = useLingui();
  return (
    <>
      <b role="status" className={classes.on}>
        {mine.phase === "opening" ? <Trans>ouverture de la ligne…</Trans> : <Trans>VOUS PARLEZ</Trans>}
      </b>
      <meter className={classes.level} min={0} max={1} value={mine.level} aria-label={t`Niveau du micro`} />
      <span className={`${classes.seconds} dim`}>{t`${Math.floor(mine.seconds)} s`}</span>
    </>
  );
}

/** Why one may not, who else speaks, or why the last press was not heard. */
function Silent({ camera, closed }: { camera: CameraView; closed: string | null }) {
  const failed = useSyncExternalStore(unheard.subscribe, () => unheard.get().get(camera.id) ?? null);
  const me = useMe();
  const other = camera.talked_by;
  return (
    <span role="status" className={failed ? "late" : "dim"}>
      {closed}
      {other !== null && other.id !== me.user.id ? <Trans>{other.name} parle par cette caméra</Trans> : null}
      {failed && other === null ? whyText(failed.code, failed.params) : null}
    </span>
  );
}
