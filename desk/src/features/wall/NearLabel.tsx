import { Trans } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import type { CameraView } from "../../core/cameras";
import { spotsAround, windOf } from "./compass";
import { scene } from "./scene";
import classes from "./wall.module.css";
import { selectedCamera, wall } from "./wallStore";
import { windLabel } from "./words";

const ARROWS = { n: "↑", ne: "↗", e: "→", se: "↘", s: "↓", so: "↙", o: "←", no: "↖" } as const;

/** «suit vers l’ouest ←»: on the tiles of the neighbours of the camera worked on. */
export function NearLabel({ camera }: { camera: CameraView }) {
  const centreId = useSyncExternalStore(wall.subscribe, () => selectedCamera(wall.get()));
  const centre = centreId === null ? undefined : scene.get().byId.get(centreId);
  if (!centre || !centre.neighbours.includes(camera.id)) {
    return null;
  }
  const [spot] = spotsAround(centre, [camera]);
  if (!spot) {
    return null;
  }
  const wind = windOf(spot);
  return (
    <span className={classes.near}>
      <Trans>suit vers {windLabel(wind)}</Trans> {ARROWS[wind]}
    </span>
  );
}
