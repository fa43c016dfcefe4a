import type { CameraView } from "../../core/cameras";
import { ClosingSheet } from "../event/ClosingSheet";
import { EventsSheet } from "../event/EventsSheet";
import type { EventView } from "../event/event";
import { PatrolsSheet } from "../patrol/PatrolsSheet";
import type { Patrol, PatrolRun } from "../patrol/patrol";
import type { PatrolActs } from "../patrol/patrolActs";
import type { DeskAction, DeskContext } from "../shell/context";
import { lift } from "../../video/lifts";
import { showStop, workedOn } from "./acts";
import { Finder } from "./Finder";
import { LiftSheet } from "./LiftSheet";
import { MotifSheet } from "./MotifSheet";
import { WallsSheet } from "./WallsSheet";
import { select, setWall, wall, type Sheet } from "./wallStore";

interface Props {
  sheet: Sheet | null;
  cameras: readonly CameraView[];
  actions: readonly DeskAction[];
  context: DeskContext;
  event: EventView | null;
  run: PatrolRun | null;
  patrols: readonly Patrol[];
  acts: PatrolActs;
}

/** Back to the wall, the hands on the tile worked on. */
function close(): void {
  setWall({ sheet: null, typed: "" });
  select(wall.get().selected);
}

/** What lies over the wall: one sheet at a time. */
export function WallSheets(props: Props) {
  const { cameras, context } = props;
  switch (props.sheet) {
    case "finder":
      return <Finder cameras={cameras} actions={props.actions} context={context} />;
    case "walls":
      return <WallsSheet cameras={cameras} onDone={close} />;
    case "motif":
      return <MotifSheet post={context.me.post?.id ?? null} onDone={close} />;
    case "events":
      return <EventsSheet onDone={close} />;
    case "lift": {
      const camera = workedOn();
      return camera && <LiftSheet camera={camera} lift={(wish) => lift(camera.id, wish)} onDone={close} />;
    }
    case "closing":
      return props.event ? <ClosingSheet event={props.event} onDone={close} /> : null;
    case "patrols":
      return (
        <PatrolsSheet
          run={props.run}
          patrols={props.patrols}
          acts={props.acts}
          started={showStop}
          onDone={close}
        />
      );
    case null:
      return null;
  }
}
