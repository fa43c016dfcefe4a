import { Trans, useLingui } from "@lingui/react/macro";
import { useRef, useSyncExternalStore, type PointerEvent, type WheelEvent } from "react";
import { zone } from "../../app/i18n";
import { useMe } from "../../app/session";
import type { CameraView } from "../../core/cameras";
import { clockTime } from "../../core/time";
import { useSecond } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { dragged, holder, wheeled } from "./ptz";
import { releasePtz, takePtz, useSteering, useSteeringKeys } from "./steering";
import classes from "./wall.module.css";
import { left } from "./words";

/** Priority with which a camera is taken from somebody: the server judges whether one may. */
const OVER = 3;
const WHEEL_STOPS = 300;

/** Who steers the camera worked on, until when, and how to take or leave it. */
export function PtzPlate({ camera }: { camera: CameraView }) {
  const { t } = useLingui();
  const me = useMe();
  const second = useSecond() * 1000;
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  if (!camera.abilities.includes("ptz")) {
    return null;
  }
  const who = holder(camera, me.user.id, second);
  const held = camera.ptz_held_by;
  return (
    <span className={classes.handRow}>
      {camera.presets.slice(0, 9).map((preset, index) => (
        <span key={preset.token} className={classes.preset} title={preset.name}>
          <kbd>{index + 1}</kbd> {preset.name}
        </span>
      ))}
      <span className={classes.plate} data-who={who} role="status">
        {who === "me" && held ? (
          <Trans>
            piloté par moi, priorité {held.priority}, libère dans {left(held.until, second)}
          </Trans>
        ) : who === "other" && held ? (
          <Trans>
            piloté par {held.name} jusqu’à {clockTime(held.until, shown)}
          </Trans>
        ) : (
          <Trans>libre : glisser l’image ou pavé numérique pour piloter</Trans>
        )}
      </span>
      {who === "me" ? (
        <Button tabIndex={-1} tone="plain" hotkey="Digit0" onClick={() => void releasePtz(camera)}>
          <Trans>Libérer</Trans>
        </Button>
      ) : (
        <Button
          tabIndex={-1}
          tone="plain"
          hotkey="Digit0"
          title={who === "other" ? t`La priorité la plus haute l’emporte` : undefined}
          onClick={() => void takePtz(camera, who === "other" ? OVER : undefined)}
        >
          {who === "other" ? <Trans>Reprendre</Trans> : <Trans>Prendre</Trans>}
        </Button>
      )}
    </span>
  );
}

/** The picture under the hand: drag is direction and speed, the wheel is zoom. */
export function PtzSurface({ index, camera }: { index: number; camera: CameraView }) {
  const steering = useSteering(index, camera);
  const from = useRef<{ x: number; y: number } | null>(null);
  const arrow = useRef<HTMLSpanElement>(null);
  const wheel = useRef<ReturnType<typeof setTimeout> | null>(null);
  useSteeringKeys(steering);
  if (steering === null) {
    return null;
  }
  const down = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, y: event.clientY };
    const box = event.currentTarget.getBoundingClientRect();
    arrow.current?.style.setProperty("left", `${event.clientX - box.left}px`);
    arrow.current?.style.setProperty("top", `${event.clientY - box.top}px`);
  };
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    if (from.current === null) {
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    const [dx, dy] = [event.clientX - from.current.x, event.clientY - from.current.y];
    const move = dragged(dx, dy, box.width, box.height);
    showArrow(arrow.current, dx, dy);
    if (move.pan === 0 && move.tilt === 0) {
      steering.stop();
    } else {
      steering.move(move);
    }
  };
  const up = (): void => {
    from.current = null;
    showArrow(arrow.current, 0, 0);
    steering.stop();
  };
  const turn = (event: WheelEvent): void => {
    steering.move(wheeled(event.deltaY));
    if (wheel.current !== null) {
      clearTimeout(wheel.current);
    }
    wheel.current = setTimeout(() => steering.stop(), WHEEL_STOPS);
  };
  return (
    <div
      className={classes.surface}
      data-steer={camera.id}
      onPointerDown={down}
      onPointerMove={drag}
      onPointerUp={up}
      onPointerCancel={up}
      onWheel={turn}
    >
      <span ref={arrow} className={classes.arrow} aria-hidden="true" />
    </div>
  );
}

/** The hand's move, from where it went down; nothing within the dead zone of sight. */
function showArrow(arrow: HTMLSpanElement | null, dx: number, dy: number): void {
  const long = Math.hypot(dx, dy);
  arrow?.style.setProperty("width", `${long < 8 ? 0 : long}px`);
  arrow?.style.setProperty("transform", `rotate(${Math.atan2(dy, dx)}rad)`);
}
