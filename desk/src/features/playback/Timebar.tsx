import { useLingui } from "@lingui/react/macro";
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore, type PointerEvent } from "react";
import { theme } from "../../app/theme";
import { now, useSecond } from "../../live/hooks";
import { following, toWall, toX, zoomed } from "../../video/timebarScale";
import { wallText } from "./instant";
import type { PlaybackSession } from "./session";
import { inksOf, LANE_HEIGHT, NAMES, paint, SCALE_HEIGHT, type Alarm, type Lane } from "./timebarPaint";
import { stretch } from "./words";
import classes from "./playback.module.css";

/** How much one turn of the wheel, or one key, zooms. */
const TURN = 1.25;

interface Props {
  session: PlaybackSession;
  zone: string;
  alarms: readonly Alarm[];
}

/** µs that a zone is ahead of UTC at a moment. */
function offsetOf(wall: number, zone: string): number {
  const [day = "", hour = ""] = wallText(wall, zone).split(" ");
  const shown = Date.parse(`${day.split("/").toReversed().join("-")}T${hour.slice(0, 8)}Z`);
  return shown * 1000 - Math.floor(wall / 1e6) * 1e6;
}

/** The time bar: one lane a camera; the wheel changes its scale, a drag scrubs, arrows move the head. */
export function Timebar({ session, zone, alarms }: Props) {
  const { t } = useLingui();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  const flag = useRef<HTMLSpanElement>(null);
  const [width, setWidth] = useState(0);
  const state = useSyncExternalStore(session.state.subscribe, session.state.get);
  const shownTheme = useSyncExternalStore(theme.subscribe, theme.get);
  const second = useSecond();
  const { view, entries, overview, marks, begun } = state;

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) {
      return undefined;
    }
    const watch = new ResizeObserver(() => setWidth(Math.max(0, element.clientWidth - NAMES)));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  useLayoutEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!pen || !canvas.current || width === 0) {
      return;
    }
    const height = SCALE_HEIGHT + entries.length * LANE_HEIGHT;
    const ratio = window.devicePixelRatio || 1;
    canvas.current.width = (width + NAMES) * ratio;
    canvas.current.height = height * ratio;
    canvas.current.style.height = `${height}px`;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const lanes = entries.map(({ camera }): Lane => ({
      camera: camera.id,
      name: camera.name,
      recorded: overview.get(camera.id) ?? null,
    }));
    const present = now() * 1000;
    const scene = {
      view,
      width,
      lanes,
      marks,
      alarms,
      begun,
      present,
      zone,
      offset: offsetOf(view.from, zone),
    };
    paint(pen, scene, inksOf(canvas.current));
  }, [view, entries, overview, marks, alarms, begun, width, zone, shownTheme, second]);

  // The head is moved at each painting, without React.
  useEffect(() => {
    const place = (head: number): void => {
      const { view: held } = session.state.get();
      if (cursor.current && flag.current) {
        cursor.current.style.transform = `translateX(${NAMES + toX(held, width, head)}px)`;
        cursor.current.hidden = head < held.from || head > held.to;
        flag.current.textContent = wallText(head, zone).slice(11);
      }
      const next = following(held, head);
      if (next !== held && session.synchro.clock.get().playing) {
        session.show(next);
      }
    };
    return session.synchro.onHead(place);
  }, [session, width, zone]);

  useWheel(box, session, width);
  const head = session.synchro.head();
  return (
    <div
      ref={box}
      className={classes.bar}
      role="slider"
      tabIndex={0}
      aria-label={t`Barre de temps`}
      aria-valuemin={Math.round(view.from / 1e6)}
      aria-valuemax={Math.round(view.to / 1e6)}
      aria-valuenow={Math.round(Math.min(Math.max(head, view.from), view.to) / 1e6)}
      aria-valuetext={wallText(head, zone)}
      {...scrubbing(session, width)}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <div ref={cursor} className={classes.cursor} aria-hidden="true">
        <span ref={flag} />
      </div>
      <span className={classes.scaleWord}>{t`molette : échelle · ${stretch(view.to - view.from)}`}</span>
    </div>
  );
}

function scrubbing(session: PlaybackSession, width: number) {
  const to = (event: PointerEvent<HTMLElement>): void => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - NAMES;
    session.synchro.seek(toWall(session.state.get().view, width, Math.min(Math.max(0, x), width)));
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      session.synchro.pause();
      to(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (event.buttons === 1) {
        to(event);
      }
    },
  };
}

/** React listens to wheels passively: this one keeps the page from scrolling. */
function useWheel(
  box: React.RefObject<HTMLDivElement | null>,
  session: PlaybackSession,
  width: number,
): void {
  useEffect(() => {
    const element = box.current;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      const x = event.clientX - (element?.getBoundingClientRect().left ?? 0) - NAMES;
      const { view } = session.state.get();
      const around = toWall(view, width, Math.min(Math.max(0, x), width));
      session.show(zoomed(view, around, event.deltaY > 0 ? TURN : 1 / TURN));
    };
    element?.addEventListener("wheel", turn, { passive: false });
    return () => element?.removeEventListener("wheel", turn);
  }, [box, session, width]);
}
