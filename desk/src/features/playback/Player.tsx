import { useLingui } from "@lingui/react/macro";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type KeyboardEvent } from "react";
import { actionFor } from "../../core/actions";
import type { CameraView } from "../../core/cameras";
import { useEscape } from "../../ui/escape";
import { MOST_CAMERAS } from "../../video/synchro";
import { useDeskContext } from "../shell/useDeskContext";
import { LiftSheet } from "../wall/LiftSheet";
import { markAt } from "./marks";
import { focusNow } from "../shell/useKeys";
import { tell } from "../shell/ui";
import { leadOf } from "./acts";
import { playbackActions } from "./actions";
import { CameraPicker } from "./CameraPicker";
import { current } from "./current";
import { Header } from "./Header";
import { liftMask, turnMask } from "./lifting";
import type { PlaybackSession } from "./session";
import { SidePanel } from "./SidePanel";
import { Tile } from "./Tile";
import { Timebar } from "./Timebar";
import type { Alarm } from "./timebarPaint";
import { Transport } from "./Transport";
import classes from "./playback.module.css";

interface Props {
  session: PlaybackSession;
  cameras: readonly CameraView[];
  zone: string;
  alarms: readonly Alarm[];
  onClose: () => void;
}

/** The consultation: tiles in step, the time bar, the keys. */
export function Player({ session, cameras, zone, alarms, onClose }: Props) {
  const { t } = useLingui();
  const root = useRef<HTMLElement>(null);
  const state = useSyncExternalStore(session.state.subscribe, session.state.get);
  const [adding, setAdding] = useState(false);
  const [holding, setHolding] = useState<number | null>(null);
  const [lifting, setLifting] = useState<CameraView | null>(null);
  const keys = useKeysAtOnce();
  const hold = useHold(session, setHolding);
  useEffect(() => {
    current.set(() => ({ session, hold, lift: setLifting }));
  }, [session, hold]);
  useEffect(() => root.current?.focus({ preventScroll: true }), []);
  useEscape(adding ? () => setAdding(false) : null);
  useEscape(state.begun === null ? null : () => session.set({ begun: null }));
  const { entries, lead } = state;
  const remove = (camera: number): void => {
    session.remove(camera);
    root.current?.focus({ preventScroll: true });
  };
  const done = (): void => {
    setLifting(null);
    root.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <main
        ref={root}
        className={classes.player}
        data-keyscope="card"
        tabIndex={-1}
        aria-label={t`Relecture en cours`}
        onKeyDown={keys}
      >
        <Header session={session} zone={zone} onAdd={() => setAdding(!adding)} onClose={onClose} />
        {adding ? (
          <div className={classes.adding}>
            <CameraPicker
              autoFocus
              cameras={cameras}
              without={entries.map(({ camera }) => camera.id)}
              label={
                entries.length < MOST_CAMERAS
                  ? t`Ajouter une caméra`
                  : t`Neuf caméras au plus : retirez-en une`
              }
              onPick={(camera) => {
                setAdding(false);
                void session.add([camera]);
                root.current?.focus({ preventScroll: true });
              }}
            />
          </div>
        ) : null}
        <div className={classes.body}>
          <div className={classes.tiles} data-count={entries.length}>
            {entries.map(({ camera, player, masked, lift }) => (
              <Tile
                key={camera.id}
                camera={camera}
                player={player}
                zone={zone}
                lead={camera.id === lead && entries.length > 1}
                mask={
                  masked
                    ? {
                        until: lift?.until ?? null,
                        front: camera.id === lead,
                        turn: () => turnMask(session, camera.id, setLifting),
                      }
                    : null
                }
                onChoose={() => session.set({ lead: camera.id })}
                {...(entries.length > 1 ? { onRemove: () => remove(camera.id) } : {})}
              />
            ))}
          </div>
          <SidePanel session={session} zone={zone} holding={holding} onHold={setHolding} />
        </div>
        <Transport session={session} zone={zone} onHold={hold} />
        <Timebar session={session} zone={zone} alarms={alarms} />
      </main>
      {lifting ? (
        <LiftSheet camera={lifting} lift={(wish) => liftMask(session, lifting.id, wish)} onDone={done} />
      ) : null}
    </>
  );
}

/** Repeated keys act at once here: nothing of a dossier hangs on them, and a frame further is asked many times. */
function useKeysAtOnce(): (event: KeyboardEvent<HTMLElement>) => void {
  const context = useDeskContext();
  const actions = useMemo(() => playbackActions().filter(({ scope }) => scope === "card"), []);
  return (event) => {
    const { nativeEvent } = event;
    if (event.defaultPrevented || nativeEvent.isComposing) {
      return;
    }
    const onButton =
      event.target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter");
    const inChoice = event.target instanceof HTMLSelectElement;
    const action = onButton || inChoice ? null : actionFor(actions, nativeEvent, focusNow(), context);
    if (action !== null) {
      event.preventDefault();
      action.perform(context);
    }
  };
}

/** G: the newest repère at the head, of the camera in front, is to be held. */
function useHold(session: PlaybackSession, show: (mark: number | null) => void): () => void {
  const { t } = useLingui();
  return useMemo(
    () => () => {
      const lead = leadOf(session)?.camera.id;
      const { marks } = session.state.get();
      const mark = markAt(
        marks.filter(({ camera }) => camera.id === lead),
        session.synchro.head(),
      );
      if (mark) {
        show(mark.id);
      } else {
        tell(t`Aucun repère à geler à cet instant : R au début du passage, R à sa fin, puis G.`, "bad");
      }
    },
    [session, show, t],
  );
}
