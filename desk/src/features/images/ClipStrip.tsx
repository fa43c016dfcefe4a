import { useLingui } from "@lingui/react/macro";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { SECOND, type Span } from "../../video/playbackPlan";
import { hourOf } from "../playback/instant";
import type { PlaybackSession } from "../playback/session";
import type { Entry } from "../playback/sessionState";
import { usePicture } from "../playback/SidePanel";
import classes from "./images.module.css";

/** Pictures of the strip under the clip. */
const CELLS = 9;
/** Amount of motion below which it is the picture's noise. */
const NOISE = 4;

/** The moments of the clip, those with motion underlined; a click, or Enter, goes there. */
export function ClipStrip({
  entry,
  session,
  zone,
}: {
  entry: Entry;
  session: PlaybackSession;
  zone: string;
}) {
  const { t } = useLingui();
  const overview = useSyncExternalStore(
    session.state.subscribe,
    () => session.state.get().overview.get(entry.camera.id) ?? null,
  );
  const view = useSyncExternalStore(session.state.subscribe, () => session.state.get().view);
  const cells = useMemo(() => {
    const step = (view.to - view.from) / CELLS;
    return Array.from({ length: CELLS }, (_, n) => ({
      from: view.from + n * step,
      to: view.from + (n + 1) * step,
    }));
  }, [view]);
  const at = useCell(session, cells);
  const moves = ({ from, to }: Span): boolean =>
    overview?.motion.some((amount, n) => {
      const moment = overview.from + n * overview.bucket;
      return amount >= NOISE && amount < 255 && moment >= from && moment < to;
    }) ?? false;
  return (
    <ol className={classes.strip} aria-label={t`Moments de la séquence`}>
      {cells.map((cell, n) => (
        <li key={cell.from}>
          <Cell
            entry={entry}
            cell={cell}
            zone={zone}
            current={n === at}
            moving={moves(cell)}
            onGo={() => session.synchro.seek(cell.from)}
          />
        </li>
      ))}
    </ol>
  );
}

/** The cell in which the head is; changes only when it does. */
function useCell(session: PlaybackSession, cells: readonly Span[]): number {
  const [at, setAt] = useState(0);
  const held = useRef(0);
  useEffect(
    () =>
      session.synchro.onHead((head) => {
        const now = cells.findIndex(({ from, to }) => head >= from && head < to);
        if (now !== held.current) {
          held.current = now;
          setAt(now);
        }
      }),
    [session, cells],
  );
  return at;
}

function Cell({
  entry,
  cell,
  zone,
  current,
  moving,
  onGo,
}: {
  entry: Entry;
  cell: Span;
  zone: string;
  current: boolean;
  moving: boolean;
  onGo: () => void;
}) {
  const { t } = useLingui();
  const picture = usePicture(entry, cell.from, Math.min(cell.to, cell.from + 8 * SECOND));
  const hour = hourOf(cell.from, zone);
  return (
    <button
      type="button"
      className={classes.cell}
      data-current={current || undefined}
      data-moving={moving || undefined}
      aria-label={moving ? t`${hour}, mouvement` : hour}
      onClick={onGo}
    >
      {picture ? <img src={picture} alt="" /> : null}
      <span>{hour}</span>
    </button>
  );
}
