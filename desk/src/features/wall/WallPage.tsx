import { useLingui } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useMemo, useSyncExternalStore } from "react";
import type { CameraView } from "../../core/cameras";
import { useCameras } from "../../live/hooks";
import { putAllBack } from "../../video/lifts";
import { Guard } from "../../ui/Guard";
import { EventPanel } from "../event/EventPanel";
import { eventInHand } from "../event/event";
import { useEvent, useEventActs } from "../event/eventActs";
import { runInHand, type Patrol } from "../patrol/patrol";
import { usePatrolActs, usePatrols } from "../patrol/patrolActs";
import { KeysHelp } from "../shell/KeysHelp";
import { Notices } from "../shell/Notices";
import { useDeskContext } from "../shell/useDeskContext";
import { useKeys } from "../shell/useKeys";
import { lend } from "./acts";
import { wallActions } from "./actions";
import { Around } from "./Around";
import { CameraList } from "./CameraList";
import { usePointed } from "./hotspot";
import { useLooking } from "./looked";
import { scene } from "./scene";
import { useFollowing, useFirstLayout, useInheritedMotif, useSequence, useTypedName } from "./running";
import { WallAlert } from "./WallAlert";
import { WallBar } from "./WallBar";
import { WallFoot } from "./WallFoot";
import { WallGrid } from "./WallGrid";
import { WallSheets } from "./WallSheets";
import classes from "./wall.module.css";
import { selectedCamera, setWall, viewings, wall, cameraOf, placedNow } from "./wallStore";

const NONE: readonly Patrol[] = [];

/** The wall: a window of its own, no queue; pictures first, what one does with them beside. */
export function WallPage() {
  const { t } = useLingui();
  const context = useDeskContext();
  const cameras = useCameras();
  const byId = useMemo(() => new Map(cameras.map((camera) => [camera.id, camera])), [cameras]);
  const state = useSyncExternalStore(wall.subscribe, wall.get);
  const actions = useMemo(() => wallActions(), []);
  const named: { layout?: string } = useParams({ strict: false });
  const events = useEventActs();
  const patrols = usePatrols();
  const patrolActs = usePatrolActs();
  const row = eventInHand(context.rows, context.me.user.id);
  const event = useEvent(row?.id ?? null).data ?? null;
  const held = row === null ? null : event;
  const planned = patrols.data ?? NONE;
  const run = runInHand(planned, context.me.user.id);
  const pointed = usePointed(
    context.rows,
    byId,
    state.body.tiles.some((tile) => tile.hotspot),
  );
  useLayoutEffect(() => {
    scene.set(() => ({ me: context.me.user.id, cameras, byId, event: held, run }));
    lend({ events, patrols: patrolActs });
  });
  useEffect(() => setWall({ pointed }), [pointed]);
  useLeaving();
  useKeys(actions, context);
  useTypedName();
  useSequence();
  useFirstLayout(named.layout ? Number(named.layout) : null, cameras);
  useFollowing(held, events);
  useLooking(run, byId);
  useInheritedMotif(held, run, context.me.post?.id ?? null);
  const centre = byId.get(selectedCamera(state) ?? 0) ?? null;
  return (
    <div className={classes.wall} data-event-open={held ? "yes" : undefined}>
      <WallBar context={context} cameras={cameras} />
      <WallAlert context={context} />
      <main className={classes.main} aria-label={t`Mur d’images`}>
        <Guard of={state.id}>
          <WallGrid byId={byId} known={cameras.length > 0} />
        </Guard>
      </main>
      <aside className={classes.aside} aria-label={t`Événement, caméras et carte`}>
        <Guard of={held?.incident.id ?? null}>
          {held ? (
            <EventPanel event={held} onClose={() => setWall({ sheet: "closing" })} />
          ) : (
            <CameraList cameras={cameras} shown={shownNow(byId)} />
          )}
          <Around centre={centre} cameras={cameras} />
        </Guard>
      </aside>
      <WallFoot context={context} run={run} patrols={planned} acts={patrolActs} />
      <WallSheets
        sheet={state.sheet}
        cameras={cameras}
        actions={actions}
        context={context}
        event={held}
        run={run}
        patrols={planned}
        acts={patrolActs}
      />
      <KeysHelp actions={actions} context={context} />
      <div className={classes.notices}>
        <Notices />
      </div>
    </div>
  );
}

/** The viewings end with the page. */
function useLeaving(): void {
  useEffect(() => {
    const leave = (): void => {
      viewings.endAll();
      putAllBack();
    };
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      lend(null);
      leave();
    };
  }, []);
}

/** Cameras that the wall shows now. */
function shownNow(byId: ReadonlyMap<number, CameraView>): ReadonlySet<number> {
  const state = wall.get();
  const shown = placedNow().flatMap(({ index }) => cameraOf(state, index) ?? []);
  return new Set(shown.filter((camera) => byId.has(camera)));
}
